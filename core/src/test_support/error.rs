//! What can go wrong between asking for a test database and having one.
//!
//! Made by every file of this room; read by whoever runs the tests.
//! Must not show a connection string: it may hold a password.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;

/// Why there is no test server or no test database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// `PG_BIN_DIR` is set to a directory that lacks `initdb` or `postgres`.
    #[error("PG_BIN_DIR names {}, which has no `initdb` and `postgres`", .0.display())]
    BinDir(PathBuf),

    /// No server binaries are installed and none could be fetched.
    #[error("no PostgreSQL is installed and none could be fetched: {}", .0.join("; "))]
    NoServer(Vec<String>),

    /// The process is root, and there is neither a user `postgres` nor a user `nobody`.
    #[error("a server cannot run as root, and there is no user `postgres` or `nobody`")]
    NoUser,

    /// A command that was needed ended with a failure.
    #[error("`{command}` failed ({status}): {output}")]
    Command {
        /// The program and its first argument.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines that it printed.
        output: String,
    },

    /// The operating system refused something.
    #[error("could not {doing}")]
    Io {
        /// What was tried.
        doing: String,
        /// The refusal.
        source: io::Error,
    },

    /// The server was started and did not become ready.
    #[error("the server {problem}, and its log ends with:\n{log}")]
    Start {
        /// What was seen.
        problem: &'static str,
        /// The last lines of the server's log.
        log: String,
        /// The last attempt to connect, if one was made.
        source: Option<Box<dyn Error + Send + Sync>>,
    },

    /// The server of `DATABASE_URL` cannot be reached or does not let us in.
    #[error("could not connect to the server of DATABASE_URL")]
    DatabaseUrl(#[source] Box<dyn Error + Send + Sync>),

    /// A statement failed.
    #[error("could not {doing}")]
    Statement {
        /// What was tried.
        doing: String,
        /// The answer of the server.
        source: Box<dyn Error + Send + Sync>,
    },

    /// The closure that sets up a template database failed.
    #[error("could not set up the template database `{name}`")]
    Template {
        /// The name given to the template.
        name: String,
        /// The error of the closure.
        source: Box<dyn Error + Send + Sync>,
    },

    /// Stopping and restarting is for servers that were started here.
    #[error("the server of DATABASE_URL is not ours to stop")]
    NotOurs,

    /// The shared cluster could not be started. The first attempt is remembered, so that a
    /// hundred tests do not each try to fetch a server.
    #[error(transparent)]
    Shared(Arc<ClusterError>),
}

impl ClusterError {
    /// For `map_err`: an I/O error and what was being done.
    pub(super) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> ClusterError {
        let doing = doing.into();
        move |source| ClusterError::Io { doing, source }
    }

    /// For `map_err`: an error of the driver and what was being done.
    pub(super) fn statement(
        doing: impl Into<String>,
    ) -> impl FnOnce(postgres::Error) -> ClusterError {
        let doing = doing.into();
        move |source| ClusterError::Statement {
            doing,
            source: source.into(),
        }
    }
}

/// The last `count` lines of a log or of a command's output.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_long_log_is_shown() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
        assert_eq!(last_lines("", 2), "");
    }
}
