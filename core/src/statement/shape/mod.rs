//! The fixed statements: get by key, and what a flush writes.
//!
//! Their text depends on the table and a few choices only, so each is built once in a process and
//! found again by its shape. Called by the loader and the unit of work.
//! It must not see values: a shape says which value goes where, the caller encodes them.

pub(in crate::statement) mod text;

mod insert;

mod update;

mod delete;

mod link;

mod read;

mod tree;

mod cache;
mod computed;

pub(crate) use cache::shaped;
pub(crate) use computed::{
    Computation, Computing, computed_insert, computed_update, inserts_together,
};
pub(crate) use insert::Matching;

use std::sync::Arc;

use crate::engine::Text;
use crate::model::{ColumnSet, FieldGroup, Table};

/// What a statement does, in all that its text depends on besides the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// Rows by their keys.
    Get { rows: Rows, lock: Lock },
    /// Rows by the keys that one of their references holds.
    Children { field: usize, rows: Rows },
    /// Rows reached by a reference of the table to itself, any number of steps away.
    Tree {
        field: usize,
        towards: Towards,
        levels: Levels,
    },
    /// New rows.
    Insert {
        /// The fields that are sent.
        sent: ColumnSet,
        /// The fields that come back.
        made: ColumnSet,
        rows: Rows,
    },
    /// New values for these fields.
    Update {
        changed: ColumnSet,
        /// The fields that come back.
        made: ColumnSet,
        /// Whether the old values of the changed fields are compared (ST-6).
        guarded: bool,
        /// Whether the rows are locked in key order first.
        ordered: bool,
        rows: Rows,
    },
    /// Rows go.
    Delete { ordered: bool, rows: Rows },
    /// Rows that hold two references and are there once.
    Link {
        fields: ColumnSet,
        /// Whether the rows that were not there come back.
        back: bool,
        rows: Rows,
    },
    /// Such rows go, if they are there.
    Unlink {
        fields: ColumnSet,
        ordered: bool,
        rows: Rows,
    },
    /// Row locks in key order, for several statements that follow.
    LockRows { strength: Lock },
}

/// How many rows, and how they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rows {
    /// One row, each column a parameter.
    One,
    /// Any number of rows, each column an array for `UNNEST`.
    Arrays,
    /// This many rows, each cell a parameter: for array columns, which `UNNEST` would flatten.
    Cells(usize),
}

/// In which direction a reference is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Towards {
    Children,
    Parents,
}

/// How many steps a tree is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Levels {
    All,
    /// Up to a number that is a parameter.
    Limited,
}

/// A row lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lock {
    None,
    NoKeyUpdate,
    Update,
}

impl Lock {
    /// The lock that an UPDATE of these fields takes: the stronger one for every column to which
    /// a foreign key may refer, so those of unique constraints too (manual, 13.3.2). A weaker one
    /// before it would be raised row by row, in the order of the join.
    pub(crate) fn of_update(table: &Table, changed: ColumnSet) -> Lock {
        let unique = |group: &FieldGroup| group.fields.iter().any(|field| changed.contains(*field));
        let key = !changed.intersection(table.key()).is_empty();
        match key || table.uniques().iter().any(unique) {
            true => Lock::Update,
            false => Lock::NoKeyUpdate,
        }
    }

    pub(in crate::statement) fn clause(self) -> &'static str {
        match self {
            Lock::None => "",
            Lock::NoKeyUpdate => " FOR NO KEY UPDATE",
            Lock::Update => " FOR UPDATE",
        }
    }
}

/// A statement's text, and which value each parameter takes.
#[derive(Clone, Debug)]
pub(crate) struct Shaped {
    pub(crate) text: Text,
    /// For `Rows::Cells` those of one row, to be repeated.
    pub(crate) params: Arc<[Param]>,
}

/// The value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Param {
    /// A column, as the object has it now; by its position in the table.
    Current(usize),
    /// A column, as the object had it at the last flush.
    Flushed(usize),
    /// A column of the key under which the database knows the row: the key's part, and the
    /// column's position in the table.
    Key(usize, usize),
}

impl Param {
    /// The column whose type the parameter has.
    pub(crate) fn column(self) -> usize {
        match self {
            Param::Current(column) | Param::Flushed(column) | Param::Key(_, column) => column,
        }
    }
}
