//! A connection on loan: batches in, replies out, one transaction at a time.
//!
//! `session` and the wings run everything through it.
//! It must not give back a connection with anything open on it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::cancel::CancelToken;
use super::options::TransactionOptions;
use super::pool::Lease;
use super::shared::Shared;
use super::sqlstate::{Failure, settle_cancelled};
use super::statement::{BatchError, Reply, Statement};
use super::transaction::{RollbackTo, Transaction, TransactionState};
use crate::error::{Error, ErrorKind, Result};

/// COMMIT of an aborted transaction is a ROLLBACK that reports success, and the driver does not
/// show the difference. A statement before it that fails in an aborted transaction does; this
/// one neither returns rows nor outlives the transaction.
const COMMIT: &str = "SET LOCAL sessile.commit = on; COMMIT";

/// A connection, from the first statement of a unit of work to its end.
///
/// Dropping it rolls back what is open and gives it back to the pool.
pub(crate) struct Connection {
    /// `None` when the connection died and no other could be had.
    pub(super) lease: Option<Lease>,
    shared: Arc<Shared>,
    transaction: Option<Transaction>,
    cancel: CancelToken,
}

impl Connection {
    pub(super) fn new(lease: Lease, shared: Arc<Shared>) -> Connection {
        let cancel = CancelToken::new(shared.connector.clone(), lease.cancel_token());
        Connection {
            lease: Some(lease),
            shared,
            transaction: None,
            cancel,
        }
    }

    /// Notes that what follows is one transaction. Nothing is sent until a statement needs it.
    ///
    /// A transaction that is noted or open already goes on as it is.
    pub(crate) fn begin(&mut self, options: &TransactionOptions) {
        if self.transaction.is_none() {
            let now = Instant::now();
            self.transaction = Some(Transaction::new(*options, self.shared.limits, now));
        }
    }

    /// How far the transaction has come.
    pub(crate) fn state(&self) -> TransactionState {
        self.transaction
            .as_ref()
            .map_or(TransactionState::Idle, Transaction::state)
    }

    /// Whether nothing can be run on it any more.
    pub(crate) fn is_broken(&self) -> bool {
        self.lease.as_ref().is_none_or(|lease| lease.is_broken())
    }

    /// Cancels, from another thread, what this connection is busy with.
    pub(crate) fn cancel_token(&self) -> CancelToken {
        self.cancel.clone()
    }

