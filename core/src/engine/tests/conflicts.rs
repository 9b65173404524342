//! Constraints, and transactions that get into each other's way.

use std::sync::{Arc, Barrier};
use std::thread;

use super::*;
use crate::engine::TransactionState;

#[test]
fn a_unique_violation_names_the_constraint_and_keeps_nothing() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "insert into t values (3, 30)").unwrap();
    let error = count(&mut connection, "insert into t values (1, 7)").unwrap_err();

    let ErrorKind::UniqueViolation { constraint, .. } = error.kind() else {
        panic!("{error:?}");
    };
    assert_eq!(constraint.as_deref(), Some("t_pkey"));
    let report = error.server().unwrap();
    assert_eq!(report.table(), Some("t"));
    assert!(report.detail().unwrap().contains("(id)=(1)"));
    assert!(!chain(&error).contains("(id)=(1)"), "{}", chain(&error));
    assert_eq!(connection.state(), TransactionState::Aborted);
    assert!(!connection.is_broken());

    // The driver would say Ok here, and the server would have rolled back.
    let failed = connection.commit().unwrap_err();
    assert_eq!(*failed.kind(), ErrorKind::TransactionFailed);
    assert_eq!(failed.cause().unwrap().code(), Some("23505"));
    assert_eq!(database.seen("select count(*) from t"), 2);
}

#[test]
fn every_violation_has_its_kind() {
    let database = Database::with_table();
    database
        .outside()
        .batch_execute(
            "create table child (t int constraint parent references t,
                 span int4range, constraint apart exclude using gist (span with &&))",
        )
        .unwrap();
    let engine = database.engine();
    let violation = |sql| {
        let error = count(&mut begun(&engine), sql).unwrap_err();
        let column = error.server().unwrap().column().map(str::to_owned);
        (error.kind().clone(), column)
    };
    let (kind, _) = violation("insert into child values (9)");
    assert!(
        matches!(&kind, ErrorKind::ForeignKeyViolation { constraint: Some(c), .. } if c == "parent")
    );
    let (kind, column) = violation("insert into t values (3, null)");
    assert!(matches!(kind, ErrorKind::NotNullViolation { .. }));
    assert_eq!(column.as_deref(), Some("n"));
    let (kind, _) = violation("insert into t values (3, -1)");
    assert!(
        matches!(&kind, ErrorKind::CheckViolation { constraint: Some(c), .. } if c == "positive")
    );
    let (kind, _) = violation("insert into child values (1, '[1,3]'), (1, '[2,4]')");
    assert!(
        matches!(&kind, ErrorKind::ExclusionViolation { constraint: Some(c), .. } if c == "apart")
    );
    let (kind, _) = violation("insert into nothing values (1)");
    assert_eq!(
        kind,
        ErrorKind::Database {
            code: "42P01".into()
        }
    );
}

/// What a server says that only passes on the error of another one.
fn raised(connection: &mut Connection, code: &str, message: &str) -> Error {
    let sql = format!(
        "do $$ begin raise exception using errcode = '{code}', message = '{message}'; end $$"
    );
    count(connection, &sql).unwrap_err()
}

#[test]
fn a_connection_lost_by_the_server_to_another_one_is_not_ours() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = begun(&engine);
    let error = raised(
        &mut connection,
        "08006",
        "connection to the remote node lost",
    );
    assert_eq!(*error.kind(), ErrorKind::Connection);
    assert!(!connection.is_broken());
    connection.rollback().unwrap();
    connection.begin(&TransactionOptions::default());
    assert_eq!(number(&mut connection, "select 1").unwrap(), 1);
}

#[test]
fn a_violation_passed_on_without_fields_is_named_after_its_message() {
    let database = Database::new();
    let engine = database.engine();
    let message = "duplicate key value violates unique constraint \"cust_name_key_102009\"";
    let error = raised(&mut begun(&engine), "23505", message);
    assert_eq!(error.server().unwrap().constraint(), None);
    assert!(matches!(
        error.kind(),
        ErrorKind::UniqueViolation { constraint: Some(c), .. } if c == "cust_name_key"
    ));
}

