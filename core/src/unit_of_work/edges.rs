//! Which rows must be written before which, because of references (FL-2).
//!
//! Called by the planner. An edge exists only where the database needs it.
//! Pure.

use super::changes::{Changes, Op, What};
use super::graph::Edge;
use super::unique;
use crate::identity_map::{IdentityMap, Image, StoreId};
use crate::model::{ForeignKey, Reference};

/// The edges between operations.
#[derive(Debug, Default)]
pub(super) struct Edges {
    pub(super) all: Vec<Edge>,
    /// Those of them whose second needs a result of the first: a key that the database makes.
    pub(super) results: Vec<Edge>,
}

/// Works out the edges; `group_of` tells which operations would be one statement.
pub(super) fn edges(map: &IdentityMap, changes: &Changes, group_of: &[usize]) -> Edges {
    let mut edges = Edges::default();
    for (position, op) in changes.ops.iter().enumerate() {
        for fk in map.any(op.store).table().foreign_keys() {
            if refers_anew(op, fk) {
                wait_for_parent(map, changes, (position, op), fk, group_of, &mut edges);
            }
            if refers_no_more(op, fk) {
                let_parent_wait(map, changes, (position, op), fk, group_of, &mut edges);
            }
        }
    }
    unique::add_edges(map, changes, &mut edges.all);
    edges
}

fn refers_anew(op: &Op, fk: &ForeignKey) -> bool {
    match op.what {
        What::Insert { .. } => true,
        What::Update { changed, .. } => changed.contains(fk.field),
        What::Delete => false,
    }
}

fn refers_no_more(op: &Op, fk: &ForeignKey) -> bool {
    match op.what {
        What::Insert { .. } => false,
        What::Update { changed, .. } => changed.contains(fk.field),
        What::Delete => true,
    }
}

/// A row that refers to a new row, or to a row under its new key, comes after it.
fn wait_for_parent(
    map: &IdentityMap,
    changes: &Changes,
    (position, op): (usize, &Op),
    fk: &ForeignKey,
    group_of: &[usize],
    edges: &mut Edges,
) {
    let Some((parent, parent_op)) =
        parent_row(map, op, fk, Image::Current).and_then(|row| changes.on(row))
    else {
        return;
    };
    let key = map.any(parent_op.store).table().key();
    let drawn = match parent_op.what {
        What::Insert { made, .. } => !made.intersection(key).is_empty(),
        What::Update { changed, .. } if !changed.intersection(key).is_empty() => false,
        What::Update { .. } | What::Delete => return,
    };
    let edge = Edge {
        before: parent,
        after: position,
    };
    // PostgreSQL checks references at the end of a statement, so rows of one statement may refer
    // to each other when their keys are known.
    if !drawn && (parent == position || group_of[parent] == group_of[position]) {
        return;
    }
    edges.all.push(edge);
    if drawn {
        edges.results.push(edge);
    }
}

/// A row that is deleted comes after the rows that referred to it and no longer do.
fn let_parent_wait(
    map: &IdentityMap,
    changes: &Changes,
    (position, op): (usize, &Op),
    fk: &ForeignKey,
    group_of: &[usize],
    edges: &mut Edges,
) {
    let Some((parent, parent_op)) =
        parent_row(map, op, fk, Image::Flushed).and_then(|row| changes.on(row))
    else {
        return;
    };
    if parent_op.what == What::Delete && group_of[parent] != group_of[position] {
        edges.all.push(Edge {
            before: position,
            after: parent,
        });
    }
}

/// The row that a reference points at.
fn parent_row(map: &IdentityMap, op: &Op, fk: &ForeignKey, image: Image) -> Option<(StoreId, u32)> {
    match map.any(op.store).reference(op.slot, image, fk.field)? {
        Reference::Handle(raw) => map.locate(raw).ok(),
        Reference::Key(key) => {
            let store = map.id_of(fk.target_id())?;
            let parents = map.any(store);
            let claimed = match image {
                Image::Current => parents.claimant(key),
                Image::Flushed => None,
            };
            Some((store, claimed.or_else(|| parents.slot_of_key(key))?))
        }
        Reference::Unset => None,
    }
}