    /// Runs the statements in order and stops at the first that fails.
    ///
    /// One round trip for each statement, plus one for what must go before the first: BEGIN,
    /// savepoints, time limits. Without [`begin`](Connection::begin) each statement commits by
    /// itself.
    ///
    /// # Errors
    /// Whatever the server says. A failure inside a transaction aborts it: from then on the
    /// answer is `TransactionFailed`, without I/O, until it is rolled back.
    pub(crate) fn run(&mut self, batch: &[Statement<'_>]) -> Result<Vec<Reply>, BatchError> {
        let mut replies = Vec::with_capacity(batch.len());
        for (index, statement) in batch.iter().enumerate() {
            match self.run_one(statement) {
                Ok(reply) => replies.push(reply),
                Err(error) => return Err(BatchError { index, error }),
            }
        }
        Ok(replies)
    }

    /// Opens a savepoint inside the transaction; nothing is sent until a statement needs it.
    ///
    /// # Panics
    /// Without a transaction.
    pub(crate) fn savepoint(&mut self) {
        self.expect_transaction().savepoint();
    }

    /// Makes what happened since the innermost savepoint part of what is around it. 0 round
    /// trips: the server hears of it with the next statement.
    ///
    /// # Errors
    /// `TransactionFailed` when something has failed; the savepoint is still there then.
    ///
    /// # Panics
    /// Without a savepoint.
    pub(crate) fn release(&mut self) -> Result<()> {
        self.expect_transaction().release()
    }

    /// Undoes what happened since the innermost savepoint, and ends it.
    ///
    /// # Errors
    /// `TransactionFailed` when the failure is not one of the savepoint alone: it happened
    /// before, could not be serialized, or broke the connection. The savepoint is gone, and the
    /// transaction must be rolled back.
    ///
    /// # Panics
    /// Without a savepoint.
    pub(crate) fn rollback_to(&mut self) -> Result<()> {
        let RollbackTo::Send(sql) = self.expect_transaction().rollback_to()? else {
            return Ok(());
        };
        match self.control(&sql) {
            Ok(()) => {
                self.expect_transaction().rolled_back_to();
                Ok(())
            }
            Err(failure) => {
                let error = failure.error.while_doing("rolling back to a savepoint");
                self.expect_transaction().fail_for_good(&error);
                Err(error)
            }
        }
    }

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

    fn undo(&mut self, transaction: &Transaction) -> Result<()> {
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

    fn run_one(&mut self, statement: &Statement<'_>) -> Result<Reply> {
        if let Some(refusal) = self.transaction.as_ref().and_then(Transaction::refusal) {
            return Err(refusal);
        }
        let started = Instant::now();
        let result = match self.attempt(statement) {
            Err(failure) if self.start_over(&failure, statement) => self.attempt(statement),
            result => result,
        };
        result.map_err(|failure| self.note_failure(failure, statement, started))
    }

    /// Sends what must go before the statement, and the statement.
    fn attempt(&mut self, statement: &Statement<'_>) -> Result<Reply, Failure> {
        let Some(lease) = &mut self.lease else {
            return Err(lost());
        };
        let Some(transaction) = &mut self.transaction else {
            // It may be anything, a BEGIN of the user's included.
            lease.dirty |= !statement.plain_read;
            return lease.run(statement);
        };
        if transaction.lets_pass(statement, self.shared.limits) {
            let reply = lease.run(statement)?;
            transaction.passed_one();
            return Ok(reply);
        }
        if let Some(sql) = transaction.prefix(Instant::now()).map_err(Failure::local)? {
            lease.dirty = true;
            lease.control(&sql).map_err(|failure| Failure {
                unsent: true,
                ..failure
            })?;
            transaction.confirm();
        }
        let reply = lease.run(statement)?;
        transaction.used();
        Ok(reply)
    }

    /// Prepares a second attempt where the first did nothing that could be done twice.
    ///
    /// That is so when a dead connection (the server restarted while it was idle) is noticed by
    /// BEGIN or by a plain read outside a transaction, and when the first statement of a
    /// transaction met a plan that the server no longer accepts.
    fn start_over(&mut self, failure: &Failure, statement: &Statement<'_>) -> bool {
        let begun = self.transaction.as_ref().is_some_and(Transaction::is_begun);
        if failure.dead {
            let harmless = statement.plain_read && !begun;
            let unnoticed =
                *failure.error.kind() == ErrorKind::Connection && (failure.unsent || harmless);
            // The driver looks up types after it has sent the statement.
            let looking_up = failure.outdated && (begun || harmless);
            let unused = self.transaction.as_ref().is_none_or(Transaction::is_unused);
            return (unnoticed || looking_up) && unused && self.reconnect();
        }
        if !failure.outdated {
            return false;
        }
        match &mut self.transaction {
            Some(transaction) if begun => {
                let unused = transaction.is_unused();
                unused && self.control("ROLLBACK").is_ok() && {
                    self.expect_transaction().restart();
                    true
                }
            }
            _ => true,
        }
    }

    /// Takes another connection for a dead one.
    fn reconnect(&mut self) -> bool {
        self.shared.pool.suspect_all();
        // Given back first: with a pool of one there would be none to be had.
        self.lease = None;
        let Ok(lease) = self.shared.pool.lend() else {
            return false;
        };
        self.cancel.replace(lease.cancel_token());
        self.lease = Some(lease);
        if let Some(transaction) = &mut self.transaction {
            transaction.restart();
        }
        true
    }

    fn note_failure(
        &mut self,
        failure: Failure,
        statement: &Statement<'_>,
        started: Instant,
    ) -> Error {
        let now = Instant::now();
        let transaction = self.transaction.as_mut();
        let passed = transaction.as_ref().is_some_and(|t| t.passed(started, now));
        let error = settle_cancelled(failure.error, passed).while_doing(statement.shown());
        match transaction {
            Some(transaction) if failure.dead => transaction.fail_for_good(&error),
            Some(transaction) => transaction.fail(&error),
            None => {}
        }
        if failure.dead {
            self.shared.pool.suspect_all();
        }
        error
    }

    fn control(&mut self, sql: &str) -> Result<(), Failure> {
        match &mut self.lease {
            Some(lease) => lease.control(sql),
            None => Err(lost()),
        }
    }

    fn expect_transaction(&mut self) -> &mut Transaction {
        self.transaction
            .as_mut()
            .expect("savepoints live inside a transaction")
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let cancelled = self.cancel.revoke();
        let Some(lease) = &mut self.lease else {
            return;
        };
        let limit = self.shared.pool.ping_timeout();
        if cancelled {
            lease.distrust();
        } else if lease.dirty && !lease.is_broken() {
            // The ping is the only call that has a time limit. A panic here, on a thread that
            // drives asynchronous tasks, would end the process.
            let clean = catch_unwind(AssertUnwindSafe(|| {
                lease.ping(limit) && lease.control("ROLLBACK").is_ok()
            }));
            lease.dirty = !matches!(clean, Ok(true));
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("state", &self.state())
            .field("broken", &self.is_broken())
            .finish_non_exhaustive()
    }
}

fn lost() -> Failure {
    let error = Error::new(ErrorKind::Connection);
    Failure::fatal(error.with_source("the connection broke, and no other could be had"))
}
