//! What a plan knows of its rows besides what it does with them.
//!
//! `notes` makes it for `plan()`, `drawing` draws it; a flush does without.
//! It must not hold values other than keys.

/// Notes on a plan.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// By statement: the names of its rows.
    pub(super) rows: Vec<Vec<String>>,
    pub(super) waits: Vec<Wait>,
}

/// A row that waits for another, each by the positions of its statement and in it.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) before: (usize, usize),
    pub(super) after: (usize, usize),
    pub(super) reason: String,
}
