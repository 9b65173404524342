//! Carries a plan out: the only phase of a flush that talks to the database.
//!
//! Called by `session::flush` with a transaction begun.
//! It must not assume a round trip per statement: a rank is one batch.

use super::apply::{apply, check_met, finish};
use super::bind::{Bound, bind};
use super::changes::{Changes, Row};
use super::plan::{Plan, PlannedStatement, PlannedStep, Rank};
use super::settle::resolve_references;
use crate::engine::{BatchError, Connection, Reply, Statement};
use crate::error::{Error, ErrorKind};
use crate::identity_map::{IdentityMap, Image};
use crate::model::{ColumnSet, blame_model};

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
            match statement.step {
                PlannedStep::Insert { .. } => {
                    resolve_references(map, row);
                    start_version(map, row);
                }
                PlannedStep::Update { last, .. } => {
                    resolve_references(map, row);
                    if last && changes.on(row).is_some_and(|(_, op)| op.bump) {
                        map.any_mut(row.0).bump_version(row.1);
                    }
                }
                PlannedStep::Park { .. }
                | PlannedStep::Delete { .. }
                | PlannedStep::Link { .. }
                | PlannedStep::Unlink { .. }
                | PlannedStep::Lock { .. } => {}
            }
        }
    }
}

fn start_version(map: &mut IdentityMap, (store, slot): Row) {
    let store = map.any_mut(store);
    let Some(version) = store.table().version() else {
        return;
    };
    let unset = store.defaulted(slot, Image::Current, ColumnSet::only(version));
    if !unset.is_empty() {
        store.start_version(slot);
    }
}

/// Why a batch failed. A row that an earlier statement of it did not find is the reason for what
/// a later one was refused: nobody has looked at that answer yet.
fn cause(map: &IdentityMap, bound: &[(&PlannedStatement, Bound<'_>)], failed: BatchError) -> Error {
    let error = blame_model(failed.error, bound[failed.replies.len()].0.table.model());
    let refused = matches!(
        error.kind(),
        ErrorKind::UniqueViolation { .. } | ErrorKind::ForeignKeyViolation { .. }
    );
    if !refused {
        return error;
    }
    let mut answered = bound.iter().zip(&failed.replies);
    let stale = answered.find_map(|((statement, bound), reply)| {
        check_met(map, statement, bound.slots, reply).err()
    });
    match stale {
        Some(stale) => stale.with_source(error),
        None => error,
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
        .map_err(|failed| cause(map, &bound, failed))?;
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
