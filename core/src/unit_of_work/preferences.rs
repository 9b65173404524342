//! What should come before what, where nothing forces it to: statements of a plan, not rows.
//!
//! `edges` collects them, the planner hands them to the sort.
//! A preference must not cost a statement, nor be the reason why there is no order.

use foldhash::{HashMap, HashMapExt, HashSet};

use super::changes::{Changes, What};
use crate::identity_map::{IdentityMap, StoreId};
use crate::model::{OnDelete, Table, remembered_tables};

/// Operations, by position, whose statements should come before those of others.
#[derive(Debug, Default)]
pub(super) struct Preference {
    pub(super) before: Vec<usize>,
    pub(super) after: Vec<usize>,
}

/// A row that is deleted may also go, or change, with a deleted row far above it, by way of rows
/// that are not loaded, or refuse to let one of these go. So tables below are deleted from first.
/// One of each table's operations stands for them all: they are one statement.
pub(super) fn deletes(map: &IdentityMap, changes: &Changes) -> Vec<Preference> {
    let mut first: HashMap<StoreId, usize> = HashMap::new();
    for (position, op) in changes.ops.iter().enumerate() {
        if op.what == What::Delete {
            first.entry(op.store).or_insert(position);
        }
    }
    if first.len() < 2 {
        return Vec::new();
    }
    let mut deletes: Vec<(StoreId, usize)> = first.into_iter().collect();
    deletes.sort_unstable();
    let below = Below::new();
    let reached: Vec<HashSet<Id>> = deletes
        .iter()
        .map(|(store, _)| below.of(map.any(*store).table()))
        .collect();
    let table = |number: usize| id(map.any(deletes[number].0).table());
    let mut preferences = Vec::new();
    for above in 0..deletes.len() {
        let goes_with = |below: &usize| {
            let both = reached[*below].contains(&table(above));
            *below != above && reached[above].contains(&table(*below)) && !both
        };
        let before: Vec<usize> = (0..deletes.len()).filter(goes_with).collect();
        if !before.is_empty() {
            preferences.push(Preference {
                before: before.into_iter().map(|number| deletes[number].1).collect(),
                after: vec![deletes[above].1],
            });
        }
    }
    preferences
}

/// The references between tables, by table referred to.
struct Below {
    by_parent: HashMap<Id, Vec<(&'static Table, OnDelete)>>,
}

/// What tells tables of models apart: names may be shared.
type Id = *const Table;

fn id(table: &'static Table) -> Id {
    std::ptr::from_ref(table)
}

impl Below {
    fn new() -> Below {
        let mut by_parent: HashMap<Id, Vec<_>> = HashMap::new();
        for child in remembered_tables() {
            for fk in child.foreign_keys() {
                let children = by_parent.entry(id(fk.target())).or_default();
                children.push((child, fk.on_delete));
            }
        }
        Below { by_parent }
    }

    /// The tables whose rows go with rows of this one, lose references to rows that do, or keep
    /// them from going.
    fn of(&self, table: &'static Table) -> HashSet<Id> {
        let mut reached = HashSet::default();
        let mut gone: HashSet<Id> = HashSet::default();
        let mut next = vec![id(table)];
        while let Some(parent) = next.pop() {
            for (child, action) in self.by_parent.get(&parent).into_iter().flatten() {
                reached.insert(id(child));
                if *action == OnDelete::Cascade && gone.insert(id(child)) {
                    next.push(id(child));
                }
            }
        }
        reached
    }
}
