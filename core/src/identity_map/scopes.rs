//! Savepoints, rollback and commit, in memory.
//!
//! Called through `AnyStore` when the session ends a savepoint or a transaction.
//! It must not need SQL: the journal has every value.

use super::clock::NEVER;
use super::journal::{Resolved, Undo, Was};
use super::slot::Phase;
use super::store::Store;
use crate::model::{ColumnSet, Model};

impl<T: Model> Store<T> {
    /// Back to the innermost savepoint; the references to look at are those of its inserts.
    pub(super) fn take_back(&mut self) -> Vec<Resolved> {
        self.drop_unflushed();
        let undo = self.journal.take_back();
        self.undo(undo)
    }

    /// Back to the beginning of the transaction.
    pub(super) fn take_back_all(&mut self) -> Vec<Resolved> {
        self.drop_unflushed();
        let undo = self.journal.take_back_all();
        self.groups.clear();
        self.undo(undo)
    }

    /// Objects go back to their last flush; pending ones leave.
    fn drop_unflushed(&mut self) {
        self.forget_claims();
        self.put_back.clear();
        for (number, generation) in std::mem::take(&mut self.touched) {
            let slot = &mut self.slots[number as usize];
            if slot.generation != generation || !slot.touched {
                continue;
            }
            slot.touched = false;
            slot.guarded = false;
            let phase = slot.phase;
            self.forget_asked(number);
            let slot = &mut self.slots[number as usize];
            match phase {
                Phase::Pending => self.throw_out(number, ColumnSet::EMPTY),
                Phase::Persistent | Phase::Marked => {
                    slot.phase = Phase::Persistent;
                    if let Some(original) = slot.original.take() {
                        slot.row = Some(*original);
                    }
                }
                Phase::Vacant | Phase::Deleted | Phase::Missed | Phase::RolledBack => {}
            }
        }
    }

    /// Undoes what the journal has, newest first, but for the references.
    fn undo(&mut self, undo: Undo<T>) -> Vec<Resolved> {
        for entry in undo.entries {
            let slot = &mut self.slots[entry.slot as usize];
            if slot.generation != entry.generation {
                // Detached since; it does not come back.
                continue;
            }
            slot.journaled = entry.before;
            match entry.was {
                Was::Pending(made) => self.throw_out(entry.slot, made),
                Was::Present => self.restore(entry.slot, None, entry.read_in),
                Was::Value(value) => self.restore(entry.slot, Some(*value), entry.read_in),
            }
        }
        for (number, generation) in undo.reads {
            let slot = &mut self.slots[number as usize];
            if slot.generation == generation {
                slot.read_in = NEVER;
            }
        }
        undo.resolved
    }

    /// An object is a row again, with this value if it had another.
    fn restore(&mut self, number: u32, value: Option<T>, read_in: u32) {
        if self.has_successor(number) {
            self.vacate(number);
            return;
        }
        let slot = &mut self.slots[number as usize];
        if let Some(value) = value {
            slot.row = Some(value);
        }
        slot.phase = Phase::Persistent;
        slot.read_in = read_in;
        let key = slot.row.as_ref().and_then(Model::key);
        self.reindex(number, key);
    }

    /// Whether the row of an object that was missed was found after all, by another object.
    fn has_successor(&self, number: u32) -> bool {
        let slot = &self.slots[number as usize];
        let found = slot.key.as_ref().and_then(|key| self.find(key));
        slot.phase == Phase::Missed && found.is_some()
    }

    /// An object leaves; its value can be detached until the next flush or commit, without what
    /// the database made for the row that is no more.
    fn throw_out(&mut self, number: u32, made: ColumnSet) {
        self.unindex(number);
        let slot = &mut self.slots[number as usize];
        slot.phase = Phase::RolledBack;
        slot.key = None;
        slot.original = None;
        let version: ColumnSet = T::table().version().into_iter().collect();
        if let Some(row) = &mut slot.row {
            row.reset(made.union(version));
        }
        self.leftovers.push(number);
    }

    /// The transaction was committed: deleted objects go, and nothing can be taken back.
    pub(super) fn forget_transaction(&mut self) {
        for entry in std::mem::take(&mut self.journal.entries) {
            let slot = &mut self.slots[entry.slot as usize];
            if slot.generation != entry.generation {
                continue;
            }
            slot.journaled = 0;
            if matches!(slot.phase, Phase::Deleted | Phase::Missed) {
                self.vacate(entry.slot);
            }
        }
        self.journal.clear();
        self.groups.clear();
        self.drop_leftovers();
    }

    /// Objects that a rollback threw out are gone for good.
    pub(super) fn drop_leftovers(&mut self) {
        for number in std::mem::take(&mut self.leftovers) {
            if self.phase_of(number) == Phase::RolledBack {
                self.vacate(number);
            }
        }
    }
}
