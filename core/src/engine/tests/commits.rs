//! Commits that fail, and commits that only seem to succeed.

use super::proxy::{Link, Proxy};
use super::*;
use crate::engine::TransactionState;

#[test]
fn committing_an_aborted_transaction_is_never_a_success() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    // Behind the back of the transaction's state, so that only the check before COMMIT is left.
    let lease = connection.lease.as_mut().unwrap();
    assert!(lease.control("select 1 / 0").is_err());
    assert_eq!(connection.state(), TransactionState::Open);

    assert_eq!(kind(connection.commit()), ErrorKind::TransactionFailed);

    assert_eq!(connection.state(), TransactionState::Idle);
    assert!(!connection.is_broken());
    assert_eq!(database.seen("select sum(n) from t"), 30);
    connection.begin(&TransactionOptions::default());
    assert_eq!(count(&mut connection, "update t set n = 0").unwrap(), 2);
    connection.commit().unwrap();
    assert_eq!(database.seen("select sum(n) from t"), 0);
}

#[test]
fn the_check_before_commit_leaves_nothing_behind() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    let before = engine.metrics().round_trips;
    connection.commit().unwrap();
    assert_eq!(engine.metrics().round_trips - before, 1);
    let setting = "select coalesce(current_setting('sessile.commit', true), '')";
    let rows = rows(&mut connection, query(setting)).unwrap();
    assert_eq!(rows.row(0).get::<String>(0).unwrap(), "");
}

#[test]
fn a_deferred_constraint_fails_at_commit_and_leaves_no_transaction() {
    let database = Database::with_table();
    database
        .outside()
        .batch_execute(
            "create table child (t int constraint parent references t
                 deferrable initially deferred)",
        )
        .unwrap();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "insert into child values (9)").unwrap();
    let error = connection.commit().unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::ForeignKeyViolation { constraint: Some(c), .. } if c == "parent"
    ));
    assert_eq!(connection.state(), TransactionState::Idle);
    drop(connection);
    assert_eq!(engine.metrics().discarded, 0);
    assert_eq!(number(&mut begun(&engine), "select 1").unwrap(), 1);
}

#[test]
fn a_connection_lost_during_commit_leaves_the_outcome_unknown() {
    let database = Database::with_table();
    let proxy = Proxy::to(database.port);
    let engine = database.builder_through(proxy.port).build().unwrap();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    proxy.set(Link::BreaksAtAnswer);

    let error = connection.commit().unwrap_err();

    assert_eq!(*error.kind(), ErrorKind::CommitUnknown);
    assert!(!error.is_retryable());
    assert!(connection.is_broken());
    // Here it did happen, and nobody could have told from the answer.
    eventually("the commit", || database.seen("select sum(n) from t") == 0);
}

#[test]
fn a_server_that_does_not_know_the_outcome_is_believed() {
    let database = Database::with_table();
    let sql = "
        create function doubt() returns trigger language plpgsql as $$
            begin raise exception using errcode = '08007', message = 'who knows'; end $$;
        create constraint trigger doubt after update on t deferrable initially deferred
            for each row execute function doubt()";
    database.outside().batch_execute(sql).unwrap();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    let error = connection.commit().unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::CommitUnknown);
    assert_eq!(error.cause().unwrap().code(), Some("08007"));
    assert!(!connection.is_broken());
}

#[test]
fn a_connection_known_to_be_lost_is_not_asked_to_commit() {
    let database = Database::with_table();
    let proxy = Proxy::to(database.port);
    let engine = database.builder_through(proxy.port).build().unwrap();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    connection.lease.as_mut().unwrap().distrust();
    assert_eq!(kind(connection.commit()), ErrorKind::Connection);
    drop(connection);
    eventually("the rollback", || {
        database.seen("select count(*) from pg_stat_activity where datname = current_database()")
            == 1
    });
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

/// A write as a flush sends it, to which the engine adds what it wants to know.
fn flushed(connection: &mut Connection, sql: &str) {
    let written = run(connection, statement(sql, Returns::Written)).unwrap();
    assert!(matches!(written, Reply::Count(1)));
}

/// TX-3, S98
#[test]
fn a_commit_whose_answer_is_lost_has_happened() {
    let database = Database::with_table();
    let proxy = Proxy::to(database.port);
    let builder = database.builder_through(proxy.port).pool_size(1);
    let engine = builder.build().unwrap();
    let mut connection = begun(&engine);
    flushed(&mut connection, "update t set n = 0 where id = 1");
    proxy.set(Link::LosesAnswer);

    connection.commit().unwrap();

    assert_eq!(database.seen("select sum(n) from t"), 20);
    assert_eq!(connection.state(), TransactionState::Idle);
    let metrics = engine.metrics();
    assert_eq!((metrics.commits, metrics.rollbacks), (1, 0));
    drop(connection);
    assert_eq!(number(&mut begun(&engine), "select 1").unwrap(), 1);
}

/// TX-3
#[test]
fn a_commit_that_never_arrived_has_not_happened() {
    let database = Database::with_table();
    let proxy = Proxy::to(database.port);
    let builder = database.builder_through(proxy.port).pool_size(1);
    let engine = builder.build().unwrap();
    let mut connection = begun(&engine);
    flushed(&mut connection, "update t set n = 0 where id = 1");
    proxy.set(Link::LosesRequest);

    // The server goes on waiting for a while, so the first answers are "in progress".
    let error = connection.commit().unwrap_err();

    assert_eq!(*error.kind(), ErrorKind::Connection);
    assert_eq!(database.seen("select sum(n) from t"), 30);
    assert_eq!(engine.metrics().commits, 0);
}

/// TX-3
#[test]
fn the_id_rides_with_the_first_write_and_costs_no_round_trip() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    number(&mut connection, "select 1").unwrap();
    let before = engine.metrics();
    flushed(&mut connection, "update t set n = 0 where id = 1");
    let many = Statement {
        rows: 2,
        ..statement("insert into t values (3, 3), (4, 4)", Returns::Written)
    };
    let many = run(&mut connection, many).unwrap();
    connection.commit().unwrap();
    assert!(matches!(many, Reply::Count(2)));
    let after = engine.metrics();
    assert_eq!(after.statements - before.statements, 2);
    assert_eq!(after.round_trips - before.round_trips, 3);
}

/// TX-3
#[test]
fn a_write_of_many_rows_tells_the_id_once() {
    let database = Database::with_table();
    let proxy = Proxy::to(database.port);
    let engine = database.builder_through(proxy.port).build().unwrap();
    let mut connection = begun(&engine);
    let many = Statement {
        rows: 2,
        ..statement("insert into t values (3, 3), (4, 4)", Returns::Written)
    };
    let many = run(&mut connection, many).unwrap();
    assert!(matches!(many, Reply::Count(2)));
    proxy.set(Link::LosesAnswer);
    connection.commit().unwrap();
    assert_eq!(database.seen("select count(*) from t"), 4);
}
