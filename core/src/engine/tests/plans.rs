//! Prepared statements: when they are made, and what happens when they no longer fit.

use super::*;
use crate::engine::StatementMode;

fn read_all(connection: &mut Connection) -> Result<Rows> {
    rows(connection, query("select * from t"))
}

#[test]
fn a_text_is_prepared_when_it_comes_a_second_time() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    let mut costs = Vec::new();
    for _ in 0..4 {
        let before = engine.metrics();
        assert_eq!(read_all(&mut connection).unwrap().len(), 2);
        let after = engine.metrics();
        costs.push((
            after.round_trips - before.round_trips,
            after.prepared - before.prepared,
            after.cache_hits - before.cache_hits,
        ));
    }
    assert_eq!(costs, [(1, 0, 0), (2, 1, 0), (1, 0, 1), (1, 0, 1)]);
}

#[test]
fn the_least_recently_used_statement_makes_room() {
    let database = Database::with_table();
    let engine = database.builder().statement_cache_size(1).build().unwrap();
    let mut connection = acquire(&engine);
    for _ in 0..3 {
        number(&mut connection, "select 1").unwrap();
    }
    number(&mut connection, "select 2").unwrap();
    number(&mut connection, "select 2").unwrap();
    let names = "select count(*)::int from pg_prepared_statements where statement like 'select _'";
    let uncached = Statement {
        cache: false,
        ..query(names)
    };
    let rows = rows(&mut connection, uncached).unwrap();
    assert_eq!(rows.row(0).get::<i32>(0).unwrap(), 1);
}

#[test]
fn ddl_under_a_prepared_statement_is_not_seen_by_the_first_statement_of_a_transaction() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    for _ in 0..2 {
        read_all(&mut connection).unwrap();
    }
    database
        .outside()
        .batch_execute("alter table t add extra int")
        .unwrap();

    connection.begin(&TransactionOptions::default());
    connection.savepoint();
    assert_eq!(read_all(&mut connection).unwrap().columns().len(), 3);
    connection.rollback_to().unwrap();
    connection.commit().unwrap();

    database
        .outside()
        .batch_execute("alter table t drop extra")
        .unwrap();
    read_all(&mut connection).unwrap();
    assert_eq!(read_all(&mut connection).unwrap().columns().len(), 2);
}

#[test]
fn ddl_under_a_prepared_statement_later_in_a_transaction_fails_once() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    for _ in 0..2 {
        read_all(&mut connection).unwrap();
    }
    connection.begin(&TransactionOptions::default());
    number(&mut connection, "select 1").unwrap();
    database
        .outside()
        .batch_execute("alter table t add extra int")
        .unwrap();

    let error = read_all(&mut connection).unwrap_err();
    assert_eq!(error.code(), Some("0A000"));

    connection.rollback().unwrap();
    connection.begin(&TransactionOptions::default());
    number(&mut connection, "select 1").unwrap();
    assert_eq!(read_all(&mut connection).unwrap().columns().len(), 3);
}

#[test]
fn discarded_statements_are_prepared_again() {
    let database = Database::with_table();
    database
        .outside()
        .batch_execute("create type mood as enum ('ok')")
        .unwrap();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    for discard in ["discard all", "deallocate all"] {
        for _ in 0..2 {
            read_all(&mut connection).unwrap();
        }
        run(&mut connection, query("select 'ok'::mood")).unwrap();
        count(&mut connection, discard).unwrap();
        connection.begin(&TransactionOptions::default());
        assert_eq!(read_all(&mut connection).unwrap().len(), 2);
        connection.commit().unwrap();
    }
}

#[test]
fn the_drivers_own_look_ups_survive_a_discard() {
    let database = Database::new();
    let types = "create type mood as enum ('ok'); create type tone as enum ('high')";
    database.outside().batch_execute(types).unwrap();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    run(&mut connection, query("select 'ok'::mood")).unwrap();
    count(&mut connection, "discard all").unwrap();
    connection.begin(&TransactionOptions::default());
    run(&mut connection, query("select 'high'::tone")).unwrap();
}

#[test]
fn a_write_whose_result_can_not_be_looked_up_is_not_sent_twice() {
    let database = Database::with_table();
    let sql = "create type mood as enum ('ok'); create type tone as enum ('high')";
    database.outside().batch_execute(sql).unwrap();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    run(&mut connection, query("select 'ok'::mood")).unwrap();
    count(&mut connection, "discard all").unwrap();
    let insert = "insert into t values (3, 0) returning 'high'::tone";
    let error = run(&mut connection, query(insert)).unwrap_err();
    assert_eq!(error.code(), Some("26000"));
    assert!(connection.is_broken());
    assert_eq!(database.seen("select count(*) from t"), 3);
}

#[test]
fn unnamed_mode_prepares_nothing() {
    let database = Database::with_table();
    let engine = database
        .builder()
        .statement_mode(StatementMode::Unnamed)
        .build()
        .unwrap();
    let mut connection = begun(&engine);
    for _ in 0..3 {
        assert_eq!(read_all(&mut connection).unwrap().len(), 2);
        let by_id = bound("select n from t where id = $1", &1, Type::INT4);
        assert_eq!(rows(&mut connection, by_id).unwrap().len(), 1);
        count(&mut connection, "update t set n = n + 1").unwrap();
    }
    let prepared = number(
        &mut connection,
        "select count(*)::int from pg_prepared_statements",
    );
    assert_eq!(prepared.unwrap(), 0);
    connection.commit().unwrap();
    assert_eq!(engine.metrics().prepared, 0);
    assert_eq!(database.seen("select sum(n) from t"), 36);
}

#[test]
fn unnamed_mode_needs_the_types() {
    let database = Database::with_table();
    let engine = database
        .builder()
        .statement_mode(StatementMode::Unnamed)
        .build()
        .unwrap();
    let mut connection = acquire(&engine);
    let untyped = bound("select n from t where id = $1", &1, Type::UNKNOWN);
    let error = run(&mut connection, untyped).unwrap_err();
    assert!(
        error.to_string().contains("parameter 1 needs a type"),
        "{error}"
    );
}
