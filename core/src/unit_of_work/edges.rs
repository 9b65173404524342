//! Which rows must be written before which, because of references (FL-2).
//!
//! Called by the planner. An edge exists only where the database needs it.
//! Pure.

use super::changes::{Changes, Op, Row, What};
use super::edge_set::Edges;
use super::graph::Edge;
use super::references::{is_by_old_key, parent, parent_to_be};
use super::unique;
use crate::identity_map::{IdentityMap, Image};
use crate::model::{ColumnSet, ForeignKey};

/// Works out the edges; `group_of` tells which operations would be one statement.
pub(super) fn edges(map: &IdentityMap, changes: &Changes, group_of: &[usize]) -> Edges {
    let mut edges = Edges::default();
    for (position, op) in changes.ops.iter().enumerate() {
        for fk in map.any(op.store).table().foreign_keys() {
            let mut child = Child {
                map,
                changes,
                group_of,
                position,
                op,
                fk,
                edges: &mut edges,
            };
            if op.refers_anew(fk) {
                child.wait_for_parent();
            }
            if op.refers_no_more(fk) {
                child.let_deleted_parent_wait();
            }
            child.let_renamed_parent_wait();
        }
    }
    unique::add_edges(map, changes, &mut edges);
    edges
}

/// An operation on a row that refers to another by this reference.
struct Child<'a> {
    map: &'a IdentityMap,
    changes: &'a Changes,
    group_of: &'a [usize],
    position: usize,
    op: &'a Op,
    fk: &'a ForeignKey,
    edges: &'a mut Edges,
}

impl Child<'_> {
    fn row(&self) -> Row {
        (self.op.store, self.op.slot)
    }

    /// A row that refers to a new row, or to a row under its new key, comes after it; one that is
    /// pointed at a row that goes, before that: the database then does what `on_delete` says.
    fn wait_for_parent(&mut self) {
        let Some(row) = parent_to_be(self.map, self.changes, self.row(), self.fk) else {
            return;
        };
        if let Some((deletion, _)) = self.changes.deletion_of(row) {
            self.edge(self.position, deletion);
            return;
        }
        let Some((parent, parent_op)) = self.changes.on(row) else {
            return;
        };
        let table = self.map.any(row.0).table();
        match parent_op.what {
            What::Insert { made, .. } if !made.intersection(table.key()).is_empty() => {
                let edge = self.edge(parent, self.position);
                self.edges.results.push(edge);
            }
            What::Insert { .. } => self.edge_between_statements(parent, self.position),
            What::Update { .. } if !parent_op.changes_key(table) => {}
            What::Update { .. } => match is_by_old_key(self.map, self.row(), self.fk, row) {
                true => self.edge_between_statements(self.position, parent),
                false => self.edge_between_statements(parent, self.position),
            },
            What::Delete => {}
        }
    }

    /// A row that is deleted comes after the rows that referred to it and no longer do.
    fn let_deleted_parent_wait(&mut self) {
        let row = parent(self.map, self.row(), self.fk, Image::Flushed);
        if let Some((deletion, _)) = row.and_then(|row| self.changes.deletion_of(row)) {
            self.edge_between_statements(self.position, deletion);
        }
    }

    /// A row whose key holds that of its parent is written under the key that it has now.
    fn let_renamed_parent_wait(&mut self) {
        let table = self.map.any(self.op.store).table();
        let known = !matches!(self.op.what, What::Insert { .. });
        if !known || !table.key().contains(self.fk.field) {
            return;
        }
        let row = parent(self.map, self.row(), self.fk, Image::Flushed);
        if let Some((renaming, parent_op)) = row.and_then(|row| self.changes.on(row))
            && parent_op.changes_key(self.fk.target())
        {
            self.edge_between_statements(self.position, renaming);
        }
    }

    /// PostgreSQL checks references at the end of a statement, so rows of one statement may refer
    /// to each other; a statement that is cut needs them in order, though.
    fn edge_between_statements(&mut self, before: usize, after: usize) {
        if before == after {
            return;
        }
        if self.group_of[before] == self.group_of[after] {
            self.edges.within.push(Edge { before, after });
        } else {
            self.edge(before, after);
        }
    }

    fn edge(&mut self, before: usize, after: usize) -> Edge {
        let edge = Edge { before, after };
        let reason = (self.op.store, ColumnSet::only(self.fk.field));
        self.edges.push(edge, reason);
        edge
    }
}
