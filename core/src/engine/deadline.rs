//! Time limits, as settings that last as long as a transaction.
//!
//! Called by `transaction` with BEGIN and before every statement.
//! Pure: it is told the time. It must not set anything for longer than a transaction, since
//! behind a pooler the session belongs to others as well.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Limits that an engine puts on all its transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) statement: Option<Duration>,
    pub(super) lock: Option<Duration>,
    pub(super) idle_in_transaction: Option<Duration>,
}

impl Limits {
    pub(super) fn is_empty(&self) -> bool {
        *self == Limits::default()
    }
}

/// No time is left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expired;

/// What is left of a unit of work's time, and what the server has been told of it.
#[derive(Debug)]
pub(super) struct Deadline {
    limits: Limits,
    ends: Option<Instant>,
    /// The `statement_timeout` in force on the server.
    pub(super) told: Option<Duration>,
}

impl Deadline {
    pub(super) fn new(limits: Limits, timeout: Option<Duration>, now: Instant) -> Deadline {
        Deadline {
            limits,
            ends: timeout.and_then(|timeout| now.checked_add(timeout)),
            told: None,
        }
    }

    pub(super) fn check(&self, now: Instant) -> Result<(), Expired> {
        self.left(now).map(|_| ())
    }

    /// Appends what goes out with BEGIN.
    pub(super) fn write_all(&mut self, now: Instant, sql: &mut String) -> Result<(), Expired> {
        self.told = None;
        self.write_changes(now, sql)?;
        if let Some(lock) = self.limits.lock {
            set(sql, "lock_timeout", lock);
        }
        if let Some(idle) = self.limits.idle_in_transaction {
            set(sql, "idle_in_transaction_session_timeout", idle);
        }
        Ok(())
    }

    /// Appends a new `statement_timeout` when the server's is too generous.
    ///
    /// It costs a round trip, so a difference of up to 2 % or 5 ms is left alone.
    pub(super) fn write_changes(&mut self, now: Instant, sql: &mut String) -> Result<(), Expired> {
        let left = self.left(now)?;
        let Some(wanted) = min(self.limits.statement, left) else {
            return Ok(());
        };
        let worth_it = match self.told {
            None => true,
            Some(told) => {
                let slack = (told / 50).max(Duration::from_millis(5));
                wanted + slack < told
            }
        };
        if worth_it {
            set(sql, "statement_timeout", wanted);
            self.told = Some(wanted);
        }
        Ok(())
    }

    /// Whether a statement that started then has used up what it was given.
    pub(super) fn passed(&self, started: Instant, now: Instant) -> bool {
        let statement = self
            .told
            .is_some_and(|told| now.duration_since(started) >= told);
        statement || self.check(now).is_err()
    }

    fn left(&self, now: Instant) -> Result<Option<Duration>, Expired> {
        match self.ends {
            None => Ok(None),
            Some(ends) if ends <= now => Err(Expired),
            Some(ends) => Ok(Some(ends - now)),
        }
    }
}

fn min(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}

/// The server counts in milliseconds, takes zero for "no limit" and has 31 bits for it.
fn set(sql: &mut String, setting: &str, limit: Duration) {
    const MOST: u128 = i32::MAX as u128;
    let millis = limit.as_millis().clamp(1, MOST);
    write!(sql, "; SET LOCAL {setting} = {millis}").expect("a string takes every write");
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn written(f: impl FnOnce(&mut String) -> Result<(), Expired>) -> String {
        let mut sql = String::new();
        f(&mut sql).unwrap();
        sql
    }

    #[test]
    fn without_limits_nothing_is_sent() {
        let now = Instant::now();
        let mut deadline = Deadline::new(Limits::default(), None, now);
        assert_eq!(written(|sql| deadline.write_all(now, sql)), "");
        assert_eq!(written(|sql| deadline.write_changes(now, sql)), "");
    }

    #[test]
    fn all_limits_go_with_begin() {
        let now = Instant::now();
        let limits = Limits {
            statement: Some(SECOND),
            lock: Some(SECOND * 2),
            idle_in_transaction: Some(SECOND * 3),
        };
        let mut deadline = Deadline::new(limits, Some(SECOND / 2), now);
        assert_eq!(
            written(|sql| deadline.write_all(now, sql)),
            "; SET LOCAL statement_timeout = 500; SET LOCAL lock_timeout = 2000\
             ; SET LOCAL idle_in_transaction_session_timeout = 3000"
        );
    }

    #[test]
    fn the_server_is_told_again_only_when_it_matters() {
        let now = Instant::now();
        let mut deadline = Deadline::new(Limits::default(), Some(SECOND), now);
        written(|sql| deadline.write_all(now, sql));
        let at = |millis| now + Duration::from_millis(millis);
        assert_eq!(written(|sql| deadline.write_changes(at(20), sql)), "");
        assert_eq!(
            written(|sql| deadline.write_changes(at(21), sql)),
            "; SET LOCAL statement_timeout = 979"
        );
        assert_eq!(written(|sql| deadline.write_changes(at(30), sql)), "");
        assert_eq!(
            written(|sql| deadline.write_changes(at(999), sql)),
            "; SET LOCAL statement_timeout = 1"
        );
        assert_eq!(written(|sql| deadline.write_changes(at(999), sql)), "");
        assert_eq!(
            deadline.write_changes(at(1000), &mut String::new()),
            Err(Expired)
        );
    }

    #[test]
    fn the_engines_limit_stays_while_it_is_the_smaller_one() {
        let now = Instant::now();
        let limits = Limits {
            statement: Some(SECOND / 10),
            ..Limits::default()
        };
        let mut deadline = Deadline::new(limits, Some(SECOND), now);
        written(|sql| deadline.write_all(now, sql));
        let later = now + SECOND / 2;
        assert_eq!(written(|sql| deadline.write_changes(later, sql)), "");
    }

    #[test]
    fn a_limit_below_a_millisecond_is_not_no_limit() {
        let mut sql = String::new();
        set(&mut sql, "x", Duration::from_micros(1));
        assert_eq!(sql, "; SET LOCAL x = 1");
    }
}
