//! Statements on threads of their own.
//!
//! Called by `cluster`, `database`, `tables`, `template` and `leftovers`.
//! Must not run on the caller's thread: the driver brings a runtime of its own and panics inside
//! another one, and an async test may well ask for a test database.

use std::panic;
use std::thread;

use postgres::Error;

use crate::engine::script;

/// Runs `sql` on a new connection.
pub(super) fn run(url: &str, sql: &str) -> Result<(), Error> {
    on_a_thread(|| script::run_script(url, sql))
}

/// The first column of what `sql` gives.
pub(super) fn read_column(url: &str, sql: &str) -> Result<Vec<String>, Error> {
    on_a_thread(|| script::read_column(url, sql))
}

/// Runs blocking work where the driver may.
pub(super) fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(result) => result,
        Err(payload) => panic::resume_unwind(payload),
    })
}
