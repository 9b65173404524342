//! Units of work: closures between the beginning and the end of a transaction.
//!
//! Users call these verbs of the engine.
//! It must not swallow an error: the closure's own comes first, then that of COMMIT.

use super::rehearsing::rehearse;
use super::session::Session;
use crate::engine::{Engine, TransactionOptions};
use crate::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

impl<E> Engine<E> {
    /// A session by hand. No I/O: it borrows a connection for its first statement.
    ///
    /// ```no_run
    /// # fn f(engine: sessile::Engine) -> sessile::Result<()> {
    /// let mut session = engine.session();
    /// session.execute("SELECT 1", ())?;
    /// session.commit()?;
    /// # Ok(()) }
    /// ```
    pub fn session(&self) -> Session {
        self.session_with(TransactionOptions::default())
    }

    /// A session by hand whose transactions have these options. No I/O.
    ///
    /// Options that make no sense are refused with [`Config`](crate::ErrorKind::Config) at the first
    /// statement.
    pub fn session_with(&self, options: TransactionOptions) -> Session {
        Session::new(Some(self.shared().clone()), options)
    }

    /// Runs a closure as a transaction that fails with another error than the engine's closures.
    ///
    /// # Errors
    /// As [`transaction`](Engine::transaction).
    pub fn transaction_as<E2: From<Error>, T>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, E2>,
    ) -> Result<T, E2> {
        run(&mut self.session(), work)
    }
}

impl<E: From<Error>> Engine<E> {
    /// Runs a closure as a transaction: commits when it returns `Ok`, rolls back when it returns
    /// `Err` or panics.
    ///
    /// What the closure returns must not be handles: they are good as long as their session.
    /// Return keys, or values by `detach` or `clone`.
    ///
    /// # Errors
    /// The closure's own error, and those of [`commit`](Session::commit).
    pub fn transaction<T>(&self, work: impl FnOnce(&mut Session) -> Result<T, E>) -> Result<T, E> {
        run(&mut self.session(), work)
    }

    /// Runs a closure in a transaction that is rolled back, whatever it returns: for tests.
    ///
    /// In the closure `commit` and `rollback` do what they do elsewhere, but for the server:
    /// `commit` releases a savepoint, after it has had deferred constraints checked, and `rollback`
    /// goes back to the last `commit`. What is not flushed when the closure returns is dropped.
    ///
    /// Other connections see nothing of it, so code that opens sessions of its own is tested on a
    /// database of its own instead. When a failure is one that no savepoint undoes (the connection
    /// broke, the transaction could not be serialized), every verb answers
    /// [`TransactionFailed`](crate::ErrorKind::TransactionFailed) from then on.
    ///
    /// ```no_run
    /// # fn f(engine: sessile::Engine) -> sessile::Result<()> {
    /// engine.test_transaction(|s| {
    ///     s.execute("DELETE FROM account", ())?;
    ///     s.commit()?; // nobody sees it
    ///     assert_eq!(s.execute("SELECT 1 FROM account", ())?, 0);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    ///
    /// # Errors
    /// The closure's own error.
    pub fn test_transaction<T>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        rehearse(&mut self.session(), work)
    }

    /// Runs a closure as a transaction with these options.
    ///
    /// # Errors
    /// As [`transaction`](Engine::transaction), and [`Config`](crate::ErrorKind::Config) for options
    /// that make no sense.
    pub fn transaction_with<T>(
        &self,
        options: TransactionOptions,
        work: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        options.check()?;
        run(&mut self.session_with(options), work)
    }
}

/// One unit of work on a fresh session.
pub(super) fn run<T, E: From<Error>>(
    session: &mut Session,
    work: impl FnOnce(&mut Session) -> Result<T, E>,
) -> Result<T, E> {
    let span = tracing::debug_span!(target: "sessile::session", "unit of work");
    let _entered = span.enter();
    let worked = catch_unwind(AssertUnwindSafe(|| work(session)));
    let result = worked.unwrap_or_else(|panic| {
        session.abandon();
        resume_unwind(panic)
    });
    match result {
        Ok(value) => {
            let committed = session.refuse_if_cancelled();
            match committed.and_then(|()| session.commit()) {
                Ok(()) => Ok(value),
                Err(error) => {
                    session.run_rolled_back();
                    Err(error.into())
                }
            }
        }
        Err(error) => {
            session.abandon();
            Err(error)
        }
    }
}

impl Session {
    /// Rolls back what a closure has left.
    fn abandon(&mut self) {
        // Its own error would hide why there is a rollback; a connection that can't roll back is
        // thrown away.
        let _ = self.end_connection(|connection| connection.rollback());
        self.run_rolled_back();
    }
}
