//! The answers of a rank become the state of its objects.
//!
//! Called by `execute` for each statement, and once at the end of a flush.
//! It must not trust the order of returned rows.

use foldhash::HashSet;

use super::changes::{Changes, Follower};
use super::memberships::{deleted, join_parents, leave_parent};
use super::pairs::linked;
use super::plan::{PlannedStatement, PlannedStep};
use super::settle::resolve_references;
use super::sweep;
use crate::engine::Reply;
use crate::error::{Error, StaleRow};
use crate::identity_map::{IdentityMap, Image, Phase, StoreId};
use crate::model::{ColumnSet, Row};
use crate::statement::shape::Matching;

/// Writes one statement's answer into its objects.
pub(super) fn apply(
    map: &mut IdentityMap,
    statement: &PlannedStatement,
    slots: &[u32],
    reply: Reply,
) -> Result<(), Error> {
    match statement.step {
        PlannedStep::Lock { .. } => Ok(()),
        PlannedStep::Unlink { .. } => match &statement.sweep {
            Some(sweep) => sweep::apply(map, sweep, &reply),
            None => Ok(()),
        },
        PlannedStep::Link { association, .. } => {
            linked(map, statement.store, association, slots, &reply)
        }
        PlannedStep::Insert { made, .. } => inserted(map, statement, slots, made, &reply),
        PlannedStep::Park { .. } => {
            check_met(map, statement, slots, &reply)?;
            compare_anew(map, statement, slots, statement.counted_by_server(), &reply)
        }
        PlannedStep::Update {
            changed,
            made,
            last,
            ..
        } => {
            written(map, statement, slots, made, &reply)?;
            if last {
                for slot in slots {
                    updated(map, statement.store, *slot, changed);
                }
                return Ok(());
            }
            match statement.counted_by_server().is_empty() {
                true => Ok(()),
                false => compare_anew(map, statement, slots, made, &reply),
            }
        }
        PlannedStep::Delete { .. } => {
            if let Some(sweep) = &statement.sweep {
                check_met(map, statement, slots, &reply)?;
                return sweep::apply(map, sweep, &reply);
            }
            written(map, statement, slots, ColumnSet::EMPTY, &reply)?;
            for slot in slots {
                deleted(map, statement.store, *slot);
            }
            Ok(())
        }
    }
}

/// What is left to do when every rank has succeeded.
pub(crate) fn finish(map: &mut IdentityMap, changes: &Changes) {
    for follower in &changes.followers {
        match *follower {
            // The keys that came back may have told already.
            Follower::Deleted { store, slot } if map.any(store).phase(slot) == Phase::Deleted => {}
            Follower::Deleted { store, slot } => deleted(map, store, slot),
            Follower::LostReference { store, slot, field } => {
                leave_parent(map, store, slot, field, Image::Current);
                map.any_mut(store).lost_reference(slot, field);
            }
            Follower::NewKey {
                store,
                slot,
                field,
                parent: (parents, parent),
            } => {
                if let Some(key) = map.any(parents).key_to_be(parent) {
                    map.any_mut(store).follow_key(slot, field, &*key);
                }
            }
        }
    }
    for (store, slot) in &changes.unchanged {
        match map.any(*store).replaced(*slot) {
            Some(_) => {
                resolve_references(map, (*store, *slot));
                took_place(map, *store, *slot, false);
            }
            None => map.any_mut(*store).settle(*slot),
        }
    }
    map.end_flush();
}

