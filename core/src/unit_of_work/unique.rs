//! Unique values: who gives one up must come before who takes it (FL-3).
//!
//! Called by `edges`, and does nothing for tables in which no value is given up.
//! It must not judge: two rows that take one value are the database's to refuse.

use bytes::BytesMut;
use foldhash::{HashMap, HashMapExt};
use postgres_types::{IsNull, Type};

use super::changes::{Changes, Op, What};
use super::edge_set::Edges;
use super::graph::Edge;
use crate::identity_map::{IdentityMap, Image, Place, StoreId};
use crate::model::{ColumnSet, Table};

/// Adds the edges from releasers to occupiers of unique values.
pub(super) fn add_edges(map: &IdentityMap, changes: &Changes, edges: &mut Edges) {
    let mut by_store: HashMap<StoreId, Vec<usize>> = HashMap::new();
    for (position, op) in changes.ops.iter().enumerate() {
        by_store.entry(op.store).or_default().push(position);
    }
    let mut stores: Vec<_> = by_store.into_iter().collect();
    stores.sort_unstable();
    for (store, ops) in stores {
        for group in groups(map.any(store).table()) {
            add_group(map, changes, &ops, group, edges);
        }
    }
}

/// The key and each unique constraint, as sets of fields.
fn groups(table: &Table) -> Vec<ColumnSet> {
    let uniques = table
        .uniques()
        .iter()
        .map(|group| group.fields.iter().copied().collect());
    std::iter::once(table.key()).chain(uniques).collect()
}

fn add_group(
    map: &IdentityMap,
    changes: &Changes,
    ops: &[usize],
    group: ColumnSet,
    edges: &mut Edges,
) {
    let mut released: HashMap<Vec<u8>, usize> = HashMap::new();
    for position in ops {
        let op = &changes.ops[*position];
        if gives_up(op, group)
            && let Some(value) = value(map, op, Image::Flushed, group)
        {
            released.insert(value, *position);
        }
    }
    if released.is_empty() {
        return;
    }
    for position in ops {
        let op = &changes.ops[*position];
        if takes(op, group)
            && let Some(value) = value(map, op, Image::Current, group)
            && let Some(releaser) = released.get(&value)
            && releaser != position
        {
            let edge = Edge {
                before: *releaser,
                after: *position,
            };
            edges.push(edge, (op.store, group));
        }
    }
}

fn gives_up(op: &Op, group: ColumnSet) -> bool {
    match op.what {
        What::Insert { .. } => false,
        What::Update { changed, .. } => !changed.intersection(group).is_empty(),
        What::Delete => true,
    }
}

fn takes(op: &Op, group: ColumnSet) -> bool {
    match op.what {
        What::Insert { made, .. } => made.intersection(group).is_empty(),
        What::Update { changed, .. } => !changed.intersection(group).is_empty(),
        What::Delete => false,
    }
}

/// The bytes of a group's value; `None` with a NULL in it, which is like no other, or with a
/// reference whose key is not known yet.
fn value(map: &IdentityMap, op: &Op, image: Image, group: ColumnSet) -> Option<Vec<u8>> {
    let store = map.any(op.store);
    let mut bytes = BytesMut::new();
    for column in store.table().columns_of(group) {
        let ty = column.ty.wire.as_ref().map_or(Type::TEXT, |w| w.0.clone());
        let start = bytes.len();
        let place = Place {
            slot: op.slot,
            image,
            field: column.field,
            part: column.part,
        };
        match store.encode(place, &ty, &mut bytes, map) {
            Ok(IsNull::No) => {
                let length = bytes.len() - start;
                bytes.extend_from_slice(&length.to_be_bytes());
            }
            Ok(IsNull::Yes) | Err(_) => return None,
        }
    }
    Some(bytes.to_vec())
}
