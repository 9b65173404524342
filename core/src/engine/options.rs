//! What a caller may ask of a transaction.
//!
//! Users build it, `session` passes it on, `transaction` turns it into BEGIN.
//! Values only: it must not know connections.

use std::fmt::Write as _;
use std::time::Duration;

use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Isolation {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// How a transaction is to run.
///
/// Starts from an isolation level, or from [`Default`], which leaves the level to the server
/// (READ COMMITTED, unless the server, the database or the role says otherwise).
///
/// ```
/// use std::time::Duration;
/// use sessile::TransactionOptions;
///
/// let report = TransactionOptions::serializable().read_only().deferrable();
/// let transfer = TransactionOptions::repeatable_read()
///     .timeout(Duration::from_secs(2))
///     .attempts(5);
/// assert_ne!(report, transfer);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct TransactionOptions {
    isolation: Option<Isolation>,
    read_only: bool,
    deferrable: bool,
    timeout: Option<Duration>,
    attempts: Option<u32>,
    stale: bool,
}

impl TransactionOptions {
    /// READ COMMITTED, whatever the server's default is.
    pub fn read_committed() -> Self {
        Self::at(Isolation::ReadCommitted)
    }

    /// REPEATABLE READ: one snapshot for all statements; a row that somebody else changed
    /// meanwhile can't be written ([`Serialization`](crate::ErrorKind::Serialization)).
    pub fn repeatable_read() -> Self {
        Self::at(Isolation::RepeatableRead)
    }

    /// SERIALIZABLE: as if transactions ran one after the other; any statement and COMMIT may
    /// fail with [`Serialization`](crate::ErrorKind::Serialization).
    pub fn serializable() -> Self {
        Self::at(Isolation::Serializable)
    }

    fn at(isolation: Isolation) -> Self {
        TransactionOptions {
            isolation: Some(isolation),
            ..Self::default()
        }
    }

    /// The server refuses writes ([`ReadOnly`](crate::ErrorKind::ReadOnly)). Off by default.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Waits at its start until it can't fail with
    /// [`Serialization`](crate::ErrorKind::Serialization). Off by default; only for
    /// transactions that are serializable and read only, and a
    /// [`Config`](crate::ErrorKind::Config) error at use for others, where the server would
    /// ignore it.
    pub fn deferrable(mut self) -> Self {
        self.deferrable = true;
        self
    }

    /// A deadline for the whole unit of work; each statement gets what is left of it.
    ///
    /// None by default. At least one millisecond is sent. Zero is a
    /// [`Config`](crate::ErrorKind::Config) error at use. Past the deadline statements answer
    /// [`Timeout`](crate::ErrorKind::Timeout) and the transaction is rolled back. The server
    /// keeps the time: it does not help against a link that is cut.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How often `retrying` runs the closure at most, the first run included. 3 by default;
    /// zero is a [`Config`](crate::ErrorKind::Config) error at use.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Whether `retrying` also runs the closure again after
    /// [`Stale`](crate::ErrorKind::Stale). False by default.
    pub fn stale(mut self, stale: bool) -> Self {
        self.stale = stale;
        self
    }

    /// The mistakes that can be told without a server.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config), saying which.
    #[doc(hidden)]
    pub fn check(&self) -> Result<(), Error> {
        if self.attempts == Some(0) {
            return Err(Error::config("attempts must be at least 1"));
        }
        if self.timeout == Some(Duration::ZERO) {
            return Err(Error::config("a transaction's timeout must not be zero"));
        }
        let serializable = self.isolation == Some(Isolation::Serializable);
        if self.deferrable && !(serializable && self.read_only) {
            return Err(Error::config(
                "deferrable has no effect unless the transaction is serializable and read only",
            ));
        }
        Ok(())
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn allowed_attempts(&self) -> u32 {
        self.attempts.unwrap_or(3)
    }

    pub(crate) fn retries_stale(&self) -> bool {
        self.stale
    }

    /// Whether one statement alone sees and does the same without BEGIN.
    pub(crate) fn allow_autocommit(&self) -> bool {
        let snapshot_per_statement =
            matches!(self.isolation, None | Some(Isolation::ReadCommitted));
        snapshot_per_statement && !self.read_only && self.timeout.is_none()
    }

    pub(crate) fn write_begin(&self, sql: &mut String) {
        sql.push_str("BEGIN");
        if let Some(isolation) = self.isolation {
            let level = match isolation {
                Isolation::ReadCommitted => "READ COMMITTED",
                Isolation::RepeatableRead => "REPEATABLE READ",
                Isolation::Serializable => "SERIALIZABLE",
            };
            write!(sql, " ISOLATION LEVEL {level}").expect("a string takes every write");
        }
        if self.read_only {
            sql.push_str(" READ ONLY");
        }
        if self.deferrable {
            sql.push_str(" DEFERRABLE");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(options: TransactionOptions) -> String {
        let mut sql = String::new();
        options.write_begin(&mut sql);
        sql
    }

    #[test]
    fn begin_says_what_was_asked_for_and_nothing_else() {
        assert_eq!(begin(TransactionOptions::default()), "BEGIN");
        assert_eq!(
            begin(
                TransactionOptions::serializable()
                    .read_only()
                    .deferrable()
                    .attempts(2)
            ),
            "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE"
        );
    }

    #[test]
    fn options_that_make_no_sense_are_refused() {
        for options in [
            TransactionOptions::default().attempts(0),
            TransactionOptions::default().timeout(Duration::ZERO),
            TransactionOptions::serializable().deferrable(),
            TransactionOptions::repeatable_read()
                .read_only()
                .deferrable(),
        ] {
            assert!(options.check().is_err(), "{options:?}");
        }
        let good = TransactionOptions::serializable().read_only().deferrable();
        assert!(good.check().is_ok());
    }

    #[test]
    fn only_statements_with_a_snapshot_of_their_own_go_without_begin() {
        assert!(TransactionOptions::default().allow_autocommit());
        assert!(
            TransactionOptions::read_committed()
                .stale(true)
                .allow_autocommit()
        );
        assert!(!TransactionOptions::repeatable_read().allow_autocommit());
        assert!(!TransactionOptions::default().read_only().allow_autocommit());
        let timed = TransactionOptions::default().timeout(Duration::from_secs(1));
        assert!(!timed.allow_autocommit());
    }
}