fn inserted(
    map: &mut IdentityMap,
    statement: &PlannedStatement,
    slots: &[u32],
    made: ColumnSet,
    reply: &Reply,
) -> Result<(), Error> {
    let rows: Vec<Row<'_>> = match reply {
        Reply::Rows(rows) => rows.iter().collect(),
        Reply::Count(_) => Vec::new(),
    };
    let count = match reply {
        Reply::Rows(rows) => rows.len(),
        Reply::Count(count) => usize::try_from(*count).unwrap_or(usize::MAX),
    };
    if count != slots.len() {
        return Err(not_all_inserted(statement, slots.len(), count));
    }
    if let Reply::Rows(_) = reply {
        let (positions, at) = match_rows(map, statement, slots, made, &rows)?;
        let store = map.any_mut(statement.store);
        let read = slots
            .iter()
            .zip(positions)
            .try_for_each(|(slot, position)| store.read_fields(*slot, made, &rows[position], at));
        if let Err(error) = read {
            // None of the rows will stay, so no object may keep what was made for one (ST-2).
            slots
                .iter()
                .for_each(|slot| store.reset_fields(*slot, made));
            return Err(error);
        }
    }
    let clock = map.clock();
    for slot in slots {
        map.any_mut(statement.store).inserted(*slot, made, clock);
        join_parents(map, statement.store, *slot, statement.table.all_fields());
    }
    Ok(())
}

/// For each slot the position of its row, and where the returned fields begin in it.
fn match_rows(
    map: &IdentityMap,
    statement: &PlannedStatement,
    slots: &[u32],
    made: ColumnSet,
    rows: &[Row<'_>],
) -> Result<(Vec<usize>, usize), Error> {
    if slots.len() == 1 && statement.slots.len() == 1 {
        return Ok((vec![0], 0));
    }
    let matching = match statement.step {
        // Rows of which nothing was sent are all alike.
        PlannedStep::Insert { sent, .. } if sent.is_empty() => Matching::Count,
        _ => Matching::of(statement.table, made),
    };
    match matching {
        Matching::Count => Ok(((0..rows.len()).collect(), 0)),
        Matching::Sequence(column) => {
            let mut positions: Vec<usize> = (0..rows.len()).collect();
            positions.sort_by_key(|p| integer(rows[*p].raw(column)));
            Ok((positions, 0))
        }
        Matching::Key => {
            let store = map.any(statement.store);
            let positions = store.match_keys(rows, 0, slots)?;
            Ok((positions, statement.table.key_columns().count()))
        }
        Matching::Ordinal => {
            let mut positions = vec![0; rows.len()];
            for (position, row) in rows.iter().enumerate() {
                positions[ordinal(row)?] = position;
            }
            Ok((positions, 1))
        }
    }
}

/// A whole number of any width, as PostgreSQL sends it.
fn integer(bytes: Option<&[u8]>) -> i64 {
    let Some(bytes) = bytes else {
        return 0;
    };
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    let start = wide.len().saturating_sub(bytes.len());
    for (to, from) in wide[start..].iter_mut().zip(bytes) {
        *to = *from;
    }
    i64::from_be_bytes(wide)
}

/// The ordinal that a row begins with, counted from 0.
fn ordinal(row: &Row<'_>) -> Result<usize, Error> {
    usize::try_from(integer(row.raw(0)) - 1)
        .map_err(|_| Error::mapping("the database answered with a row that was not sent"))
}

/// Reads what the database made of rows that it has written.
fn written(
    map: &mut IdentityMap,
    statement: &PlannedStatement,
    slots: &[u32],
    made: ColumnSet,
    reply: &Reply,
) -> Result<(), Error> {
    check_met(map, statement, slots, reply)?;
    if let Reply::Rows(rows) = reply
        && !made.is_empty()
    {
        for row in rows.iter() {
            let (position, at) = position(statement, &row)?;
            let store = map.any_mut(statement.store);
            store.read_fields(slots[position], made, &row, at)?;
        }
    }
    Ok(())
}

/// Rows are to be written once more, and have the version by then that this statement made.
fn compare_anew(
    map: &mut IdentityMap,
    statement: &PlannedStatement,
    slots: &[u32],
    made: ColumnSet,
    reply: &Reply,
) -> Result<(), Error> {
    if let Reply::Rows(rows) = reply
        && !made.is_empty()
    {
        for row in rows.iter() {
            let (position, at) = position(statement, &row)?;
            let store = map.any_mut(statement.store);
            store.read_compared(slots[position], made, &row, at)?;
        }
    }
    Ok(())
}

/// Checks that every row that an UPDATE or DELETE was about was there.
///
/// # Errors
/// `Stale` with the keys of those that were not.
pub(super) fn check_met(
    map: &IdentityMap,
    statement: &PlannedStatement,
    slots: &[u32],
    reply: &Reply,
) -> Result<(), Error> {
    if let PlannedStep::Insert { .. }
    | PlannedStep::Lock { .. }
    | PlannedStep::Link { .. }
    | PlannedStep::Unlink { .. } = statement.step
    {
        return Ok(());
    }
    let met = match &statement.sweep {
        Some(sweep) if !sweep.with_roots => return Ok(()),
        Some(sweep) => {
            let gone: HashSet<u32> = sweep::gone(map, sweep, reply)?.into_iter().collect();
            slots.iter().map(|slot| gone.contains(slot)).collect()
        }
        None => met(statement, slots, reply)?,
    };
    let store = map.any(statement.store);
    let missing = slots.iter().zip(met).filter(|(_, met)| !met);
    let missing: Vec<StaleRow> = missing
        .map(|(slot, _)| StaleRow {
            key: store.key_text(*slot),
            expected: store.version_text(*slot),
        })
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::stale_rows(statement.table.model(), missing)),
    }
}

