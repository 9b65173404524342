//! Values as expressions, and conditions that are put together at run time.
//!
//! Callers import them from `sessile::sql`.
//! It must not hold functions of PostgreSQL's: those are sorted by what they are for.

use crate::query::expression::value::bind;
use crate::query::{Expr, Param, Scope};
use crate::statement::Node;

/// A bound value as an expression.
///
/// Needed only where nothing says that a value is meant: `value(1) + Account::BALANCE`, or a
/// column of a result that is the same in every row.
pub fn value<P: Param>(value: P) -> Expr<P::Value> {
    Expr::new(Node::Parameter(bind(value).into()))
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
