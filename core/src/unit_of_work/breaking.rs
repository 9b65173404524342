//! Breaks cycles of rows that wait for each other (FL-3, FL-4).
//!
//! Called by the planner when no order is left; afterwards it tries again.
//! It must not break what need not be broken, or write NULL where the database refuses it.

use foldhash::{HashMap, HashMapExt};

use super::chains::{may_park, nullable};
use super::changes::{Changes, What};
use super::components::cycles;
use super::cycle::cycle;
use super::graph::Edge;
use super::links::{Link, Why};
use super::parts::{Parts, Reasoned, Share};
use crate::error::Error;
use crate::identity_map::{IdentityMap, StoreId};
use crate::model::{ColumnSet, FieldGroup, Table};

/// Breaks every cycle among the nodes that are stuck in one more place.
///
/// # Errors
/// `Cycle` for one that can't be broken.
pub(super) fn break_cycles(
    map: &IdentityMap,
    changes: &Changes,
    edges: &[Reasoned],
    stuck: &[usize],
    parts: &mut Parts,
) -> Result<(), Error> {
    let mut is_stuck = vec![false; parts.nodes.len()];
    stuck.iter().for_each(|node| is_stuck[*node] = true);
    let between: Vec<Edge> = edges
        .iter()
        .map(|reasoned| reasoned.edge)
        .filter(|edge| is_stuck[edge.before] && is_stuck[edge.after])
        .collect();
    let cycles = cycles(parts.nodes.len(), &between);
    let mut cycle_of = vec![NONE; parts.nodes.len()];
    for (number, nodes) in cycles.iter().enumerate() {
        nodes.iter().for_each(|node| cycle_of[*node] = number);
    }
    let ways = Ways {
        map,
        changes,
        parts,
        table_order: table_order(map),
    };
    let mut inside: Vec<Vec<Link>> = vec![Vec::new(); cycles.len()];
    let mut rows: HashMap<Way, usize> = HashMap::new();
    for reasoned in edges {
        let Some(link) = reasoned.link else { continue };
        for way in ways.of(link) {
            *rows.entry(way.0).or_default() += 1;
        }
        let (before, after) = (reasoned.edge.before, reasoned.edge.after);
        if cycle_of[before] != NONE && cycle_of[before] == cycle_of[after] {
            inside[cycle_of[before]].push(link);
        }
    }
    let mut splits = Vec::new();
    for (nodes, links) in cycles.iter().zip(&inside) {
        let found = links.iter().flat_map(|link| ways.of(*link));
        let best = found
            .map(|(way, _)| way)
            .min_by_key(|way| (!way.by_null(), rows[way], *way));
        let Some(best) = best else {
            let ops = nodes.iter().map(|node| parts.nodes[*node].op).collect();
            return Err(cycle(map, changes, ops, links));
        };
        let chosen = links.iter().flat_map(|link| ways.of(*link));
        let chosen = chosen.filter(|(way, _)| *way == best);
        splits.extend(chosen.map(|(way, op)| (op, way)));
    }
    splits.sort_unstable_by_key(|(op, _)| *op);
    for (op, way) in splits {
        match way.share {
            Share::Park => parts.park(op, way.fields),
            Share::Late | Share::Main => parts.delay(op, way.fields),
        }
    }
    Ok(())
}

/// In no cycle.
const NONE: usize = usize::MAX;

/// A way to break links: rows of a table split alike. Of ways of one kind the one that splits
/// the fewest rows is taken, and the first of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Way {
    preference: u8,
    /// The position of the table among the names of all.
    table: usize,
    fields: ColumnSet,
    share: Share,
    store: StoreId,
}

impl Way {
    /// Whether it is a NULL in an INSERT's reference or before another statement; ways that
    /// leave it to other cycles whether they help come last.
    fn by_null(self) -> bool {
        self.preference < MOVED
    }
}

/// The preferences, best first.
const REFERENCE_LATE: u8 = 0;
const REFERENCE_EARLY: u8 = 1;
const VALUE_EARLY: u8 = 2;
const MOVED: u8 = 3;
const VALUE_LATE: u8 = 4;

struct Ways<'a> {
    map: &'a IdentityMap,
    changes: &'a Changes,
    parts: &'a Parts,
    /// By store: its position among the names of all tables, the same in every session.
    table_order: Vec<usize>,
}

fn table_order(map: &IdentityMap) -> Vec<usize> {
    let names: Vec<&str> = map
        .stores()
        .map(|(_, store)| store.table().name())
        .collect();
    let before = |name: &&str| names.iter().filter(|other| *other < name).count();
    names.iter().map(before).collect()
}

