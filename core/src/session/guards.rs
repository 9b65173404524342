//! Guards: what they change is as before when they are dropped, also by an error or a panic.
//!
//! Users hold them while they work on the session.
//! It must not do I/O.

use std::ops::{Deref, DerefMut};

use super::session::Session;

impl Session {
    /// Suspends autoflush until the guard is dropped; guards nest. No I/O.
    ///
    /// Queries then see the database without what is not flushed. `commit` and savepoints flush
    /// all the same.
    pub fn no_autoflush(&mut self) -> NoAutoflush<'_> {
        self.autoflush_suspended += 1;
        NoAutoflush { session: self }
    }
}

/// A session without autoflush; see [`Session::no_autoflush`].
#[derive(Debug)]
#[must_use = "autoflush comes back when the guard is dropped"]
pub struct NoAutoflush<'s> {
    session: &'s mut Session,
}

impl Deref for NoAutoflush<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for NoAutoflush<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}

impl Drop for NoAutoflush<'_> {
    fn drop(&mut self) {
        self.session.autoflush_suspended -= 1;
    }
}
