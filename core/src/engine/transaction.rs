//! The state of a transaction, and what must be sent before the next statement.
//!
//! Kept by `connection`, which sends what it says.
//! Pure: no I/O and no clock. It must never say that a transaction is cleaner than it is.

use std::time::Instant;

use super::cursors::Cursors;
use super::deadline::{Deadline, Limits};
use super::identity::TransactionId;
use super::options::TransactionOptions;
use super::savepoints::Savepoints;
use super::statement::Statement;
use crate::error::{Error, ErrorKind, Result};

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransactionState {
    /// None was asked for.
    Idle,
    /// Asked for; the server does not know yet.
    Noted,
    /// The server is in it.
    Open,
    /// A statement failed: nothing but rolling back is possible.
    Aborted,
}

/// A transaction from the wish to have one to its end.
#[derive(Debug)]
pub(super) struct Transaction {
    options: TransactionOptions,
    deadline: Deadline,
    /// Set *before* BEGIN is sent, since afterwards nobody can be sure that it did not arrive.
    begun: bool,
    /// Whether a statement has succeeded since BEGIN.
    used: bool,
    /// Whether a statement has gone without BEGIN; only the first one may.
    passed_one: bool,
    failure: Option<Failed>,
    savepoints: Savepoints,
    pub(super) cursors: Cursors,
    /// Statements that may have changed something.
    writes: u64,
    /// By which the server knows it, once a write has told.
    pub(super) id: Option<TransactionId>,
}

/// The first failure, and how many savepoints can still be rolled back to.
#[derive(Debug)]
struct Failed {
    cause: Error,
    depth: usize,
}

/// What rolling back to a savepoint takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RollbackTo {
    /// The server never heard of it.
    Nothing,
    /// This must be sent, and then [`Transaction::rolled_back_to`] called.
    Send(String),
}

impl Transaction {
    pub(super) fn new(options: TransactionOptions, limits: Limits, now: Instant) -> Transaction {
        Transaction {
            options,
            deadline: Deadline::new(limits, options.deadline(), now),
            begun: false,
            used: false,
            passed_one: false,
            failure: None,
            savepoints: Savepoints::default(),
            cursors: Cursors::default(),
            writes: 0,
            id: None,
        }
    }

    pub(super) fn state(&self) -> TransactionState {
        match (&self.failure, self.begun) {
            (Some(_), _) => TransactionState::Aborted,
            (None, true) => TransactionState::Open,
            (None, false) => TransactionState::Noted,
        }
    }

    pub(super) fn is_begun(&self) -> bool {
        self.begun
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.options.is_read_only()
    }

    /// Whether nothing would be lost by starting it again on the server.
    pub(super) fn is_unused(&self) -> bool {
        !self.used
    }

    /// The answer to everything but rolling back, once something has failed.
    pub(super) fn refusal(&self) -> Option<Error> {
        self.failure
            .as_ref()
            .map(|failed| Error::transaction_failed(&failed.cause))
    }

    /// Whether this statement needs no BEGIN: a plain read that comes first and would see and
    /// do the same inside a transaction.
    pub(super) fn lets_pass(&self, statement: &Statement<'_>, limits: Limits) -> bool {
        statement.plain_read
            && !self.begun
            && !self.passed_one
            && !self.savepoints.has_unsent()
            && limits.is_empty()
            && self.options.allow_autocommit()
    }

    /// A statement went without BEGIN.
    pub(super) fn passed_one(&mut self) {
        self.passed_one = true;
    }

    /// What must be sent before the next statement, if anything; takes it for sent.
    pub(super) fn prefix(&mut self, now: Instant) -> Result<Option<String>> {
        let mut sql = String::new();
        if !self.begun {
            self.options.check()?;
            self.options.write_begin(&mut sql);
        }
        // Limits come before savepoints, so that rolling back to one leaves them in force.
        let in_time = match self.begun {
            true => self.deadline.write_changes(now, &mut sql),
            false => self.deadline.write_all(now, &mut sql),
        };
        if in_time.is_err() {
            let expired = expired();
            self.fail_for_good(&expired);
            return Err(expired);
        }
        self.cursors.write_closed(&mut sql);
        self.savepoints.write(self.deadline.told, &mut sql);
        self.begun = true;
        let sql = sql.strip_prefix("; ").unwrap_or(&sql);
        Ok((!sql.is_empty()).then(|| sql.to_owned()))
    }

