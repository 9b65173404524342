//! A database for one test, and what the test did to it.
//!
//! Each test makes one; the first of each set of models makes a template for the others.
//! It must not look through the session that is tested: rows are seen by a second connection.

use std::any::type_name;
use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use expect_test::Expect;
use sessile::test_support::TestDatabase;
use sessile::{Engine, Models, Session};

use crate::recorder::{Recorded, Recorder};

/// A database with the tables of some models, an engine on it, and a record of what this thread
/// sends.
#[derive(Debug)]
pub struct TestDb {
    engine: Engine,
    recorder: Recorder,
    database: TestDatabase,
}

impl TestDb {
    /// A database with the tables of these models.
    ///
    /// # Panics
    /// When there is no server to be had, or the tables can't be created.
    pub fn new<M: Models>() -> TestDb {
        TestDb::with::<M>("")
    }

    /// A database with the tables of these models, and what this SQL adds.
    ///
    /// # Panics
    /// As [`new`](TestDb::new).
    pub fn with<M: Models>(sql: &'static str) -> TestDb {
        let name = format!("{}{sql}", type_name::<M>());
        let database = TestDatabase::from_template(&name, |url| {
            let engine = Engine::builder(url).pool_size(1).build()?;
            engine.create_tables::<M>()?;
            if !sql.is_empty() {
                let mut client = postgres::Client::connect(url, postgres::NoTls)?;
                client.batch_execute(sql)?;
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("no test database: {error:?}"));
        let engine = Engine::builder(database.url())
            .pool_size(4)
            .build()
            .expect("the server is running");
        TestDb {
            engine,
            recorder: Recorder::start(),
            database,
        }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// A session by hand.
    pub fn session(&self) -> Session {
        self.engine.session()
    }

    /// The connection string.
    pub fn url(&self) -> &str {
        self.database.url()
    }

    /// Forgets what was sent so far.
    pub fn forget(&self) {
        self.recorder.take();
    }

    /// The statements sent since the last call, a line each.
    pub fn statements(&self) -> String {
        let mut text = String::new();
        for statement in self.recorder.take() {
            text.push_str(&statement.label);
            text.push('\n');
        }
        text
    }

    /// The statements sent since the last call, with their text.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.recorder.take()
    }

    /// Compares the statements sent since the last call.
    ///
    /// # Panics
    /// When they differ. `UPDATE_EXPECT=1` writes what was sent into the test.
    #[track_caller]
    #[allow(clippy::needless_pass_by_value)]
    pub fn assert_statements(&self, expected: Expect) {
        expected.assert_eq(&self.statements());
    }

    /// A second connection to look through.
    ///
    /// # Panics
    /// When the server is gone.
    pub fn look(&self) -> Look {
        Look::at(self.url())
    }

    /// What a query shows to a second connection: a line a row, columns behind bars.
    ///
    /// # Panics
    /// When the query fails.
    pub fn rows(&self, sql: &str) -> String {
        self.look().rows(sql)
    }
}

/// A connection that is not the session's.
#[allow(missing_debug_implementations)]
pub struct Look(postgres::Client);

impl Look {
    /// Connects.
    ///
    /// # Panics
    /// When the server is gone.
    pub fn at(url: &str) -> Look {
        let client = postgres::Client::connect(url, postgres::NoTls);
        Look(client.expect("the server is running"))
    }

    /// What a query shows: a line a row, columns behind bars, NULL as a dash.
    ///
    /// # Panics
    /// When the query fails.
    pub fn rows(&mut self, sql: &str) -> String {
        let messages = self.0.simple_query(sql);
        let mut text = String::new();
        for message in messages.unwrap_or_else(|error| panic!("{sql}: {error:?}")) {
            if let postgres::SimpleQueryMessage::Row(row) = message {
                for column in 0..row.len() {
                    let bar = if column == 0 { "" } else { " | " };
                    let value = row.get(column).unwrap_or("-");
                    write!(text, "{bar}{value}").expect("a string takes every write");
                }
                text.push('\n');
            }
        }
        text
    }

    /// Waits until so many sessions of this database wait for a lock.
    ///
    /// # Panics
    /// When they don't within ten seconds.
    pub fn wait_for_blocked(&mut self, sessions: usize) {
        self.wait_for_blocked_or(sessions, || false);
    }

    /// Waits until so many sessions of this database wait for a lock, or something else is so.
    ///
    /// # Panics
    /// When neither comes true within ten seconds.
    pub fn wait_for_blocked_or(&mut self, sessions: usize, other: impl Fn() -> bool) {
        let blocked = "SELECT count(*) FROM pg_stat_activity \
            WHERE wait_event_type = 'Lock' AND datname = current_database()";
        let started = Instant::now();
        while !other() && self.rows(blocked) != format!("{sessions}\n") {
            let waited = started.elapsed();
            assert!(waited < Duration::from_secs(10), "not {sessions} of them");
            thread::yield_now();
        }
    }

    /// Runs statements that return nothing.
    ///
    /// # Panics
    /// When one fails.
    pub fn run(&mut self, sql: &str) {
        let done = self.0.batch_execute(sql);
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
}
