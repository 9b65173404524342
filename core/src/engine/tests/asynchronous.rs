//! Calls on a thread that drives asynchronous tasks, where the driver panics.

use super::*;

fn on_a_worker<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async { work() })
}

#[test]
fn a_statement_on_a_worker_is_an_error_and_costs_one_connection() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = begun(&engine);
    let refused = on_a_worker(|| number(&mut connection, "select 1"));
    assert_eq!(kind(refused), ErrorKind::InAsyncContext);
    on_a_worker(|| drop(connection));
    assert_eq!(engine.metrics().discarded, 1);
    assert_eq!(number(&mut begun(&engine), "select 1").unwrap(), 1);
}

#[test]
fn a_commit_on_a_worker_does_not_happen() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    let refused = on_a_worker(|| connection.commit());
    assert_eq!(kind(refused), ErrorKind::InAsyncContext);
    drop(connection);
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

#[test]
fn dropping_on_a_worker_neither_panics_nor_commits() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    on_a_worker(|| drop(connection));
    let mut idle = begun(&engine);
    number(&mut idle, "select 1").unwrap();
    drop(idle);
    on_a_worker(|| drop(engine));
    let sessions = "select count(*) from pg_stat_activity where datname = current_database()";
    eventually("the end of all sessions", || database.seen(sessions) == 1);
    assert_eq!(database.seen("select sum(n) from t"), 30);
}
