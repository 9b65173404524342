//! The poisoned session: after a failure every verb answers with the first cause (FL-11).
//!
//! Noted by the verbs that talk to the database, healed by `rollback` and by the end of the
//! savepoint in which it happened.
//! It must not hide the error of the verb that failed: that one reaches the caller as it is.

use super::failure::Failure;
use super::session::Session;
use crate::engine::TransactionState;
use crate::error::{Error, ErrorKind};

impl Session {
    /// Notes an error of a statement, if it cost the transaction, and hands it back.
    pub(super) fn note_failure(&mut self, error: Error) -> Error {
        let Some(connection) = self.connection() else {
            return error;
        };
        let (state, broken) = (connection.state(), connection.is_broken());
        match state {
            TransactionState::Aborted => self.poison(&error, broken),
            TransactionState::Open if broken => self.poison(&error, true),
            // Nothing was begun: the next verb may have better luck with another connection.
            _ if broken => {
                let _ = self.end_connection(|connection| connection.rollback());
            }
            _ => {}
        }
        error
    }

    /// The transaction is lost, back to the innermost savepoint or to its beginning.
    pub(super) fn poison(&mut self, cause: &Error, broken: bool) {
        if self.failure.is_some() {
            return;
        }
        // A serialization failure can't be cured by a savepoint, and a deadlock's victim has
        // given up what others may have taken by now.
        let whole =
            broken || matches!(cause.kind(), ErrorKind::Serialization | ErrorKind::Deadlock);
        let depth = if whole { 0 } else { self.depth };
        self.failure = Some(Failure {
            cause: cause.clone(),
            depth,
        });
        if depth == 0 {
            // Locks are given up now, whenever the program comes round to its rollback.
            let _ = self.roll_back_connection();
        }
    }
}
