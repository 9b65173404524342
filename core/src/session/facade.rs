//! What an asynchronous facade needs of a session: cancelling from outside, a place that travels
//! with the connection, and units of work on a session of its own making.
//!
//! Called by the package `sessile-async`; hidden from users.
//! It must not know runtimes or tasks.

use std::any::Any;
use std::time::Duration;

use super::canceller::{Canceller, Place};
use super::rehearsing::rehearse;
use super::retrying::asks_for_another;
use super::session::Session;
use super::unit::run;
use crate::engine::{TransactionOptions, pause};
use crate::error::Error;

#[doc(hidden)]
impl Session {
    /// A session that is closed: what is left behind while the real one is away.
    pub fn closed() -> Session {
        let mut session = Session::new(None, TransactionOptions::default());
        session.closed = true;
        session
    }

    /// Lets a canceller follow this session.
    pub fn attach(&mut self, canceller: Canceller) {
        if let Some(connection) = self.connection() {
            // It can't have been cancelled before it follows anything.
            let _ = canceller.follow(Some(connection.cancel_token()));
        }
        self.canceller = Some(canceller);
    }

    /// The canceller follows no longer.
    pub fn detach_canceller(&mut self) {
        if let Some(canceller) = self.canceller.take() {
            let _ = canceller.follow(None);
        }
    }

    /// Holds something until the connection is given back.
    pub fn hold_place(&mut self, place: Box<dyn Any + Send>) {
        self.place = Place::holding(place);
    }

    /// Whether it holds such a thing.
    pub fn has_place(&mut self) -> bool {
        self.place.is_held()
    }

    /// Lets go of it when there is no connection.
    pub fn leave_idle_place(&mut self) {
        if self.connection().is_none() {
            self.place.leave();
        }
    }

    /// Opens a savepoint whose end is the caller's to see to.
    ///
    /// # Errors
    /// As [`Session::begin_nested`].
    pub fn begin_savepoint(&mut self) -> Result<(), Error> {
        self.open_nested()
    }

    /// The number of open savepoints.
    pub fn open_savepoints(&self) -> usize {
        self.depth
    }

    /// Keeps the work of the innermost savepoint.
    ///
    /// # Errors
    /// As [`Nested::release`](super::Nested::release).
    pub fn release_savepoint(&mut self) -> Result<(), Error> {
        self.release_nested()
    }

    /// Takes the innermost savepoint back in memory; the server is told before the next statement.
    pub fn abandon_savepoint(&mut self) {
        self.take_back_in_memory();
    }

    /// Whether ending it needs no connection: nothing was begun, and nothing waits for a flush or
    /// for the end.
    pub fn is_idle(&mut self) -> bool {
        self.connection().is_none() && !self.map.has_touched() && self.ends().is_empty()
    }

    /// Runs a closure as the transaction of this session, and drops what the session holds.
    pub fn run_unit<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        run(self, work)
    }

    /// Runs a closure in a transaction that is rolled back, and drops what the session holds.
    pub fn run_test<T, E>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        rehearse(self, work)
    }

    /// How long to wait before the unit of work is run again, if it should be.
    pub fn retry_pause(&self, failed: u32) -> Option<Duration> {
        let again =
            failed < self.options.allowed_attempts() && asks_for_another(self, self.options);
        again.then(|| pause(failed))
    }
}
