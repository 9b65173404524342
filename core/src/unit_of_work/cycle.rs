//! The error for rows that wait for each other: which rows, and by which fields.
//!
//! Called by the planner when no order is left.
//! It must not name rows that only wait for those.

use super::changes::Changes;
use super::edge_set::Edges;
use super::graph::Edge;
use crate::error::{Error, ErrorKind};
use crate::identity_map::IdentityMap;

/// How many rows of a cycle are named.
const MOST_NAMED: usize = 8;

/// The error for rows that wait for each other, naming them and the fields by which they wait.
pub(super) fn cycle(map: &IdentityMap, changes: &Changes, stuck: &[usize], edges: &Edges) -> Error {
    let rows = in_cycles(changes.ops.len(), stuck, edges);
    let name = |node: &usize| {
        let op = &changes.ops[*node];
        let store = map.any(op.store);
        format!("{} {}", store.table().model(), store.key_text(op.slot))
    };
    let names: Vec<String> = rows.iter().take(MOST_NAMED).map(name).collect();
    let more = match rows.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mut fields: Vec<String> = Vec::new();
    let reasons = edges.all.iter().zip(&edges.reasons);
    for (_, (store, group)) in reasons.filter(|(e, _)| joins(&rows, e)) {
        let table = map.any(*store).table();
        for field in group.iter() {
            let name = format!("{}.{}", table.model(), table.fields()[field].name);
            if !fields.contains(&name) {
                fields.push(name);
            }
        }
    }
    Error::new(ErrorKind::Cycle {
        rows: format!("{}{more} by {}", names.join(", "), fields.join(", ")),
    })
}

fn joins(rows: &[usize], edge: &Edge) -> bool {
    rows.binary_search(&edge.before).is_ok() && rows.binary_search(&edge.after).is_ok()
}

/// Those of the stuck operations that others wait for, which leaves out what hangs behind a
/// cycle; in order.
fn in_cycles(ops: usize, stuck: &[usize], edges: &Edges) -> Vec<usize> {
    let mut is_stuck = vec![false; ops];
    stuck.iter().for_each(|node| is_stuck[*node] = true);
    let mut waiting = vec![0; ops];
    let mut blockers: Vec<Vec<usize>> = vec![Vec::new(); ops];
    for edge in &edges.all {
        if is_stuck[edge.before] && is_stuck[edge.after] {
            waiting[edge.before] += 1;
            blockers[edge.after].push(edge.before);
        }
    }
    // What nobody waits for is no part of a cycle; without it others may be free as well.
    let mut free: Vec<usize> = stuck.to_vec();
    free.retain(|node| waiting[*node] == 0);
    while let Some(node) = free.pop() {
        is_stuck[node] = false;
        for blocker in &blockers[node] {
            waiting[*blocker] -= 1;
            if waiting[*blocker] == 0 {
                free.push(*blocker);
            }
        }
    }
    (0..ops).filter(|node| is_stuck[*node]).collect()
}
