//! Queries inside expressions.
//!
//! The query room makes them; `marker` and `label` turn them into text.
//! It must not decide what a query may name: that is found when the text is made.

use super::{Node, Projection, Query, Select};

/// A query as an operand.
pub(crate) struct Subquery {
    pub(crate) how: How,
    pub(crate) query: Query,
}

/// What a query inside an expression is asked for.
pub(crate) enum How {
    /// Its only value.
    Scalar,
    /// Whether it has a row.
    Exists,
    /// All values of its only column, as an array.
    Array,
    /// Whether these are one of its rows.
    In(Vec<Node>),
    /// Whether these are none of its rows.
    NotIn(Vec<Node>),
}

impl Subquery {
    /// What stands before IN.
    pub(crate) fn operands(&self) -> &[Node] {
        match &self.how {
            How::In(operands) | How::NotIn(operands) => operands,
            How::Scalar | How::Exists | How::Array => &[],
        }
    }
}

/// A query on rows that belong to a row of the query around it, by equal columns.
pub(crate) struct Correlated {
    /// Columns of the query around it.
    pub(crate) outer: Vec<Node>,
    /// The columns of the inner query that equal them.
    pub(crate) inner: Vec<Node>,
    pub(crate) select: Select,
    /// What is read; `Exists` asks whether there is a row.
    pub(crate) what: Projection,
}
