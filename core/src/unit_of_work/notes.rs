//! What a plan is worth looking at for: its rows by name, and why one waits for another.
//!
//! The planner takes the notes for `plan()`, which shows them; a flush does without.
//! It must not hold values other than keys.

use foldhash::{HashMap, HashMapExt};

use super::annotations::{Cause, Notes, Wait};
use super::changes::Changes;
use super::links::{Link, Why, field_names, row_name};
use super::pairs::pair_names;
use super::parts::{Node, Parts, Reasoned, Share};
use super::plan::{Plan, PlannedStep};
use super::reason::Reason;
use crate::identity_map::{IdentityMap, StoreId};
use crate::model::ColumnSet;

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
    let mut causes = Causes::new(map, changes, parts);
    let mut waits = Vec::new();
    for Reasoned { edge, link } in edges {
        let (before, after) = (place[edge.before], place[edge.after]);
        if before.0 != after.0 {
            let cause = match link {
                Some(link) => causes.of_link(*link),
                None => causes.of_split(parts.nodes[edge.before], parts.nodes[edge.after]),
            };
            waits.push(Wait {
                before,
                after,
                cause,
            });
        }
    }
    let ranks = plan.ranks().iter().enumerate();
    let ranks = ranks.flat_map(|(rank, r)| r.statements().iter().map(move |_| rank));
    Notes {
        ranks: ranks.collect(),
        rows,
        waits,
        causes: causes.list,
    }
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

/// Why rows wait; each cause is told once.
struct Causes<'a> {
    map: &'a IdentityMap,
    changes: &'a Changes,
    parts: &'a Parts,
    list: Vec<Cause>,
    known: HashMap<Known, usize>,
}

/// What tells causes apart.
#[derive(PartialEq, Eq, Hash)]
enum Known {
    Link(StoreId, Why),
    Split(StoreId, Reason, ColumnSet),
}

impl<'a> Causes<'a> {
    fn new(map: &'a IdentityMap, changes: &'a Changes, parts: &'a Parts) -> Self {
        Causes {
            map,
            changes,
            parts,
            list: Vec::new(),
            known: HashMap::new(),
        }
    }

    fn note(&mut self, known: Known, cause: impl FnOnce(&Self) -> Cause) -> usize {
        if let Some(number) = self.known.get(&known) {
            return *number;
        }
        self.list.push(cause(self));
        self.known.insert(known, self.list.len() - 1);
        self.list.len() - 1
    }

    /// Why a row waits for another.
    fn of_link(&mut self, link: Link) -> usize {
        self.note(Known::Link(link.store, link.why), |causes| Cause {
            fields: link.field_names(causes.map),
            reason: reason(link.why),
            constraint: Some(link.constraint(causes.map)),
        })
    }

    /// Why a row is written twice.
    fn of_split(&mut self, before: Node, after: Node) -> usize {
        let store = self.changes.ops[before.op].store;
        let (fields, reason) = match before.share {
            Share::Park => (self.parts.parked(before.op), Reason::WasNull),
            Share::Main | Share::Late => (self.parts.late(after.op), Reason::ComesLate),
        };
        let table = self.map.any(store).table();
        self.note(Known::Split(store, reason, fields), |_| Cause {
            fields: field_names(table, fields),
            reason,
            constraint: None,
        })
    }
}

fn reason(why: Why) -> Reason {
    match why {
        Why::Refers(_, true) => Reason::NeedsNewKey,
        Why::Refers(_, false) => Reason::RefersTo,
        Why::RefersToNewKey(_) => Reason::RefersToChangedKey,
        Why::RefersToOldKey(_) => Reason::FollowsChangedKey,
        Why::FollowsKey(_) => Reason::PartOfChangedKey,
        Why::Leaves(_) => Reason::NoLongerRefers,
        Why::PointsAtGone(_) => Reason::RefersToDeleted,
        Why::TakesAlong(_) => Reason::GoneBeforeDeleted,
        Why::Apart(_) => Reason::CheckedApart,
        Why::Frees(_) | Why::GoesWith(_) => Reason::BecomesFree,
    }
}
