//! COMMIT, and what became of it when its answer is lost.
//!
//! Called by `session` at the end of a unit of work.
//! It must not leave a transaction open, nor call a commit a failure that may have happened.

use std::time::Instant;

use super::connection::{Connection, lost};
use super::identity::Outcome;
use super::sqlstate::{Failure, settle_cancelled};
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};

/// COMMIT of an aborted transaction is a ROLLBACK that reports success, and the driver does not
/// show the difference. A statement before it that fails in an aborted transaction does; this
/// one neither returns rows nor outlives the transaction.
const COMMIT: &str = "SET LOCAL sessile.commit = on; COMMIT";

impl Connection {
    /// Commits. 0 round trips when nothing was begun.
    ///
    /// # Errors
    /// Whatever the failure, no transaction is open afterwards. `TransactionFailed` when
    /// something had failed before, and `Timeout` when the deadline has passed: it was rolled
    /// back. When the connection breaks meanwhile, another one is asked whether the transaction
    /// was committed: `Connection` when it was not, and `CommitUnknown` when that can't be told.
    /// Otherwise what the server says, such as a deferred constraint's violation or
    /// `Serialization`.
    pub(crate) fn commit(&mut self) -> Result<()> {
        let Some(transaction) = self.transaction.take() else {
            return Ok(());
        };
        let refusal = transaction.refusal();
        if let Some(error) = refusal.or_else(|| transaction.expiry(Instant::now())) {
            self.undo(&transaction)?;
            return Err(error);
        }
        if !transaction.is_begun() {
            return Ok(());
        }
        if self.is_broken() {
            // Known before COMMIT was sent, so the outcome is known as well.
            return Err(Error::new(ErrorKind::Connection).while_doing("COMMIT"));
        }
        let started = Instant::now();
        let committed = match &mut self.lease {
            Some(lease) => lease.control_as("COMMIT", COMMIT),
            None => Err(lost()),
        };
        match committed {
            Ok(()) => {
                self.settled();
                self.shared.counters.commits.add_one();
                Ok(())
            }
            Err(failure) => self.commit_failed(failure, &transaction, started),
        }
    }

    fn commit_failed(
        &mut self,
        failure: Failure,
        transaction: &Transaction,
        started: Instant,
    ) -> Result<()> {
        if failure.dead {
            self.shared.pool.suspect_all();
        } else {
            // A failed COMMIT ends the transaction; the check in front of it does not.
            let _ = self.undo(transaction);
        }
        // Said by servers that commit on others: "transaction resolution unknown" and
        // "statement completion unknown".
        let unknown = failure.dead || matches!(failure.error.code(), Some("08007" | "40003"));
        let unsent = *failure.error.kind() == ErrorKind::InAsyncContext;
        if unknown && !unsent && !transaction.is_read_only() {
            return match self.outcome(transaction, &failure) {
                Outcome::Committed => {
                    self.shared.counters.commits.add_one();
                    Ok(())
                }
                Outcome::RolledBack => Err(failure.error.while_doing("COMMIT")),
                Outcome::Unknown => {
                    Err(Error::new(ErrorKind::CommitUnknown).with_source(failure.error))
                }
            };
        }
        let passed = transaction.passed(started, Instant::now());
        Err(settle_cancelled(failure.error, passed).while_doing("COMMIT"))
    }

    /// Asks on another connection what became of a transaction whose COMMIT was not answered.
    fn outcome(&mut self, transaction: &Transaction, failure: &Failure) -> Outcome {
        let Some(id) = transaction.id.filter(|_| failure.dead) else {
            return Outcome::Unknown;
        };
        // Given back first: with a pool of one there would be none to be had.
        self.lease = None;
        match self.shared.pool.lend() {
            Ok(mut lease) => id.outcome(&mut lease),
            Err(_) => Outcome::Unknown,
        }
    }
}
