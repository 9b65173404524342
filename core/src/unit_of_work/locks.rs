//! Row locks in key order, so that two writers of the same rows can't deadlock (FL-7).
//!
//! Called by the planner. A table that one statement writes is locked by that statement; one that
//! several write is locked by a statement before them, since each would only order its own rows,
//! unless they can be put in the order of their rows.
//! It must not lock what the transaction has locked already.

use std::collections::BTreeMap;
use std::ops::Range;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::key_order;
use super::plan::{PlannedStatement, PlannedStep};
use crate::identity_map::{IdentityMap, Phase, StoreId};
use crate::statement::shape::{Computation, Lock};

/// Adds what is needed to statements that come with their rank; `nodes` are those of each.
pub(super) fn order(
    map: &IdentityMap,
    statements: &mut Vec<(usize, PlannedStatement)>,
    nodes: &mut [Vec<usize>],
) {
    let mut writers: BTreeMap<StoreId, Vec<usize>> = BTreeMap::new();
    for (position, (_, statement)) in statements.iter().enumerate() {
        if strength(statement) != Lock::None {
            writers.entry(statement.store).or_default().push(position);
        }
    }
    let mut locks: Vec<(usize, PlannedStatement)> = Vec::new();
    for positions in writers.values() {
        let written = Written::new(map, statements, positions);
        // A single row has no order, nor has one beside rows that are locked already.
        if written.unlocked.len() < 2 {
            continue;
        }
        let first = &mut statements[positions[0]].1;
        if written.all_by_first && first.can_lock() {
            mark_ordered(&mut first.step);
        } else if let Some(range) = put_in_key_order(map, statements, nodes, positions) {
            let own = statements[range].iter_mut().map(|(_, statement)| statement);
            for statement in own.filter(|statement| statement.slots.len() > 1) {
                mark_ordered(&mut statement.step);
            }
        } else {
            let first = &statements[positions[0]].1;
            locks.push((positions[0], lock(first, written)));
        }
    }
    // From the back, so that positions stay right.
    locks.sort_unstable_by_key(|(position, _)| std::cmp::Reverse(*position));
    for (position, lock) in locks {
        let rank = statements[position].0;
        statements.insert(position, (rank, lock));
    }
}

/// Where these statements stand when they could be put so that they lock their rows in key order.
fn put_in_key_order(
    map: &IdentityMap,
    statements: &mut [(usize, PlannedStatement)],
    nodes: &mut [Vec<usize>],
    positions: &[usize],
) -> Option<Range<usize>> {
    let [first, .., last] = *positions else {
        return None;
    };
    let own: Vec<usize> = positions.iter().map(|position| position - first).collect();
    let all = first..last + 1;
    let sorted = key_order::sort(map, &mut statements[all.clone()], &mut nodes[all], &own);
    sorted.then_some(last + 1 - positions.len()..last + 1)
}

/// What the statements of one table write, as far as it is not new.
struct Written {
    /// Each row once.
    rows: HashSet<u32>,
    /// Those that the transaction has not locked, in the order of the statements.
    unlocked: Vec<u32>,
    /// Whether the first statement locks all of them, as strongly as those behind it need it.
    all_by_first: bool,
    strength: Lock,
}

impl Written {
    fn new(
        map: &IdentityMap,
        statements: &[(usize, PlannedStatement)],
        positions: &[usize],
    ) -> Self {
        let clock = map.clock();
        let mut written = Written {
            rows: HashSet::default(),
            unlocked: Vec::new(),
            all_by_first: true,
            strength: Lock::None,
        };
        let own = strength(&statements[positions[0]].1);
        for (number, position) in positions.iter().enumerate() {
            let statement = &statements[*position].1;
            let store = map.any(statement.store);
            if strength(statement) == Lock::Update || written.strength == Lock::None {
                written.strength = strength(statement);
            }
            for slot in &statement.slots {
                // A new row, which only its fix-up writes again, is nobody else's to lock.
                let is_new =
                    store.phase(*slot) == Phase::Pending && store.replaced(*slot).is_none();
                if is_new || !written.rows.insert(*slot) {
                    continue;
                }
                written.all_by_first &= number == 0;
                if !store.is_locked(*slot, clock) {
                    written.unlocked.push(*slot);
                }
            }
        }
        written.all_by_first &= own == written.strength;
        written
    }
}

/// The lock that a statement takes on rows that exist.
fn strength(statement: &PlannedStatement) -> Lock {
    match statement.step {
        PlannedStep::Update { changed, .. } => {
            let computed = statement.computed.fields(statement.table);
            Lock::of_update(statement.table, changed.union(computed))
        }
        PlannedStep::Park { nulled, .. } => Lock::of_update(statement.table, nulled),
        PlannedStep::Delete { .. } => Lock::Update,
        PlannedStep::Insert { .. }
        | PlannedStep::Lock { .. }
        | PlannedStep::Link { .. }
        | PlannedStep::Unlink { .. } => Lock::None,
    }
}

fn mark_ordered(step: &mut PlannedStep) {
    if let PlannedStep::Update { ordered, .. }
    | PlannedStep::Park { ordered, .. }
    | PlannedStep::Delete { ordered } = step
    {
        *ordered = true;
    }
}

fn lock(first: &PlannedStatement, written: Written) -> PlannedStatement {
    PlannedStatement {
        store: first.store,
        table: first.table,
        slots: written.unlocked,
        step: PlannedStep::Lock {
            exclusive: written.strength == Lock::Update,
        },
        absent: HashMap::new(),
        computed: Computation::NONE,
        sweep: None,
    }
}
