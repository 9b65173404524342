//! What the database did by itself when rows went: to loaded rows that referred to them.
//!
//! Called after a DELETE whose rows need not be objects.
//! It must not guess: what can't be told without asking expires, and the next read tells.

use std::any::TypeId;

use foldhash::{HashMap, HashSet};

use super::super::memberships::{deleted, leave_parent};
use crate::identity_map::{IdentityMap, Image, StoreId};
use crate::model::{ForeignKey, Model, OnDelete, Reference, Table};

type Row = (StoreId, u32);

/// The keys of rows of `M` that loaded rows refer to by a reference that a DELETE follows.
pub(super) fn referred_keys<M: Model>(map: &IdentityMap) -> HashSet<M::Key> {
    let mut keys = HashSet::default();
    for (_, store) in map.stores() {
        let fks = store.table().foreign_keys().iter();
        let to_these = |fk: &&ForeignKey| acts(fk) && fk.target_id() == TypeId::of::<M>();
        let fks: Vec<&ForeignKey> = fks.filter(to_these).collect();
        if fks.is_empty() {
            continue;
        }
        for slot in store.persistent() {
            for fk in &fks {
                if let Some(Reference::Key(key)) = store.reference(slot, Image::Flushed, fk.field)
                    && let Some(key) = key.downcast_ref::<M::Key>()
                {
                    keys.insert(key.clone());
                }
            }
        }
    }
    keys
}

/// Rows of `M` are gone, those with these keys among them: their objects are too, and what the
/// database did to others is done to their objects (RL-2).
pub(super) fn follow<M: Model>(map: &mut IdentityMap, gone: &HashSet<M::Key>) {
    let id = map.id::<M>();
    let store = map.store::<M>();
    let known = gone.iter().filter_map(|key| store.find(key));
    let mut fates = Fates {
        gone,
        deleted: known.map(|slot| (id, slot)).collect(),
        lost: HashMap::default(),
        unsure: HashSet::default(),
    };
    while fates.look::<M>(map) {}
    fates.apply(map);
}

/// Whether the database does something by itself.
fn acts(fk: &ForeignKey) -> bool {
    !fk.client && fk.on_delete != OnDelete::Restrict
}

/// Whether a DELETE of `M` may take rows of this table along, or is one of them.
fn is_swept(table: &'static Table, model: TypeId, of: TypeId, seen: &mut Vec<TypeId>) -> bool {
    if model == of {
        return true;
    }
    if seen.contains(&model) {
        return false;
    }
    seen.push(model);
    table.foreign_keys().iter().any(|fk| {
        acts(fk)
            && fk.on_delete == OnDelete::Cascade
            && is_swept(fk.target(), fk.target_id(), of, seen)
    })
}

/// What became of loaded rows.
struct Fates<'a, K> {
    gone: &'a HashSet<K>,
    deleted: HashSet<Row>,
    lost: HashMap<Row, Vec<usize>>,
    unsure: HashSet<Row>,
}

impl<K: Eq + std::hash::Hash + 'static> Fates<'_, K> {
    /// Looks once at all loaded rows that refer to rows that may be gone; whether another row
    /// was found to be.
    fn look<M: Model<Key = K>>(&mut self, map: &IdentityMap) -> bool {
        let before = self.deleted.len();
        self.lost.clear();
        self.unsure.clear();
        for (id, store) in map.stores() {
            let swept = |fk: &&ForeignKey| {
                acts(fk)
                    && is_swept(
                        fk.target(),
                        fk.target_id(),
                        TypeId::of::<M>(),
                        &mut Vec::new(),
                    )
            };
            let fks = store.table().foreign_keys().iter();
            let fks: Vec<&ForeignKey> = fks.filter(swept).collect();
            if fks.is_empty() {
                continue;
            }
            for slot in store.persistent() {
                for fk in &fks {
                    self.judge::<M>(map, (id, slot), fk);
                }
            }
        }
        self.deleted.len() > before
    }

    fn judge<M: Model<Key = K>>(&mut self, map: &IdentityMap, row: Row, fk: &ForeignKey) {
        if self.deleted.contains(&row) {
            return;
        }
        let reference = map.any(row.0).reference(row.1, Image::Flushed, fk.field);
        let Some(Reference::Key(key)) = reference else {
            return;
        };
        let to_these = fk.target_id() == TypeId::of::<M>();
        let named = to_these
            && key
                .downcast_ref()
                .is_some_and(|key| self.gone.contains(key));
        let parents = map.id_of(fk.target_id());
        let parent = parents.and_then(|p| Some((p, map.any(p).slot_of_key(key)?)));
        let gone = match parent {
            _ if named => true,
            Some(parent) => self.deleted.contains(&parent),
            // A row that was not asked about: it may have gone with another one.
            None if !to_these || refers_to_itself(fk.target(), fk.target_id()) => {
                self.unsure.insert(row);
                return;
            }
            None => false,
        };
        match fk.on_delete {
            _ if !gone => {}
            OnDelete::Cascade => {
                self.deleted.insert(row);
            }
            OnDelete::SetNull => self.lost.entry(row).or_default().push(fk.field),
            OnDelete::Restrict => {}
        }
    }

    fn apply(self, map: &mut IdentityMap) {
        for (row, fields) in self.lost {
            if self.deleted.contains(&row) {
                continue;
            }
            for field in fields {
                leave_parent(map, row.0, row.1, field, Image::Current);
                map.any_mut(row.0).lost_reference(row.1, field);
            }
        }
        for (store, slot) in &self.deleted {
            deleted(map, *store, *slot);
        }
        for (store, slot) in self.unsure {
            if self.deleted.contains(&(store, slot)) {
                continue;
            }
            map.any_mut(store).expire(slot);
            for fk in map.any(store).table().foreign_keys() {
                map.collections.forget_reference(store, fk.field);
            }
        }
    }
}

/// Whether rows of a table go with other rows of it.
fn refers_to_itself(table: &Table, model: TypeId) -> bool {
    let mut fks = table.foreign_keys().iter();
    fks.any(|fk| acts(fk) && fk.on_delete == OnDelete::Cascade && fk.target_id() == model)
}
