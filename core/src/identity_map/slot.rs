//! One object: its value, its state, and what must be remembered about it.
//!
//! The stores hold slots by the thousand, so a slot keeps nothing that can be derived.
//! It must not know its neighbours.

use crate::error::HandleProblem;

/// The state of an object, as [`Session::state`](crate::Session::state) tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Added, and not inserted yet.
    Pending,
    /// A row of the database.
    Persistent,
    /// A row that the next flush deletes.
    MarkedDeleted,
    /// Deleted by a flush; a rollback brings it back.
    Deleted,
    /// The handle names no object of this session, or no longer does. One whose row was not found
    /// is persistent again, and expired, when the transaction is rolled back.
    Gone,
}

/// The state of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing lives here.
    Vacant,
    /// Added, and not inserted yet.
    Pending,
    /// A row of the database.
    Persistent,
    /// A row that the next flush deletes.
    Marked,
    /// Deleted by a flush of the open transaction.
    Deleted,
    /// Looked for in the open transaction, and its row was not there; a rollback brings it back.
    Missed,
    /// Inserted by a transaction that was rolled back; its value can be detached until the next
    /// flush or commit.
    RolledBack,
}

impl Phase {
    pub(crate) fn state(self) -> State {
        match self {
            Phase::Pending => State::Pending,
            Phase::Persistent => State::Persistent,
            Phase::Marked => State::MarkedDeleted,
            Phase::Deleted => State::Deleted,
            Phase::Vacant | Phase::Missed | Phase::RolledBack => State::Gone,
        }
    }

    /// Whether the object may be read, or why not.
    pub(crate) fn readable(self) -> Result<(), HandleProblem> {
        match self {
            Phase::Pending | Phase::Persistent | Phase::Marked => Ok(()),
            Phase::Deleted => Err(HandleProblem::Deleted),
            Phase::Vacant | Phase::Missed | Phase::RolledBack => Err(HandleProblem::Gone),
        }
    }

    /// Whether the object may be written, or why not.
    pub(crate) fn writable(self) -> Result<(), HandleProblem> {
        match self {
            Phase::Marked => Err(HandleProblem::Deleted),
            other => other.readable(),
        }
    }
}

/// One object of a store.
#[derive(Debug)]
pub(crate) struct Slot<T, K> {
    /// Counts the objects that have lived here, so that old handles are told apart.
    pub(super) generation: u32,
    pub(super) phase: Phase,
    /// Whether it is on the store's list of touched objects.
    pub(super) touched: bool,
    /// Whether the first touch found it expired, so that its UPDATE must compare old values.
    pub(super) guarded: bool,
    /// The transaction in which the row was last read or written.
    pub(super) read_in: u32,
    /// The lock epoch in which the row was locked.
    pub(super) locked_in: u32,
    /// The load that brought it, and its place in it.
    pub(super) group: u32,
    pub(super) place: u32,
    /// One more than the position of its latest journal entry; 0 when there is none.
    pub(super) journaled: u32,
    /// The key under which the database knows the row.
    pub(super) key: Option<K>,
    /// The value; absent only while `edit` has it in hand.
    pub(super) row: Option<T>,
    /// The value of the last flush, once the object was touched.
    pub(super) original: Option<Box<T>>,
}

impl<T, K> Slot<T, K> {
    pub(super) fn vacant() -> Self {
        Slot {
            generation: 0,
            phase: Phase::Vacant,
            touched: false,
            guarded: false,
            read_in: 0,
            locked_in: 0,
            group: 0,
            place: 0,
            journaled: 0,
            key: None,
            row: None,
            original: None,
        }
    }

    /// Empties the slot for the next object and returns the value.
    pub(super) fn vacate(&mut self) -> Option<T> {
        let row = self.row.take();
        let generation = self.generation.wrapping_add(1);
        *self = Slot {
            generation,
            ..Slot::vacant()
        };
        row
    }
}
