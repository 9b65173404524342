//! Lending, taking back, throwing away.

use std::thread;
use std::time::{Duration, Instant};

use super::proxy::{Link, Proxy, mute_listener};
use super::*;

const SHORT: Duration = Duration::from_millis(300);

#[test]
fn building_an_engine_opens_one_connection_and_keeps_it() {
    let database = Database::new();
    let engine = database.engine();
    let metrics = engine.metrics();
    assert_eq!(
        (metrics.connections, metrics.idle, metrics.connects),
        (1, 1, 1)
    );
    pid(&mut begun(&engine));
    assert_eq!(engine.metrics().connects, 1);
}

#[test]
fn connections_are_kept_ready_when_asked_for() {
    let database = Database::new();
    let engine = database.builder().min_idle(3).build().unwrap();
    eventually("three idle connections", || engine.metrics().idle == 3);
    assert_eq!(engine.metrics().connects, 3);
}

#[test]
fn a_connection_in_use_a_moment_ago_is_lent_without_a_ping() {
    let database = Database::new();
    let engine = database.engine();
    drop(acquire(&engine));
    drop(acquire(&engine));
    assert_eq!(engine.metrics().round_trips, 0);
}

#[test]
fn a_connection_that_was_idle_for_long_is_tested() {
    let database = Database::new();
    let engine = database.builder().ping_after(SHORT / 3).build().unwrap();
    thread::sleep(SHORT);
    drop(acquire(&engine));
    assert_eq!(engine.metrics().round_trips, 1);
}

#[test]
fn an_exhausted_pool_says_how_long_was_waited() {
    let database = Database::new();
    let engine = database
        .builder()
        .pool_size(1)
        .acquire_timeout(SHORT)
        .build()
        .unwrap();
    let held = acquire(&engine);
    let error = engine.shared().acquire().unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::PoolTimeout { waited: SHORT });
    assert!(std::error::Error::source(&error).is_none());
    drop(held);
    acquire(&engine);
}

#[test]
fn every_waiter_learns_why_no_connection_could_be_opened() {
    let database = Database::new();
    let proxy = Proxy::to(database.port);
    let engine = database
        .builder_through(proxy.port)
        .acquire_timeout(SHORT)
        .build()
        .unwrap();
    let _held = acquire(&engine);
    proxy.set(Link::Cut);
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let engine = engine.clone();
            thread::spawn(move || engine.shared().acquire().unwrap_err())
        })
        .collect();
    for waiter in waiters {
        let error = waiter.join().unwrap();
        assert!(matches!(error.kind(), ErrorKind::PoolTimeout { .. }));
        let cause = error.cause().unwrap();
        assert_eq!(*cause.kind(), ErrorKind::Connection);
        assert!(
            cause
                .to_string()
                .starts_with("connecting to postgres@127.0.0.1")
        );
    }
}

#[test]
fn a_refusal_by_the_server_reaches_the_waiter_with_its_report() {
    let database = Database::new();
    database
        .outside()
        .batch_execute("create role guest login")
        .unwrap();
    let url = database.url.replace("postgres@", "guest@");
    let engine = Engine::builder(url).acquire_timeout(SHORT).build().unwrap();
    let _held = acquire(&engine);
    database
        .outside()
        .batch_execute("alter role guest nologin")
        .unwrap();
    let error = engine.shared().acquire().unwrap_err();
    assert_eq!(error.cause().unwrap().code(), Some("28000"));
}

#[test]
fn a_place_in_the_pool_is_not_lost_when_connecting_fails() {
    let database = Database::new();
    let proxy = Proxy::to(database.port);
    let engine = database
        .builder_through(proxy.port)
        .pool_size(1)
        .connect_timeout(SHORT)
        .acquire_timeout(SHORT * 2)
        .build()
        .unwrap();
    acquire(&engine).lease.as_mut().unwrap().distrust();
    for fault in [Link::Cut, Link::Stuck] {
        proxy.set(fault);
        engine.shared().acquire().unwrap_err();
    }
    proxy.set(Link::Open);
    eventually("a new connection", || engine.shared().acquire().is_ok());
}

#[test]
fn a_mute_server_holds_a_bounded_number_of_threads() {
    let (_listener, port) = mute_listener();
    let target = crate::engine::target::Target::parse(&format!("host=127.0.0.1 port={port}"));
    let limit = Duration::from_millis(5);
    let connector = crate::engine::connector::Connector::new(target.unwrap(), limit).unwrap();
    let errors: Vec<_> = (0..20)
        .map(|_| chain(&connector.connect().err().unwrap()))
        .collect();
    assert!(errors[0].contains("no answer within 5ms"), "{}", errors[0]);
    assert!(
        errors[19].contains("earlier attempts still wait"),
        "{}",
        errors[19]
    );
}

#[test]
fn an_open_transaction_does_not_reach_the_next_user() {
    let database = Database::with_table();
    let engine = database.builder().pool_size(1).build().unwrap();
    let mut connection = acquire(&engine);
    // A BEGIN that the transaction's state knows nothing of.
    count(&mut connection, "begin").unwrap();
    count(&mut connection, "update t set n = 0").unwrap();
    count(&mut connection, "set local work_mem = '1MB'").unwrap();
    count(
        &mut connection,
        "create temp table mine (id int) on commit drop",
    )
    .unwrap();
    drop(connection);

    let mut next = acquire(&engine);
    let open = "select count(*) from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%'";
    assert_eq!(database.seen(open), 0);
    assert_eq!(
        number(&mut next, "select (to_regclass('mine') is not null)::int").unwrap(),
        0
    );
    assert_eq!(number(&mut next, "select sum(n)::int from t").unwrap(), 30);
}

#[test]
fn a_restarted_server_is_not_noticed() {
    let cluster = Cluster::start_on_tcp().unwrap();
    let port = cluster.tcp_port().unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let engine = Engine::builder(url).pool_size(4).build().unwrap();
    let all: Vec<_> = (0..4).map(|_| begun(&engine)).collect();
    drop(all);
    assert_eq!(engine.metrics().idle, 4);

    cluster.restart().unwrap();

    for _ in 0..8 {
        let mut connection = begun(&engine);
        assert_eq!(number(&mut connection, "select 1").unwrap(), 1);
        connection.commit().unwrap();
    }
    let metrics = engine.metrics();
    assert_eq!((metrics.discarded, metrics.connects), (4, 5));
}

#[test]
fn a_server_that_is_back_is_found_soon() {
    let database = Database::new();
    let proxy = Proxy::to(database.port);
    let engine = database.builder_through(proxy.port).build().unwrap();
    acquire(&engine).lease.as_mut().unwrap().distrust();
    proxy.set(Link::Cut);
    let waiter = thread::spawn(move || {
        let started = Instant::now();
        acquire(&engine);
        started.elapsed()
    });
    thread::sleep(Duration::from_secs(2));
    proxy.set(Link::Open);
    // The pause between attempts grows to one second and no further.
    assert!(waiter.join().unwrap() < Duration::from_secs(4));
}

#[test]
fn an_engine_is_shared_whatever_its_closures_fail_with() {
    struct Mine;
    let database = Database::new();
    let engine = database.engine();
    let mine: Engine<Mine> = engine.errors();
    let clone = mine.clone();
    pid(&mut acquire(&engine));
    assert_eq!(clone.metrics(), engine.metrics());
    let shown = format!("{clone:?}");
    assert!(shown.contains(&database.name), "{shown}");
}
