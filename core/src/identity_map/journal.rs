//! What a rollback needs: the values that objects had when a transaction or savepoint began.
//!
//! The stores write an entry when a flush has changed a row, and read the entries backwards.
//! It must not hold more than one value per object and open savepoint.

use crate::model::{ColumnSet, RawHandle};

/// How an object was before a flush changed it.
#[derive(Debug)]
pub(super) enum Was<T> {
    /// A row with this value.
    Value(Box<T>),
    /// Pending; the database made these fields.
    Pending(ColumnSet),
    /// A row with the value that the slot still holds.
    Present,
}

/// One entry.
#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) slot: u32,
    pub(super) generation: u32,
    /// The slot's `journaled` before this entry.
    pub(super) before: u32,
    pub(super) was: Was<T>,
}

/// A reference that held a handle until its parent had a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolved {
    pub(super) slot: u32,
    pub(super) generation: u32,
    pub(super) field: usize,
    pub(super) handle: RawHandle,
}

/// The entries of the open transaction, with a mark for each open savepoint.
#[derive(Debug)]
pub(super) struct Journal<T> {
    pub(super) entries: Vec<Entry<T>>,
    pub(super) resolved: Vec<Resolved>,
    marks: Vec<(usize, usize)>,
}

impl<T> Journal<T> {
    /// A journal inside `depth` open savepoints, in none of which anything happened yet.
    pub(super) fn new(depth: usize) -> Self {
        Journal {
            entries: Vec::new(),
            resolved: Vec::new(),
            marks: vec![(0, 0); depth],
        }
    }

    /// Whether an object with this `journaled` has its entry for the innermost savepoint.
    pub(super) fn covers(&self, journaled: u32) -> bool {
        let start = self.marks.last().map_or(0, |(entries, _)| *entries);
        journaled as usize > start
    }

    /// Opens a savepoint.
    pub(super) fn open(&mut self) {
        self.marks.push((self.entries.len(), self.resolved.len()));
    }

    /// Ends a savepoint whose work stays: its entries go over to the enclosing one.
    pub(super) fn release(&mut self) {
        self.marks.pop();
    }

    /// Takes the entries since the innermost savepoint began, newest first, and ends it.
    pub(super) fn take_back(&mut self) -> (Vec<Entry<T>>, Vec<Resolved>) {
        let (entries, resolved) = self.marks.pop().unwrap_or((0, 0));
        let mut entries = self.entries.split_off(entries);
        let mut resolved = self.resolved.split_off(resolved);
        entries.reverse();
        resolved.reverse();
        (entries, resolved)
    }

    /// Forgets everything: the transaction has ended.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.resolved.clear();
        self.marks.clear();
    }
}
