//! Whether a session works in a transaction of a test, where everything happens and nothing stays
//! (TX-6).
//!
//! The session holds it; `rehearsing` acts by it.
//! It must not let a session work on when the transaction around it is lost: what the test has
//! "committed" would be missing.

use crate::error::{Error, Result};

/// Whether the session works inside a transaction that is rolled back in the end.
#[derive(Debug)]
pub(super) enum Rehearsal {
    No,
    Yes,
    /// It did, until this happened.
    Lost(Error),
}

impl Rehearsal {
    pub(super) fn is_on(&self) -> bool {
        matches!(self, Rehearsal::Yes)
    }

    /// Refuses to go on without the transaction.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Rehearsal::No | Rehearsal::Yes => Ok(()),
            Rehearsal::Lost(cause) => Err(Error::transaction_failed(cause)),
        }
    }
}
