//! Time limits, locks that are not to be had, and cancelling.

use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::engine::TransactionState;

const SHORT: Duration = Duration::from_millis(150);

#[test]
fn a_statement_timeout_aborts_the_transaction_and_leaves_the_connection() {
    let database = Database::new();
    let engine = database
        .builder()
        .statement_timeout(Some(SHORT))
        .build()
        .unwrap();
    let mut connection = begun(&engine);
    let started = Instant::now();
    let slow = run(&mut connection, query("select pg_sleep(10)"));
    assert_eq!(kind(slow), ErrorKind::Timeout);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(connection.state(), TransactionState::Aborted);
    connection.rollback().unwrap();
    assert!(!connection.is_broken());
}

#[test]
fn limits_travel_with_begin_and_end_with_the_transaction() {
    let database = Database::new();
    let engine = database
        .builder()
        .statement_timeout(Some(Duration::from_secs(7)))
        .lock_timeout(Some(Duration::from_secs(8)))
        .build()
        .unwrap();
    let before = engine.metrics().round_trips;
    let mut connection = begun(&engine);
    let shown = |connection: &mut Connection, name| {
        let rows = rows(connection, query(&format!("show {name}"))).unwrap();
        rows.row(0).get::<String>(0).unwrap()
    };
    assert_eq!(shown(&mut connection, "statement_timeout"), "7s");
    // BEGIN with the limits, and SHOW.
    assert_eq!(engine.metrics().round_trips - before, 2);
    assert_eq!(shown(&mut connection, "lock_timeout"), "8s");
    connection.commit().unwrap();
    assert_eq!(shown(&mut connection, "statement_timeout"), "0");
    assert_eq!(shown(&mut connection, "lock_timeout"), "0");
}

#[test]
fn a_deadline_holds_for_the_whole_unit_of_work() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    connection.begin(&TransactionOptions::default().timeout(Duration::from_millis(500)));
    let started = Instant::now();
    run(&mut connection, query("select pg_sleep(0.3)")).unwrap();
    let slow = run(&mut connection, query("select pg_sleep(0.4)"));
    assert_eq!(kind(slow), ErrorKind::Timeout);
    assert!(
        started.elapsed() < Duration::from_millis(690),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn past_the_deadline_nothing_is_sent() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    connection.begin(&TransactionOptions::default().timeout(SHORT));
    count(&mut connection, "update t set n = 0").unwrap();
    thread::sleep(SHORT);
    let before = engine.metrics();
    let late = number(&mut connection, "select 1");
    assert_eq!(kind(late), ErrorKind::Timeout);
    assert_eq!(engine.metrics().round_trips, before.round_trips);
    assert_eq!(kind(connection.commit()), ErrorKind::TransactionFailed);
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

#[test]
fn past_the_deadline_commit_is_a_rollback() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    connection.begin(&TransactionOptions::default().timeout(SHORT));
    count(&mut connection, "update t set n = 0").unwrap();
    thread::sleep(SHORT);
    assert_eq!(kind(connection.commit()), ErrorKind::Timeout);
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

#[test]
fn options_that_make_no_sense_fail_at_the_first_statement_without_io() {
    let database = Database::new();
    let engine = database.engine();
    let before = engine.metrics().round_trips;
    let mut connection = acquire(&engine);
    connection.begin(&TransactionOptions::repeatable_read().deferrable());
    let refused = number(&mut connection, "select 1");
    assert!(matches!(kind(refused), ErrorKind::Config { .. }));
    connection.rollback().unwrap();
    assert_eq!(engine.metrics().round_trips, before);
}

/// Holds a lock on row 1 until dropped.
fn locked(database: &Database) -> Client {
    let mut client = database.outside();
    client
        .batch_execute("begin; select 1 from t where id = 1 for update")
        .unwrap();
    client
}

#[test]
fn a_lock_that_is_not_to_be_had_in_time_is_lock_not_available() {
    let database = Database::with_table();
    let _holder = locked(&database);
    let engine = database
        .builder()
        .lock_timeout(Some(SHORT))
        .build()
        .unwrap();
    let mut connection = begun(&engine);
    let refused = count(&mut connection, "update t set n = 0 where id = 1");
    assert_eq!(kind(refused), ErrorKind::LockNotAvailable);
    assert_eq!(connection.state(), TransactionState::Aborted);
    connection.rollback().unwrap();
    assert!(!connection.is_broken());
}

#[test]
fn nowait_is_lock_not_available_at_once() {
    let database = Database::with_table();
    let _holder = locked(&database);
    let engine = database.engine();
    let mut connection = begun(&engine);
    let sql = "select n from t where id = 1 for update nowait";
    let refused = rows(&mut connection, query(sql));
    assert_eq!(kind(refused), ErrorKind::LockNotAvailable);
}

#[test]
fn a_cancelled_statement_says_so_and_its_connection_is_not_lent_again() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = begun(&engine);
    let first = pid(&mut connection);
    let token = connection.cancel_token();
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        token.cancel().unwrap();
    });
    let cancelled = run(&mut connection, query("select pg_sleep(20)"));
    assert_eq!(kind(cancelled), ErrorKind::Cancelled);
    canceller.join().unwrap();
    connection.rollback().unwrap();
    assert!(!connection.is_broken());
    drop(connection);
    // A second request may still be on its way: it must not hit the next user.
    assert_ne!(pid(&mut begun(&engine)), first);
}

#[test]
fn a_token_of_a_connection_that_was_given_back_cancels_nothing() {
    let database = Database::new();
    let engine = database.engine();
    let token = begun(&engine).cancel_token();
    let mut next = begun(&engine);
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        token.cancel().unwrap();
    });
    run(&mut next, query("select pg_sleep(0.2)")).unwrap();
    canceller.join().unwrap();
    assert_eq!(engine.metrics().connects, 1);
}
