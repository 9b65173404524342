//! Settles touched objects before they are compared: values as the database keeps them, handles
//! of rows as keys, keys claimed.
//!
//! The first of the phases, in a flush and for `plan()`; doing it twice changes nothing.
//! It must not talk to the database; what it refuses has not been sent.

use super::changes::Row;
use super::references::{self, key_after, key_changes, key_references, key_to_be};
use crate::error::{Error, ErrorKind, HandleProblem};
use crate::identity_map::{IdentityMap, Image, Phase, StoreId};
use crate::model::{ForeignKey, RawHandle, Reference, Table};

/// Settles every touched object that a flush writes.
///
/// # Errors
/// `Handle` for a reference to an object that has left, `NotNullViolation` for an unset one, and
/// `Identity` for two objects with one key.
pub(crate) fn settle(map: &mut IdentityMap) -> Result<(), Error> {
    map.unsettle();
    let touched = written(map);
    for (store, slot) in &touched {
        map.any_mut(*store).normalize(*slot);
    }
    for (store, slot) in &touched {
        settle_references(map, *store, *slot)?;
    }
    map.clear_claims();
    for row in &touched {
        claim_key(map, *row)?;
    }
    // Now it is known which objects take the place of others, and who takes which key.
    let renames = touched.iter().any(|row| map.any(row.0).key_changes(row.1));
    for row in &touched {
        if map.any(row.0).replaced(row.1).is_some() {
            settle_references(map, row.0, row.1)?;
        }
        if renames && must_be_first(map, *row) {
            name_old_keys(map, *row);
        }
    }
    Ok(())
}

/// Lets an object claim the key that it is going to have, where that is known by now.
fn claim_key(map: &mut IdentityMap, row: Row) -> Result<(), Error> {
    let table = map.any(row.0).table();
    let claimed = match key_references(table).next() {
        None => map.any_mut(row.0).claim_own_key(row.1),
        Some(_) => match key_to_be(map, row) {
            Some(key) => map.any_mut(row.0).claim_key(row.1, &*key),
            None => Ok(()),
        },
    };
    let model = table.model();
    claimed.map_err(|key| Error::new(ErrorKind::Identity { model, key }))
}

/// The touched objects that an INSERT or UPDATE may write.
fn written(map: &IdentityMap) -> Vec<(StoreId, u32)> {
    let mut written = Vec::new();
    for (id, store) in map.stores() {
        if !store.has_touched() {
            continue;
        }
        let slots = store.touched();
        written.extend(
            slots
                .into_iter()
                .filter(|slot| matches!(store.phase(*slot), Phase::Pending | Phase::Persistent))
                .map(|slot| (id, slot)),
        );
    }
    written
}

fn settle_references(map: &mut IdentityMap, store: StoreId, slot: u32) -> Result<(), Error> {
    let table = map.any(store).table();
    let mut changed = None;
    for fk in table.foreign_keys() {
        let reference = map.any(store).reference(slot, Image::Current, fk.field);
        match reference {
            Some(Reference::Unset) => return Err(unset(table, fk)),
            Some(Reference::Handle(parent)) => {
                settle_handle(map, table, fk, (store, slot), parent)?;
            }
            Some(Reference::Key(_)) if may_be_new(map, (store, slot), fk) => {
                let changed = changed.get_or_insert_with(|| map.any(store).changed(slot));
                if changed.contains(fk.field) {
                    settle_key(map, (store, slot), fk);
                }
            }
            Some(Reference::Key(_)) | None => {}
        }
    }
    Ok(())
}

/// Whether the key that a row refers to by may be one that another row is about to get.
fn may_be_new(map: &IdentityMap, (store, slot): Row, fk: &ForeignKey) -> bool {
    let parents = map.id_of(fk.target_id());
    map.any(store).phase(slot) == Phase::Persistent
        && parents.is_some_and(|parents| map.any(parents).has_touched())
}

/// A reference to a row under the key that it is about to get stays as it was, if that is the row
/// it refers to anyway: the database writes the new key into it (PK-1). So rows that refer to each
/// other can both get new keys.
fn settle_key(map: &mut IdentityMap, child: Row, fk: &ForeignKey) {
    let Some(id) = map.id_of(fk.target_id()) else {
        return;
    };
    let (store, parents) = (map.any(child.0), map.any(id));
    let key = |image| match store.reference(child.1, image, fk.field) {
        Some(Reference::Key(key)) => Some(key),
        _ => None,
    };
    let (Some(now), Some(before)) = (key(Image::Current), key(Image::Flushed)) else {
        return;
    };
    let row = parents.slot_of_key(before);
    let stays = |row: &u32| parents.phase(*row) == Phase::Persistent;
    if row
        .filter(stays)
        .is_some_and(|row| parents.changes_to(row, now))
    {
        map.any_mut(child.0).restore_reference(child.1, fk.field);
    }
}

/// A row that stands for a loaded one refers to rows by their keys, as that would.
pub(crate) fn settle_loaded(map: &mut IdentityMap, store: StoreId, slot: u32) {
    for fk in map.any(store).table().foreign_keys() {
        let reference = map.any(store).reference(slot, Image::Current, fk.field);
        if let Some(Reference::Handle(raw)) = reference
            && let Ok(parent) = map.locate(raw)
            && matches!(
                map.any(parent.0).phase(parent.1),
                Phase::Persistent | Phase::Marked
            )
        {
            point_at(map, (store, slot), fk.field, parent, raw);
        }
    }
}

