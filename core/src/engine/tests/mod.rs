//! What a connection and a pool promise, on a real server, with faults between.
//!
//! Run by `cargo test --features test-support`; one file for each kind of fault.
//! Tests must not share tables: each has a database of its own.

// Clippy knows tests by `cfg(test)` alone.
#![allow(clippy::unwrap_used)]

mod asynchronous;
mod commits;
mod conflicts;
mod connecting;
mod limits;
mod parameters;
mod plans;
mod pooling;
mod proxy;
mod silence;
mod terminated;
#[cfg(feature = "tls-rustls")]
mod tls;
mod traces;
mod transactions;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use postgres::{Client, NoTls};
use postgres_types::{ToSql, Type};

use super::{
    Connection, Engine, EngineBuilder, Reply, Returns, Rows, Statement, Text, TransactionOptions,
};
use crate::error::{Error, ErrorKind, Result};
use crate::test_support::Cluster;

/// The server that tests share which do not break it.
fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start_on_tcp().unwrap())
}

/// An empty database on the shared server.
struct Database {
    url: String,
    name: String,
    port: u16,
}

impl Database {
    fn new() -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("engine_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let port = cluster().tcp_port().unwrap();
        let database = Database {
            url: format!("postgres://postgres@127.0.0.1:{port}/{name}"),
            name,
            port,
        };
        let mut admin = Client::connect(&cluster().url("postgres"), NoTls).unwrap();
        let create = format!("create database {}", database.name);
        admin.batch_execute(&create).unwrap();
        database
    }

    /// With a table `t (id int primary key, n int not null)` of two rows.
    fn with_table() -> Database {
        let database = Database::new();
        database.outside().batch_execute(TABLE).unwrap();
        database
    }

    fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }

    fn builder(&self) -> EngineBuilder {
        Engine::builder(&self.url).acquire_timeout(Duration::from_secs(10))
    }

    /// The same database through another port.
    fn builder_through(&self, port: u16) -> EngineBuilder {
        let url = format!("postgres://postgres@127.0.0.1:{port}/{}", self.name);
        Engine::builder(url).acquire_timeout(Duration::from_secs(10))
    }

    /// A second client that knows nothing of the engine.
    fn outside(&self) -> Client {
        Client::connect(&self.url, NoTls).unwrap()
    }

    /// What the second client sees.
    fn seen(&self, sql: &str) -> i64 {
        self.outside().query_one(sql, &[]).unwrap().get(0)
    }
}

const TABLE: &str =
    "create table t (id int primary key, n int not null constraint positive check (n >= 0));
    insert into t values (1, 10), (2, 20)";

fn acquire(engine: &Engine) -> Connection {
    engine.shared().acquire().unwrap()
}

/// A connection with a transaction noted.
fn begun(engine: &Engine) -> Connection {
    let mut connection = acquire(engine);
    connection.begin(&TransactionOptions::default());
    connection
}

fn text(sql: &str) -> Text {
    Text {
        sql: Arc::from(sql),
        label: Arc::from(sql),
    }
}

fn statement(sql: &str, returns: Returns) -> Statement<'static> {
    Statement {
        text: text(sql),
        params: Vec::new(),
        types: Vec::new(),
        returns,
        plain_read: false,
        rows: 0,
        cache: true,
    }
}

fn query(sql: &str) -> Statement<'static> {
    statement(sql, Returns::Rows)
}

fn plain(sql: &str) -> Statement<'static> {
    Statement {
        plain_read: true,
        ..query(sql)
    }
}

fn write(sql: &str) -> Statement<'static> {
    statement(sql, Returns::Count)
}

fn bound<'a>(sql: &str, param: &'a (dyn ToSql + Sync), ty: Type) -> Statement<'a> {
    Statement {
        params: vec![param],
        types: vec![ty],
        ..query(sql)
    }
}

fn run(connection: &mut Connection, statement: Statement<'_>) -> Result<Reply> {
    let mut replies = connection.run(&[statement]).map_err(|e| e.error)?;
    Ok(replies.remove(0))
}

fn rows(connection: &mut Connection, statement: Statement<'_>) -> Result<Rows> {
    match run(connection, statement)? {
        Reply::Rows(rows) => Ok(rows),
        Reply::Count(_) => panic!("rows were asked for"),
    }
}

fn count(connection: &mut Connection, sql: &str) -> Result<u64> {
    match run(connection, write(sql))? {
        Reply::Count(count) => Ok(count),
        Reply::Rows(_) => panic!("a count was asked for"),
    }
}

fn number(connection: &mut Connection, sql: &str) -> Result<i32> {
    rows(connection, query(sql))?.row(0).get(0)
}

fn pid(connection: &mut Connection) -> i32 {
    number(connection, "select pg_backend_pid()").unwrap()
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind().clone()
}

/// The message with the messages of its sources.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text} <- {error}");
        source = error.source();
    }
    text
}

/// Waits until something that happens elsewhere has happened.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..400 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what} did not happen within 4 seconds");
}
