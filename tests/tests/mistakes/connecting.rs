//! Servers that can't be reached, and those that won't have us.

use std::time::Duration;

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Note, two_notes};
use sessile_tests::{TestDb, chain};

fn refused(url: &str) -> Error {
    Engine::builder(url)
        .acquire_timeout(Duration::from_millis(300))
        .build()
        .expect_err("a mistake in the connection string")
}

/// The tests' connection string with another role or database.
fn url_with(db: &TestDb, keyword: &str, value: &str) -> String {
    let config: postgres::Config = db.url().parse().expect("the tests connect with it");
    let url = db.url();
    let (old, new) = match keyword {
        "dbname" => (config.get_dbname(), format!("/{value}")),
        _ => (config.get_user(), format!("//{value}@")),
    };
    let old = old.expect("it names both");
    let old = match keyword {
        "dbname" => format!("/{old}"),
        _ => format!("//{old}@"),
    };
    assert!(url.contains(&old), "{url}");
    url.replacen(&old, &new, 1)
}

#[test]
fn a_connection_string_that_is_none() {
    let error = refused("mysql://localhost/bank");
    assert!(matches!(error.kind(), ErrorKind::Config { .. }));
    expect![[r#"
        the connection string can't be read: the scheme is neither `postgres` nor `postgresql`
    "#]]
    .assert_eq(&chain(&error));
    let error = refused("postgres://localhost:port/bank");
    assert!(matches!(error.kind(), ErrorKind::Config { .. }));
    expect![[r#"
        the connection string has a value for `port` that makes no sense
    "#]]
    .assert_eq(&chain(&error));
}

#[test]
fn a_password_is_not_shown_when_the_rest_is_wrong() {
    let error = refused("postgres://ann:s3cr3t@localhost:port/bank");
    assert!(!format!("{error:?}{}", chain(&error)).contains("s3cr3t"));
}

#[test]
fn no_server_at_the_address() {
    let error = refused("postgres://ann@127.0.0.1:1/bank");
    assert_eq!(error.kind(), &ErrorKind::Connection, "{error:?}");
    expect![[r#"
        connecting to ann@127.0.0.1:1/bank: no connection to the server
        Connection refused (os error 111)
    "#]]
    .assert_eq(&chain(&error));
}

#[test]
fn a_database_that_does_not_exist() {
    let db = two_notes();
    let error = refused(&url_with(&db, "dbname", "no_such_database"));
    assert_eq!(error.kind(), &ErrorKind::Connection, "{error:?}");
    assert_eq!(error.code(), Some("3D000"));
    assert!(error.to_string().ends_with(": no connection to the server"));
    assert_eq!(
        error.server().unwrap().to_string(),
        "FATAL: database \"no_such_database\" does not exist (SQLSTATE 3D000)"
    );
}

#[test]
fn a_role_that_does_not_exist() {
    let db = two_notes();
    let error = refused(&url_with(&db, "user", "no_such_role"));
    assert_eq!(error.kind(), &ErrorKind::Connection, "{error:?}");
    assert_eq!(error.code(), Some("28000"));
    assert!(error.to_string().ends_with(": no connection to the server"));
    assert_eq!(
        error.server().unwrap().to_string(),
        "FATAL: role \"no_such_role\" does not exist (SQLSTATE 28000)"
    );
}

#[test]
fn a_connection_that_breaks_loses_the_transaction_and_the_rollback_brings_another() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    s.flush().unwrap();
    db.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let error = s.execute("SELECT 1", ()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Connection, "{error:?}");
    let error = s.commit().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    assert_eq!(error.cause().unwrap().kind(), &ErrorKind::Connection);
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
}

#[test]
fn a_pool_without_a_free_connection() {
    let db = two_notes();
    let engine = Engine::builder(db.url())
        .pool_size(1)
        .acquire_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let mut holder = engine.session();
    holder.get::<Note>(1).unwrap();
    let mut s = engine.session();
    let tax = s.add(Note::of("tax", ""));
    let error = s.get::<Note>(2).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::PoolTimeout { .. }),
        "{error:?}"
    );
    holder.commit().unwrap();
    s.rollback().unwrap();
    let row = s.detach(tax).unwrap();
    s.add(row);
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM note"), "3\n");
}
