//! Takes back what settling did to references that no flush has written since.
//!
//! Called when a flush settles: the program may have changed keys since `plan()` did, or a hook,
//! and what was said by a handle means the object, whatever key it gets.
//! It must not touch what the program has written since.

use super::image::Image;
use super::journal::Resolved;
use super::map::IdentityMap;
use super::slot::Phase;
use super::store::Store;
use crate::model::{ColumnSet, Model, Reference};

impl IdentityMap {
    /// References that wait for a flush are what the program has made them.
    pub(crate) fn unsettle(&mut self) {
        for id in 0..self.stores().count() {
            let id = u32::try_from(id).expect("fewer than 2^32 models");
            for resolved in self.any_mut(id).unsettle() {
                self.unresolve(id, resolved);
            }
        }
    }

    /// A key that took the place of a handle gives way to it, unless the object has left: the row
    /// is there all the same.
    fn unresolve(&mut self, id: u32, resolved: Resolved) {
        let store = self.any(id);
        let reference = store.reference(resolved.slot, Image::Current, resolved.field);
        if let Some(Reference::Key(key)) = reference
            && self.locate(resolved.handle).is_ok()
            && self.any(resolved.handle.store).hash_of_key(key) == resolved.key
        {
            let store = self.any_mut(id);
            store.set_handle(resolved.slot, resolved.field, resolved.handle);
        }
    }
}

impl<T: Model> Store<T> {
    /// A reference is about to be put back to its flushed value.
    pub(super) fn note_put_back(&mut self, number: u32, field: usize) {
        let slot = &self.slots[number as usize];
        if let Some(row) = &slot.row {
            let before = Box::new(row.clone());
            self.put_back.push((number, slot.generation, field, before));
        }
    }

    /// Undoes what was put back, and tells which keys were handles.
    pub(super) fn take_unsettled(&mut self) -> Vec<Resolved> {
        for (number, generation, field, before) in
            std::mem::take(&mut self.put_back).into_iter().rev()
        {
            if self.waits(number, generation) && !self.changed_field(number, field) {
                let row = self.slots[number as usize].row.as_mut();
                row.expect("it waits")
                    .adopt(*before, ColumnSet::only(field));
            }
        }
        let mut unwritten = self.journal.take_unwritten();
        unwritten.retain(|resolved| self.waits(resolved.slot, resolved.generation));
        unwritten
    }

    /// Whether an object is still here, and waits for a flush.
    fn waits(&self, number: u32, generation: u32) -> bool {
        let slot = &self.slots[number as usize];
        let may_wait = matches!(slot.phase, Phase::Pending | Phase::Persistent);
        slot.generation == generation && slot.touched && may_wait && slot.row.is_some()
    }

    fn changed_field(&self, number: u32, field: usize) -> bool {
        let slot = &self.slots[number as usize];
        match (&slot.row, &slot.original) {
            (Some(row), Some(original)) => row.changed(original).contains(field),
            _ => true,
        }
    }
}
