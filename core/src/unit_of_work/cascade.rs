//! What deleting a row means for the loaded rows that refer to it (RL-2).
//!
//! Called after `collect`; scans the loaded rows of each referring model once per level, and only
//! when something is deleted.
//! It must not add statements for what the database does by itself.

use foldhash::{HashSet, HashSetExt};

use super::changes::{Changes, Follower, Op, What};
use super::settle::field_text;
use crate::error::{Error, ErrorKind};
use crate::identity_map::{IdentityMap, Image, StoreId};
use crate::model::{ForeignKey, OnDelete, Reference, Table};

type Row = (StoreId, u32);

/// Completes the changes by what follows from deletes.
///
/// # Errors
/// `ForeignKeyViolation` when a loaded row keeps referring to a row that is deleted.
pub(crate) fn cascade(map: &IdentityMap, changes: &mut Changes) -> Result<(), Error> {
    let deleted = |op: &&Op| op.what == What::Delete;
    let mut frontier: HashSet<Row> = changes
        .ops
        .iter()
        .filter(deleted)
        .map(|op| (op.store, op.slot))
        .collect();
    let mut doomed = HashSet::new();
    let mut overtaken = Vec::new();
    while !frontier.is_empty() {
        doomed.extend(frontier.iter().copied());
        let mut next = HashSet::new();
        for (child, fk) in referring(map, &frontier) {
            if doomed.contains(&child) || next.contains(&child) {
                continue;
            }
            match fk.on_delete {
                OnDelete::Restrict => return Err(still_referred(map, child.0, fk)),
                OnDelete::SetNull => changes.followers.push(Follower::LostReference {
                    store: child.0,
                    slot: child.1,
                    field: fk.field,
                }),
                OnDelete::Cascade if fk.client => {
                    overtaken.push(child);
                    next.insert(child);
                }
                OnDelete::Cascade => {
                    changes.followers.push(Follower::Deleted {
                        store: child.0,
                        slot: child.1,
                    });
                    overtaken.push(child);
                    next.insert(child);
                }
            }
        }
        for child in &next {
            let follows = |f: &Follower| matches!(f, Follower::Deleted { store, slot } if (*store, *slot) == *child);
            if !changes.followers.iter().any(follows) {
                changes.remove(&[*child]);
                changes.push(delete(*child));
            }
        }
        frontier = next;
    }
    let overtaken: Vec<Row> = overtaken
        .into_iter()
        .filter(|row| {
            changes
                .on(*row)
                .is_some_and(|(_, op)| op.what != What::Delete)
        })
        .collect();
    if !overtaken.is_empty() {
        changes.remove(&overtaken);
    }
    refuse_new_references(map, changes, &doomed)
}

fn delete((store, slot): Row) -> Op {
    Op {
        store,
        slot,
        what: What::Delete,
        bump: false,
    }
}

/// The loaded rows that refer to one of these, with the reference.
fn referring(map: &IdentityMap, parents: &HashSet<Row>) -> Vec<(Row, &'static ForeignKey)> {
    let mut found = Vec::new();
    for (child_store, store) in map.stores() {
        for fk in store.table().foreign_keys() {
            let Some(parent_store) = map.id_of(fk.target_id()) else {
                continue;
            };
            if !parents.iter().any(|(store, _)| *store == parent_store) {
                continue;
            }
            for slot in store.persistent() {
                let child = (child_store, slot);
                if let Some(parent) = target(map, child, fk)
                    && parents.contains(&parent)
                {
                    found.push((child, fk));
                }
            }
        }
    }
    found
}

/// The loaded row that a reference points at now.
fn target(map: &IdentityMap, (store, slot): Row, fk: &ForeignKey) -> Option<Row> {
    match map.any(store).reference(slot, Image::Current, fk.field)? {
        Reference::Key(key) => {
            let parents = map.id_of(fk.target_id())?;
            Some((parents, map.any(parents).slot_of_key(key)?))
        }
        Reference::Handle(raw) => map.locate(raw).ok(),
        Reference::Unset => None,
    }
}

/// New rows must not refer to rows that this very flush deletes.
fn refuse_new_references(
    map: &IdentityMap,
    changes: &Changes,
    doomed: &HashSet<Row>,
) -> Result<(), Error> {
    if doomed.is_empty() {
        return Ok(());
    }
    for op in &changes.ops {
        if !matches!(op.what, What::Insert { .. }) {
            continue;
        }
        for fk in map.any(op.store).table().foreign_keys() {
            let parent = target(map, (op.store, op.slot), fk);
            let replaced = || claimed_anew(map, op, fk);
            if parent.is_some_and(|parent| doomed.contains(&parent)) && !replaced() {
                return Err(still_referred(map, op.store, fk));
            }
        }
    }
    Ok(())
}

/// Whether a new row takes the place of the deleted one under the same key.
fn claimed_anew(map: &IdentityMap, op: &Op, fk: &ForeignKey) -> bool {
    let reference = map
        .any(op.store)
        .reference(op.slot, Image::Current, fk.field);
    match (reference, map.id_of(fk.target_id())) {
        (Some(Reference::Key(key)), Some(parents)) => map.any(parents).claimant(key).is_some(),
        _ => false,
    }
}

fn still_referred(map: &IdentityMap, child: StoreId, fk: &ForeignKey) -> Error {
    let table: &Table = map.any(child).table();
    let field = table.fields()[fk.field].name;
    Error::new(ErrorKind::ForeignKeyViolation {
        constraint: Some(fk.name.clone()),
        model: Some(table.model().to_owned()),
        field: Some(field.to_owned()),
    })
    .with_violated(vec![field])
    .while_doing(format!(
        "deleting {} that {} refers to",
        fk.target().model(),
        field_text(table, fk)
    ))
}
