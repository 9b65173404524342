//! Savepoints: part of a transaction that can be taken back by itself.
//!
//! Users call `savepoint` with a closure, or hold the guard of `begin_nested`.
//! It must not send anything for a savepoint in which nothing happens.

use std::ops::{Deref, DerefMut};

use super::session::Session;
use crate::error::{Error, Result};

impl Session {
    /// Runs a closure within a savepoint: kept when it returns `Ok`, taken back when it returns
    /// `Err` or panics.
    ///
    /// A flush before and after it, and at most 1 round trip each for SAVEPOINT and its end; none
    /// of the two when the closure sends nothing, and none for the end when COMMIT comes next.
    /// When it is taken back, every object has the value that it had at the beginning; that needs
    /// no statement. Savepoints nest.
    ///
    /// # Errors
    /// The closure's own error, and those of the flushes. A failed flush that the closure
    /// swallowed still takes the savepoint back and is reported as
    /// [`TransactionFailed`](crate::ErrorKind::TransactionFailed).
    pub fn savepoint<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut nested = self.begin_nested()?;
        let value = work(&mut nested)?;
        nested.release()?;
        Ok(value)
    }

    /// Opens a savepoint that lasts as long as the guard. Costs as
    /// [`savepoint`](Session::savepoint).
    ///
    /// [`release`](Nested::release) keeps its work; dropping the guard takes it back.
    ///
    /// # Errors
    /// Those of the flush before it.
    pub fn begin_nested(&mut self) -> Result<Nested<'_>> {
        self.open_nested()?;
        Ok(Nested {
            session: self,
            open: true,
        })
    }

    pub(super) fn open_nested(&mut self) -> Result<()> {
        self.usable()?;
        self.refuse_in_hook()?;
        self.flush_all()?;
        self.pay_debt()?;
        if let Some(connection) = self.connection() {
            connection.savepoint();
        }
        self.map.open_savepoint();
        self.depth += 1;
        Ok(())
    }

    pub(super) fn release_nested(&mut self) -> Result<()> {
        if self.closed {
            // Its savepoints went with the transaction.
            return self.usable();
        }
        let flushed = self.flush_all();
        if let Err(error) = flushed {
            self.take_back_nested();
            return Err(error);
        }
        if let Err(error) = self.pay_debt() {
            self.take_back_nested();
            return Err(error);
        }
        if let Some(connection) = self.connection()
            && let Err(error) = connection.release()
        {
            let error = self.note_failure(error);
            self.take_back_nested();
            return Err(error);
        }
        let depth = self.depth;
        self.ends().release(depth);
        self.depth -= 1;
        self.map.release_savepoint();
        Ok(())
    }

    /// Back to the savepoint; a failure within it is healed, one beyond it is not.
    fn take_back_nested(&mut self) {
        self.take_back_in_memory();
        // What can't be paid has poisoned the session.
        let _ = self.pay_debt();
    }

    /// The same without telling the server yet, for where nothing may block.
    pub(super) fn take_back_in_memory(&mut self) {
        let lost_beyond = self
            .failure
            .as_ref()
            .is_some_and(|failure| failure.depth < self.depth);
        if !lost_beyond {
            self.healed = self.failure.take().map(|failure| failure.cause);
            if self.connection().is_some() {
                self.debt += 1;
            }
        }
        let depth = self.depth;
        self.ends().take_back(depth);
        self.depth -= 1;
        self.map.roll_back_savepoint();
    }

    /// Tells the server of savepoints that were taken back in memory.
    pub(super) fn pay_debt(&mut self) -> Result<()> {
        while self.debt > 0 {
            self.debt -= 1;
            if let Some(connection) = self.connection()
                && let Err(error) = connection.rollback_to()
            {
                self.debt = 0;
                let broken = self.connection().is_some_and(|c| c.is_broken());
                self.poison(&error, broken);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// A session within a savepoint; see [`Session::begin_nested`].
#[derive(Debug)]
#[must_use = "dropping the guard takes the savepoint back"]
pub struct Nested<'s> {
    session: &'s mut Session,
    open: bool,
}

impl Nested<'_> {
    /// Flushes and keeps the savepoint's work, as part of what is around it.
    ///
    /// # Errors
    /// Those of the flush; the savepoint is taken back then.
    pub fn release(mut self) -> Result<()> {
        self.open = false;
        self.session.release_nested()
    }
}

impl Deref for Nested<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for Nested<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}

impl Drop for Nested<'_> {
    fn drop(&mut self) {
        if self.open && !self.session.closed {
            self.session.take_back_nested();
        }
    }
}
