//! As many units of work as there are connections.
//!
//! Awaited before a session moves to a blocking thread, so that no blocking thread ever waits for
//! a connection and other users of those threads never starve.
//! It must not give a place back before the connection is back: the place travels with it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sessile::{Error, ErrorKind, Session};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of an engine.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    places: Arc<Semaphore>,
    width: u32,
    patience: Duration,
}

impl Admission {
    pub(crate) fn new(width: u32, patience: Duration) -> Admission {
        Admission {
            places: Arc::new(Semaphore::new(width as usize)),
            width,
            patience,
        }
    }

    /// Waits for a place for this session, unless it has one with its connection.
    pub(crate) async fn admit(&self, session: &mut Session) -> Result<(), Error> {
        if session.has_place() {
            return Ok(());
        }
        let place = self.place().await?;
        session.hold_place(Box::new(place));
        Ok(())
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, Error> {
        // A place that is free costs no timer.
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Ok(place);
        }
        let started = Instant::now();
        match tokio::time::timeout(self.patience, self.places.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) => Err(closed()),
            Err(_) => Err(Error::new(ErrorKind::PoolTimeout {
                waited: started.elapsed(),
            })),
        }
    }

    /// Lets nobody in any more, and waits until all are out.
    pub(crate) async fn close(&self) {
        // Fails only when somebody else has closed it, who then waits.
        let all = self.places.acquire_many(self.width).await;
        self.places.close();
        drop(all);
    }

    /// The error of an engine that is closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.places.is_closed()
    }
}

/// The error of an engine that lets nobody in any more.
pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::SessionClosed).while_doing("using an engine that is closed")
}
