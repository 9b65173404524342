//! What the program asks of the next flush besides the values of a row's fields.
//!
//! `asking` notes it; `collect` and `bind` read it.
//! It must not be kept for objects of which nothing is asked.

use crate::statement::Computed;

/// What is asked for one object.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The columns that the database is to compute, in table order.
    pub(crate) computed: Vec<Computed>,
    /// Whether the version counts up although nothing changed.
    pub(crate) bump: bool,
}
