//! Set operations: UNION, INTERSECT and EXCEPT.
//!
//! The query room makes them; `render` and `label` turn them into text.
//! It must not check that both sides have the same columns: types do that.

use super::{OrderBy, Query};

/// The rows of two queries put together, with an order and limits of the whole.
#[derive(Clone)]
pub(crate) struct SetOf {
    pub(crate) left: Query,
    pub(crate) right: Query,
    pub(crate) operator: SetOperator,
    /// By columns of the result only, as SQL has it.
    pub(crate) orders: Vec<OrderBy>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
}

/// How two results become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetOperator {
    Union,
    UnionAll,
    Intersect,
    IntersectAll,
    Except,
    ExceptAll,
    /// The left one alone, in parentheses: what has no order and limit of its own gets one.
    Alone,
}

impl SetOf {
    pub(crate) fn new(left: Query, operator: SetOperator, right: Query) -> SetOf {
        SetOf {
            left,
            right,
            operator,
            orders: Vec::new(),
            limit: None,
            offset: None,
        }
    }

    /// One query with an order and limits around it.
    pub(crate) fn alone(query: Query, (limit, offset): (Option<u64>, Option<u64>)) -> SetOf {
        SetOf {
            limit,
            offset,
            ..SetOf::new(query, SetOperator::Alone, Query::Values([].into()))
        }
    }
}

impl SetOperator {
    /// As SQL writes it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            SetOperator::Union => "UNION",
            SetOperator::UnionAll => "UNION ALL",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::IntersectAll => "INTERSECT ALL",
            SetOperator::Except => "EXCEPT",
            SetOperator::ExceptAll => "EXCEPT ALL",
            SetOperator::Alone => "",
        }
    }
}
