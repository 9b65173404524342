//! What a transaction says must be sent, and when.
//!
//! Run by `cargo test`.
//! It must not need a server: the state is pure.

use std::time::{Duration, Instant};

use super::deadline::Limits;
use super::options::TransactionOptions;
use super::transaction::{RollbackTo, Transaction, TransactionState};
use crate::error::{Error, ErrorKind};

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
