//! Compares touched objects with their last flushed values.
//!
//! Called after `settle`; looks at touched objects only, whatever the session has loaded (CT-5).
//! Pure: the same objects give the same changes.

use std::sync::Arc;

use super::changes::{Changes, Op, What};
use super::pairs;
use crate::error::{Error, ErrorKind};
use crate::identity_map::{AnyStore, IdentityMap, Image, Phase, StoreId};
use crate::model::ColumnSet;
use crate::statement::ComputedText;
use crate::statement::shape::Computation;

/// What the touched objects ask for.
///
/// # Errors
/// `Mapping` for a generated key that was set back to its default (FL-2a); `Handle` for a pair whose
/// object has left.
pub(crate) fn collect(map: &IdentityMap) -> Result<Changes, Error> {
    let mut changes = Changes {
        pairs: pairs::collect(map)?,
        ..Changes::default()
    };
    for (id, store) in map.stores() {
        if !store.has_touched() {
            continue;
        }
        for slot in store.touched() {
            match store.phase(slot) {
                Phase::Pending if store.replaced(slot).is_some() => match switch(id, store, slot) {
                    Some(op) => changes.push(op),
                    None => changes.unchanged.push((id, slot)),
                },
                Phase::Pending => changes.push(insert(id, store, slot)),
                Phase::Persistent => {
                    changes.compared += 1;
                    if is_orphan(store, slot) {
                        changes.push(Op::delete((id, slot)));
                        continue;
                    }
                    match update(id, store, slot)? {
                        Some(op) => changes.push(op),
                        None => changes.unchanged.push((id, slot)),
                    }
                }
                Phase::Marked if store.is_replaced(slot) => {}
                Phase::Marked => changes.push(Op::delete((id, slot))),
                Phase::Vacant | Phase::Deleted | Phase::Missed | Phase::RolledBack => {}
            }
        }
    }
    Ok(changes)
}

fn insert(id: StoreId, store: &dyn AnyStore, slot: u32) -> Op {
    let table = store.table();
    let unset = store.defaulted(slot, Image::Current, table.generated());
    let computed = computation(store, slot, ColumnSet::EMPTY);
    let made = unset.union(table.generated_always());
    let made = made.union(computed.fields(table));
    Op {
        store: id,
        slot,
        what: What::Insert {
            sent: table.all_fields().without(made),
            made,
        },
        bump: false,
        computed,
    }
}

/// The UPDATE of what differs from the row whose place the object takes (PK-2). What is left to the
/// database stays as the row has it.
fn switch(id: StoreId, store: &dyn AnyStore, slot: u32) -> Option<Op> {
    let table = store.table();
    let version: ColumnSet = table.version().into_iter().collect();
    let unset = store.defaulted(slot, Image::Current, table.generated().union(version));
    let kept = unset.union(table.generated_always()).union(table.key());
    let computed = computation(store, slot, ColumnSet::EMPTY);
    let changed = store.changed(slot).without(kept);
    let changed = changed.without(computed.fields(table));
    (!changed.is_empty() || !computed.is_none()).then(|| Op {
        store: id,
        slot,
        what: What::Update {
            changed: changed.union(version),
            made: table.generated_always().union(computed.fields(table)),
            guarded: version.is_empty() && store.is_guarded(slot),
        },
        bump: !version.is_empty() && changed.intersection(version).is_empty(),
        computed,
    })
}

/// How the database is to compute fields of a row; a field that the program has changed since it
/// asked for that is sent as it is.
fn computation(store: &dyn AnyStore, slot: u32, changed: ColumnSet) -> Computation {
    let Some(asked) = store.asked(slot) else {
        return Computation::NONE;
    };
    let columns = store.table().columns();
    let texts = asked.computed.iter().map(|computed| &computed.text);
    let wanted: Vec<_> = texts
        .filter(|text| !changed.contains(columns[text.column].field))
        .cloned()
        .collect();
    Computation::of(&wanted)
}

/// Whether the program took a row from its parent, without which the row is not to be (RL-3).
fn is_orphan(store: &dyn AnyStore, slot: u32) -> bool {
    let mut fks = store.table().foreign_keys().iter().filter(|fk| fk.orphan);
    fks.any(|fk| {
        store.reference(slot, Image::Current, fk.field).is_none()
            && store.reference(slot, Image::Flushed, fk.field).is_some()
    })
}

fn update(id: StoreId, store: &dyn AnyStore, slot: u32) -> Result<Option<Op>, Error> {
    let table = store.table();
    let changed = store.changed(slot).without(table.generated_always());
    let mut computed = computation(store, slot, changed);
    let bump = store.asked(slot).is_some_and(|asked| asked.bump);
    if changed.is_empty() && computed.is_none() && !bump {
        return Ok(None);
    }
    refuse_lost_key(store, slot, changed)?;
    let version: ColumnSet = table.version().into_iter().collect();
    let counted = version.without(table.generated_always());
    if counted.is_empty() && changed.is_empty() && computed.is_none() {
        // The server counts rows that are written, so one is written as it is.
        computed = Computation::of(&[Arc::new(ComputedText::unchanged(table))]);
    }
    // What is computed is computed from the row as it is, so nothing old need be compared for it.
    let guarded = version.is_empty() && !changed.is_empty() && store.is_guarded(slot);
    Ok(Some(Op {
        store: id,
        slot,
        what: What::Update {
            changed: changed.union(counted),
            made: table.generated_always().union(computed.fields(table)),
            guarded,
        },
        bump: !counted.is_empty() && changed.intersection(counted).is_empty(),
        computed,
    }))
}

/// A generated key back at its default means that the whole value was replaced, not that the row
/// is to get key 0.
fn refuse_lost_key(store: &dyn AnyStore, slot: u32, changed: ColumnSet) -> Result<(), Error> {
    let table = store.table();
    let key = table.generated().intersection(table.key());
    let lost = store.defaulted(slot, Image::Current, key.intersection(changed));
    if lost.is_empty() {
        return Ok(());
    }
    let (model, key) = (table.model(), store.key_text(slot));
    Err(Error::new(ErrorKind::Mapping {
        message: format!("the generated key of {model} {key} was set back to its default"),
    }))
}