/// For each row that was sent, whether the statement met it.
fn met(statement: &PlannedStatement, slots: &[u32], reply: &Reply) -> Result<Vec<bool>, Error> {
    let mut met = vec![false; slots.len()];
    match reply {
        Reply::Count(count) => met.fill(*count as usize == slots.len()),
        Reply::Rows(rows) => {
            for row in rows.iter() {
                met[position(statement, &row)?.0] = true;
            }
        }
    }
    Ok(met)
}

/// Which of the rows that were sent one that comes back is, and where its fields begin.
fn position(statement: &PlannedStatement, row: &Row<'_>) -> Result<(usize, usize), Error> {
    match statement.slots.len() {
        1 => Ok((0, 0)),
        _ => Ok((ordinal(row)?, 1)),
    }
}

/// The row is as the object: the statement wrote these fields, and others may have written more.
fn updated(map: &mut IdentityMap, store: StoreId, slot: u32, changed: ColumnSet) {
    if map.any(store).replaced(slot).is_some() {
        return took_place(map, store, slot, true);
    }
    let fks = map.any(store).table().foreign_keys();
    if fks
        .iter()
        .any(|fk| map.collections.follows(store, fk.field))
    {
        let changed = changed.union(map.any(store).changed(slot));
        for fk in fks.iter().filter(|fk| changed.contains(fk.field)) {
            leave_parent(map, store, slot, fk.field, Image::Flushed);
        }
        join_parents(map, store, slot, changed);
    }
    let clock = map.clock();
    map.any_mut(store).updated(slot, clock);
}

/// A new object is the row that another one was (PK-2); `wrote` tells whether the row was written.
fn took_place(map: &mut IdentityMap, store: StoreId, slot: u32, wrote: bool) {
    let rows = map.any(store);
    let table = rows.table();
    let Some(old) = rows.replaced(slot) else {
        return;
    };
    let mut kept = rows.defaulted(slot, Image::Current, table.generated());
    if !wrote {
        let version = table.version().into_iter().collect();
        kept = kept.union(table.generated_always()).union(version);
    }
    for fk in table.foreign_keys() {
        leave_parent(map, store, old, fk.field, Image::Flushed);
    }
    let clock = map.clock();
    map.any_mut(store).take_place(slot, kept, wrote, clock);
    join_parents(map, store, slot, table.all_fields());
}

/// The error for rows that a trigger kept out.
fn not_all_inserted(statement: &PlannedStatement, sent: usize, came: usize) -> Error {
    let model = statement.table.model();
    Error::mapping(format!(
        "the database inserted {came} of {sent} rows of {model}: a trigger or rule left some out"
    ))
}
