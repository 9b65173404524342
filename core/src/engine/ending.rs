//! The end of a transaction on the server: COMMIT, ROLLBACK, and what stands for them in a test.
//!
//! `session` calls it through the connection.
//! It must not leave a transaction open, whatever fails; only that of a test stays.

use std::time::Instant;

use super::connection::{Connection, lost};
use super::sqlstate::{Failure, settle_cancelled};
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};

/// COMMIT of an aborted transaction is a ROLLBACK that reports success, and the driver does not
/// show the difference. A statement before it that fails in an aborted transaction does; this
/// one neither returns rows nor outlives the transaction.
const COMMIT: &str = "SET LOCAL sessile.commit = on; COMMIT";

/// What COMMIT checks, and that it could be made to check again: rolling back to the savepoint
/// gives the constraints their modes back.
const CHECK: &str = "SAVEPOINT sessile_commit; SET CONSTRAINTS ALL IMMEDIATE; \
     ROLLBACK TO SAVEPOINT sessile_commit; RELEASE SAVEPOINT sessile_commit";

impl Connection {
    /// Commits. 0 round trips when nothing was begun.
    ///
    /// # Errors
    /// Whatever the failure, no transaction is open afterwards. `TransactionFailed` when
    /// something had failed before, and `Timeout` when the deadline has passed: it was rolled
    /// back. `CommitUnknown` when the connection broke meanwhile. Otherwise what the server
    /// says, such as a deferred constraint's violation or `Serialization`.
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
            Err(failure) => Err(self.commit_failed(failure, &transaction, started)),
        }
    }

    fn commit_failed(
        &mut self,
        failure: Failure,
        transaction: &Transaction,
        started: Instant,
    ) -> Error {
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
            return Error::new(ErrorKind::CommitUnknown).with_source(failure.error);
        }
        let passed = transaction.passed(started, Instant::now());
        settle_cancelled(failure.error, passed).while_doing("COMMIT")
    }

    /// Rolls back. 0 round trips when nothing was begun.
    ///
    /// When ROLLBACK does not get through the connection is thrown away, which has the same
    /// effect.
    ///
    /// # Errors
    /// `InAsyncContext`.
    pub(crate) fn rollback(&mut self) -> Result<()> {
        match self.transaction.take() {
            Some(transaction) => self.undo(&transaction),
            None => Ok(()),
        }
    }

    pub(super) fn undo(&mut self, transaction: &Transaction) -> Result<()> {
        if !transaction.is_begun() {
            return Ok(());
        }
        self.shared.counters.rollbacks.add_one();
        match self.control("ROLLBACK") {
            Ok(()) => {
                self.settled();
                Ok(())
            }
            Err(failure) => {
                if let Some(lease) = &mut self.lease {
                    lease.distrust();
                }
                match failure.error.kind() {
                    ErrorKind::InAsyncContext => Err(failure.error),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Nothing is open on the server any more.
    fn settled(&mut self) {
        if let Some(lease) = &mut self.lease {
            lease.dirty = false;
        }
    }

    /// Stands for COMMIT in a transaction that a test rolls back: what happened since the
    /// innermost savepoint stays, deferred constraints are checked, cursors are closed, and the
    /// next savepoint is opened. 1 round trip, or none when nothing was sent.
    ///
    /// # Errors
    /// As [`commit`](Connection::commit); the savepoint is still there then.
    ///
    /// # Panics
    /// Without a savepoint.
    pub(crate) fn commit_in_test(&mut self) -> Result<()> {
        let transaction = self.expect_transaction();
        if let Some(refusal) = transaction.refusal() {
            return Err(refusal);
        }
        if transaction.is_fresh() {
            return Ok(());
        }
        let checked = match &mut self.lease {
            Some(lease) => lease.control_as("COMMIT", CHECK),
            None => Err(lost()),
        };
        let transaction = self.expect_transaction();
        if let Err(failure) = checked {
            let error = failure.error.while_doing("COMMIT");
            match failure.dead {
                true => transaction.fail_for_good(&error),
                false => transaction.fail(&error),
            }
            return Err(error);
        }
        transaction.cursors.abandon();
        transaction.release()?;
        transaction.savepoint();
        Ok(())
    }

    /// Stands for ROLLBACK in a transaction that a test rolls back: undoes so many savepoints and
    /// opens one. At most 1 round trip for each.
    ///
    /// # Errors
    /// As [`rollback_to`](Connection::rollback_to): the whole transaction is lost.
    ///
    /// # Panics
    /// With fewer savepoints.
    pub(crate) fn rollback_in_test(&mut self, savepoints: usize) -> Result<()> {
        for _ in 0..savepoints {
            self.rollback_to()?;
        }
        self.savepoint();
        Ok(())
    }
}
