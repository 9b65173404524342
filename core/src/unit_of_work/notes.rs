//! What a plan is worth looking at for: its rows by name, and why one waits for another.
//!
//! The planner takes the notes for `plan()`, `drawing` draws them; a flush does without.
//! It must not hold values other than keys.

use foldhash::{HashMap, HashMapExt};

use super::annotations::{Notes, Wait};
use super::changes::Changes;
use super::links::{Link, Why, row_name};
use super::pairs::pair_names;
use super::parts::{Node, Parts, Reasoned, Share};
use super::plan::{Plan, PlannedStep};
use crate::identity_map::{IdentityMap, StoreId};

/// The notes on a plan whose statements write these nodes, locks aside.
pub(super) fn notes(
    map: &IdentityMap,
    changes: &Changes,
    parts: &Parts,
    edges: &[Reasoned],
    (plan, steps): (&Plan, &[Vec<usize>]),
) -> Notes {
    let names = names(map, changes);
    let mut place = vec![(0, 0); parts.nodes.len()];
    let mut steps = steps.iter();
    let mut rows = Vec::new();
    for (number, statement) in plan.statements().enumerate() {
        if let Some(association) = statement.association() {
            rows.push(pair_names(map, association, &statement.slots));
            continue;
        }
        let is_below = statement.sweep.as_ref().is_some_and(|s| !s.with_roots);
        if is_below || matches!(statement.step, PlannedStep::Lock { .. }) {
            rows.push(locked(map, statement.store, &statement.slots));
            continue;
        }
        let nodes = steps.next().expect("every other statement is a step");
        for (row, node) in nodes.iter().enumerate() {
            place[*node] = (number, row);
        }
        let name = |node: &usize| names[parts.nodes[*node].op].clone();
        rows.push(nodes.iter().map(name).collect());
    }
    let waits = edges
        .iter()
        .map(|Reasoned { edge, link }| Wait {
            before: place[edge.before],
            after: place[edge.after],
            reason: match link {
                Some(link) => reason(map, *link),
                None => split(
                    map,
                    changes,
                    parts,
                    parts.nodes[edge.before],
                    parts.nodes[edge.after],
                ),
            },
        })
        .filter(|wait| wait.before.0 != wait.after.0)
        .collect();
    Notes { rows, waits }
}

/// The rows of all operations by name; new ones without a key are numbered.
fn names(map: &IdentityMap, changes: &Changes) -> Vec<String> {
    let mut new: HashMap<StoreId, usize> = HashMap::new();
    (0..changes.ops.len())
        .map(|position| {
            let op = &changes.ops[position];
            let table = map.any(op.store).table();
            if !op.draws_key(table) {
                return row_name(map, changes, position);
            }
            let number = new.entry(op.store).or_default();
            *number += 1;
            format!("new {} ({number})", table.model())
        })
        .collect()
}

fn locked(map: &IdentityMap, store: StoreId, slots: &[u32]) -> Vec<String> {
    let store = map.any(store);
    let name = |slot: &u32| format!("{} {}", store.table().model(), store.key_text(*slot));
    slots.iter().map(name).collect()
}

/// Why the second row waits for the first.
fn reason(map: &IdentityMap, link: Link) -> String {
    let names = link.field_names(map);
    match link.why {
        Why::Refers(_, true) => format!("{names} needs the new key"),
        Why::Refers(_, false) => format!("{names} refers to it"),
        Why::RefersToNewKey(_) => format!("{names} refers to the changed key"),
        Why::RefersToOldKey(_) => format!("{names} follows the key that changes"),
        Why::FollowsKey(_) => format!("{names} is part of the key that changes"),
        Why::Leaves(_) => format!("{names} no longer refers to it"),
        Why::Apart(_) => format!("{names} is checked when both get other keys"),
        Why::PointsAtGone(_) => format!("{names} refers to what is deleted"),
        Why::TakesAlong(_) => {
            format!("{names} of a row that goes with it refers to what is deleted")
        }
        Why::Frees(_) | Why::GoesWith(_) => format!("{names} becomes free"),
    }
}

/// Why a row is written twice.
fn split(map: &IdentityMap, changes: &Changes, parts: &Parts, before: Node, after: Node) -> String {
    let table = map.any(changes.ops[before.op].store).table();
    let (fields, what) = match (before.share, after.share) {
        (Share::Park, _) => (parts.parked(before.op), "was NULL until now"),
        _ => (parts.late(after.op), "comes late"),
    };
    let names: Vec<String> = fields
        .iter()
        .map(|field| format!("{}.{}", table.model(), table.fields()[field].name))
        .collect();
    format!("{} {what}", names.join(", "))
}
