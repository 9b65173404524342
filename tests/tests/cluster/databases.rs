//! Databases on the shared server, and on the one of `DATABASE_URL`.
//!
//! Run by `cargo test`; prints how long a copy takes, and asserts only that it is not absurd.
//! Must not depend on which server is shared, except in the children.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use sessile::test_support::{Cluster, ClusterError, TestDatabase};

use super::{ask, child};

const TWENTY_TABLES: &str = "
    do $$ begin
        for i in 1..20 loop
            execute format('create table t%s as select id from generate_series(1, 100) id', i);
        end loop;
    end $$";

fn twenty_tables() -> TestDatabase {
    TestDatabase::from_template("twenty tables", |url| {
        let mut client = Client::connect(url, NoTls)?;
        client.batch_execute(TWENTY_TABLES)?;
        Ok(())
    })
    .unwrap()
}

#[test]
fn a_new_database_is_empty() {
    let database = TestDatabase::new().unwrap();
    assert_eq!(
        ask(database.url(), "select current_database()"),
        database.name()
    );
    let sql = "select count(*) from pg_class where relnamespace = 'public'::regnamespace";
    assert_eq!(ask(database.url(), sql), "0");
}

#[test]
fn a_copy_has_the_rows_of_its_template_and_keeps_its_own() {
    let (first, second) = (twenty_tables(), twenty_tables());
    ask(first.url(), "delete from t20");
    assert_eq!(ask(first.url(), "select count(*) from t20"), "0");
    assert_eq!(ask(second.url(), "select count(*) from t20"), "100");
}

#[test]
fn a_copy_is_quick() {
    twenty_tables();
    let mut times: Vec<Duration> = (0..10)
        .map(|_| {
            let begin = Instant::now();
            twenty_tables();
            begin.elapsed()
        })
        .collect();
    times.sort();
    println!("a copy of twenty tables: median {:?}, {times:?}", times[5]);
    assert!(times[5] < Duration::from_secs(2));
}

#[test]
fn a_template_is_set_up_once_for_threads_that_want_it_at_once() {
    static SETUPS: AtomicU32 = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                TestDatabase::from_template("at once", |_| {
                    SETUPS.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                })
                .unwrap();
            });
        }
    });
    assert_eq!(SETUPS.load(Ordering::Relaxed), 1);
}

#[test]
fn a_template_whose_setup_failed_is_set_up_anew() {
    let failed = TestDatabase::from_template("second try", |_| Err("no luck".into()));
    let error = failed.unwrap_err();
    assert!(matches!(&error, ClusterError::Template { name, .. } if name == "second try"));
    assert_eq!(
        error.to_string(),
        "could not set up the template database `second try`"
    );
    TestDatabase::from_template("second try", |_| Ok(())).unwrap();
}

#[test]
fn a_session_that_the_setup_forgot_is_terminated() {
    let mut forgotten = None;
    let database = TestDatabase::from_template("forgetful", |url| {
        let mut client = Client::connect(url, NoTls)?;
        client.batch_execute("create table t (id int)")?;
        forgotten = Some(client);
        Ok(())
    })
    .unwrap();
    assert_eq!(ask(database.url(), "select count(*) from t"), "0");
    assert!(forgotten.unwrap().simple_query("select 1").is_err());
}

#[test]
fn the_server_of_database_url_is_used_and_left_clean() {
    let cluster = Cluster::start().unwrap();
    let url = cluster.url("postgres");
    let databases = "select coalesce(string_agg(datname, ' '), 'none') from pg_database \
                     where datname like 'sessile%' and datname not like '%\\_t\\_%'";

    child::run("given_server", &[("DATABASE_URL", &url)]).unwrap();
    assert_eq!(ask(&url, databases), "none");
    let templates = "select count(*) from pg_database where datname like 'sessile%'";
    assert_eq!(ask(&url, templates), "1");

    // The next process drops the template of the first one, and leaves its own.
    child::run("given_server", &[("DATABASE_URL", &url)]).unwrap();
    assert_eq!(ask(&url, templates), "1");
}

#[test]
fn a_server_that_cannot_be_reached_is_named_without_its_password() {
    let url = "postgresql://ann:secret@127.0.0.1:1/x";
    let output = child::run("given_server", &[("DATABASE_URL", url)]).unwrap_err();
    assert!(output.contains("DatabaseUrl"), "{output}");
    assert!(!output.contains("secret"), "{output}");
}
