//! The edges that were found, with the reasons for them.
//!
//! `edges` and `unique` fill it; the planner and the naming of cycles read it.
//! It must not find edges itself.

use super::graph::Edge;
use crate::identity_map::StoreId;
use crate::model::ColumnSet;

/// The edges between operations.
#[derive(Debug, Default)]
pub(super) struct Edges {
    pub(super) all: Vec<Edge>,
    /// For each of them the fields that are the reason.
    pub(super) reasons: Vec<(StoreId, ColumnSet)>,
    /// Those of them whose second needs a result of the first: a key that the database makes.
    pub(super) results: Vec<Edge>,
    /// Between rows of one statement, which matter only if it is cut.
    pub(super) within: Vec<Edge>,
}

impl Edges {
    /// Adds an edge, for the sake of these fields of a model.
    pub(super) fn push(&mut self, edge: Edge, reason: (StoreId, ColumnSet)) {
        self.all.push(edge);
        self.reasons.push(reason);
    }
}
