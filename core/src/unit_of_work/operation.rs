//! What a statement of a flush does.
//!
//! Plans show it; hooks ask for it.
//! It must not know rows.

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Locks rows in key order, for statements that follow.
    Lock,
    /// Inserts rows.
    Insert,
    /// Updates rows.
    Update,
    /// Deletes rows.
    Delete,
}
