//! What a plan knows of its rows besides what it does with them.
//!
//! `notes` makes it for `plan()`, `dependencies` and `drawing` show it; a flush does without.
//! It must not hold values other than keys.

use super::reason::Reason;

/// Notes on a plan.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// By statement: its rank.
    pub(super) ranks: Vec<usize>,
    /// By statement: the names of its rows.
    pub(super) rows: Vec<Vec<String>>,
    pub(super) waits: Vec<Wait>,
    /// What rows wait for; there are few, however many rows wait.
    pub(super) causes: Vec<Cause>,
}

/// A row that waits for another.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) before: Place,
    pub(super) after: Place,
    /// Its position among the causes.
    pub(super) cause: usize,
}

/// A row by the position of its statement, and its own in that.
pub(super) type Place = (usize, usize);

/// Why rows wait.
#[derive(Debug)]
pub(super) struct Cause {
    /// `Model.field`, with commas between several.
    pub(super) fields: String,
    pub(super) reason: Reason,
    /// None between two statements of one row.
    pub(super) constraint: Option<String>,
}
