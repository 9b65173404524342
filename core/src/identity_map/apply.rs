//! What a flush did is written into the objects, and into the journal for the way back.
//!
//! Called by the unit of work, through `AnyStore`.
//! It must not leave an object half written when a row can't be decoded.

use std::any::Any;

use foldhash::{HashMap, HashMapExt};

use super::clock::{Clock, NEVER};
use super::journal::{Entry, Resolved, Was};
use super::slot::Phase;
use super::store::Store;
use crate::error::Error;
use crate::model::{ColumnSet, Model, RawHandle, Row};

impl<T: Model> Store<T> {
    /// For each slot the position of the row with its key; the key's columns begin at `at`.
    pub(super) fn match_rows(
        &self,
        rows: &[Row<'_>],
        at: usize,
        slots: &[u32],
    ) -> Result<Vec<usize>, Error> {
        let mut positions: HashMap<T::Key, usize> = HashMap::with_capacity(rows.len());
        for (position, row) in rows.iter().enumerate() {
            if let Some(key) = T::decode_key(row, at)? {
                positions.insert(key, position);
            }
        }
        slots
            .iter()
            .map(|slot| {
                let key = self.key_of(*slot);
                let found = key.as_ref().and_then(|key| positions.get(key));
                found.copied().ok_or_else(|| {
                    Error::mapping(format!(
                        "{}: the database answered an INSERT with another key than was sent",
                        T::NAME
                    ))
                })
            })
            .collect()
    }

    /// A pending object is a row now; the database made these of its fields.
    pub(super) fn note_insert(&mut self, number: u32, made: ColumnSet, clock: Clock) {
        self.log(number, Was::Pending(made));
        self.forget_asked(number);
        let key = self.slots[number as usize]
            .row
            .as_ref()
            .and_then(Model::key);
        let group = self.single_group();
        let place = self.groups[group].len() as u32;
        let slot = &mut self.slots[number as usize];
        self.groups[group].push((number, slot.generation));
        slot.phase = Phase::Persistent;
        slot.touched = false;
        slot.read_in = clock.transaction;
        slot.locked_in = clock.locks;
        slot.group = group as u32;
        slot.place = place;
        self.reindex(number, key);
    }

    /// A touched object was written.
    pub(super) fn note_update(&mut self, number: u32, clock: Clock) {
        self.forget_asked(number);
        let slot = &mut self.slots[number as usize];
        let Some(original) = slot.original.take() else {
            return;
        };
        let key = slot.row.as_ref().and_then(Model::key);
        if !self.journal.covers(slot.journaled) {
            self.log(number, Was::Value(original));
        }
        let slot = &mut self.slots[number as usize];
        // The UPDATE of an expired row compared the columns that it wrote; the others are as old
        // as they were. A version stands for the whole row.
        if !slot.guarded || T::table().version().is_some() {
            slot.read_in = clock.transaction;
        }
        slot.touched = false;
        slot.guarded = false;
        slot.locked_in = clock.locks;
        if key != self.slots[number as usize].key {
            let former = self.slots[number as usize].key.clone();
            self.former.extend(former.map(|former| (former, number)));
            self.reindex(number, key);
        }
    }

    /// A row was deleted, by the flush or by an action of the database.
    pub(super) fn note_delete(&mut self, number: u32) {
        self.forget_asked(number);
        let slot = &mut self.slots[number as usize];
        slot.touched = false;
        slot.guarded = false;
        // The changes of an object that is deleted are lost: a rollback brings the row back as
        // the database has it.
        if let Some(original) = slot.original.take() {
            slot.row = Some(*original);
        }
        self.log(number, Was::Present);
        self.slots[number as usize].phase = Phase::Deleted;
        self.unindex(number);
    }

    /// The database set a reference to NULL because its row was deleted.
    pub(super) fn note_lost_reference(&mut self, number: u32, field: usize) {
        self.follow(number, |row| row.clear_reference(field));
    }

    /// The database wrote a parent's new key into a reference, which may be part of the row's own.
    pub(super) fn note_new_key(&mut self, number: u32, field: usize, parent: &dyn Any) {
        self.follow(number, |row| row.set_reference_key(field, parent));
        let slot = &self.slots[number as usize];
        let key = slot.row.as_ref().and_then(Model::key);
        if key != slot.key {
            self.reindex(number, key);
        }
    }

    /// An action of the database changed a row.
    fn follow(&mut self, number: u32, write: impl Fn(&mut T)) {
        let slot = &mut self.slots[number as usize];
        let before = match &slot.original {
            Some(original) => original.clone(),
            None => Box::new(slot.row.clone().expect("a row that is loaded")),
        };
        for row in slot.row.iter_mut().chain(slot.original.as_deref_mut()) {
            write(row);
        }
        if !self.journal.covers(slot.journaled) {
            self.log(number, Was::Value(before));
        }
        if !T::table().generated_always().is_empty() {
            // The database has made values, perhaps a version, that nobody has seen.
            self.slots[number as usize].read_in = NEVER;
        }
    }

    /// A handle in a reference became the key with this hash, which a rollback must undo.
    pub(super) fn note_resolved(&mut self, number: u32, field: usize, handle: RawHandle, key: u64) {
        self.journal.resolved.push(Resolved {
            slot: number,
            generation: self.slots[number as usize].generation,
            field,
            handle,
            key,
        });
    }

    pub(super) fn log(&mut self, number: u32, was: Was<T>) {
        let slot = &mut self.slots[number as usize];
        self.journal.entries.push(Entry {
            slot: number,
            generation: slot.generation,
            before: slot.journaled,
            read_in: slot.read_in,
            was,
        });
        slot.journaled =
            u32::try_from(self.journal.entries.len()).expect("fewer than 2^32 journal entries");
    }
}
