//! One event for each message to the server.
//!
//! Called by `driver` around each of them.
//! It must not show parameters, and costs nothing when nobody listens.

use std::time::Instant;

use tracing::{Level, debug, enabled};

use super::sqlstate::Failure;
use super::statement::{Reply, Statement};

/// A running clock, when somebody listens to `sessile::statement` at debug level.
pub(super) struct Trace(Option<Instant>);

impl Trace {
    pub(super) fn start() -> Trace {
        let listened = enabled!(target: "sessile::statement", Level::DEBUG);
        Trace(listened.then(Instant::now))
    }

    /// Reports BEGIN, COMMIT, SAVEPOINT and the like.
    pub(super) fn control(self, label: &str, sql: &str) {
        if let Some(started) = self.0 {
            debug!(
                target: "sessile::statement",
                label,
                sql,
                micros = micros(started),
                rows = 0_u64,
                cached = false,
            );
        }
    }

    /// Reports a statement with what it brought or wrote; 0 rows when it failed.
    pub(super) fn statement(
        self,
        statement: &Statement<'_>,
        result: &Result<Reply, Failure>,
        cached: bool,
    ) {
        if let Some(started) = self.0 {
            debug!(
                target: "sessile::statement",
                label = statement.shown(),
                sql = &*statement.text.sql,
                micros = micros(started),
                rows = rows(result),
                cached,
            );
        }
    }
}

fn micros(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn rows(result: &Result<Reply, Failure>) -> u64 {
    match result {
        Ok(Reply::Rows(rows)) => rows.len() as u64,
        Ok(Reply::Count(count)) => *count,
        Err(_) => 0,
    }
}
