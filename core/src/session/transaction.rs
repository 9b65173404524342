//! The end of a transaction: commit and rollback.
//!
//! Users call them on sessions by hand; `unit` calls them for closures.
//! It must not leave a transaction open, whatever fails.

use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::model::blame;

impl Session {
    /// Flushes and commits. The next statement begins another transaction.
    ///
    /// Costs a [`flush`](Session::flush) and 1 round trip; nothing when nothing was done. Objects
    /// stay readable afterwards; they are expired, so that the next transaction reads them again.
    ///
    /// # Errors
    /// Those of the flush; what COMMIT itself refused, such as a deferred constraint or
    /// [`Serialization`](crate::ErrorKind::Serialization);
    /// [`CommitUnknown`](crate::ErrorKind::CommitUnknown) when the connection broke meanwhile and
    /// another one could not tell what happened;
    /// [`TransactionFailed`](crate::ErrorKind::TransactionFailed) when something had failed before.
    /// No transaction is open then, and [`rollback`](Session::rollback) brings the objects back.
    /// [`Config`](crate::ErrorKind::Config) inside a savepoint, which changes nothing.
    pub fn commit(&mut self) -> Result<()> {
        self.refuse_in_savepoint("commit")?;
        self.usable()?;
        self.flush_all()?;
        self.pay_debt()?;
        let ended = self.commit_connection();
        if let Err(error) = ended.map_err(blame) {
            if *error.kind() == ErrorKind::CommitUnknown {
                self.ends().forget();
            }
            self.poison(&error, true);
            return Err(error);
        }
        self.map.commit();
        self.run_committed();
        Ok(())
    }

    /// Rolls back. The next statement begins another transaction.
    ///
    /// 1 round trip when a transaction was begun. In memory: objects that were inserted or added
    /// leave the session (their values can be had by [`detach`](Session::detach) until the next
    /// flush or commit), deleted ones are back, changed ones have the values that they had when
    /// the transaction began. That needs no statement.
    ///
    /// # Errors
    /// [`SessionClosed`](crate::ErrorKind::SessionClosed), and [`Config`](crate::ErrorKind::Config)
    /// inside a savepoint. A connection that does not answer is thrown away, which rolls back too.
    pub fn rollback(&mut self) -> Result<()> {
        self.refuse_in_savepoint("roll back")?;
        if self.closed {
            return self.usable();
        }
        let ended = self.roll_back_connection();
        self.map.roll_back();
        self.failure = None;
        self.run_rolled_back();
        ended
    }

    fn refuse_in_savepoint(&self, what: &str) -> Result<()> {
        self.refuse_in_hook()?;
        match self.depth {
            0 => Ok(()),
            _ => Err(Error::config(format!(
                "a savepoint is open: end it before you {what}"
            ))),
        }
    }
}
