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
    /// The transaction in which the value had been read.
    pub(super) read_in: u32,
    pub(super) was: Was<T>,
}

/// A reference that held a handle until its parent had a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolved {
    pub(super) slot: u32,
    pub(super) generation: u32,
    pub(super) field: usize,
    pub(super) handle: RawHandle,
    /// A hash of the key that took the handle's place.
    pub(super) key: u64,
}

/// Lengths of the journal's lists when a savepoint began.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    entries: usize,
    resolved: usize,
    reads: usize,
}

/// References that were put back to their flushed values: slot and generation of the object, the
/// field, and the value before.
pub(super) type PutBack<T> = Vec<(u32, u32, usize, Box<T>)>;

/// What happened since a savepoint, or since the transaction began, newest first.
#[derive(Debug)]
pub(super) struct Undo<T> {
    pub(super) entries: Vec<Entry<T>>,
    pub(super) resolved: Vec<Resolved>,
    /// Slots and generations of objects whose rows were read.
    pub(super) reads: Vec<(u32, u32)>,
}

/// The entries of the open transaction, with a mark for each open savepoint.
#[derive(Debug)]
pub(super) struct Journal<T> {
    pub(super) entries: Vec<Entry<T>>,
    pub(super) resolved: Vec<Resolved>,
    /// How many of them are of references that have been written.
    written: usize,
    reads: Vec<(u32, u32)>,
    marks: Vec<Mark>,
}

impl<T> Journal<T> {
    /// A journal inside `depth` open savepoints, in none of which anything happened yet.
    pub(super) fn new(depth: usize) -> Self {
        Journal {
            entries: Vec::new(),
            resolved: Vec::new(),
            written: 0,
            reads: Vec::new(),
            marks: vec![Mark::default(); depth],
        }
    }

    /// Whether an object with this `journaled` has its entry for the innermost savepoint.
    pub(super) fn covers(&self, journaled: u32) -> bool {
        let start = self.marks.last().map_or(0, |mark| mark.entries);
        journaled as usize > start
    }

    /// A flush has written every reference that was resolved.
    pub(super) fn note_written(&mut self) {
        self.written = self.resolved.len();
    }

    /// Takes out what was resolved since the last flush, newest first.
    pub(super) fn take_unwritten(&mut self) -> Vec<Resolved> {
        let mut unwritten = self.resolved.split_off(self.written);
        unwritten.reverse();
        unwritten
    }

    /// Opens a savepoint.
    pub(super) fn open(&mut self) {
        self.marks.push(Mark {
            entries: self.entries.len(),
            resolved: self.resolved.len(),
            reads: self.reads.len(),
        });
    }

    /// A row was read. What a savepoint has read may be its own work in the database, so it
    /// expires when that is undone; without a savepoint everything does.
    pub(super) fn note_read(&mut self, slot: u32, generation: u32) {
        if !self.marks.is_empty() {
            self.reads.push((slot, generation));
        }
    }

    /// Forgets reads of objects that are not here any more.
    pub(super) fn keep_reads(&mut self, is_here: impl Fn(u32, u32) -> bool) {
        let mut kept = 0;
        let mut before = Vec::with_capacity(self.reads.len() + 1);
        before.push(0);
        self.reads.retain(|(slot, generation)| {
            let here = is_here(*slot, *generation);
            kept += usize::from(here);
            before.push(kept);
            here
        });
        for mark in &mut self.marks {
            mark.reads = before[mark.reads];
        }
    }

    /// Ends a savepoint whose work stays: its entries go over to the enclosing one.
    pub(super) fn release(&mut self) {
        self.marks.pop();
        if self.marks.is_empty() {
            self.reads.clear();
        }
    }

    /// Takes what happened since the innermost savepoint began, and ends it.
    pub(super) fn take_back(&mut self) -> Undo<T> {
        let mark = self.marks.pop().unwrap_or_default();
        self.split_off(mark)
    }

    /// Takes what happened since the transaction began.
    pub(super) fn take_back_all(&mut self) -> Undo<T> {
        self.marks.clear();
        self.split_off(Mark::default())
    }

    fn split_off(&mut self, mark: Mark) -> Undo<T> {
        let mut entries = self.entries.split_off(mark.entries);
        let mut resolved = self.resolved.split_off(mark.resolved);
        self.written = self.written.min(mark.resolved);
        entries.reverse();
        resolved.reverse();
        Undo {
            entries,
            resolved,
            reads: self.reads.split_off(mark.reads),
        }
    }

    /// Forgets everything: the transaction has ended.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.resolved.clear();
        self.written = 0;
        self.reads.clear();
        self.marks.clear();
    }
}
