//! A connection on loan: batches in, replies out, one transaction at a time.
//!
//! `session` and the wings run everything through it.
//! It must not give back a connection with anything open on it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::cancel::CancelToken;
use super::identity::run_and_learn;
use super::options::TransactionOptions;
use super::pool::Lease;
use super::sent::Sent;
use super::shared::Shared;
use super::sqlstate::{Failure, settle_cancelled};
use super::statement::{BatchError, Reply, Statement};
use super::transaction::{RollbackTo, Transaction, TransactionState};
use crate::error::{Error, ErrorKind, Result};

/// A connection, from the first statement of a unit of work to its end.
///
/// Dropping it rolls back what is open and gives it back to the pool.
pub(crate) struct Connection {
    /// `None` when the connection died and no other could be had.
    pub(super) lease: Option<Lease>,
    pub(super) shared: Arc<Shared>,
    pub(super) transaction: Option<Transaction>,
    pub(super) cancel: CancelToken,
    /// Who wants to know what is sent.
    audience: Option<Arc<Sent>>,
}

impl Connection {
    pub(super) fn new(lease: Lease, shared: Arc<Shared>) -> Connection {
        let cancel = CancelToken::new(shared.connector.clone(), lease.cancel_token());
        Connection {
            lease: Some(lease),
            shared,
            transaction: None,
            cancel,
            audience: None,
        }
    }

    /// Counts what is sent from here on for this audience, too.
    pub(crate) fn report_to(&mut self, audience: Arc<Sent>) {
        if let Some(lease) = &mut self.lease {
            lease.audience = Some(audience.clone());
        }
        self.audience = Some(audience);
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
        for statement in batch {
            match self.run_one(statement) {
                Ok(reply) => replies.push(reply),
                Err(error) => return Err(BatchError { error, replies }),
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
        let reply = match transaction.id {
            Some(_) => lease.run(statement)?,
            None => {
                let (reply, id) = run_and_learn(lease, statement)?;
                transaction.id = id;
                reply
            }
        };
        transaction.used(statement);
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
        let Ok(mut lease) = self.shared.pool.lend() else {
            return false;
        };
        lease.audience.clone_from(&self.audience);
        self.cancel.replace(lease.cancel_token());
        self.lease = Some(lease);
        if let Some(transaction) = &mut self.transaction {
            transaction.restart();
        }
        true
    }

    pub(super) fn note_failure(
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

    pub(super) fn control(&mut self, sql: &str) -> Result<(), Failure> {
        match &mut self.lease {
            Some(lease) => lease.control(sql),
            None => Err(lost()),
        }
    }

    pub(super) fn expect_transaction(&mut self) -> &mut Transaction {
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
        lease.audience = None;
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

pub(super) fn lost() -> Failure {
    let error = Error::new(ErrorKind::Connection);
    Failure::fatal(error.with_source("the connection broke, and no other could be had"))
}
