//! `Aggregate`: a call of an aggregate function, and its clauses.
//!
//! Made by the functions of `aggregate_functions`; stands wherever an expression stands.
//! It must not be a plain expression: only aggregates have FILTER, DISTINCT, ORDER BY and OVER.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::model::SqlType;
use crate::query::expression::custom::name_piece;
use crate::query::expression::order::order_pieces;
use crate::query::{
    Columns, Expr, Expression, IntoExpr, IntoFilter, Item, Joined, Nothing, Operands,
};
use crate::query::{Logical, Operand, OrderKeys, Scope, Window, Within};
use crate::statement::{Node, OrderBy, Piece, Template};

/// A call of an aggregate function with values of type `V`, in scope `S`.
///
/// It is an expression, and takes what an expression does not: which rows are aggregated, in
/// which order, and [`over`](Aggregate::over) which window.
#[must_use = "an aggregate does nothing until a query uses it"]
pub struct Aggregate<V, S = Nothing> {
    call: Call,
    types: PhantomData<fn() -> (V, S)>,
}

#[derive(Clone)]
struct Call {
    function: &'static str,
    arguments: Vec<Node>,
    distinct: bool,
    orders: Vec<OrderBy>,
    filters: Vec<Node>,
    /// Whether it is not a function of PostgreSQL's own.
    foreign: bool,
}

/// A call of any aggregate function, with values of type `V`; an `Option` where it is NULL when
/// nothing is aggregated, as it mostly is.
///
/// The name is checked as that of [`function`](crate::query::function).
///
/// ```
/// use sessile::sql::{aggregate, value};
///
/// let most = aggregate::<Option<i64>, _>("bit_or", (value(6_i64),));
/// assert_eq!(format!("{most:?}"), "Aggregate(bit_or($1))");
/// ```
pub fn aggregate<V, O: Operands>(name: &'static str, operands: O) -> Aggregate<V, O::Scope> {
    let mut aggregate = Aggregate::of(name, operands.into_operands());
    aggregate.call.foreign = true;
    aggregate
}

impl<V, S> Aggregate<V, S> {
    /// A function of PostgreSQL's own.
    pub(in crate::query) fn of(function: &'static str, arguments: Vec<Node>) -> Self {
        Aggregate::with(Call {
            function,
            arguments,
            distinct: false,
            orders: Vec::new(),
            filters: Vec::new(),
            foreign: false,
        })
    }

    fn with(call: Call) -> Self {
        Aggregate {
            call,
            types: PhantomData,
        }
    }

    pub(in crate::query) fn into_node(self) -> Node {
        self.call.into_node()
    }

    /// Aggregates each value once: `DISTINCT`.
    ///
    /// ```
    /// use sessile::sql::{count_of, value};
    ///
    /// let different = count_of(value("ann")).distinct();
    /// assert_eq!(format!("{different:?}"), "Aggregate(count(DISTINCT $1))");
    /// ```
    pub fn distinct(mut self) -> Self {
        self.call.distinct = true;
        self
    }
}

impl<V, S: Scope> Aggregate<V, S> {
    /// Aggregates only the rows that meet this condition, and those of earlier calls:
    /// `FILTER (WHERE ..)`.
    ///
    /// ```
    /// use sessile::{Model, sql::count};
    ///
    /// #[derive(Model, Clone, Debug)]
    /// struct Account {
    ///     #[model(key)]
    ///     id: i64,
    ///     balance: i64,
    /// }
    ///
    /// let in_debt = count().filter_where(Account::BALANCE.lt(0));
    /// assert_eq!(format!("{in_debt:?}"), "Aggregate(count(*) FILTER (WHERE balance < $1))");
    /// ```
    pub fn filter_where<C: IntoExpr<Option<bool>>>(
        mut self,
        condition: C,
    ) -> Aggregate<V, Joined<S, C::Scope>> {
        self.call.filters.push(condition.into_expr().into_node());
        Aggregate::with(self.call)
    }

    /// Aggregates the rows in this order, after the orders of earlier calls: for functions whose
    /// result depends on it, such as `array_agg` and `string_agg`.
    ///
    /// ```
    /// use sessile::{Model, sql::string_agg};
    ///
    /// #[derive(Model, Clone, Debug)]
    /// struct Account {
    ///     #[model(key)]
    ///     id: i64,
    ///     owner: String,
    /// }
    ///
    /// let names = string_agg(Account::OWNER, ", ").order_by(Account::ID.desc());
    /// assert_eq!(format!("{names:?}"), "Aggregate(string_agg(owner, $1 ORDER BY id DESC))");
    /// ```
    pub fn order_by<O: OrderKeys>(mut self, orders: O) -> Aggregate<V, Joined<S, O::Scope>> {
        orders.add_keys(&mut self.call.orders);
        Aggregate::with(self.call)
    }

