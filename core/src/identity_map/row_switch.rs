//! A new object that takes the place of a deleted one with the same key: the row stays, and is
//! written as far as the two differ (PK-2).
//!
//! Keys are claimed at the start of a flush, which is when it shows; the unit of work reads it
//! through `AnyStore`.
//! It must not change an object before the flush has written the row.

use super::clock::Clock;
use super::slot::{Phase, Slot};
use super::store::Store;
use crate::model::{ColumnSet, Model};

impl<T: Model> Store<T> {
    /// Notes that a pending object claims the key of a row that is to be deleted.
    pub(super) fn note_switch(&mut self, number: u32, key: &T::Key) {
        if self.phase_of(number) != Phase::Pending {
            return;
        }
        if let Some(old) = self.find(key)
            && self.phase_of(old) == Phase::Marked
        {
            self.switches.insert(number, old);
            self.switched.insert(old);
        }
    }

    /// Forgets who claimed which key, and who had which.
    pub(super) fn forget_claims(&mut self) {
        self.former.clear();
        self.unwritten.clear();
        self.claims.clear();
        self.switches.clear();
        self.switched.clear();
    }

    /// The slot that knows about the row: its own, or that of the object whose place it takes.
    pub(super) fn row_of(&self, number: u32) -> &Slot<T, T::Key> {
        let known = self.switches.get(&number).unwrap_or(&number);
        &self.slots[*known as usize]
    }

    /// The value that the row has in the database, as far as the session knows.
    pub(super) fn flushed(&self, number: u32) -> Option<&T> {
        let slot = self.row_of(number);
        slot.original.as_deref().or(slot.row.as_ref())
    }

    /// Takes fields over that the program left to the database, or that count the row's changes.
    pub(super) fn adopt_flushed(&mut self, number: u32, fields: ColumnSet) {
        let flushed = self.flushed(number).cloned();
        if let (Some(flushed), Some(row)) = (flushed, &mut self.slots[number as usize].row) {
            row.adopt(flushed, fields);
        }
    }

    /// The new object is the row from here on, and the old one deleted; these of its fields are
    /// the row's own.
    pub(super) fn switch(&mut self, number: u32, kept: ColumnSet, wrote: bool, clock: Clock) {
        let Some(old) = self.switches.get(&number).copied() else {
            return;
        };
        self.adopt_flushed(number, kept);
        let known = &self.slots[old as usize];
        let (read_in, locked_in, guarded) = (known.read_in, known.locked_in, known.guarded);
        self.note_delete(old);
        self.note_insert(number, kept, clock);
        let slot = &mut self.slots[number as usize];
        if !wrote {
            slot.locked_in = locked_in;
        }
        // What was not written is as old as it was, unless a version stood for the whole row.
        if !wrote || guarded && T::table().version().is_none() {
            slot.read_in = read_in;
        }
    }
}
