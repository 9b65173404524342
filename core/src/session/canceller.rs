//! Cancelling a session from another thread, and what it gives back with its connection.
//!
//! The session keeps both up to date; `facade` hands them out.
//! It must not know the session, which holds it.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::engine::CancelToken;
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
    pub(super) fn holding(place: Box<dyn Any + Send>) -> Place {
        Place(Mutex::new(Some(place)))
    }

    pub(super) fn is_held(&mut self) -> bool {
        let place = self.0.get_mut();
        place.unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(super) fn leave(&mut self) {
        *self.0.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
