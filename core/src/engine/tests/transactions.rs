//! What a transaction costs, and what savepoints keep and undo.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::engine::TransactionState;

/// The round trips of some work.
fn cost(engine: &Engine, work: impl FnOnce()) -> u64 {
    let before = engine.metrics().round_trips;
    work();
    engine.metrics().round_trips - before
}

#[test]
fn a_transaction_that_did_nothing_costs_nothing() {
    let database = Database::new();
    let engine = database.engine();
    let cost = cost(&engine, || {
        let mut connection = begun(&engine);
        assert_eq!(connection.state(), TransactionState::Noted);
        connection.savepoint();
        connection.release().unwrap();
        connection.savepoint();
        connection.rollback_to().unwrap();
        connection.commit().unwrap();
        connection.begin(&TransactionOptions::serializable());
        connection.rollback().unwrap();
        assert_eq!(connection.state(), TransactionState::Idle);
    });
    assert_eq!(cost, 0);
}

#[test]
fn a_plain_read_that_comes_first_needs_no_begin() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    let first = cost(&engine, || {
        rows(&mut connection, plain("select n from t")).unwrap();
    });
    assert_eq!((first, connection.state()), (1, TransactionState::Noted));
    let second = cost(&engine, || {
        rows(&mut connection, plain("select id from t")).unwrap();
    });
    assert_eq!((second, connection.state()), (2, TransactionState::Open));
    let third = cost(&engine, || connection.commit().unwrap());
    assert_eq!(third, 1);
}

#[test]
fn a_plain_read_under_a_snapshot_brings_begin() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    connection.begin(&TransactionOptions::repeatable_read());
    rows(&mut connection, plain("select n from t")).unwrap();
    database
        .outside()
        .batch_execute("update t set n = 0")
        .unwrap();
    let sum = number(&mut connection, "select sum(n)::int from t").unwrap();
    assert_eq!(sum, 30);
}

#[test]
fn a_failed_plain_read_aborts_the_transaction_all_the_same() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    rows(&mut connection, plain("select 1 / 0")).unwrap_err();
    assert_eq!(connection.state(), TransactionState::Aborted);
    let cost = cost(&engine, || {
        assert_eq!(kind(connection.commit()), ErrorKind::TransactionFailed);
    });
    assert_eq!(cost, 0);
}

#[test]
fn savepoints_keep_and_undo_what_they_should() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    let add = |connection: &mut Connection, id| {
        let sql = format!("insert into t values ({id}, 0)");
        count(connection, &sql).map(|_| ())
    };
    add(&mut connection, 3).unwrap();
    connection.savepoint();
    add(&mut connection, 4).unwrap();
    connection.savepoint();
    add(&mut connection, 5).unwrap();
    connection.release().unwrap();
    connection.savepoint();
    add(&mut connection, 6).unwrap();
    add(&mut connection, 1).unwrap_err();
    assert_eq!(connection.state(), TransactionState::Aborted);
    connection.rollback_to().unwrap();
    assert_eq!(connection.state(), TransactionState::Open);
    add(&mut connection, 7).unwrap();
    connection.release().unwrap();
    connection.commit().unwrap();

    let ids = "select string_agg(id::text, ' ' order by id) from t";
    let kept: String = database.outside().query_one(ids, &[]).unwrap().get(0);
    assert_eq!(kept, "1 2 3 4 5 7");
}

#[test]
fn an_outer_savepoint_undoes_what_an_inner_one_kept() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    connection.savepoint();
    connection.savepoint();
    count(&mut connection, "update t set n = 0").unwrap();
    connection.release().unwrap();
    connection.rollback_to().unwrap();
    count(&mut connection, "insert into t values (3, 3)").unwrap();
    connection.commit().unwrap();
    assert_eq!(database.seen("select sum(n) from t"), 33);
}

#[test]
fn releasing_costs_nothing_and_commit_does_not_need_it() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    connection.savepoint();
    let inside = cost(&engine, || {
        count(&mut connection, "update t set n = 0").unwrap();
    });
    let ending = cost(&engine, || {
        connection.release().unwrap();
        connection.commit().unwrap();
    });
    assert_eq!((inside, ending), (2, 1));
}

#[test]
fn a_failure_before_the_savepoint_is_not_undone_by_it() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "insert into t values (1, 0)").unwrap_err();
    connection.savepoint();
    assert_eq!(kind(connection.rollback_to()), ErrorKind::TransactionFailed);
    assert_eq!(connection.state(), TransactionState::Aborted);
}

#[test]
fn a_dropped_connection_rolls_back_and_is_lent_again() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    let first = pid(&mut connection);
    count(&mut connection, "update t set n = 0").unwrap();
    drop(connection);
    assert_eq!(database.seen("select sum(n) from t"), 30);
    assert_eq!(pid(&mut begun(&engine)), first);
}

#[test]
fn a_panic_with_an_open_transaction_rolls_back() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut first = 0;
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let mut connection = begun(&engine);
        first = pid(&mut connection);
        count(&mut connection, "update t set n = 0").unwrap();
        let rows = rows(&mut connection, query("select id, n from t")).unwrap();
        for row in rows.iter() {
            assert_eq!(row.get::<i32>(1).unwrap(), 7, "a mistake in a closure");
        }
    }));
    assert!(panic.is_err());
    assert_eq!(database.seen("select sum(n) from t"), 30);
    assert_eq!(pid(&mut begun(&engine)), first);
    assert_eq!(engine.metrics().discarded, 0);
}
