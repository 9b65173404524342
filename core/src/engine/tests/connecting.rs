//! Connecting to servers that are not there, do not answer, or do not let us in.

use std::io;
use std::time::{Duration, Instant};

use super::proxy::{closed_port, mute_listener};
use super::*;

const SHORT: Duration = Duration::from_millis(300);

fn refusal(url: &str) -> Error {
    let started = Instant::now();
    let error = Engine::builder(url)
        .connect_timeout(SHORT)
        .build()
        .unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5));
    error
}

#[test]
fn a_refused_connection_fails_the_build_with_the_systems_reason() {
    let port = closed_port();
    let error = refusal(&format!("postgres://ann:secret@127.0.0.1:{port}/bank"));
    assert_eq!(*error.kind(), ErrorKind::Connection);
    assert_eq!(
        error.to_string(),
        format!("connecting to ann@127.0.0.1:{port}/bank: no connection to the server")
    );
    let source = std::error::Error::source(&error).unwrap();
    let io = source.downcast_ref::<io::Error>().unwrap();
    assert_eq!(io.kind(), io::ErrorKind::ConnectionRefused);
    assert!(!format!("{error:?} {}", chain(&error)).contains("secret"));
}

#[test]
fn an_unknown_host_fails_the_build() {
    let error = refusal("postgres://no.such.host.invalid/bank");
    assert_eq!(*error.kind(), ErrorKind::Connection);
}

#[test]
fn a_role_or_database_that_is_missing_fails_the_build_with_the_servers_report() {
    let port = cluster().tcp_port().unwrap();
    let error = refusal(&format!(
        "postgres://nobody_at_all@127.0.0.1:{port}/postgres"
    ));
    assert_eq!(
        (error.kind(), error.code()),
        (&ErrorKind::Connection, Some("28000"))
    );
    let error = refusal(&format!("postgres://postgres@127.0.0.1:{port}/nowhere"));
    assert_eq!(
        (error.kind(), error.code()),
        (&ErrorKind::Connection, Some("3D000"))
    );
    assert!(chain(&error).contains("database \"nowhere\" does not exist"));
}

#[test]
fn too_many_connections_fail_the_build_with_the_servers_report() {
    let database = Database::new();
    let sql = "create role crowd login connection limit 0";
    database.outside().batch_execute(sql).unwrap();
    let error = refusal(&database.url.replace("postgres@", "crowd@"));
    assert_eq!(
        (error.kind(), error.code()),
        (&ErrorKind::Connection, Some("53300"))
    );
}

#[test]
fn a_listener_that_says_nothing_does_not_hold_the_build() {
    let (_listener, port) = mute_listener();
    let error = refusal(&format!("postgres://postgres@127.0.0.1:{port}/postgres"));
    assert_eq!(*error.kind(), ErrorKind::Connection);
    assert!(
        chain(&error).contains("no answer within 300ms"),
        "{}",
        chain(&error)
    );
}

#[test]
fn a_url_that_can_not_be_read_is_a_mistake_of_configuration() {
    for url in [
        "",
        "nonsense",
        "mysql://h/db",
        "postgres://h:port/db",
        "user=ann",
    ] {
        let error = Engine::connect(url).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Config { .. }),
            "{url}: {error}"
        );
    }
}

#[cfg(not(feature = "tls-rustls"))]
#[test]
fn tls_without_its_feature_is_a_mistake_of_configuration() {
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = Engine::connect(&format!("host=h sslmode={mode}")).unwrap_err();
        assert!(error.to_string().contains("tls-rustls"), "{error}");
    }
}

#[cfg(feature = "tls-rustls")]
#[test]
fn a_server_without_tls_is_refused_when_tls_is_required() {
    let port = cluster().tcp_port().unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let error = refusal(&format!("{url}?sslmode=require"));
    assert_eq!(*error.kind(), ErrorKind::Connection);
    assert!(Engine::connect(&format!("{url}?sslmode=prefer")).is_ok());
}

#[test]
fn the_connect_timeout_of_the_url_is_honoured() {
    let (_listener, port) = mute_listener();
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?connect_timeout=1");
    let started = Instant::now();
    let error = Engine::connect(&url).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Connection);
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_socket_directory_and_a_list_of_settings_work_as_well() {
    let directory = cluster().directory().unwrap().display().to_string();
    let port = cluster().tcp_port().unwrap();
    let engine = Engine::connect(&format!(
        "host={directory} port={port} user=postgres dbname=postgres application_name='a b'"
    ));
    let mut connection = acquire(&engine.unwrap());
    let rows = rows(&mut connection, query("show application_name")).unwrap();
    assert_eq!(rows.row(0).get::<String>(0).unwrap(), "a b");
}

#[test]
fn a_dead_host_in_a_list_is_skipped() {
    let (dead, port) = (closed_port(), cluster().tcp_port().unwrap());
    let hosts = format!("127.0.0.1:{dead},127.0.0.1:{port}");
    let url = format!("postgres://postgres@{hosts}/postgres?target_session_attrs=primary");
    assert!(Engine::connect(&url).is_ok());
    let standby = url.replace("primary", "standby");
    assert_eq!(kind(Engine::connect(&standby)), ErrorKind::Connection);
}
