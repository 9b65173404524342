//! What a query takes as a filter.
//!
//! Called by `filter` and `having`.
//! It must not take a condition on a model that is not part of the query.

use crate::model::{Column, Model};
use crate::query::{Expr, Expression, Logical, Within};
use crate::statement::Node;

/// A condition of a query on `M`: an `Expr<bool, _>` within `M`, a `bool` column, or an `Option`
/// of a condition, where `None` filters nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no filter of a query on `{M}`",
    label = "expected a condition, such as `Model::COLUMN.eq(..)`"
)]
pub trait IntoFilter<M> {
    #[doc(hidden)]
    fn into_filter(self) -> Condition;
}

/// A condition without its types.
#[doc(hidden)]
#[derive(Debug)]
pub struct Condition(pub(in crate::query) Option<Node>);

impl Condition {
    pub(crate) fn into_node(self) -> Option<Node> {
        self.0
    }
}

impl<M, V: Logical, S: Within<M>> IntoFilter<M> for Expr<V, S> {
    fn into_filter(self) -> Condition {
        Condition(Some(self.into_node()))
    }
}

impl<M, N, V: Logical> IntoFilter<M> for Column<N, V>
where
    N: Model + Within<M>,
{
    fn into_filter(self) -> Condition {
        Condition(Some(self.into_expression().into_node()))
    }
}

impl<M, F: IntoFilter<M>> IntoFilter<M> for Option<F> {
    fn into_filter(self) -> Condition {
        match self {
            Some(filter) => filter.into_filter(),
            None => Condition(None),
        }
    }
}
