//! What deleting a row, or giving it another key, means for the loaded rows that refer to it.
//!
//! Called after `collect`; scans the loaded rows of each referring model once per level, and only
//! when something is deleted (RL-2) or gets another key (PK-1).
//! It must not add statements for what the database does by itself.

use foldhash::{HashMap, HashSet};

use super::changes::{Changes, Follower, Op, Row, What};
use super::pairs;
use super::references::{is_by_old_key, parent, parent_to_be};
use super::referring::Referring;
use super::settle::field_text;
use super::sweep::levels;
use crate::error::{Error, ErrorKind};
use crate::identity_map::{IdentityMap, Image, Phase, StoreId};
use crate::model::{ForeignKey, OnDelete, Table};

/// Completes the changes by what follows from deletes and from new keys.
///
/// # Errors
/// `ForeignKeyViolation` when a loaded or new row keeps referring to a row that is deleted.
pub(crate) fn cascade(map: &IdentityMap, changes: &mut Changes) -> Result<(), Error> {
    let unlinked = pairs::unlinked(map, changes);
    let mut deleted = rows(changes, |op| op.what == What::Delete);
    deleted.extend(
        unlinked
            .iter()
            .filter(|row| changes.deletion_of(**row).is_none()),
    );
    if !deleted.is_empty() {
        let doomed = follow_deletes(map, changes, deleted)?;
        take_over(changes, &doomed);
        pairs::take_over(map, changes, &unlinked);
        refuse_new_references(map, changes, &doomed)?;
    }
    let renamed = rows(changes, |op| op.changes_key(map.any(op.store).table()));
    follow_keys(map, changes, renamed);
    Ok(())
}

fn rows(changes: &Changes, wanted: impl Fn(&Op) -> bool) -> Vec<Row> {
    let ops = changes.ops.iter().filter(|op| wanted(op));
    ops.map(|op| (op.store, op.slot)).collect()
}

/// Every row that goes, in the order of discovery, with the row whose DELETE takes it along.
struct Doomed {
    order: Vec<Row>,
    by: HashMap<Row, Row>,
}

/// Finds the loaded rows that go or lose a reference when these are deleted.
fn follow_deletes(
    map: &IdentityMap,
    changes: &mut Changes,
    deleted: Vec<Row>,
) -> Result<Doomed, Error> {
    let mut doomed = Doomed {
        by: deleted.iter().map(|row| (*row, *row)).collect(),
        order: Vec::new(),
    };
    // Where statements find what goes, the loaded rows need none of their own.
    let mut swept: HashMap<StoreId, bool> = HashMap::default();
    let mut losses = Vec::new();
    let mut kept = Vec::new();
    let mut referring = Referring::new(map, changes, |store| store.persistent());
    let mut level = deleted;
    while !level.is_empty() {
        let mut next = Vec::new();
        for (child, fk, parent) in referring.to(&level) {
            if doomed.by.contains_key(&child) {
                continue;
            }
            let by = match fk.on_delete {
                OnDelete::Restrict => {
                    kept.push((child, fk, parent));
                    continue;
                }
                OnDelete::SetNull => {
                    losses.push((child, fk.field));
                    continue;
                }
                // Neither the database nor a statement finds it by a reference that is not written.
                OnDelete::Cascade if comes_to_go(map, changes, &doomed, child, fk) => child,
                OnDelete::Cascade => {
                    let by = doomed.by[&parent];
                    let is_swept = || levels(map.any(by.0).table()).is_some();
                    match fk.client && !*swept.entry(by.0).or_insert_with(is_swept) {
                        true => child,
                        false => by,
                    }
                }
            };
            doomed.by.insert(child, by);
            doomed.order.push(child);
            next.push(child);
        }
        level = next;
    }
    // What goes with another row may go before this one does.
    let goes_before = |child: &Row, parent: &Row| {
        let by = doomed.by.get(child);
        by.is_some_and(|by| *by != doomed.by[parent])
    };
    if let Some((child, fk, _)) = kept
        .iter()
        .find(|(child, _, parent)| !goes_before(child, parent))
    {
        return Err(still_referred(map, child.0, fk));
    }
    losses.retain(|(child, _)| !doomed.by.contains_key(child));
    let lost = losses
        .into_iter()
        .map(|((store, slot), field)| Follower::LostReference { store, slot, field });
    changes.followers.extend(lost);
    Ok(doomed)
}

/// Whether a row goes only because this flush was to make it refer to what goes: by the references
/// that the database has, none of its parents does.
fn comes_to_go(
    map: &IdentityMap,
    changes: &Changes,
    doomed: &Doomed,
    child: Row,
    fk: &ForeignKey,
) -> bool {
    let moves = changes.on(child).is_some_and(|(_, op)| op.refers_anew(fk));
    let fks = map.any(child.0).table().foreign_keys().iter();
    moves
        && !fks
            .filter(|fk| fk.on_delete == OnDelete::Cascade)
            .any(|fk| {
                let parent = parent(map, child, fk, Image::Flushed);
                parent.is_some_and(|parent| doomed.by.contains_key(&parent))
            })
}

/// Rows that go are not written any more: the session deletes them, or the database does.
fn take_over(changes: &mut Changes, doomed: &Doomed) {
    changes.remove(&doomed.order);
    for row in &doomed.order {
        let by = doomed.by[row];
        if by == *row {
            changes.push(Op::delete(*row));
            continue;
        }
        let (store, slot) = *row;
        changes.followers.push(Follower::Deleted { store, slot });
        changes.swept.insert(*row, by);
    }
}

/// New objects must not refer to rows that this very flush deletes.
fn refuse_new_references(
    map: &IdentityMap,
    changes: &Changes,
    doomed: &Doomed,
) -> Result<(), Error> {
    let written = changes.ops.iter().map(|op| (op.store, op.slot));
    for row in written.chain(changes.unchanged.iter().copied()) {
        let store = map.any(row.0);
        if store.phase(row.1) != Phase::Pending {
            continue;
        }
        for fk in store.table().foreign_keys() {
            let parent = parent_to_be(map, changes, row, fk);
            if parent.is_some_and(|parent| doomed.by.contains_key(&parent)) {
                return Err(still_referred(map, row.0, fk));
            }
        }
    }
    Ok(())
}

/// Finds the rows into which the database writes the new keys of these, level by level, since a
/// reference may be part of a key itself.
fn follow_keys(map: &IdentityMap, changes: &mut Changes, renamed: Vec<Row>) {
    let mut seen: HashSet<Row> = HashSet::default();
    let mut followers = Vec::new();
    let mut referring = Referring::new(map, changes, |store| store.live());
    let mut level = renamed;
    while !level.is_empty() {
        let mut next = Vec::new();
        for (child, fk, parent) in referring.to(&level) {
            // A row that follows has its old key until all is written, whoever names it.
            let table = map.any(parent.0).table();
            let own = changes.on(parent);
            let own = own.is_some_and(|(_, op)| op.changes_key(table));
            if own && !is_by_old_key(map, changes, child, fk, parent)
                || changes.deletion_of(child).is_some()
            {
                continue;
            }
            followers.push(Follower::NewKey {
                store: child.0,
                slot: child.1,
                field: fk.field,
                parent,
            });
            if map.any(child.0).table().key().contains(fk.field) && seen.insert(child) {
                next.push(child);
            }
        }
        level = next;
    }
    changes.followers.extend(followers);
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
