//! The aggregate functions.
//!
//! Callers import them from `sessile::sql`; what they make is refined by `aggregate`.
//! It must not offer a sum that PostgreSQL has in another type than the one said here.

use crate::model::SqlType;
use crate::query::expression::kinds::{Averageable, Logical, Number, Orderable, Summable, Text};
use crate::query::{Aggregate, Expression, IntoExpr, Joined, Operand};
use crate::statement::Node;

type Base<E> = <<E as Expression>::Value as SqlType>::Base;

/// `count(*)`: the number of rows, or of rows in each group. Never NULL.
pub fn count() -> Aggregate<i64> {
    Aggregate::of("count", vec![Node::Star])
}

/// The number of rows in which there is a value. Never NULL.
///
/// ```
/// use sessile::sql::{count_of, value};
///
/// assert_eq!(format!("{:?}", count_of(value(1))), "Aggregate(count($1))");
/// ```
pub fn count_of<E: Expression>(of: E) -> Aggregate<i64, E::Scope> {
    call("count", of)
}

/// The number of different values. Never NULL.
///
/// ```
/// use sessile::sql::{count_distinct, value};
///
/// assert_eq!(format!("{:?}", count_distinct(value(1))), "Aggregate(count(DISTINCT $1))");
/// ```
pub fn count_distinct<E: Expression>(of: E) -> Aggregate<i64, E::Scope> {
    call("count", of).distinct()
}

/// The sum of the values that are not NULL; `None` when there are none.
///
/// The type is wide enough not to overflow where PostgreSQL has one: sums of `i16` and `i32` are
/// `i64`; the sum of `i64` is numeric, which needs the feature `decimal`.
pub fn sum<E>(of: E) -> Aggregate<Option<<E::Value as Summable>::Sum>, E::Scope>
where
    E: Expression<Value: Summable>,
{
    call("sum", of)
}

/// The average of the values that are not NULL; `None` when there are none.
///
/// Averages of floats are `f64`; those of integers are numeric, which needs the feature `decimal`,
/// or a [`cast`](crate::query::Expr::cast) to `f64` before.
///
/// ```
/// use sessile::sql::{avg, value};
///
/// assert_eq!(format!("{:?}", avg(value(1.5))), "Aggregate(avg($1))");
/// ```
pub fn avg<E>(of: E) -> Aggregate<Option<<E::Value as Averageable>::Average>, E::Scope>
where
    E: Expression<Value: Averageable>,
{
    call("avg", of)
}

/// The smallest value that is not NULL; `None` when there are none.
pub fn min<E>(of: E) -> Aggregate<Option<Base<E>>, E::Scope>
where
    E: Expression<Value: Orderable>,
{
    call("min", of)
}

/// The largest value that is not NULL; `None` when there are none.
pub fn max<E>(of: E) -> Aggregate<Option<Base<E>>, E::Scope>
where
    E: Expression<Value: Orderable>,
{
    call("max", of)
}

/// The standard deviation of a sample; `None` when there are fewer than two values.
pub fn stddev<E>(of: E) -> Aggregate<Option<<E::Value as Averageable>::Average>, E::Scope>
where
    E: Expression<Value: Averageable + Number>,
{
    call("stddev", of)
}

/// The variance of a sample; `None` when there are fewer than two values.
pub fn variance<E>(of: E) -> Aggregate<Option<<E::Value as Averageable>::Average>, E::Scope>
where
    E: Expression<Value: Averageable + Number>,
{
    call("variance", of)
}

/// Whether a condition holds in all rows in which it is not NULL; `None` when there are none.
///
/// ```
/// use sessile::sql::{bool_and, value};
///
/// assert_eq!(format!("{:?}", bool_and(value(true))), "Aggregate(bool_and($1))");
/// ```
pub fn bool_and<E>(condition: E) -> Aggregate<Option<bool>, E::Scope>
where
    E: Expression<Value: Logical>,
{
    call("bool_and", condition)
}

/// Whether a condition holds in one of the rows; `None` when it is NULL in all of them, or there
/// are none.
pub fn bool_or<E>(condition: E) -> Aggregate<Option<bool>, E::Scope>
where
    E: Expression<Value: Logical>,
{
    call("bool_or", condition)
}

/// All values as an array, NULLs among them; `None` when there are no rows.
///
/// ```
/// use sessile::sql::{array_agg, value};
///
/// assert_eq!(format!("{:?}", array_agg(value(1))), "Aggregate(array_agg($1))");
/// ```
pub fn array_agg<E>(of: E) -> Aggregate<Option<Vec<E::Value>>, E::Scope>
where
    E: Expression<Value: SqlType>,
    Vec<E::Value>: SqlType,
{
    let node = of.into_expression().into_node();
    let element = match E::Value::NULLABLE {
        true => node,
        false => node.met(),
    };
    Aggregate::of("array_agg", vec![element])
}

/// All texts that are not NULL as one, with this between them; `None` when there are none.
///
/// ```
/// use sessile::sql::{string_agg, value};
///
/// assert_eq!(format!("{:?}", string_agg(value("a"), ", ")), "Aggregate(string_agg($1, $2))");
/// ```
pub fn string_agg<E, D>(
    text: E,
    delimiter: D,
) -> Aggregate<Option<String>, Joined<E::Scope, D::Scope>>
where
    E: Expression<Value: Text>,
    D: IntoExpr<String>,
{
    let delimiter = delimiter.into_expr().into_node();
    let text = text.into_expression().into_node();
    Aggregate::of("string_agg", vec![text, delimiter])
}

/// All values as one JSON array, NULLs among them as `null`; `None` when there are no rows.
pub fn jsonb_agg<E: Expression>(of: E) -> Aggregate<Option<serde_json::Value>, E::Scope> {
    call("jsonb_agg", of)
}

/// Pairs of key and value as one JSON object; `None` when there are no rows. The server refuses a
/// key that is NULL.
pub fn jsonb_object_agg<K, E>(
    key: K,
    of: E,
) -> Aggregate<Option<serde_json::Value>, Joined<K::Scope, E::Scope>>
where
    K: Expression<Value: Text>,
    E: Operand,
{
    let key = key.into_expression().into_node();
    Aggregate::of("jsonb_object_agg", vec![key, of.into_operand()])
}

fn call<E: Expression, V>(function: &'static str, of: E) -> Aggregate<V, E::Scope> {
    Aggregate::of(function, vec![of.into_expression().into_node()])
}
