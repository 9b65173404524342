//! Orders changes into ranks of statements.
//!
//! Called by `session::flush`, after `cascade` and before `execute`, and by `plan()`.
//! Pure: no connection, no clock, no randomness; the same changes give the same plan.

use foldhash::{HashMap, HashMapExt};

use super::changes::{Changes, Op, What};
use super::cycle::cycle;
use super::edge_set::Edges;
use super::edges::edges;
use super::graph::{Step, Within, order};
use super::locks;
use super::plan::{Plan, PlannedStatement, PlannedStep, Rank};
use crate::error::Error;
use crate::identity_map::{IdentityMap, StoreId};

/// Which operations are one statement: those of one table that send the same columns.
type Group = (PlannedStep, &'static str, StoreId);

/// The plan for these changes.
///
/// # Errors
/// `Cycle` when rows wait for each other.
pub(crate) fn plan(
    map: &IdentityMap,
    changes: &Changes,
    ordered_locks: bool,
) -> Result<Plan, Error> {
    let (groups, group_of) = group(map, changes);
    let edges = edges(map, changes, &group_of);
    let steps =
        order(&group_of, &edges.all).map_err(|stuck| cycle(map, changes, &stuck, &edges))?;
    let within = Within::new(&edges.within);
    let mut statements = number_ranks(changes.ops.len(), &steps, &edges)
        .into_iter()
        .zip(steps)
        .map(|(rank, step)| (rank, statement(map, changes, &groups, &within, step)))
        .collect::<Vec<_>>();
    if ordered_locks {
        locks::order(map, &mut statements);
    }
    let mut plan = Plan::default();
    for (rank, statement) in statements {
        if plan.ranks.len() <= rank {
            plan.ranks.resize_with(rank + 1, Rank::default);
        }
        plan.ranks[rank].statements.push(statement);
    }
    Ok(plan)
}

/// Sorts operations into groups; groups are ordered by what they do and by table name, which is
/// the same in every session, so that sessions lock tables in the same order.
fn group(map: &IdentityMap, changes: &Changes) -> (Vec<Group>, Vec<usize>) {
    let keys: Vec<Group> = changes
        .ops
        .iter()
        .map(|op| (step(op), map.any(op.store).table().name(), op.store))
        .collect();
    let mut groups = keys.clone();
    groups.sort_by_key(|(step, name, store)| (kind_order(step), *name, *store, *step));
    groups.dedup();
    let numbers: HashMap<Group, usize> = groups.iter().copied().zip(0..).collect();
    let group_of = keys.iter().map(|key| numbers[key]).collect();
    (groups, group_of)
}

fn kind_order(step: &PlannedStep) -> u8 {
    match step {
        PlannedStep::Lock { .. } => 0,
        PlannedStep::Update { .. } => 1,
        PlannedStep::Insert { .. } => 2,
        PlannedStep::Delete { .. } => 3,
    }
}

fn step(op: &Op) -> PlannedStep {
    match op.what {
        What::Insert { sent, made } => PlannedStep::Insert { sent, made },
        What::Update {
            changed,
            made,
            guarded,
        } => PlannedStep::Update {
            changed,
            made,
            guarded,
            ordered: false,
        },
        What::Delete => PlannedStep::Delete { ordered: false },
    }
}

/// The rank of each step: one more than that of any step whose results it needs, and never less
/// than that of the step before it.
fn number_ranks(ops: usize, steps: &[Step], edges: &Edges) -> Vec<usize> {
    let mut needs: HashMap<usize, Vec<usize>> = HashMap::new();
    for edge in &edges.results {
        needs.entry(edge.after).or_default().push(edge.before);
    }
    let mut rank_of = vec![0; ops];
    let mut rank = 0;
    let mut ranks = Vec::with_capacity(steps.len());
    for step in steps {
        for node in &step.nodes {
            for before in needs.get(node).into_iter().flatten() {
                rank = rank.max(rank_of[*before] + 1);
            }
        }
        for node in &step.nodes {
            rank_of[*node] = rank;
        }
        ranks.push(rank);
    }
    ranks
}

fn statement(
    map: &IdentityMap,
    changes: &Changes,
    groups: &[Group],
    within: &Within,
    step: Step,
) -> PlannedStatement {
    let (kind, _, store) = groups[step.group];
    let nodes = within.sorted(step.nodes);
    PlannedStatement {
        store,
        table: map.any(store).table(),
        slots: nodes.iter().map(|n| changes.ops[*n].slot).collect(),
        step: kind,
    }
}