    /// Aggregates the rows of a window instead of those of a group: each row keeps its own line
    /// in the result.
    ///
    /// PostgreSQL has no DISTINCT and no ORDER BY of an aggregate over a window: such a query
    /// fails with [`Mapping`](crate::ErrorKind::Mapping) when it runs.
    ///
    /// ```
    /// use sessile::{Model, sql::{sum, window}};
    ///
    /// #[derive(Model, Clone, Debug)]
    /// struct Entry {
    ///     #[model(key)]
    ///     id: i64,
    ///     shop: i32,
    ///     pieces: i32,
    /// }
    ///
    /// let so_far = sum(Entry::PIECES).over(window().partition_by(Entry::SHOP).order_by(Entry::ID));
    /// assert_eq!(
    ///     format!("{so_far:?}"),
    ///     "Expr(sum(pieces) OVER (PARTITION BY shop ORDER BY id))"
    /// );
    /// ```
    pub fn over<T: Scope>(self, window: Window<T>) -> Expr<V, Joined<S, T>> {
        let plain = !self.call.distinct && self.call.orders.is_empty();
        let function = match plain {
            true => Piece::Node(self.call.into_node()),
            false => Piece::Refused(format!(
                "{} has DISTINCT or ORDER BY, which PostgreSQL does not take over a window",
                self.call.function
            )),
        };
        Expr::new(window.over(function))
    }
}

impl Call {
    fn is_plain(&self) -> bool {
        !self.distinct && !self.foreign && self.orders.is_empty() && self.filters.is_empty()
    }

    fn into_node(self) -> Node {
        if self.is_plain() {
            return Node::call(self.function, self.arguments);
        }
        let distinct = if self.distinct { "DISTINCT " } else { "" };
        let mut pieces = vec![name_piece(self.function), "(".into(), distinct.into()];
        for (i, argument) in self.arguments.into_iter().enumerate() {
            pieces.push(if i > 0 { ", " } else { "" }.into());
            pieces.push(argument.into());
        }
        order_pieces(&mut pieces, self.orders);
        pieces.push(")".into());
        if let Some(filter) = Node::all(self.filters) {
            pieces.extend([" FILTER (WHERE ".into(), filter.into(), ")".into()]);
        }
        Node::Template(Arc::new(Template {
            pieces,
            never_null: self.function == "count",
            foreign: self.foreign,
        }))
    }
}

impl<V, S> Clone for Aggregate<V, S> {
    fn clone(&self) -> Self {
        Aggregate::with(self.call.clone())
    }
}

impl<V, S> fmt::Debug for Aggregate<V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aggregate({:?})", self.call.clone().into_node())
    }
}

impl<V, S: Scope> Expression for Aggregate<V, S> {
    type Value = V;
    type Scope = S;

    fn into_expression(self) -> Expr<V, S> {
        Expr::new(self.into_node())
    }
}

impl<V, S: Scope> IntoExpr<V> for Aggregate<V, S> {
    type Scope = S;

    fn into_expr(self) -> Expr<V, S> {
        self.into_expression()
    }
}

impl<V, S: Scope> IntoExpr<Option<V>> for Aggregate<V, S> {
    type Scope = S;

    fn into_expr(self) -> Expr<Option<V>, S> {
        Expr::new(self.into_node())
    }
}

impl<V, S: Scope> Operand for Aggregate<V, S> {
    type Value = V;
    type Scope = S;

    #[allow(private_interfaces)]
    fn into_operand(self) -> Node {
        self.into_node()
    }
}

impl<M, V: SqlType, S: Within<M>> Item<M> for Aggregate<V, S> {
    type Value = V;

    fn into_item(self) -> crate::query::select::columns::Items {
        Item::<M>::into_item(self.into_expression())
    }
}

impl<M, V: SqlType, S: Within<M>> Columns<M> for Aggregate<V, S> {
    type Row = V;

    fn into_columns(self) -> crate::query::select::columns::Items {
        Item::<M>::into_item(self)
    }
}

impl<M, V: Logical, S: Within<M>> IntoFilter<M> for Aggregate<V, S> {
    fn into_filter(self) -> crate::query::expression::filter::Condition {
        IntoFilter::<M>::into_filter(self.into_expression())
    }
}
