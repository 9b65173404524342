//! Which row of the session a reference points at.
//!
//! Called by `settle`, `cascade`, `edges` and `unique`. Within a flush a key may stand for two rows,
//! the one that has it and the one that is about to get it; who asks says which is meant.
//! Pure.

use std::any::Any;

use super::changes::{Changes, Row};
use crate::identity_map::{IdentityMap, Image};
use crate::model::{ForeignKey, Reference, Table};

/// The row that a reference points at, by the keys that rows had before the flush: one that has
/// been given another key already is found under the old one.
pub(super) fn parent(map: &IdentityMap, child: Row, fk: &ForeignKey, image: Image) -> Option<Row> {
    match map.any(child.0).reference(child.1, image, fk.field)? {
        Reference::Key(key) => {
            let store = map.id_of(fk.target_id())?;
            Some((store, map.any(store).slot_of_flushed_key(key)?))
        }
        Reference::Handle(raw) => map.locate(raw).ok(),
        Reference::Unset => None,
    }
}

/// The row that a reference points at after the flush: a reference that is written means the row
/// that takes the key, one that stands means the row that had it.
pub(super) fn parent_to_be(
    map: &IdentityMap,
    changes: &Changes,
    child: Row,
    fk: &ForeignKey,
) -> Option<Row> {
    let written = changes.on(child).is_some_and(|(_, op)| op.refers_anew(fk));
    let claimed = || claimant(map, child, fk);
    written
        .then(claimed)
        .flatten()
        .or_else(|| parent(map, child, fk, Image::Current))
}

/// The row that takes the key in a reference.
fn claimant(map: &IdentityMap, child: Row, fk: &ForeignKey) -> Option<Row> {
    let reference = map
        .any(child.0)
        .reference(child.1, Image::Current, fk.field)?;
    let Reference::Key(key) = reference else {
        return None;
    };
    let store = map.id_of(fk.target_id())?;
    Some((store, map.any(store).claimant(key)?))
}

/// Whether a reference names a row by the key that the row gives up in this flush. One that is
/// written means the row that takes the key, if there is one; one that stands never does.
pub(super) fn is_by_old_key(
    map: &IdentityMap,
    changes: &Changes,
    child: Row,
    fk: &ForeignKey,
    parent: Row,
) -> bool {
    let written = changes.on(child).is_some_and(|(_, op)| op.refers_anew(fk));
    match map
        .any(child.0)
        .reference(child.1, Image::Current, fk.field)
    {
        Some(Reference::Key(key)) => {
            let parents = map.any(parent.0);
            parents.slot_of_key(key) == Some(parent.1)
                && !(written && parents.claimant(key).is_some())
        }
        Some(Reference::Handle(_) | Reference::Unset) | None => false,
    }
}

/// Whether a row has another key after the flush: its own fields change it, or it holds the key
/// of a row for which that is so.
pub(super) fn key_changes(map: &IdentityMap, row: Row) -> bool {
    let store = map.any(row.0);
    store.key_changes(row.1)
        || key_references(store.table()).any(|fk| {
            let parent = parent(map, row, fk, Image::Current);
            parent.is_some_and(|parent| key_changes(map, parent))
        })
}

/// The key that a row is to have, as far as it is known by now: where it is made of handles, of
/// the keys that their objects are to have.
pub(super) fn key_to_be(map: &IdentityMap, row: Row) -> Option<Box<dyn Any>> {
    let store = map.any(row.0);
    key_by(map, row, |fk| {
        match store.reference(row.1, Image::Current, fk.field)? {
            Reference::Handle(raw) => map.locate(raw).ok(),
            Reference::Key(_) | Reference::Unset => None,
        }
    })
}

/// The same for a row that others refer to: references in its key follow rows that get other keys.
pub(super) fn key_after(map: &IdentityMap, row: Row) -> Option<Box<dyn Any>> {
    key_by(map, row, |fk| parent(map, row, fk, Image::Current))
}

/// A row's key with those that are to be of the rows that `followed` finds for references in it.
fn key_by(
    map: &IdentityMap,
    row: Row,
    followed: impl Fn(&ForeignKey) -> Option<Row>,
) -> Option<Box<dyn Any>> {
    let store = map.any(row.0);
    let mut keys = Vec::new();
    for fk in key_references(store.table()) {
        if let Some(parent) = followed(fk) {
            keys.push((fk.field, key_after(map, parent)?));
        }
    }
    match keys.is_empty() {
        true => store.key_to_be(row.1),
        false => store.key_with(row.1, &keys),
    }
}

/// The references that are part of a key. No key is a part of itself, so who follows them comes
/// to an end.
pub(super) fn key_references(table: &Table) -> impl Iterator<Item = &ForeignKey> {
    let fks = table.foreign_keys().iter();
    fks.filter(|fk| table.key().contains(fk.field))
}
