//! What failed first in a transaction, and how much of it is lost.
//!
//! The session keeps one until it is healed; `poison` makes it.
//! It must not hold more than the first cause: what failed after it failed because of it.

use crate::error::Error;

/// What failed first, and how much of the transaction is lost.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) cause: Error,
    /// The number of savepoints that were open around what is lost; 0 is all of it.
    pub(super) depth: usize,
}

impl Failure {
    pub(super) fn refusal(&self) -> Error {
        Error::transaction_failed(&self.cause)
    }
}
