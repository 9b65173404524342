//! Sessions that the server ends.

use std::process::Command;
use std::thread;
use std::time::Duration;

use super::*;
use crate::engine::TransactionState;

fn terminate(database: &Database, pid: i32) {
    let ended: bool = database
        .outside()
        .query_one("select pg_terminate_backend($1, 5000)", &[&pid])
        .unwrap()
        .get(0);
    assert!(ended);
}

#[test]
fn a_backend_terminated_mid_query_is_a_lost_connection() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = begun(&engine);
    let pid = pid(&mut connection);
    let killer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        terminate(&database, pid);
    });

    let error = run(&mut connection, query("select pg_sleep(20)")).unwrap_err();

    killer.join().unwrap();
    assert_eq!(*error.kind(), ErrorKind::Connection);
    assert!(connection.is_broken());
    assert_eq!(connection.state(), TransactionState::Aborted);
    connection.rollback().unwrap();
    drop(connection);
    assert_eq!(engine.metrics().discarded, 1);
    assert_eq!(number(&mut begun(&engine), "select 1").unwrap(), 1);
}

#[test]
fn a_connection_that_died_while_idle_is_replaced_before_begin() {
    let database = Database::with_table();
    let engine = database.engine();
    let dead = pid(&mut begun(&engine));
    terminate(&database, dead);

    let mut connection = begun(&engine);
    assert_eq!(count(&mut connection, "update t set n = 0").unwrap(), 2);
    connection.commit().unwrap();

    assert_eq!(database.seen("select count(*) from t where n = 0"), 2);
    assert_eq!(engine.metrics().connects, 2);
}

#[test]
fn a_connection_that_died_while_idle_is_replaced_before_a_plain_read() {
    let database = Database::with_table();
    let engine = database.engine();
    let dead = pid(&mut begun(&engine));
    terminate(&database, dead);

    let mut connection = begun(&engine);
    let found = rows(&mut connection, plain("select n from t")).unwrap();
    assert_eq!(found.len(), 2);
}

#[test]
fn a_write_without_a_transaction_is_not_sent_twice() {
    let database = Database::with_table();
    let engine = database.engine();
    let dead = pid(&mut acquire(&engine));
    terminate(&database, dead);

    let mut connection = acquire(&engine);
    let lost = run(&mut connection, write("update t set n = n + 1"));
    assert_eq!(kind(lost), ErrorKind::Connection);
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

#[test]
fn a_transaction_whose_session_ended_does_not_go_on_elsewhere() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    let pid = pid(&mut connection);
    terminate(&database, pid);

    let lost = count(&mut connection, "update t set n = 5");
    assert_eq!(kind(lost), ErrorKind::Connection);
    let next = count(&mut connection, "update t set n = 5");
    assert_eq!(kind(next), ErrorKind::TransactionFailed);
    assert_eq!(kind(connection.commit()), ErrorKind::TransactionFailed);
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

#[test]
fn a_session_ended_before_commit_leaves_the_outcome_unknown() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    let pid = pid(&mut connection);
    terminate(&database, pid);

    // Nothing is read between calls, so only COMMIT itself meets the closed connection.
    let error = connection.commit().unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::CommitUnknown);
    assert_eq!(*error.cause().unwrap().kind(), ErrorKind::Connection);
    assert_eq!(connection.state(), TransactionState::Idle);
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

#[test]
fn a_read_only_transaction_never_has_an_unknown_outcome() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    connection.begin(&TransactionOptions::default().read_only());
    let pid = pid(&mut connection);
    terminate(&database, pid);
    assert_eq!(kind(connection.commit()), ErrorKind::Connection);
}

#[test]
fn an_idle_transaction_that_the_server_ended_is_a_lost_connection() {
    let database = Database::with_table();
    let engine = database
        .builder()
        .idle_in_transaction_timeout(Some(Duration::from_millis(100)))
        .build()
        .unwrap();
    for commit in [false, true] {
        let mut connection = begun(&engine);
        count(&mut connection, "update t set n = 0").unwrap();
        thread::sleep(Duration::from_millis(400));
        match commit {
            false => {
                let lost = count(&mut connection, "update t set n = 1");
                assert_eq!(kind(lost), ErrorKind::Connection);
            }
            true => assert_eq!(kind(connection.commit()), ErrorKind::CommitUnknown),
        }
    }
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

#[test]
fn an_idle_session_that_the_server_ended_is_replaced_unseen() {
    let database = Database::new();
    let set = format!(
        "alter database {} set idle_session_timeout = 100",
        database.name
    );
    database.outside().batch_execute(&set).unwrap();
    let engine = database.engine();
    let first = pid(&mut begun(&engine));
    thread::sleep(Duration::from_millis(400));
    let second = pid(&mut begun(&engine));
    assert_ne!(first, second);
}

#[test]
fn a_crash_of_the_server_reaches_the_running_transaction_only() {
    let cluster = Cluster::start_on_tcp().unwrap();
    let port = cluster.tcp_port().unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let engine = Engine::builder(url)
        .acquire_timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    let (mut idle, mut busy, mut victim) = (begun(&engine), begun(&engine), begun(&engine));
    number(&mut idle, "select 1").unwrap();
    drop(idle);
    number(&mut busy, "select 1").unwrap();

    // The postmaster ends all sessions when one of them dies like this, and starts recovery.
    let pid = pid(&mut victim).to_string();
    assert!(
        Command::new("kill")
            .args(["-9", &pid])
            .status()
            .unwrap()
            .success()
    );

    let lost = run(&mut busy, query("select pg_sleep(10)"));
    assert_eq!(kind(lost), ErrorKind::Connection);
    assert!(busy.is_broken());
    // A new unit of work waits out the recovery ("57P03 the database system is starting up").
    assert_eq!(number(&mut begun(&engine), "select 1").unwrap(), 1);
}
