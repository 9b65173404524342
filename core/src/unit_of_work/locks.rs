//! Row locks in key order, so that two writers of the same rows can't deadlock (FL-7).
//!
//! Called by the planner. A table that one statement writes is locked by that statement; one that
//! several write is locked by a statement before them, since each would only order its own rows.
//! It must not lock what the transaction has locked already.

use foldhash::{HashMap, HashMapExt};

use super::plan::{PlannedStatement, PlannedStep};
use crate::identity_map::{IdentityMap, StoreId};
use crate::statement::shape::Lock;

/// Adds what is needed to statements that come with their rank.
pub(super) fn order(map: &IdentityMap, statements: &mut Vec<(usize, PlannedStatement)>) {
    let mut writers: HashMap<StoreId, Vec<usize>> = HashMap::new();
    for (position, (_, statement)) in statements.iter().enumerate() {
        if writes_rows(statement) {
            writers.entry(statement.store).or_default().push(position);
        }
    }
    let mut locks: Vec<(usize, PlannedStatement)> = Vec::new();
    for positions in writers.values() {
        let rows: usize = positions.iter().map(|p| statements[*p].1.rows()).sum();
        let unlocked = unlocked(map, statements, positions);
        if rows < 2 || unlocked.is_empty() {
            continue;
        }
        match positions.as_slice() {
            [only] if !statements[*only].1.sends_arrays() => {
                mark_ordered(&mut statements[*only].1.step);
            }
            [first, ..] => locks.push((*first, lock(statements, positions, unlocked))),
            [] => {}
        }
    }
    // From the back, so that positions stay right.
    locks.sort_unstable_by_key(|(position, _)| std::cmp::Reverse(*position));
    for (position, lock) in locks {
        let rank = statements[position].0;
        statements.insert(position, (rank, lock));
    }
}

fn writes_rows(statement: &PlannedStatement) -> bool {
    matches!(
        statement.step,
        PlannedStep::Update { .. } | PlannedStep::Delete { .. }
    )
}

fn unlocked(
    map: &IdentityMap,
    statements: &[(usize, PlannedStatement)],
    positions: &[usize],
) -> Vec<u32> {
    let clock = map.clock();
    positions
        .iter()
        .flat_map(|p| {
            let statement = &statements[*p].1;
            let store = map.any(statement.store);
            let slots = statement.slots.iter().copied();
            slots.filter(move |slot| !store.is_locked(*slot, clock))
        })
        .collect()
}

fn mark_ordered(step: &mut PlannedStep) {
    if let PlannedStep::Update { ordered, .. } | PlannedStep::Delete { ordered } = step {
        *ordered = true;
    }
}

fn lock(
    statements: &[(usize, PlannedStatement)],
    positions: &[usize],
    slots: Vec<u32>,
) -> PlannedStatement {
    let first = &statements[positions[0]].1;
    let exclusive = positions.iter().any(|p| match statements[*p].1.step {
        PlannedStep::Update { changed, .. } => {
            Lock::of_update(first.table, changed) == Lock::Update
        }
        PlannedStep::Delete { .. } => true,
        PlannedStep::Insert { .. } | PlannedStep::Lock { .. } => false,
    });
    PlannedStatement {
        store: first.store,
        table: first.table,
        slots,
        step: PlannedStep::Lock { exclusive },
    }
}