    /// The prefix has arrived.
    pub(super) fn confirm(&mut self) {
        self.savepoints.confirm();
    }

    /// A statement has succeeded.
    pub(super) fn used(&mut self, statement: &Statement<'_>) {
        self.used = true;
        self.writes += u64::from(!statement.plain_read);
    }

    /// The latest of them was a cursor's opening, which changes nothing.
    pub(super) fn opened_cursor(&mut self) {
        self.writes -= 1;
    }

    /// How many statements may have changed something so far.
    pub(super) fn writes(&self) -> u64 {
        self.writes
    }

    /// Whether nothing was sent since the innermost savepoint was opened.
    pub(super) fn is_fresh(&self) -> bool {
        !self.begun || self.savepoints.innermost_is_unsent()
    }

    /// The number of open savepoints.
    pub(super) fn depth(&self) -> usize {
        self.savepoints.len()
    }

    /// A statement has failed; rolling back to a savepoint helps, unless the failure is one of
    /// the transaction as a whole.
    pub(super) fn fail(&mut self, cause: &Error) {
        let depth = match self.begun {
            _ if *cause.kind() == ErrorKind::Serialization => 0,
            true => self.savepoints.confirmed(),
            false => self.savepoints.len(),
        };
        self.note(cause, depth);
    }

    /// Something has failed that only the end of the transaction ends.
    pub(super) fn fail_for_good(&mut self, cause: &Error) {
        self.note(cause, 0);
    }

    fn note(&mut self, cause: &Error, depth: usize) {
        if self.failure.is_none() {
            let cause = cause.clone();
            self.failure = Some(Failed { cause, depth });
        }
    }

    /// BEGIN never came to effect, or has been taken back: all of it must be sent again.
    pub(super) fn restart(&mut self) {
        self.begun = false;
        self.used = false;
        self.cursors = Cursors::default();
        self.id = None;
        self.savepoints.send_again();
    }

    /// The error of a unit of work whose time is over.
    pub(super) fn expiry(&self, now: Instant) -> Option<Error> {
        self.deadline.check(now).is_err().then(expired)
    }

    pub(super) fn passed(&self, started: Instant, now: Instant) -> bool {
        self.deadline.passed(started, now)
    }

    pub(super) fn savepoint(&mut self) {
        self.savepoints.open();
    }

    /// Releases the innermost savepoint; the server hears of it with the next statement, and
    /// not at all when COMMIT comes next, which releases them all.
    pub(super) fn release(&mut self) -> Result<()> {
        match self.refusal() {
            Some(refusal) => Err(refusal),
            None => {
                self.cursors.released(self.savepoints.len());
                self.savepoints.release();
                Ok(())
            }
        }
    }

    /// Leaves the innermost savepoint backwards.
    pub(super) fn rollback_to(&mut self) -> Result<RollbackTo> {
        let left = self.savepoints.leave();
        self.cursors.rolled_back(left.depth);
        if let Some(failed) = &self.failure
            && failed.depth < left.depth
        {
            return Err(Error::transaction_failed(&failed.cause));
        }
        if left.unsent || !self.begun {
            self.failure = None;
            return Ok(RollbackTo::Nothing);
        }
        self.savepoints.drop_queue();
        self.deadline.told = left.timeout;
        Ok(RollbackTo::Send(left.undo()))
    }

    /// The server has rolled back to a savepoint: the failure is undone.
    pub(super) fn rolled_back_to(&mut self) {
        self.failure = None;
    }
}

fn expired() -> Error {
    Error::new(ErrorKind::Timeout).with_source("the deadline of the unit of work has passed")
}
