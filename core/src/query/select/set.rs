//! Set operations: the rows of two queries put together.
//!
//! Methods of `Rows` and `Select`.
//! It must not compare columns by name: both sides have rows of one type, and columns are matched
//! by their position.

use std::sync::Arc;

use crate::model::{Handle, Model};
use crate::query::expression::order::Orders;
use crate::query::{At, IntoOrders, Raw, Rows, Select};
use crate::statement::{
    Direction, Item, Node, OrderBy, Piece, Projection, Query, SetOf, SetOperator,
};

/// A query with rows of type `R`: a projection, raw SQL, or a query for objects.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not give rows of the type `{R}`",
    label = "expected a query whose rows are `{R}`",
    note = "columns are matched by their position, and their types are not converted: \
            `columns` says which there are, `cast` makes one another type"
)]
pub trait IntoRows<R> {
    #[doc(hidden)]
    fn into_rows(self) -> Rows<R>;
}

impl<R> IntoRows<R> for Rows<R> {
    fn into_rows(self) -> Rows<R> {
        self
    }
}

impl<R> IntoRows<R> for Raw<R> {
    fn into_rows(self) -> Rows<R> {
        self.into()
    }
}

impl<M: Model, S> IntoRows<Handle<M>> for Select<M, S> {
    fn into_rows(self) -> Rows<Handle<M>> {
        self.into()
    }
}

/// A query with rows of type `R` that can be put together with another.
macro_rules! set_operations {
    ($row:ty) => {
        /// The rows of this query and those of another with rows of the same type; equal rows are
        /// one.
        ///
        /// Each part keeps its own order, limit and offset; what is said afterwards is of the
        /// whole: [`order_by_at`](Rows::order_by_at), [`limit`](Rows::limit). The parts can't lock
        /// rows.
        ///
        /// ```
        /// use sessile::{Model, sql::select};
        ///
        /// #[derive(Model, Clone, Debug)]
        /// struct Account {
        ///     #[model(key)]
        ///     id: i64,
        ///     owner: String,
        ///     balance: i64,
        /// }
        ///
        /// let richest = select::<Account>().order_by(Account::BALANCE.desc()).limit(1);
        /// let either = richest.columns(Account::OWNER)
        ///     .union(select::<Account>().filter(Account::BALANCE.lt(0)).columns(Account::OWNER))
        ///     .order_by_at::<0>();
        /// assert_eq!(
        ///     format!("{either:?}"),
        ///     "Rows((SELECT account (owner) ORDER BY balance DESC LIMIT $1) \
        ///      UNION (SELECT account (owner) WHERE balance < $2) ORDER BY 1)"
        /// );
        /// ```
        pub fn union(self, other: impl IntoRows<$row>) -> Rows<$row> {
            combined(self.into(), SetOperator::Union, other.into_rows())
        }

        /// As [`union`](Self::union), but keeps equal rows.
        pub fn union_all(self, other: impl IntoRows<$row>) -> Rows<$row> {
            combined(self.into(), SetOperator::UnionAll, other.into_rows())
        }

        /// The rows that both queries have, each once. See [`union`](Self::union).
        pub fn intersect(self, other: impl IntoRows<$row>) -> Rows<$row> {
            combined(self.into(), SetOperator::Intersect, other.into_rows())
        }

        /// As [`intersect`](Self::intersect), but a row that both have several times stays as
        /// often as the one has it that has it less often.
        pub fn intersect_all(self, other: impl IntoRows<$row>) -> Rows<$row> {
            combined(self.into(), SetOperator::IntersectAll, other.into_rows())
        }

        /// The rows that the other query does not have, each once. See [`union`](Self::union).
        pub fn except(self, other: impl IntoRows<$row>) -> Rows<$row> {
            combined(self.into(), SetOperator::Except, other.into_rows())
        }

        /// As [`except`](Self::except), but each row of the other takes away one equal row only.
        pub fn except_all(self, other: impl IntoRows<$row>) -> Rows<$row> {
            combined(self.into(), SetOperator::ExceptAll, other.into_rows())
        }
    };
}

impl<R> Rows<R> {
    set_operations!(R);

    /// Rows in the order of what stands at this position of the tuple, smallest first, after the
    /// orders of earlier calls.
    pub fn order_by_at<const N: usize>(self) -> Self
    where
        R: At<N>,
    {
        self.ordered(N, Direction::Ascending)
    }

    /// As [`order_by_at`](Self::order_by_at), largest first.
    pub fn order_by_at_desc<const N: usize>(self) -> Self
    where
        R: At<N>,
    {
        self.ordered(N, Direction::Descending)
    }

    /// No more rows than this; the last call counts.
    pub fn limit(self, rows: u64) -> Self {
        self.map(|query| query.limited(Some(rows), None))
    }

    /// Leaves out this many rows at the beginning; the last call counts.
    pub fn offset(self, rows: u64) -> Self {
        self.map(|query| query.limited(None, Some(rows)))
    }

    fn ordered(self, item: usize, direction: Direction) -> Self {
        self.map(|query| {
            let before = query.items();
            let before: usize = before.iter().take(item).map(Item::width).sum();
            query.ordered_by(OrderBy {
                by: position(before),
                direction,
                nulls: None,
            })
        })
    }
}

impl<M: Model> Rows<Handle<M>> {
    /// Objects in this order, which may name columns of the model only: it is that of a whole
    /// set operation.
    ///
    /// Any other order is refused with [`Mapping`](crate::ErrorKind::Mapping) when the query runs.
    pub fn order_by(self, orders: impl IntoOrders<M>) -> Self {
        let mut all = Orders(Vec::new());
        orders.add_orders(&mut all);
        all.0.into_iter().fold(self, |rows, mut order| {
            order.by = match &order.by {
                Node::Column(source, column)
                    if source.model() == Some(std::any::TypeId::of::<M>()) =>
                {
                    position(*column)
                }
                _ => Node::words([Piece::Refused(
                    "the rows of a set operation are ordered by their columns only".to_owned(),
                )]),
            };
            rows.map(|query| query.ordered_by(order))
        })
    }
}

impl<M: Model, S> Select<M, S> {
    set_operations!(Handle<M>);
}

/// Whole rows, as objects of the session.
impl<M: Model, S> From<Select<M, S>> for Rows<Handle<M>> {
    fn from(select: Select<M, S>) -> Self {
        let query = Query::Select(select.select, Projection::Whole);
        Rows::of(query, select.along)
    }
}

fn combined<R>(mut left: Rows<R>, operator: SetOperator, right: Rows<R>) -> Rows<R> {
    left.take_along(right.along().clone());
    let right = right.into_query();
    left.map(|left| Query::Set(Arc::new(SetOf::new(left, operator, right))))
}

/// A column of the result, counted from 0 here and from 1 in SQL.
fn position(column: usize) -> Node {
    Node::words([Piece::from((column + 1).to_string())])
}
