//! Orders changes into ranks of statements.
//!
//! Called by `session::flush`, after `cascade` and before `execute`, and by `plan()`.
//! Pure: no connection, no clock, no randomness; the same changes give the same plan.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};

use super::apart::{firm, turn};
use super::breaking::break_cycles;
use super::chains::shorten;
use super::changes::Changes;
use super::edges::links;
use super::graph::{Edge, Step, Wished, Within, order};
use super::links::{Link, Why};
use super::locks;
use super::notes::notes;
use super::pairs;
use super::parts::{Parts, Reasoned, Share};
use super::plan::{Plan, PlannedStatement, PlannedStep, Rank};
use super::preferences::Preference;
use super::sweep;
use crate::error::Error;
use crate::identity_map::{IdentityMap, StoreId};
use crate::statement::shape::Computation;

/// Which nodes are one statement: those of one table that send the same columns, and of which the
/// same columns are computed in the same way.
type Group = (u8, &'static str, StoreId, PlannedStep, Computation);

/// The plan for these changes.
///
/// # Errors
/// `Cycle` when rows wait for each other and no field of theirs may be NULL for a while.
pub(crate) fn plan(
    map: &IdentityMap,
    changes: &Changes,
    ordered_locks: bool,
) -> Result<Plan, Error> {
    let ordered = ordered(map, changes)?;
    let mut steps = steps(&ordered);
    Ok(assemble(map, changes, ordered_locks, &ordered, &mut steps))
}

/// The plan for these changes with notes for people: rows by name, and reasons.
///
/// # Errors
/// As `plan`.
pub(crate) fn plan_with_notes(
    map: &IdentityMap,
    changes: &Changes,
    ordered_locks: bool,
) -> Result<Plan, Error> {
    let ordered = ordered(map, changes)?;
    let mut steps = steps(&ordered);
    let mut plan = assemble(map, changes, ordered_locks, &ordered, &mut steps);
    let (parts, edges) = (&ordered.parts, &ordered.edges);
    plan.notes = notes(map, changes, parts, edges, (&plan, &steps));
    Ok(plan)
}

/// The nodes of each step, in the order in which its statement has them.
fn steps(ordered: &Ordered) -> Vec<Vec<usize>> {
    ordered.within.sorted(&ordered.steps)
}

fn assemble(
    map: &IdentityMap,
    changes: &Changes,
    ordered_locks: bool,
    ordered: &Ordered,
    steps: &mut [Vec<usize>],
) -> Plan {
    let mut statements = number_ranks(map, changes, ordered)
        .into_iter()
        .zip(ordered.steps.iter().zip(&*steps))
        .map(|(rank, (step, nodes))| (rank, statement(map, changes, ordered, step.group, nodes)))
        .collect::<Vec<_>>();
    if ordered_locks {
        locks::order(map, &mut statements, steps);
    }
    let statements = sweep::place(map, ordered_locks, statements);
    let mut plan = Plan::default();
    for (rank, statement) in statements {
        if plan.ranks.len() <= rank {
            plan.ranks.resize_with(rank + 1, Rank::default);
        }
        plan.ranks[rank].statements.push(statement);
    }
    pairs::place(map, changes, ordered_locks, &mut plan);
    plan
}

/// Nodes in an order in which the database takes them.
struct Ordered {
    parts: Parts,
    groups: Vec<Group>,
    edges: Vec<Reasoned>,
    within: Within,
    steps: Vec<Step>,
}

/// Splits operations until there is an order: each round breaks all cycles that it finds, in
/// another reference or unique group than the rounds before.
fn ordered(map: &IdentityMap, changes: &Changes) -> Result<Ordered, Error> {
    let (mut links, preferences) = links(map, changes);
    let mut parts = Parts::new(changes);
    let (mut groups, mut group_of) = group(map, changes, &parts);
    shorten(map, changes, &links, &group_of, &mut parts);
    if parts.nodes.len() > group_of.len() {
        (groups, group_of) = group(map, changes, &parts);
    }
    loop {
        let edges = parts.edges(map, &links);
        let is_within = |reasoned: &Reasoned| {
            let Edge { before, after } = reasoned.edge;
            reasoned.link.is_some_and(|link| link.soft) && group_of[before] == group_of[after]
        };
        let of = |edges: &[Reasoned], wanted: bool| -> Vec<Edge> {
            let chosen = edges.iter().filter(|edge| is_within(edge) == wanted);
            chosen.map(|reasoned| reasoned.edge).collect()
        };
        match order(
            &group_of,
            &of(&edges, false),
            &wished(&preferences, &group_of),
        ) {
            Err(stuck) => {
                let firm = firm(&edges);
                let stuck = match turn(&mut links, &group_of, &of(&firm, false)) {
                    Ok(true) => continue,
                    Ok(false) => stuck,
                    Err(stuck) => stuck,
                };
                break_cycles(map, changes, &firm, &stuck, &mut parts)?;
                (groups, group_of) = group(map, changes, &parts);
            }
            Ok(steps) => {
                if !harden(&mut links, &edges, &steps, group_of.len()) {
                    return Ok(Ordered {
                        within: Within::new(group_of.len(), &of(&edges, true)),
                        parts,
                        groups,
                        edges,
                        steps,
                    });
                }
            }
        }
    }
}

/// The preferences between groups. A group that is on both sides of one is not held back by it.
fn wished(preferences: &[Preference], group_of: &[usize]) -> Vec<Wished> {
    let groups =
        |ops: &[usize]| -> BTreeSet<usize> { ops.iter().map(|op| group_of[*op]).collect() };
    let wished = preferences.iter().map(|preference| {
        let after = groups(&preference.after);
        let before = groups(&preference.before);
        Wished {
            before: before.difference(&after).copied().collect(),
            after: after.into_iter().collect(),
        }
    });
    wished.collect()
}

/// Rows of one statement need no order, but a group may be cut into several statements: links
/// that would be broken by that are kept from now on. Whether there were such links.
fn harden(links: &mut [Link], edges: &[Reasoned], steps: &[Step], nodes: usize) -> bool {
    if !links.iter().any(|link| link.soft) {
        return false;
    }
    let mut step_of = vec![0; nodes];
    for (number, step) in steps.iter().enumerate() {
        step.nodes.iter().for_each(|node| step_of[*node] = number);
    }
    let mut any = false;
    // The first edges are those of the links, in their order.
    for (link, Reasoned { edge, .. }) in links.iter_mut().zip(edges) {
        if link.soft && step_of[edge.before] > step_of[edge.after] {
            link.soft = false;
            any = true;
        }
    }
    any
}

/// Sorts nodes into groups, by what they do and by table names: that is the same in every session,
/// so that sessions lock tables in the same order.
fn group(map: &IdentityMap, changes: &Changes, parts: &Parts) -> (Vec<Group>, Vec<usize>) {
    let mut numbers: HashMap<(StoreId, PlannedStep, Computation), usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut group_of: Vec<usize> = Vec::with_capacity(parts.nodes.len());
    // Most rows are written like the row before them.
    let mut latest = None;
    for node in &parts.nodes {
        let store = changes.ops[node.op].store;
        let step = parts.step(map, changes, *node);
        let kind = (store, step, parts.computed(changes, *node));
        let number = match latest {
            Some((same, number)) if same == kind => number,
            _ => *numbers.entry(kind).or_insert_with(|| {
                let name = map.any(store).table().name();
                groups.push((kind_order(&step), name, store, step, kind.2));
                groups.len() - 1
            }),
        };
        latest = Some((kind, number));
        group_of.push(number);
    }
    let mut sorted: Vec<usize> = (0..groups.len()).collect();
    sorted.sort_by_cached_key(|number| rank_of(&groups[*number]));
    let mut place = vec![0; groups.len()];
    for (new, old) in sorted.into_iter().enumerate() {
        place[old] = new;
    }
    group_of
        .iter_mut()
        .for_each(|number| *number = place[*number]);
    groups.sort_by_cached_key(rank_of);
    (groups, group_of)
}

/// What groups are sorted by; the numbers of computations differ from run to run.
fn rank_of(group: &Group) -> (u8, &'static str, StoreId, PlannedStep, Vec<String>) {
    let (order, name, store, step, computed) = *group;
    (order, name, store, step, computed.sort_key())
}

fn kind_order(step: &PlannedStep) -> u8 {
    match step {
        PlannedStep::Lock { .. } => 0,
        PlannedStep::Park { .. } | PlannedStep::Update { .. } => 1,
        PlannedStep::Insert { .. } | PlannedStep::Link { .. } => 2,
        PlannedStep::Delete { .. } | PlannedStep::Unlink { .. } => 3,
    }
}

/// The rank of each step: one more than that of any step whose results it needs, and never less
/// than that of the step before it.
fn number_ranks(map: &IdentityMap, changes: &Changes, ordered: &Ordered) -> Vec<usize> {
    let nodes = ordered.parts.nodes.len();
    let mut needs: Vec<Vec<usize>> = Vec::new();
    for reasoned in &ordered.edges {
        if needs_result(map, changes, ordered, reasoned) {
            needs.resize_with(nodes, Vec::new);
            needs[reasoned.edge.after].push(reasoned.edge.before);
        }
    }
    let mut rank_of = vec![0; nodes];
    let mut rank = 0;
    let mut ranks = Vec::with_capacity(ordered.steps.len());
    for step in &ordered.steps {
        for node in &step.nodes {
            for before in needs.get(*node).into_iter().flatten() {
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

/// Whether the second node needs a key that the first one's statement brings; or a version, which
/// the server makes anew whenever it writes a row.
fn needs_result(
    map: &IdentityMap,
    changes: &Changes,
    ordered: &Ordered,
    reasoned: &Reasoned,
) -> bool {
    match reasoned.link {
        Some(link) => matches!(link.why, Why::Refers(_, true)),
        None => {
            let after = ordered.parts.nodes[reasoned.edge.after];
            let op = &changes.ops[after.op];
            let table = map.any(op.store).table();
            let late = after.share == Share::Late && op.draws_key(table);
            late || table.is_counted_by_server()
        }
    }
}

fn statement(
    map: &IdentityMap,
    changes: &Changes,
    ordered: &Ordered,
    group: usize,
    nodes: &[usize],
) -> PlannedStatement {
    let (_, _, store, kind, computed) = ordered.groups[group];
    let mut absent = HashMap::new();
    for node in nodes {
        let node = ordered.parts.nodes[*node];
        let fields = ordered.parts.absent(node, &kind);
        if !fields.is_empty() {
            absent.insert(changes.ops[node.op].slot, fields);
        }
    }
    let slot = |node: &usize| changes.ops[ordered.parts.nodes[*node].op].slot;
    PlannedStatement {
        store,
        table: map.any(store).table(),
        slots: nodes.iter().map(slot).collect(),
        step: kind,
        absent,
        computed,
        sweep: None,
    }
}
