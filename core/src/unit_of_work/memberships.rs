//! Loaded collections follow what was written (RL-1).
//!
//! Called for each row when the answers of a rank come in.
//! It must not look at collections that are not loaded.

use crate::identity_map::{IdentityMap, Image, StoreId};
use crate::model::ColumnSet;

/// A row is gone, also from the collections of its parents.
pub(super) fn deleted(map: &mut IdentityMap, store: StoreId, slot: u32) {
    for fk in map.any(store).table().foreign_keys() {
        leave_parent(map, store, slot, fk.field, Image::Flushed);
    }
    map.any_mut(store).deleted(slot);
}

/// Loaded collections of the parents get a child (RL-1).
pub(super) fn join_parents(map: &mut IdentityMap, store: StoreId, slot: u32, fields: ColumnSet) {
    for fk in map.any(store).table().foreign_keys() {
        if !fields.contains(fk.field) || !map.collections.follows(store, fk.field) {
            continue;
        }
        if let Some(parent) = map.parent_of(store, slot, fk.field, Image::Current) {
            let child = map.any(store).handle(slot);
            map.collections.join(store, fk.field, parent, child);
        }
    }
}

/// A loaded collection loses a child (RL-1).
pub(super) fn leave_parent(
    map: &mut IdentityMap,
    store: StoreId,
    slot: u32,
    field: usize,
    image: Image,
) {
    if !map.collections.follows(store, field) {
        return;
    }
    if let Some(parent) = map.parent_of(store, slot, field, image) {
        let child = map.any(store).handle(slot);
        map.collections.leave(store, field, parent, child);
    }
}