#[test]
fn after_a_failure_nothing_is_sent_until_the_rollback() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    count(&mut connection, "insert into t values (1, 7)").unwrap_err();
    let before = engine.metrics().round_trips;
    let refused = number(&mut connection, "select 1").unwrap_err();
    assert_eq!(*refused.kind(), ErrorKind::TransactionFailed);
    assert_eq!(refused.cause().unwrap().code(), Some("23505"));
    assert_eq!(engine.metrics().round_trips, before);
    connection.rollback().unwrap();
    connection.begin(&TransactionOptions::default());
    assert_eq!(number(&mut connection, "select 1").unwrap(), 1);
}

#[test]
fn a_failure_says_which_statement_of_the_batch_it_was() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = begun(&engine);
    let batch = [
        write("update t set n = 1"),
        write("insert into t values (2, 0)"),
        write("update t set n = 2"),
    ];
    let error = connection.run(&batch).unwrap_err();
    assert_eq!(error.replies.len(), 1);
    assert_eq!(
        error.error.to_string(),
        "insert into t values (2, 0): unique constraint t_pkey violated"
    );
    assert_eq!(engine.metrics().statements, 2);
}

#[test]
fn the_victim_of_a_deadlock_can_not_commit() {
    let database = Database::with_table();
    let engine = database.engine();
    let barrier = Arc::new(Barrier::new(2));
    let run = |first: i32, second: i32| {
        let (engine, barrier) = (engine.clone(), barrier.clone());
        thread::spawn(move || {
            let mut connection = begun(&engine);
            let lock = |id| format!("update t set n = n + 1 where id = {id}");
            count(&mut connection, &lock(first)).unwrap();
            barrier.wait();
            let result = count(&mut connection, &lock(second));
            let later = result
                .is_err()
                .then(|| kind(number(&mut connection, "select 1")));
            (result, later, connection.commit())
        })
    };
    let (one, other) = (run(1, 2), run(2, 1));
    let outcomes = [one.join().unwrap(), other.join().unwrap()];

    let (victims, winners): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|o| o.0.is_err());
    assert_eq!((victims.len(), winners.len()), (1, 1));
    let (result, later, commit) = victims.into_iter().next().unwrap();
    assert_eq!(kind(result), ErrorKind::Deadlock);
    assert_eq!(later, Some(ErrorKind::TransactionFailed));
    let commit = commit.unwrap_err();
    assert_eq!(*commit.kind(), ErrorKind::TransactionFailed);
    assert!(commit.is_retryable());
    assert_eq!(database.seen("select sum(n) from t"), 32);
}

#[test]
fn a_write_that_can_not_be_serialized_fails_at_the_statement() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    connection.begin(&TransactionOptions::repeatable_read());
    number(&mut connection, "select n from t where id = 1").unwrap();
    database
        .outside()
        .batch_execute("update t set n = 11")
        .unwrap();
    let refused = count(&mut connection, "update t set n = 12");
    assert_eq!(kind(refused), ErrorKind::Serialization);
    connection.rollback().unwrap();
    assert!(!connection.is_broken());
}

#[test]
fn a_commit_that_can_not_be_serialized_leaves_no_transaction() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut pair = [acquire(&engine), acquire(&engine)];
    for (id, connection) in pair.iter_mut().enumerate() {
        connection.begin(&TransactionOptions::serializable());
        run(connection, query("select sum(n) from t")).unwrap();
        let sql = format!("update t set n = n + 1 where id = {}", id + 1);
        count(connection, &sql).unwrap();
    }
    let [one, other] = &mut pair;
    one.commit().unwrap();
    assert_eq!(kind(other.commit()), ErrorKind::Serialization);
    assert_eq!(other.state(), TransactionState::Idle);
    assert!(!other.is_broken());
    let idle = "select count(*) from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%'";
    assert_eq!(database.seen(idle), 0);
}

#[test]
fn a_write_in_a_read_only_transaction_is_refused_as_such() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    connection.begin(&TransactionOptions::default().read_only());
    let refused = count(&mut connection, "update t set n = 0");
    assert_eq!(kind(refused), ErrorKind::ReadOnly);
}
