//! Orders of a result.
//!
//! Made by `asc` and `desc`, taken by `order_by`.
//! It must not name columns at run time: that is for an allow-list above it.

use std::fmt;
use std::marker::PhantomData;

use crate::model::{Column, Model};
use crate::query::{Aggregate, Expr, Expression, Joined, Scope, Within};
use crate::statement::{Direction, Node, Nulls, OrderBy, Piece};

/// One key of an order, in scope `S`.
#[must_use = "an order does nothing until a query uses it"]
pub struct Order<S> {
    order: OrderBy,
    scope: PhantomData<fn() -> S>,
}

impl<S> Order<S> {
    pub(in crate::query) fn new(by: Node, direction: Direction) -> Self {
        let nulls = None;
        Order {
            order: OrderBy {
                by,
                direction,
                nulls,
            },
            scope: PhantomData,
        }
    }

    pub(in crate::query) fn from_untyped(order: OrderBy) -> Self {
        Order {
            order,
            scope: PhantomData,
        }
    }

    pub(in crate::query) fn into_untyped(self) -> OrderBy {
        self.order
    }

    /// NULLs before all values, whatever the direction.
    pub fn nulls_first(mut self) -> Self {
        self.order.nulls = Some(Nulls::First);
        self
    }

    /// NULLs after all values, whatever the direction.
    pub fn nulls_last(mut self) -> Self {
        self.order.nulls = Some(Nulls::Last);
        self
    }

    /// The same order as one on model `M`, so that orders can be put into one list.
    pub fn within<M: Model>(self) -> Order<M>
    where
        S: Within<M>,
    {
        Order {
            order: self.order,
            scope: PhantomData,
        }
    }
}

impl<S> Clone for Order<S> {
    fn clone(&self) -> Self {
        Order {
            order: self.order.clone(),
            scope: PhantomData,
        }
    }
}

impl<S> fmt::Debug for Order<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = &self.order.by;
        write!(f, "Order({by:?} {:?})", self.order.direction)
    }
}

/// What `order_by` takes in a query on `M`: a column or an expression (smallest first), an
/// [`Order`], a tuple, a list or an `Option` of orders.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no order of a query on `{M}`",
    label = "expected a column or an order, such as `Model::COLUMN.desc()`"
)]
pub trait IntoOrders<M> {
    #[doc(hidden)]
    fn add_orders(self, orders: &mut Orders);
}

/// The order of a query as it grows.
#[doc(hidden)]
#[derive(Debug)]
pub struct Orders(pub(in crate::query) Vec<OrderBy>);

impl Orders {
    /// These orders, after those that there are.
    pub(crate) fn add<S>(into: &mut Vec<OrderBy>, orders: impl IntoOrders<S>) {
        let mut all = Orders(std::mem::take(into));
        orders.add_orders(&mut all);
        *into = all.0;
    }
}

impl<M, S: Within<M>> IntoOrders<M> for Order<S> {
    fn add_orders(self, orders: &mut Orders) {
        orders.0.push(self.order);
    }
}

/// What is ordered by without a direction: the smallest comes first.
macro_rules! ascending {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        impl<W, $($generics)*> IntoOrders<W> for $subject
        where
            $scope: Within<W>,
        {
            fn add_orders(self, orders: &mut Orders) {
                self.add_keys(&mut orders.0);
            }
        }

        impl<$($generics)*> OrderKeys for $subject {
            type Scope = $scope;

            #[allow(private_interfaces)]
            fn add_keys(self, keys: &mut Vec<OrderBy>) {
                let by = self.into_expression().into_node();
                Order::<$scope>::new(by, Direction::Ascending).add_keys(keys);
            }
        }
    };
}
for_expressions!(ascending);

impl<M, O: IntoOrders<M>> IntoOrders<M> for Vec<O> {
    fn add_orders(self, orders: &mut Orders) {
        self.into_iter().for_each(|order| order.add_orders(orders));
    }
}

impl<M, O: IntoOrders<M>> IntoOrders<M> for Option<O> {
    fn add_orders(self, orders: &mut Orders) {
        self.into_iter().for_each(|order| order.add_orders(orders));
    }
}

macro_rules! tuple_orders {
    ($(($($o:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<M, $($o: IntoOrders<M>),+> IntoOrders<M> for ($($o,)+) {
                fn add_orders(self, orders: &mut Orders) {
                    $(self.$i.add_orders(orders);)+
                }
            }
        )+
    };
}
tuple_orders!(
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
);

/// What `order_by` of an aggregate or a window takes: a column or an expression (smallest
/// first), an [`Order`], or a tuple of up to six.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no order",
    label = "expected a column or an order, such as `Model::COLUMN.desc()`"
)]
pub trait OrderKeys {
    /// The models that it names.
    type Scope: Scope;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn add_keys(self, keys: &mut Vec<OrderBy>);
}

impl<S: Scope> OrderKeys for Order<S> {
    type Scope = S;

    #[allow(private_interfaces)]
    fn add_keys(self, keys: &mut Vec<OrderBy>) {
        keys.push(self.order);
    }
}

macro_rules! tuple_keys {
    (@scope $first:ident) => { $first::Scope };
    (@scope $first:ident, $($rest:ident),+) => {
        Joined<$first::Scope, tuple_keys!(@scope $($rest),+)>
    };
    ($(($($o:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<$($o: OrderKeys),+> OrderKeys for ($($o,)+) {
                type Scope = tuple_keys!(@scope $($o),+);

                #[allow(private_interfaces)]
                fn add_keys(self, keys: &mut Vec<OrderBy>) {
                    $(self.$i.add_keys(keys);)+
                }
            }
        )+
    };
}
tuple_keys!(
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
);

/// ` ORDER BY ..`, or nothing when there is no order.
pub(in crate::query) fn order_pieces(pieces: &mut Vec<Piece>, orders: Vec<OrderBy>) {
    for (i, order) in orders.into_iter().enumerate() {
        pieces.push(if i == 0 { " ORDER BY " } else { ", " }.into());
        pieces.push(order.by.into());
        if order.direction == Direction::Descending {
            pieces.push(" DESC".into());
        }
        match order.nulls {
            Some(Nulls::First) => pieces.push(" NULLS FIRST".into()),
            Some(Nulls::Last) => pieces.push(" NULLS LAST".into()),
            None => {}
        }
    }
}
