//! The end of a transaction without COMMIT: ROLLBACK, and what stands for both in a test.
//!
//! `session` calls it through the connection.
//! It must not leave a transaction open, whatever fails; only that of a test stays.

use super::connection::{Connection, lost};
use super::transaction::Transaction;
use crate::error::{ErrorKind, Result};

/// What COMMIT checks, and that it could be made to check again: rolling back to the savepoint
/// gives the constraints their modes back.
const CHECK: &str = "SAVEPOINT sessile_commit; SET CONSTRAINTS ALL IMMEDIATE; \
     ROLLBACK TO SAVEPOINT sessile_commit; RELEASE SAVEPOINT sessile_commit";

impl Connection {
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
    pub(super) fn settled(&mut self) {
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
