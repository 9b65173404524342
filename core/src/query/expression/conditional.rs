//! Functions that choose between values: `coalesce` and its kin.
//!
//! Callers import them from `sessile::sql`.
//! It must not say that a result has a value when it may be NULL.

use crate::model::SqlType;
use crate::query::{Expr, Expression, Joined, Term};
use crate::statement::Node;

type Base<E> = <<E as Expression>::Value as SqlType>::Base;

/// The first of the two that is not NULL. It may be NULL only when the second may: calls nest for
/// more than two.
///
/// ```
/// use sessile::{Model, query::Expr, sql::{coalesce, sum}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Entry {
///     #[model(key)]
///     id: i64,
///     pieces: i32,
/// }
///
/// let total: Expr<i64, Entry> = coalesce(sum(Entry::PIECES), 0);
/// assert_eq!(format!("{total:?}"), "Expr(coalesce(sum(pieces), $1))");
/// ```
pub fn coalesce<E, R>(first: E, second: R) -> Expr<R::Of<Base<E>>, Joined<E::Scope, R::Scope>>
where
    E: Expression<Value: SqlType>,
    R: Term<Base<E>>,
{
    choose("coalesce", first, second)
}

/// The larger of the two; NULL is left out, so it is NULL only when both are.
///
/// ```
/// use sessile::sql::{greatest, value};
///
/// assert_eq!(format!("{:?}", greatest(value(1), 2)), "Expr(greatest($1, $2))");
/// ```
pub fn greatest<E, R>(first: E, second: R) -> Expr<R::Of<Base<E>>, Joined<E::Scope, R::Scope>>
where
    E: Expression<Value: SqlType>,
    R: Term<Base<E>>,
{
    choose("greatest", first, second)
}

/// The smaller of the two; NULL is left out, so it is NULL only when both are.
pub fn least<E, R>(first: E, second: R) -> Expr<R::Of<Base<E>>, Joined<E::Scope, R::Scope>>
where
    E: Expression<Value: SqlType>,
    R: Term<Base<E>>,
{
    choose("least", first, second)
}

/// NULL where the two are equal, otherwise the first.
///
/// ```
/// use sessile::sql::{nullif, value};
///
/// assert_eq!(format!("{:?}", nullif(value(""), "")), "Expr(nullif($1, $2))");
/// ```
pub fn nullif<E, R>(first: E, second: R) -> Expr<Option<Base<E>>, Joined<E::Scope, R::Scope>>
where
    E: Expression<Value: SqlType>,
    R: Term<Base<E>>,
{
    choose("nullif", first, second)
}

fn choose<V, E, R, T>(
    function: &'static str,
    first: E,
    second: R,
) -> Expr<V, Joined<E::Scope, R::Scope>>
where
    E: Expression,
    R: Term<T>,
{
    let first = first.into_expression().into_node();
    Expr::new(Node::call(function, [first, second.into_term()]))
}
