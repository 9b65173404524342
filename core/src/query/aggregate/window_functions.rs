//! The functions that PostgreSQL has over windows only.
//!
//! Callers import them from `sessile::sql` and say which window: `rank().over(window()..)`.
//! It must not let one be read without a window.

use std::fmt;
use std::marker::PhantomData;

use crate::model::SqlType;
use crate::query::{Expr, Expression, Joined, Nothing, Scope, Term, Window};
use crate::statement::{Node, Parameter, Piece};

/// A call that becomes an expression [`over`](WindowFunction::over) a window.
#[must_use = "it is no expression until it goes over a window"]
pub struct WindowFunction<V, S = Nothing> {
    call: Node,
    types: PhantomData<fn() -> (V, S)>,
}

impl<V, S: Scope> WindowFunction<V, S> {
    fn new(name: &'static str, arguments: Vec<Node>) -> Self {
        WindowFunction {
            call: Node::call(name, arguments),
            types: PhantomData,
        }
    }

    /// Its value in each row, as one of this window.
    pub fn over<T: Scope>(self, window: Window<T>) -> Expr<V, Joined<S, T>> {
        Expr::new(window.over(Piece::Node(self.call)))
    }
}

impl<V, S> Clone for WindowFunction<V, S> {
    fn clone(&self) -> Self {
        WindowFunction {
            call: self.call.clone(),
            types: PhantomData,
        }
    }
}

impl<V, S> fmt::Debug for WindowFunction<V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WindowFunction({:?})", self.call)
    }
}

/// The number of the row in its partition, from 1.
///
/// ```
/// use sessile::{Model, sql::{row_number, window}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key)]
///     id: i64,
///     balance: i64,
/// }
///
/// let place = row_number().over(window().order_by(Account::BALANCE.desc()));
/// assert_eq!(format!("{place:?}"), "Expr(row_number() OVER (ORDER BY balance DESC))");
/// ```
pub fn row_number() -> WindowFunction<i64> {
    WindowFunction::new("row_number", Vec::new())
}

/// The place of the row among those of its partition, from 1; equal rows have one place, and the
/// places after it are left out.
pub fn rank() -> WindowFunction<i64> {
    WindowFunction::new("rank", Vec::new())
}

/// As [`rank`], but no place is left out.
pub fn dense_rank() -> WindowFunction<i64> {
    WindowFunction::new("dense_rank", Vec::new())
}

/// The place of the row as a part of all, from 0 to 1.
pub fn percent_rank() -> WindowFunction<f64> {
    WindowFunction::new("percent_rank", Vec::new())
}

/// The part of the rows that are not behind this one, up to 1.
pub fn cume_dist() -> WindowFunction<f64> {
    WindowFunction::new("cume_dist", Vec::new())
}

/// Which of so many buckets of about one size the row is in, from 1. The server refuses 0 buckets.
pub fn ntile(buckets: i32) -> WindowFunction<i32> {
    WindowFunction::new("ntile", vec![parameter(buckets)])
}

type Base<E> = <<E as Expression>::Value as SqlType>::Base;

macro_rules! of_another_row {
    ($($(#[$doc:meta])+ $name:ident;)+) => {
        $(
            $(#[$doc])+
            pub fn $name<E>(of: E) -> WindowFunction<Option<Base<E>>, E::Scope>
            where
                E: Expression<Value: SqlType>,
            {
                WindowFunction::new(stringify!($name), vec![of.into_expression().into_node()])
            }
        )+
    };
}
of_another_row! {
    /// The value in the row before; `None` in the first.
    ///
    /// ```
    /// use sessile::sql::{lag, value, window};
    ///
    /// assert_eq!(format!("{:?}", lag(value(1)).over(window())), "Expr(lag($1) OVER ())");
    /// ```
    lag;
    /// The value in the row after; `None` in the last.
    lead;
    /// The value in the first row of the frame; `None` when the frame is empty.
    first_value;
    /// The value in the last row of the frame, which is the current one unless a frame is given;
    /// `None` when the frame is empty.
    last_value;
}

macro_rules! of_a_row_so_far_away {
    ($($(#[$doc:meta])+ $name:ident $function:literal;)+) => {
        $(
            $(#[$doc])+
            pub fn $name<E, D>(
                of: E,
                rows: i32,
                default: D,
            ) -> WindowFunction<D::Of<E::Value>, Joined<E::Scope, D::Scope>>
            where
                E: Expression<Value: SqlType>,
                D: Term<Base<E>>,
            {
                let of = of.into_expression().into_node();
                let arguments = vec![of, parameter(rows), default.into_term()];
                WindowFunction::new($function, arguments)
            }
        )+
    };
}
of_a_row_so_far_away! {
    /// The value so many rows before, or this one where there is no such row.
    lag_by "lag";
    /// The value so many rows after, or this one where there is no such row.
    lead_by "lead";
}

/// The value in this row of the frame, from 1; `None` when the frame has fewer.
pub fn nth_value<E>(of: E, row: i32) -> WindowFunction<Option<Base<E>>, E::Scope>
where
    E: Expression<Value: SqlType>,
{
    let of = of.into_expression().into_node();
    WindowFunction::new("nth_value", vec![of, parameter(row)])
}

fn parameter(value: impl SqlType) -> Node {
    Node::Parameter(Parameter::new(value))
}
