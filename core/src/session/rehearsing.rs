//! The ends of transactions, which in a test are those of savepoints (TX-6).
//!
//! `commit`, `rollback` and `poison` end transactions through here.
//! It must not let a session work on when the transaction around it is lost.

use super::rehearsal::Rehearsal;
use super::session::Session;
use crate::error::Result;

impl Session {
    /// Commits on the server, and gives the connection back unless a test goes on with it.
    pub(super) fn commit_connection(&mut self) -> Result<()> {
        self.rehearsal.check()?;
        match self.rehearsal.is_on() {
            true => self
                .connection()
                .map_or(Ok(()), |connection| connection.commit_in_test()),
            false => self.end_connection(|connection| connection.commit()),
        }
    }

    /// Rolls back on the server, and gives the connection back unless a test goes on with it.
    pub(super) fn roll_back_connection(&mut self) -> Result<()> {
        self.rehearsal.check()?;
        if !self.rehearsal.is_on() {
            return self.end_connection(|connection| connection.rollback());
        }
        // The one of the test, and those of the session that the server has, too.
        let savepoints = 1 + self.depth + std::mem::take(&mut self.debt);
        let Some(connection) = self.connection() else {
            return Ok(());
        };
        let undone = connection.rollback_in_test(savepoints);
        undone.inspect_err(|error| {
            self.rehearsal = Rehearsal::Lost(error.cause().unwrap_or(error).clone());
            let _ = self.end_connection(|connection| connection.rollback());
        })
    }
}

/// Runs a closure in a transaction that is rolled back. A panic drops the session's connection,
/// which rolls back as well.
pub(super) fn rehearse<T, E>(
    session: &mut Session,
    work: impl FnOnce(&mut Session) -> Result<T, E>,
) -> Result<T, E> {
    let span = tracing::debug_span!(target: "sessile::session", "test transaction");
    let _entered = span.enter();
    session.rehearsal = Rehearsal::Yes;
    let result = work(session);
    // A connection that can't roll back is thrown away.
    let _ = session.close();
    result
}
