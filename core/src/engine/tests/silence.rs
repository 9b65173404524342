//! Links and peers that say nothing.

use std::thread;
use std::time::{Duration, Instant};

use super::proxy::{Link, Proxy};
use super::*;

const SHORT: Duration = Duration::from_millis(200);

fn impatient(database: &Database, proxy: &Proxy) -> Engine {
    database
        .builder_through(proxy.port)
        .ping_after(Duration::ZERO)
        .ping_timeout(SHORT)
        .connect_timeout(SHORT * 2)
        .build()
        .unwrap()
}

#[test]
fn a_stuck_peer_is_found_by_the_ping_and_replaced() {
    let database = Database::new();
    let proxy = Proxy::to(database.port);
    let engine = impatient(&database, &proxy);
    let first = pid(&mut begun(&engine));
    proxy.set(Link::Stuck);
    let opener = thread::spawn({
        let engine = engine.clone();
        move || pid(&mut begun(&engine))
    });
    thread::sleep(SHORT * 2);
    proxy.set(Link::Open);
    assert_ne!(opener.join().unwrap(), first);
    assert_eq!(engine.metrics().discarded, 1);
}

#[test]
fn a_stuck_peer_holds_the_pool_no_longer_than_it_was_told() {
    let database = Database::new();
    let proxy = Proxy::to(database.port);
    let engine = database
        .builder_through(proxy.port)
        .ping_after(Duration::ZERO)
        .ping_timeout(SHORT)
        .connect_timeout(SHORT)
        .acquire_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    proxy.set(Link::Stuck);
    let started = Instant::now();
    let error = engine.shared().acquire().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::PoolTimeout { .. }));
    assert!(
        chain(&error).contains("no answer within"),
        "{}",
        chain(&error)
    );
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn dropping_a_client_with_an_unanswered_request_holds_nobody() {
    let database = Database::new();
    let proxy = Proxy::to(database.port);
    let engine = impatient(&database, &proxy);
    let mut connection = begun(&engine);
    number(&mut connection, "select 1").unwrap();
    proxy.set(Link::Mute);
    let started = Instant::now();
    let lease = connection.lease.as_mut().unwrap();
    assert!(!lease.ping(SHORT));
    drop(connection);
    assert!(started.elapsed() < SHORT * 4, "{:?}", started.elapsed());
    assert_eq!(engine.metrics().discarded, 1);
}

#[test]
fn an_abandoned_transaction_on_a_stuck_link_is_thrown_away_in_time() {
    let database = Database::with_table();
    let proxy = Proxy::to(database.port);
    let engine = impatient(&database, &proxy);
    let mut connection = begun(&engine);
    count(&mut connection, "update t set n = 0").unwrap();
    proxy.set(Link::Stuck);
    let started = Instant::now();
    drop(connection);
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(engine.metrics().discarded, 1);
    proxy.set(Link::Cut);
    eventually("the rollback", || {
        database
            .outside()
            .batch_execute("set lock_timeout = 10; update t set n = 1")
            .is_ok()
    });
}

#[test]
fn a_link_that_breaks_during_a_statement_is_a_lost_connection() {
    let database = Database::with_table();
    let proxy = Proxy::to(database.port);
    let engine = impatient(&database, &proxy);
    let mut connection = begun(&engine);
    number(&mut connection, "select 1").unwrap();
    proxy.set(Link::BreaksAtAnswer);
    let lost = count(&mut connection, "update t set n = 0");
    assert_eq!(kind(lost), ErrorKind::Connection);
    assert!(connection.is_broken());
    assert_eq!(database.seen("select sum(n) from t"), 30);
}

#[test]
fn a_cut_link_is_replaced_when_it_is_back() {
    let database = Database::new();
    let proxy = Proxy::to(database.port);
    let engine = database.builder_through(proxy.port).build().unwrap();
    number(&mut begun(&engine), "select 1").unwrap();
    proxy.set(Link::Cut);
    let restorer = thread::spawn(move || {
        thread::sleep(SHORT);
        proxy.set(Link::Open);
        proxy
    });
    assert_eq!(number(&mut begun(&engine), "select 1").unwrap(), 1);
    assert!(restorer.join().unwrap().accepted() >= 2);
}
