//! What a flush has to do, row by row, before anything is grouped or ordered.
//!
//! `collect` fills it, `cascade` completes it, the planner reads it.
//! It must not hold values: an operation names its row by slot and its columns by set.

use foldhash::HashMap;

use crate::identity_map::StoreId;
use crate::model::ColumnSet;

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
}

/// What the database does by itself to a loaded row when a row that it refers to is deleted.
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
}

/// Everything that a flush has to do.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) ops: Vec<Op>,
    pub(crate) by_row: HashMap<(StoreId, u32), usize>,
    /// Touched objects that turned out to be as they were.
    pub(crate) unchanged: Vec<(StoreId, u32)>,
    pub(crate) followers: Vec<Follower>,
    /// How many objects were compared with their last flushed value.
    pub(crate) compared: usize,
}

impl Changes {
    /// Adds an operation.
    pub(super) fn push(&mut self, op: Op) {
        self.by_row.insert((op.store, op.slot), self.ops.len());
        self.ops.push(op);
    }

    /// The operation on a row.
    pub(super) fn on(&self, row: (StoreId, u32)) -> Option<(usize, &Op)> {
        let position = *self.by_row.get(&row)?;
        Some((position, &self.ops[position]))
    }

    /// Takes operations out.
    pub(super) fn remove(&mut self, rows: &[(StoreId, u32)]) {
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
