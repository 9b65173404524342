//! What an asynchronous facade needs of a session: cancelling from outside, a place that travels
//! with the connection, and units of work on a session of its own making.
//!
//! Called by the package `sessile-async`; hidden from users.
//! It must not know runtimes or tasks.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::retrying::asks_for_another;
use super::session::Session;
use super::unit::run;
use crate::engine::{CancelToken, TransactionOptions, pause};
use crate::error::{Error, ErrorKind, Result};

/// Cancels, from another thread, what a session is doing.
///
/// Once it is noted the session's unit of work can't commit any more.
#[doc(hidden)]
#[derive(Clone, Default)]
pub struct Canceller(Arc<Mutex<Flight>>);

#[derive(Default)]
struct Flight {
    noted: bool,
    token: Option<CancelToken>,
}

impl Canceller {
    /// One that cancels nothing yet.
    pub fn new() -> Canceller {
        Canceller::default()
    }

    /// Nothing is begun or committed from here on. No I/O.
    pub fn note(&self) {
        self.lock().noted = true;
    }

    /// Notes it, and asks the server to cancel the running statement. Opens a connection.
    ///
    /// # Errors
    /// `Connection` when the server can't be reached.
    pub fn cancel(&self) -> Result<()> {
        let token = {
            let mut flight = self.lock();
            flight.noted = true;
            flight.token.clone()
        };
        token.map_or(Ok(()), |token| token.cancel())
    }

    /// Whether the session has a connection on which something may be running.
    pub fn is_in_flight(&self) -> bool {
        self.lock().token.is_some()
    }

    /// The session has this connection now, or none. An error when it was cancelled before.
    pub(super) fn follow(&self, token: Option<CancelToken>) -> Result<()> {
        let mut flight = self.lock();
        flight.token = token;
        refuse(flight.noted)
    }

    pub(super) fn check(&self) -> Result<()> {
        refuse(self.lock().noted)
    }

    fn lock(&self) -> MutexGuard<'_, Flight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refuse(noted: bool) -> Result<()> {
    match noted {
        true => Err(Error::new(ErrorKind::Cancelled)),
        false => Ok(()),
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canceller")
    }
}

/// What is given back together with the connection.
#[derive(Default)]
pub(super) struct Place(Mutex<Option<Box<dyn Any + Send>>>);

impl Place {
    pub(super) fn leave(&mut self) {
        *self.0.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

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
        self.place = Place(Mutex::new(Some(place)));
    }

    /// Whether it holds such a thing.
    pub fn has_place(&mut self) -> bool {
        let place = self.place.0.get_mut();
        place.unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Lets go of it when there is no connection.
    pub fn leave_idle_place(&mut self) {
        if self.connection().is_none() {
            self.place.leave();
        }
    }

    /// Runs a closure as the transaction of this session, and drops what the session holds.
    pub fn run_unit<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        run(self, work)
    }

    /// How long to wait before the unit of work is run again, if it should be.
    pub fn retry_pause(&self, failed: u32) -> Option<Duration> {
        let again =
            failed < self.options.allowed_attempts() && asks_for_another(self, self.options);
        again.then(|| pause(failed))
    }
}
