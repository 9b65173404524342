//! The functions of `sessile::sql`, and which types they are for.
//!
//! Callers import them by name; `operators` asks the same traits.
//! It must not offer what PostgreSQL has no function for.

use super::value::bind;
use super::{Expr, Expression, Param, Scope};
use crate::model::SqlType;
use crate::statement::Node;

/// A bound value as an expression.
///
/// Needed only where nothing says that a value is meant: `value(1) + Account::BALANCE`, or a
/// column of a result that is the same in every row.
pub fn value<P: Param>(value: P) -> Expr<P::Value> {
    Expr::new(Node::Parameter(bind(value).into()))
}

/// `count(*)`: the number of rows, or of rows in each group.
pub fn count() -> Expr<i64> {
    Expr::new(Node::call("count", [Node::Star]))
}

/// The sum of the values that are not NULL; `None` when there are none.
///
/// The type is wide enough not to overflow where PostgreSQL has one: sums of `i16` and `i32` are
/// `i64`; the sum of `i64` is numeric, which needs the feature `decimal`.
pub fn sum<E>(of: E) -> Expr<Option<<E::Value as Summable>::Sum>, E::Scope>
where
    E: Expression<Value: Summable>,
{
    call("sum", of)
}

/// The smallest value that is not NULL; `None` when there are none.
pub fn min<E>(of: E) -> Expr<Option<<E::Value as SqlType>::Base>, E::Scope>
where
    E: Expression<Value: Orderable>,
{
    call("min", of)
}

/// The largest value that is not NULL; `None` when there are none.
pub fn max<E>(of: E) -> Expr<Option<<E::Value as SqlType>::Base>, E::Scope>
where
    E: Expression<Value: Orderable>,
{
    call("max", of)
}

/// The text in lower case, by the database's rules.
pub fn lower<E>(text: E) -> Expr<E::Value, E::Scope>
where
    E: Expression<Value: Text>,
{
    call("lower", text)
}

/// All of these conditions; true when there are none.
///
/// For conditions that are made at run time; the list's items have one type, so bring them to one
/// scope with [`within`](Expr::within).
pub fn all<S: Scope>(conditions: impl IntoIterator<Item = Expr<bool, S>>) -> Expr<bool, S> {
    let conditions = conditions.into_iter().map(Expr::into_node);
    let all = Node::all(conditions);
    Expr::new(all.unwrap_or_else(|| value(true).into_node()))
}

/// One of these conditions at least; false when there are none.
pub fn any<S: Scope>(conditions: impl IntoIterator<Item = Expr<bool, S>>) -> Expr<bool, S> {
    let conditions = conditions.into_iter().map(Expr::into_node);
    let any = Node::any(conditions);
    Expr::new(any.unwrap_or_else(|| value(false).into_node()))
}

fn call<E: Expression, V>(function: &'static str, of: E) -> Expr<V, E::Scope> {
    let argument = of.into_expression().into_node();
    Expr::new(Node::call(function, [argument]))
}

/// `String`, also as an `Option`: what `like` and its kin are for.
#[diagnostic::on_unimplemented(message = "`{Self}` is not text")]
pub trait Text: SqlType {}

impl Text for String {}
impl Text for Option<String> {}

/// `bool`, also as an `Option`: what `and` and `or` are for.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a condition")]
pub trait Logical: SqlType {}

impl Logical for bool {}
impl Logical for Option<bool> {}

/// Numbers, also as an `Option`: what can be computed with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be computed with",
    note = "arithmetic is for `i16`, `i32`, `i64`, `f32`, `f64` and `Decimal`"
)]
pub trait Number: SqlType {}

/// Numbers whose sum has a Rust type, also as an `Option`.
#[diagnostic::on_unimplemented(
    message = "the sum of `{Self}` has no Rust type here",
    note = "sums are for `i16`, `i32`, `f32` and `f64`, and with the feature `decimal` for `i64` \
            and `Decimal`: PostgreSQL's sum of `bigint` is `numeric`"
)]
pub trait Summable: Number {
    /// The type of its sums.
    type Sum: SqlType;
}

/// Types with a smallest and a largest value in a list, also as an `Option`.
#[diagnostic::on_unimplemented(message = "PostgreSQL has no `min` and `max` of `{Self}`")]
pub trait Orderable: SqlType {}

macro_rules! numbers {
    ($($t:ty),+ $(,)?) => {
        $(
            impl Number for $t {}
            impl Number for Option<$t> {}
            orderable!($t);
        )+
    };
}

macro_rules! sums {
    ($($t:ty => $sum:ty),+ $(,)?) => {
        $(
            impl Summable for $t {
                type Sum = $sum;
            }

            impl Summable for Option<$t> {
                type Sum = $sum;
            }
        )+
    };
}

macro_rules! orderable {
    ($($t:ty),+ $(,)?) => {
        $(
            impl Orderable for $t {}
            impl Orderable for Option<$t> {}
        )+
    };
}

numbers!(i16, i32, i64, f32, f64);
sums!(i16 => i64, i32 => i64, f32 => f32, f64 => f64);
#[cfg(feature = "decimal")]
numbers!(rust_decimal::Decimal);
#[cfg(feature = "decimal")]
sums!(i64 => rust_decimal::Decimal, rust_decimal::Decimal => rust_decimal::Decimal);
orderable!(String, std::net::IpAddr);
#[cfg(feature = "jiff")]
orderable!(
    jiff::Timestamp,
    jiff::civil::Date,
    jiff::civil::DateTime,
    jiff::civil::Time
);
#[cfg(feature = "chrono")]
orderable!(
    chrono::DateTime<chrono::Utc>,
    chrono::NaiveDate,
    chrono::NaiveDateTime,
    chrono::NaiveTime
);
#[cfg(feature = "time")]
orderable!(
    time::OffsetDateTime,
    time::Date,
    time::PrimitiveDateTime,
    time::Time
);
