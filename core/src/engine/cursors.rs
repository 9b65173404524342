//! Cursors on the server: rows that are fetched in batches, with other statements in between.
//!
//! `portals` opens them and fetches; `transaction` keeps the list, and says before the next
//! statement which of them are to be closed.
//! It must not send a name that the server no longer knows: that would abort the transaction.

use std::fmt::Write as _;
use std::sync::{Arc, Weak};

/// A cursor on the server, from its owner's side. Dropping it closes the cursor, with the next
/// statement that is sent; nothing is sent when the transaction ends first.
#[derive(Debug)]
pub(crate) struct Portal {
    pub(super) number: u32,
    /// Kept to be seen: the list has the weak end.
    owner: Arc<()>,
    pub(super) plain_read: bool,
    /// The transaction's count of writes when it was opened.
    pub(super) writes: u64,
}

impl Portal {
    pub(super) fn new(number: u32, plain_read: bool, writes: u64) -> Portal {
        Portal {
            number,
            owner: Arc::new(()),
            plain_read,
            writes,
        }
    }
}

/// The cursors of a transaction.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    open: Vec<Open>,
    names: u32,
}

/// A cursor that the server has.
#[derive(Debug)]
struct Open {
    number: u32,
    /// The number of savepoints around it.
    depth: usize,
    owner: Weak<()>,
}

impl Cursors {
    pub(super) fn name(&mut self) -> u32 {
        self.names += 1;
        self.names
    }

    pub(super) fn add(&mut self, portal: &Portal, depth: usize) {
        self.open.push(Open {
            number: portal.number,
            depth,
            owner: Arc::downgrade(&portal.owner),
        });
    }

    /// Whether the server still has it.
    pub(super) fn has(&self, portal: &Portal) -> bool {
        let owner = Arc::as_ptr(&portal.owner);
        self.open.iter().any(|open| open.owner.as_ptr() == owner)
    }

    /// Nobody can fetch from any of them from here on.
    pub(super) fn abandon(&mut self) {
        self.open
            .iter_mut()
            .for_each(|open| open.owner = Weak::new());
    }

    /// Appends what closes those whose owners are gone.
    pub(super) fn write_closed(&mut self, sql: &mut String) {
        self.open.retain(|open| {
            let owned = open.owner.strong_count() > 0;
            if !owned {
                let number = open.number;
                write!(sql, "; CLOSE c{number}").expect("a string takes every write");
            }
            owned
        });
    }

    /// The innermost of so many savepoints was released: its cursors are those of the next one.
    pub(super) fn released(&mut self, depth: usize) {
        for open in &mut self.open {
            open.depth = open.depth.min(depth - 1);
        }
    }

    /// The innermost of so many savepoints is rolled back, which closes what was opened inside.
    pub(super) fn rolled_back(&mut self, depth: usize) {
        self.open.retain(|open| open.depth < depth);
    }
}
