//! Carries a plan out: the only phase of a flush that talks to the database.
//!
//! Called by `session::flush` with a transaction begun.
//! It must not assume a round trip per statement: a rank is one batch.

use super::apply::{apply, finish};
use super::bind::{Bound, bind};
use super::changes::{Changes, What};
use super::plan::{Plan, PlannedStatement, Rank};
use super::settle::point_at;
use crate::engine::{Connection, Reply, Statement};
use crate::error::Error;
use crate::identity_map::{IdentityMap, Image, StoreId};
use crate::model::{ColumnSet, RawHandle, Reference, blame_model};

/// Runs the ranks in order and writes into the objects what came back.
///
/// # Errors
/// What the database refused, with the constraint's model and field; `Stale` with the keys of
/// rows that were not there; the transaction is lost then.
pub(crate) fn execute(
    map: &mut IdentityMap,
    connection: &mut Connection,
    plan: &Plan,
    changes: &Changes,
) -> Result<(), Error> {
    for rank in plan.ranks() {
        prepare(map, changes, rank);
        for answer in run(map, connection, rank)? {
            apply(map, answer.statement, &answer.slots, answer.reply)?;
        }
    }
    finish(map, changes);
    Ok(())
}

/// Keys that earlier ranks made go into the references to them, and versions are counted up.
fn prepare(map: &mut IdentityMap, changes: &Changes, rank: &Rank) {
    for statement in rank.statements() {
        for slot in &statement.slots {
            let row = (statement.store, *slot);
            let Some((_, op)) = changes.on(row) else {
                continue;
            };
            match op.what {
                What::Insert { .. } => {
                    resolve_references(map, row);
                    start_version(map, row);
                }
                What::Update { .. } => {
                    resolve_references(map, row);
                    if op.bump {
                        map.any_mut(row.0).bump_version(row.1);
                    }
                }
                What::Delete => {}
            }
        }
    }
}

fn resolve_references(map: &mut IdentityMap, row: (StoreId, u32)) {
    for fk in map.any(row.0).table().foreign_keys() {
        let reference = map.any(row.0).reference(row.1, Image::Current, fk.field);
        let handle: Option<RawHandle> = match reference {
            Some(Reference::Handle(raw)) => Some(raw),
            _ => None,
        };
        if let Some(raw) = handle
            && let Ok(parent) = map.locate(raw)
        {
            point_at(map, row, fk.field, parent, raw);
        }
    }
}

fn start_version(map: &mut IdentityMap, (store, slot): (StoreId, u32)) {
    let store = map.any_mut(store);
    let Some(version) = store.table().version() else {
        return;
    };
    let unset = store.defaulted(slot, Image::Current, ColumnSet::only(version));
    if !unset.is_empty() {
        store.start_version(slot);
    }
}

/// The answer to a statement, and the rows that it is about.
struct Answer<'a> {
    statement: &'a PlannedStatement,
    slots: Vec<u32>,
    reply: Reply,
}

/// Sends a rank as one batch.
fn run<'a>(
    map: &IdentityMap,
    connection: &mut Connection,
    rank: &'a Rank,
) -> Result<Vec<Answer<'a>>, Error> {
    let mut bound: Vec<(&PlannedStatement, Bound<'_>)> = Vec::new();
    for statement in rank.statements() {
        bound.extend(bind(map, statement)?.into_iter().map(|b| (statement, b)));
    }
    let batch: Vec<Statement<'_>> = bound.iter().map(|(_, b)| b.statement()).collect();
    let replies = connection
        .run(&batch)
        .map_err(|failed| blame_model(failed.error, bound[failed.index].0.table.model()))?;
    let answers = bound
        .iter()
        .zip(replies)
        .map(|((statement, bound), reply)| Answer {
            statement,
            slots: bound.slots.to_vec(),
            reply,
        })
        .collect();
    Ok(answers)
}
