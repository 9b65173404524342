//! What a flush has to do, row by row, before anything is grouped or ordered.
//!
//! `collect` fills it, `cascade` completes it, the planner reads it.
//! It must not hold values: an operation names its row by slot and its columns by set.

use foldhash::HashMap;

use super::operation::Operation;
use crate::identity_map::{StoreId, Wish};
use crate::model::{ColumnSet, ForeignKey, Table};
use crate::statement::shape::Computation;

/// Pairs of one association that one statement links or unlinks, by number.
#[derive(Debug)]
pub(super) struct Pairs {
    pub(super) association: usize,
    pub(super) wish: Wish,
    pub(super) numbers: Vec<u32>,
}

/// A row of the session: its model's store, and its slot in it.
pub(super) type Row = (StoreId, u32);

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Insert {
        sent: ColumnSet,
        made: ColumnSet,
    },
    Update {
        /// The fields that are sent, the version's among them.
        changed: ColumnSet,
        made: ColumnSet,
        guarded: bool,
    },
    Delete,
}

/// One row's operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Op {
    pub(crate) store: StoreId,
    pub(crate) slot: u32,
    pub(crate) what: What,
    /// Whether the version is counted up by the flush, and was not set by the program.
    pub(crate) bump: bool,
    /// The fields that the database computes, and how.
    pub(crate) computed: Computation,
}

impl Op {
    /// The deletion of a row.
    pub(super) fn delete((store, slot): Row) -> Op {
        Op {
            store,
            slot,
            what: What::Delete,
            bump: false,
            computed: Computation::NONE,
        }
    }

    /// Whether the row refers to another row by this reference than it did.
    pub(super) fn refers_anew(&self, fk: &ForeignKey) -> bool {
        match self.what {
            What::Insert { .. } => true,
            What::Update { changed, .. } => changed.contains(fk.field),
            What::Delete => false,
        }
    }

    /// Whether the row gives up the row to which this reference pointed.
    pub(super) fn refers_no_more(&self, fk: &ForeignKey) -> bool {
        match self.what {
            What::Insert { .. } => false,
            What::Update { changed, .. } => changed.contains(fk.field),
            What::Delete => true,
        }
    }

    /// Whether the database makes the row's key, or a part of it.
    pub(super) fn draws_key(&self, table: &Table) -> bool {
        match self.what {
            What::Insert { made, .. } => !made.intersection(table.key()).is_empty(),
            What::Update { .. } | What::Delete => false,
        }
    }

    /// Whether the row is known by another key afterwards.
    pub(super) fn changes_key(&self, table: &Table) -> bool {
        match self.what {
            What::Update { changed, .. } => !changed.intersection(table.key()).is_empty(),
            What::Insert { .. } | What::Delete => false,
        }
    }
}

/// What the database does by itself to a loaded row when a row that it refers to is deleted or
/// gets another key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Follower {
    Deleted {
        store: StoreId,
        slot: u32,
    },
    LostReference {
        store: StoreId,
        slot: u32,
        field: usize,
    },
    NewKey {
        store: StoreId,
        slot: u32,
        field: usize,
        parent: Row,
    },
}

/// Everything that a flush has to do.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) ops: Vec<Op>,
    pub(crate) by_row: HashMap<Row, usize>,
    /// Touched objects that turned out to be as they were.
    pub(crate) unchanged: Vec<Row>,
    pub(crate) followers: Vec<Follower>,
    /// Rows that the database deletes, with the row whose DELETE takes them along.
    pub(super) swept: HashMap<Row, Row>,
    /// Pairs to be linked or unlinked.
    pub(super) pairs: Vec<Pairs>,
    /// How many objects were compared with their last flushed value.
    pub(crate) compared: usize,
}

impl Changes {
    /// Adds an operation.
    pub(super) fn push(&mut self, op: Op) {
        self.by_row.insert((op.store, op.slot), self.ops.len());
        self.ops.push(op);
    }

    /// The rows that are written, and how.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (StoreId, u32, Operation)> {
        self.ops.iter().map(|op| {
            let operation = match op.what {
                What::Insert { .. } => Operation::Insert,
                What::Update { .. } => Operation::Update,
                What::Delete => Operation::Delete,
            };
            (op.store, op.slot, operation)
        })
    }

    /// The operation on a row.
    pub(super) fn on(&self, row: Row) -> Option<(usize, &Op)> {
        let position = *self.by_row.get(&row)?;
        Some((position, &self.ops[position]))
    }

    /// The DELETE by which a row goes, be it that of another row.
    pub(super) fn deletion_of(&self, row: Row) -> Option<(usize, &Op)> {
        let row = self.swept.get(&row).unwrap_or(&row);
        self.on(*row).filter(|(_, op)| op.what == What::Delete)
    }

    /// Takes operations out.
    pub(super) fn remove(&mut self, rows: &[Row]) {
        for row in rows {
            self.by_row.remove(row);
        }
        let by_row = &mut self.by_row;
        self.ops
            .retain(|op| by_row.contains_key(&(op.store, op.slot)));
        for (position, op) in self.ops.iter().enumerate() {
            by_row.insert((op.store, op.slot), position);
        }
    }
}
