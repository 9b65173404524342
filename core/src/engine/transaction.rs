//! The state of a transaction, and what must be sent before the next statement.
//!
//! Kept by `connection`, which sends what it says.
//! Pure: no I/O and no clock. It must never say that a transaction is cleaner than it is.

use std::time::Instant;

use super::deadline::{Deadline, Limits};
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
    pub(super) fn used(&mut self) {
        self.used = true;
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
                self.savepoints.release();
                Ok(())
            }
        }
    }

    /// Leaves the innermost savepoint backwards.
    pub(super) fn rollback_to(&mut self) -> Result<RollbackTo> {
        let left = self.savepoints.leave();
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn fresh() -> Transaction {
        with(TransactionOptions::default())
    }

    fn with(options: TransactionOptions) -> Transaction {
        Transaction::new(options, Limits::default(), Instant::now())
    }

    fn sent(transaction: &mut Transaction) -> String {
        let sql = transaction.prefix(Instant::now()).unwrap();
        transaction.confirm();
        sql.unwrap_or_default()
    }

    fn oops() -> Error {
        Error::other("oops")
    }

    #[test]
    fn begin_and_savepoints_travel_together() {
        let mut t = fresh();
        assert_eq!(t.state(), TransactionState::Noted);
        t.savepoint();
        t.savepoint();
        assert_eq!(sent(&mut t), "BEGIN; SAVEPOINT sp1; SAVEPOINT sp2");
        assert_eq!(t.state(), TransactionState::Open);
        assert_eq!(sent(&mut t), "");
        t.release().unwrap();
        t.savepoint();
        assert_eq!(sent(&mut t), "RELEASE SAVEPOINT sp2; SAVEPOINT sp3");
    }

    #[test]
    fn a_savepoint_that_was_never_sent_costs_nothing() {
        let mut t = fresh();
        sent(&mut t);
        t.savepoint();
        t.savepoint();
        t.release().unwrap();
        assert_eq!(t.rollback_to().unwrap(), RollbackTo::Nothing);
        assert_eq!(sent(&mut t), "");
    }

    #[test]
    fn rolling_back_to_a_savepoint_undoes_the_failure_inside_it() {
        let mut t = fresh();
        t.savepoint();
        sent(&mut t);
        t.fail(&oops());
        assert_eq!(t.state(), TransactionState::Aborted);
        let RollbackTo::Send(sql) = t.rollback_to().unwrap() else {
            panic!("the server knows the savepoint");
        };
        assert_eq!(sql, "ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1");
        t.rolled_back_to();
        assert_eq!(t.state(), TransactionState::Open);
    }

    #[test]
    fn a_savepoint_made_after_the_failure_does_not_undo_it() {
        let mut t = fresh();
        t.savepoint();
        sent(&mut t);
        t.fail(&oops());
        t.savepoint();
        assert!(t.rollback_to().is_err());
        assert!(matches!(t.rollback_to(), Ok(RollbackTo::Send(_))));
    }

    #[test]
    fn a_serialization_failure_is_not_undone_by_a_savepoint() {
        let mut t = fresh();
        t.savepoint();
        sent(&mut t);
        t.fail(&Error::new(ErrorKind::Serialization));
        assert!(t.rollback_to().is_err());
        assert_eq!(t.state(), TransactionState::Aborted);
    }

    #[test]
    fn a_failure_before_begin_is_undone_for_free() {
        let mut t = fresh();
        t.savepoint();
        t.fail(&oops());
        assert_eq!(t.rollback_to().unwrap(), RollbackTo::Nothing);
        assert_eq!(t.state(), TransactionState::Noted);
    }

    #[test]
    fn a_transaction_that_starts_over_makes_its_savepoints_again() {
        let mut t = fresh();
        sent(&mut t);
        t.savepoint();
        sent(&mut t);
        assert!(t.is_unused());
        t.restart();
        assert_eq!(sent(&mut t), "BEGIN; SAVEPOINT sp1");
    }

    #[test]
    fn the_first_cause_stays() {
        let mut t = fresh();
        t.fail(&Error::new(ErrorKind::Deadlock));
        t.fail(&oops());
        let refusal = t.refusal().unwrap();
        assert_eq!(refusal.cause().unwrap().kind(), &ErrorKind::Deadlock);
    }

    #[test]
    fn an_expired_deadline_fails_without_sending_anything() {
        let mut t = with(TransactionOptions::default().timeout(Duration::from_millis(10)));
        let later = Instant::now() + Duration::from_secs(1);
        assert_eq!(t.prefix(later).unwrap_err().kind(), &ErrorKind::Timeout);
        assert!(!t.is_begun());
        assert_eq!(t.state(), TransactionState::Aborted);
    }

    #[test]
    fn a_timeout_told_inside_a_savepoint_is_told_again_after_rolling_back_to_it() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut t = with(TransactionOptions::default().timeout(second * 10));
        t.savepoint();
        let first = t.prefix(now).unwrap().unwrap();
        assert!(first.ends_with("; SAVEPOINT sp1"), "{first}");
        t.confirm();
        let inside = t.prefix(now + second).unwrap().unwrap();
        assert!(
            inside.starts_with("SET LOCAL statement_timeout = "),
            "{inside}"
        );
        assert!(matches!(t.rollback_to(), Ok(RollbackTo::Send(_))));
        let again = t.prefix(now + second).unwrap().unwrap();
        assert_eq!(again, inside);
    }

    #[test]
    fn limits_outlive_the_savepoints_that_were_sent_with_them() {
        let limits = Limits {
            lock: Some(Duration::from_secs(1)),
            ..Limits::default()
        };
        let options = TransactionOptions::default();
        let mut t = Transaction::new(options, limits, Instant::now());
        t.savepoint();
        assert_eq!(
            sent(&mut t),
            "BEGIN; SET LOCAL lock_timeout = 1000; SAVEPOINT sp1"
        );
    }
}
