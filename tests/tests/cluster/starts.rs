//! Starting, sharing, stopping hard and restarting.
//!
//! Run by `cargo test`.
//! Must not use the shared server where a server is stopped.

use postgres::{Client, NoTls};
use sessile::test_support::{Cluster, Origin};

use super::ask;

#[test]
fn a_server_of_ones_own_answers() {
    let cluster = Cluster::start().unwrap();
    let version = ask(&cluster.url("postgres"), "show server_version");
    assert!(version.starts_with(cluster.version()), "{version}");
    assert_eq!(
        ask(&cluster.url("postgres"), "show server_encoding"),
        "UTF8"
    );
    assert_eq!(cluster.tcp_port(), None);
    assert_ne!(*cluster.origin(), Origin::DatabaseUrl);
}

#[test]
fn a_server_on_tcp_answers_there_and_on_its_socket() {
    let cluster = Cluster::start_on_tcp().unwrap();
    let port = cluster.tcp_port().unwrap();
    let tcp = format!("postgresql://postgres@127.0.0.1:{port}/postgres");
    assert_eq!(ask(&tcp, "select 1"), "1");
    assert_eq!(ask(&cluster.url("postgres"), "select 1"), "1");
}

#[test]
fn two_servers_do_not_meet() {
    let first = Cluster::start().unwrap();
    let second = Cluster::start().unwrap();
    ask(&first.url("postgres"), "create table mark (id int)");
    let sql = "select count(*) from pg_class where relname = 'mark'";
    assert_eq!(ask(&second.url("postgres"), sql), "0");
}

#[test]
fn the_shared_server_is_one() {
    let first = Cluster::shared().unwrap();
    let second = Cluster::shared().unwrap();
    assert!(std::ptr::eq(first, second));
}

#[test]
fn a_restart_ends_sessions_and_keeps_data_and_port() {
    let cluster = Cluster::start_on_tcp().unwrap();
    let (pid, port) = (cluster.pid().unwrap(), cluster.tcp_port());
    let url = cluster.url("postgres");
    ask(&url, "create table kept as select 7 as id");
    let mut session = Client::connect(&url, NoTls).unwrap();

    cluster.restart().unwrap();

    assert!(session.simple_query("select 1").is_err());
    assert_ne!(cluster.pid(), Some(pid));
    assert_eq!(cluster.tcp_port(), port);
    assert_eq!(ask(&url, "select id from kept"), "7");
}

#[test]
fn what_was_committed_survives_a_hard_stop() {
    let cluster = Cluster::start().unwrap();
    let url = cluster.url("postgres");
    // Without it PostgreSQL may lose the last moments, and the data of a test server is not worth
    // the wait.
    ask(
        &url,
        "set synchronous_commit = on; create table kept as select 7 as id",
    );

    cluster.stop_hard().unwrap();
    assert_eq!(cluster.pid(), None);
    assert!(Client::connect(&url, NoTls).is_err());

    cluster.restart().unwrap();
    assert_eq!(ask(&url, "select id from kept"), "7");
}