/// A handle becomes a key when its object is a row.
fn settle_handle(
    map: &mut IdentityMap,
    table: &Table,
    fk: &ForeignKey,
    child: (StoreId, u32),
    parent: RawHandle,
) -> Result<(), Error> {
    let refuse = |problem| {
        Err(Error::new(ErrorKind::Handle {
            model: fk.target().model(),
            problem,
        })
        .while_doing(format!("following {}", field_text(table, fk))))
    };
    let (parent_store, parent_slot) = match map.locate(parent) {
        Ok(found) => found,
        Err(problem) => return refuse(problem),
    };
    match map.any(parent_store).phase(parent_slot) {
        Phase::Pending => Ok(()),
        Phase::Persistent | Phase::Marked => {
            settle_row(map, child, fk.field, (parent_store, parent_slot), parent);
            Ok(())
        }
        Phase::Deleted => refuse(HandleProblem::Deleted),
        Phase::Vacant | Phase::Missed | Phase::RolledBack => refuse(HandleProblem::Gone),
    }
}

/// A handle of a row becomes the row's key, unless that is about to change: then it stays a
/// handle until the statement is sent, or the old key where it stands for that.
fn settle_row(map: &mut IdentityMap, child: Row, field: usize, parent: Row, handle: RawHandle) {
    if !key_changes(map, parent) {
        point_at(map, child, field, parent, handle);
        return;
    }
    let before = map.any(child.0).reference(child.1, Image::Flushed, field);
    if let Some(Reference::Key(key)) = before
        && map.any(parent.0).slot_of_key(key) == Some(parent.1)
    {
        map.any_mut(child.0).restore_reference(child.1, field);
    }
}

/// Whether a row has to be written before rows get other keys: it is known by one of these, or
/// compares a reference to one.
fn must_be_first(map: &IdentityMap, row: Row) -> bool {
    let store = map.any(row.0);
    if store.phase(row.1) != Phase::Persistent {
        return false;
    }
    let table = store.table();
    let guarded = table.version().is_none() && store.is_guarded(row.1);
    let guarded = guarded || table.is_counted_by_server();
    let compared = |fk: &&ForeignKey| guarded || table.key().contains(fk.field);
    let mut fks = table.foreign_keys().iter().filter(compared);
    fks.any(|fk| {
        let parent = references::parent(map, row, fk, Image::Flushed);
        parent.is_some_and(|parent| key_changes(map, parent))
    })
}

/// Makes a row refer to others under the keys that they have now, unless somebody takes these; its
/// references follow when the others get new ones.
fn name_old_keys(map: &mut IdentityMap, row: Row) {
    for fk in map.any(row.0).table().foreign_keys() {
        let reference = map.any(row.0).reference(row.1, Image::Current, fk.field);
        let Some(Reference::Handle(raw)) = reference else {
            continue;
        };
        let Ok((store, slot)) = map.locate(raw) else {
            continue;
        };
        // The statement that gives a row its key has the new one at hand for its own references.
        if (store, slot) == row && map.any(store).key_changes(slot) {
            continue;
        }
        if let Some(key) = map.any(store).known_key(slot)
            && map.any(store).claimant(&*key).is_none()
        {
            let hash = map.any(store).hash_of_key(&*key);
            let children = map.any_mut(row.0);
            children.remember_resolved(row.1, fk.field, raw, hash);
            children.set_reference(row.1, fk.field, &*key);
        }
    }
}

/// Turns the handles in a row's references into keys, as far as these are known by now.
pub(super) fn resolve_references(map: &mut IdentityMap, row: Row) {
    for fk in map.any(row.0).table().foreign_keys() {
        let reference = map.any(row.0).reference(row.1, Image::Current, fk.field);
        if let Some(Reference::Handle(raw)) = reference
            && let Ok(parent) = map.locate(raw)
        {
            point_at(map, row, fk.field, parent, raw);
        }
    }
}

/// Turns the handle in a reference into the key that its object has or is about to get, if that
/// is known by now.
fn point_at(
    map: &mut IdentityMap,
    (child_store, child_slot): Row,
    field: usize,
    (parent_store, parent_slot): Row,
    parent: RawHandle,
) {
    let Some(key) = key_after(map, (parent_store, parent_slot)) else {
        return;
    };
    let hash = map.any(parent_store).hash_of_key(&*key);
    let children = map.any_mut(child_store);
    children.remember_resolved(child_slot, field, parent, hash);
    children.set_reference(child_slot, field, &*key);
}

/// The error for a reference that was never set.
pub(super) fn unset(table: &Table, fk: &ForeignKey) -> Error {
    let field = table.fields()[fk.field].name;
    Error::new(ErrorKind::NotNullViolation {
        constraint: None,
        model: Some(table.model().to_owned()),
        field: Some(field.to_owned()),
    })
    .with_violated(vec![field])
    .while_doing("writing an unset reference")
}

/// `Model.field` of a reference.
pub(super) fn field_text(table: &Table, fk: &ForeignKey) -> String {
    format!("{}.{}", table.model(), table.fields()[fk.field].name)
}
