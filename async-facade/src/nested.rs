//! Savepoints as guards.
//!
//! Users hold one while they work on the session within it.
//! It must not block when it is dropped: the server is told before the next statement.

use std::ops::{Deref, DerefMut};

use sessile::{Error, Session};

use crate::session::AsyncSession;

impl AsyncSession {
    /// As [`Session::begin_nested`]; one hop.
    ///
    /// Dropping the guard brings the objects back at once, without a hop; the server hears of it
    /// with the next call.
    ///
    /// # Errors
    /// As there.
    pub async fn begin_nested(&mut self) -> Result<AsyncNested<'_>, Error> {
        self.run(Session::begin_savepoint).await?;
        Ok(AsyncNested {
            number: self.open_savepoints(),
            session: self,
        })
    }
}

/// A session within a savepoint; see [`AsyncSession::begin_nested`].
#[derive(Debug)]
#[must_use = "dropping the guard takes the savepoint back"]
pub struct AsyncNested<'s> {
    session: &'s mut AsyncSession,
    /// Its number among the open savepoints, counted from 1.
    number: usize,
}

impl AsyncNested<'_> {
    /// Flushes and keeps the savepoint's work, as part of what is around it; one hop.
    ///
    /// # Errors
    /// Those of the flush; the savepoint is taken back then.
    pub async fn release(self) -> Result<(), Error> {
        self.session.run(Session::release_savepoint).await
    }
}

impl Deref for AsyncNested<'_> {
    type Target = AsyncSession;

    fn deref(&self) -> &AsyncSession {
        self.session
    }
}

impl DerefMut for AsyncNested<'_> {
    fn deref_mut(&mut self) -> &mut AsyncSession {
        self.session
    }
}

impl Drop for AsyncNested<'_> {
    fn drop(&mut self) {
        // Released or taken back already when it is not open any more; a release that never came
        // to its turn has left it open.
        if !self.session.is_closed() && self.session.open_savepoints() >= self.number {
            self.session.session.abandon_savepoint();
        }
    }
}
