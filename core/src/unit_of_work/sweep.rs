//! Rows that go with a deleted row where the session does it: one DELETE for each table below.
//!
//! `cascade` asks which deletes have such tables, the planner puts the statements before theirs, and
//! `apply` has the loaded rows follow (RL-2).
//! It must not depend on what is loaded: the statements find their rows themselves.

use std::collections::HashSet;
use std::sync::Arc;

use super::memberships::deleted;
use super::plan::{PlannedStatement, PlannedStep};
use super::swept::Sweep;
use crate::engine::Reply;
use crate::error::Error;
use crate::identity_map::{IdentityMap, Phase};
use crate::model::{ForeignKey, OnDelete, Table, remembered_tables};
use crate::statement::shape::Computation;
use crate::statement::{Falling, Level, Roots, sweep};

/// The table of deleted rows, and those of which the session deletes rows with them; empty when
/// there are none. Those before are referred to by those behind.
///
/// `None` when tables refer to each other in a circle, so that no order is right for all rows:
/// then the session deletes what is loaded, row by row.
pub(super) fn levels(table: &'static Table) -> Option<Vec<Level>> {
    let all = remembered_tables();
    let mut below: Vec<&'static Table> = vec![table];
    let mut next = 0;
    while next < below.len() {
        for child in &all {
            let refers = cascades(child).any(|fk| std::ptr::eq(fk.target(), below[next]));
            if refers && !below.iter().any(|known| std::ptr::eq(*known, *child)) {
                below.push(child);
            }
        }
        next += 1;
    }
    let mut levels: Vec<Level> = Vec::new();
    while levels.len() < below.len() {
        let ready = below.iter().find_map(|table| level(table, &below, &levels));
        levels.push(ready?);
    }
    let any = levels.iter().any(is_swept);
    Some(if any { levels } else { Vec::new() })
}

/// A table with the positions of its parents, once all of them have one.
fn level(table: &'static Table, below: &[&'static Table], levels: &[Level]) -> Option<Level> {
    let place = |of: &Table| {
        levels
            .iter()
            .position(|level| std::ptr::eq(level.table, of))
    };
    if place(table).is_some() {
        return None;
    }
    let mut level = Level {
        table,
        by: Vec::new(),
        own: Vec::new(),
    };
    for fk in cascades(table) {
        let target = fk.target();
        if std::ptr::eq(target, table) {
            level.own.push(fk.field);
        } else if below.iter().any(|known| std::ptr::eq(*known, target)) {
            level.by.push((fk.field, place(target)?));
        }
    }
    Some(level)
}

fn cascades(table: &'static Table) -> impl Iterator<Item = &'static ForeignKey> {
    let fks = table.foreign_keys().iter();
    fks.filter(|fk| fk.on_delete == OnDelete::Cascade)
}

/// Whether the session deletes rows of this table, and not the database alone.
fn is_swept(level: &Level) -> bool {
    let fields = level.by.iter().map(|(field, _)| field).chain(&level.own);
    let mut fks = fields.map(|field| level.table.foreign_key_of_field(*field));
    fks.any(|fk| fk.client)
}

/// Puts the statements for the tables below before the DELETE of their roots, deepest first.
pub(super) fn place(
    map: &IdentityMap,
    ordered_locks: bool,
    statements: Vec<(usize, PlannedStatement)>,
) -> Vec<(usize, PlannedStatement)> {
    let mut placed = Vec::with_capacity(statements.len());
    for (rank, statement) in statements {
        let all = with_below(map, ordered_locks, statement);
        placed.extend(all.into_iter().map(|statement| (rank, statement)));
    }
    placed
}

/// A statement behind those for the tables below, if it deletes rows that have such.
pub(super) fn with_below(
    map: &IdentityMap,
    ordered_locks: bool,
    mut statement: PlannedStatement,
) -> Vec<PlannedStatement> {
    let roots = match statement.step {
        PlannedStep::Delete { .. } => Roots::Keys,
        PlannedStep::Unlink { fields, .. } => Roots::Pairs(fields),
        _ => return vec![statement],
    };
    let levels = levels(statement.table).unwrap_or_default();
    let falling = Falling {
        levels: &levels,
        roots,
    };
    let mut placed = Vec::new();
    for (number, level) in levels.iter().enumerate().skip(1).rev() {
        if is_swept(level) {
            let sweep = sweep_of(map, falling, number, ordered_locks);
            placed.push(below(&statement, sweep));
        }
    }
    if levels.first().is_some_and(is_swept) {
        statement.sweep = Some(Arc::new(sweep_of(map, falling, 0, ordered_locks)));
    }
    placed.push(statement);
    placed
}

fn sweep_of(map: &IdentityMap, falling: Falling<'_>, number: usize, ordered: bool) -> Sweep {
    let table = falling.levels[number].table;
    let mut stores = map.stores();
    let store = stores.find(|(_, store)| std::ptr::eq(store.table(), table));
    let back = store.filter(|(_, store)| number == 0 || store.count() > 0);
    let back = back.map(|(id, _)| id);
    Sweep {
        table,
        with_roots: number == 0,
        back,
        shaped: sweep(falling, number, ordered, back.is_some()),
    }
}

fn below(roots: &PlannedStatement, sweep: Sweep) -> PlannedStatement {
    PlannedStatement {
        store: roots.store,
        table: roots.table,
        slots: roots.slots.clone(),
        step: roots.step,
        absent: roots.absent.clone(),
        sweep: Some(Arc::new(sweep)),
        computed: Computation::NONE,
    }
}

/// The loaded rows among those that went.
///
/// # Errors
/// `Conversion` for a key that can't be read.
pub(super) fn gone(map: &IdentityMap, sweep: &Sweep, reply: &Reply) -> Result<Vec<u32>, Error> {
    let mut slots = Vec::new();
    if let (Some(store), Reply::Rows(rows)) = (sweep.back, reply) {
        for row in rows.iter() {
            slots.extend(map.any(store).slot_in_row(&row)?);
        }
    }
    Ok(slots)
}

/// Objects of rows that went follow in memory.
pub(super) fn apply(map: &mut IdentityMap, sweep: &Sweep, reply: &Reply) -> Result<(), Error> {
    let gone = gone(map, sweep, reply)?;
    let mut seen = HashSet::new();
    for slot in gone.into_iter().filter(|slot| seen.insert(*slot)) {
        if let Some(store) = sweep.back
            && matches!(
                map.any(store).phase(slot),
                Phase::Persistent | Phase::Marked
            )
        {
            deleted(map, store, slot);
        }
    }
    Ok(())
}