impl Ways<'_> {
    /// The ways to break a link, with the operation that is split; those that were taken already
    /// are none.
    fn of(&self, link: Link) -> impl Iterator<Item = (Way, usize)> {
        let fields = link.fields(self.map);
        let (before, after) = link.rows();
        let found = match link.why {
            Why::Refers(..) | Why::RefersToNewKey(_) => {
                [self.refer_late(after, fields), None, None]
            }
            Why::Leaves(_) => [self.leave_early(before, fields), None, None],
            Why::Frees(_) => [
                self.free_early(before, fields),
                self.move_late(after, fields),
                self.take_late(after, fields),
            ],
            Why::GoesWith(_) => [
                self.move_late(after, fields),
                self.take_late(after, fields),
                None,
            ],
            Why::RefersToOldKey(_)
            | Why::FollowsKey(_)
            | Why::PointsAtGone(_)
            | Why::TakesAlong(_)
            | Why::Apart(_) => [None; 3],
        };
        found.into_iter().flatten()
    }

    /// INSERT with NULL and an UPDATE after it, or an UPDATE in two.
    fn refer_late(&self, op: usize, fields: ColumnSet) -> Option<(Way, usize)> {
        match self.changes.ops[op].what {
            What::Insert { .. } => {
                let nullable = may_be_null(self.table(op), fields);
                nullable
                    .then(|| self.late(REFERENCE_LATE, op, fields))
                    .flatten()
            }
            What::Update { .. } => self.move_late(op, fields),
            What::Delete => None,
        }
    }

    /// NULL before the UPDATE or DELETE.
    fn leave_early(&self, op: usize, fields: ColumnSet) -> Option<(Way, usize)> {
        let table = self.table(op);
        let nullable = may_be_null(table, fields) && may_park(table, &self.changes.ops[op], fields);
        nullable
            .then(|| self.park(REFERENCE_EARLY, op, fields))
            .flatten()
    }

    /// The value becomes NULL before the row gets another, or goes.
    fn free_early(&self, op: usize, group: ColumnSet) -> Option<(Way, usize)> {
        let row = &self.changes.ops[op];
        let field = nullable(self.table(op), row, group)?;
        self.park(VALUE_EARLY, op, field)
    }

    /// An UPDATE in two: these fields follow the others, with all that are unique together with
    /// them, since half of a new value may be somebody's.
    fn move_late(&self, op: usize, fields: ColumnSet) -> Option<(Way, usize)> {
        let row = &self.changes.ops[op];
        let table = self.table(op);
        let What::Update { changed, .. } = row.what else {
            return None;
        };
        let computed = row.computed.fields(table);
        if row.changes_key(table) || !fields.intersection(computed).is_empty() {
            return None;
        }
        let moved = together(table, fields.intersection(changed), changed);
        let version: ColumnSet = table.version().into_iter().collect();
        let rest = changed.without(moved.union(self.parts.late(op)).union(version));
        match rest.is_empty() {
            true => None,
            false => self.late(MOVED, op, moved),
        }
    }

    /// INSERT with NULL in place of the value, and an UPDATE after it.
    fn take_late(&self, op: usize, group: ColumnSet) -> Option<(Way, usize)> {
        let row = &self.changes.ops[op];
        let What::Insert { sent, .. } = row.what else {
            return None;
        };
        let field = nullable(self.table(op), row, group.intersection(sent))?;
        self.late(VALUE_LATE, op, field)
    }

    fn late(&self, preference: u8, op: usize, fields: ColumnSet) -> Option<(Way, usize)> {
        let new = !fields.without(self.parts.late(op)).is_empty();
        new.then(|| self.way(preference, op, fields, Share::Late))
    }

    fn park(&self, preference: u8, op: usize, fields: ColumnSet) -> Option<(Way, usize)> {
        let new = !fields.without(self.parts.parked(op)).is_empty();
        new.then(|| self.way(preference, op, fields, Share::Park))
    }

    fn way(&self, preference: u8, op: usize, fields: ColumnSet, share: Share) -> (Way, usize) {
        let store = self.changes.ops[op].store;
        let table = self.table_order[store as usize];
        let way = Way {
            preference,
            table,
            fields,
            share,
            store,
        };
        (way, op)
    }

    fn table(&self, op: usize) -> &'static Table {
        self.map.any(self.changes.ops[op].store).table()
    }
}

fn may_be_null(table: &Table, fields: ColumnSet) -> bool {
    fields.iter().all(|field| table.fields()[field].nullable)
}

/// These fields with all changed ones that are unique together with one of them.
fn together(table: &Table, fields: ColumnSet, changed: ColumnSet) -> ColumnSet {
    let set = |group: &FieldGroup| -> ColumnSet { group.fields.iter().copied().collect() };
    let groups: Vec<ColumnSet> = table.uniques().iter().map(set).collect();
    let mut all = fields;
    loop {
        let touched = groups
            .iter()
            .filter(|group| !group.intersection(all).is_empty());
        let more = touched.fold(all, |all, group| all.union(group.intersection(changed)));
        if more == all {
            return all;
        }
        all = more;
    }
}
