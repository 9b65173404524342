//! The hop: a session moves to a blocking thread, works there, and comes back.
//!
//! The only file that names `spawn_blocking`; everything asynchronous goes through `hop`.
//! It must not share a session: a call owns it, and whoever is left with it cleans up.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use sessile::{Canceller, Error, ErrorKind, Session};
use tokio::task::spawn_blocking;

use crate::reaper::{Corpse, Parcel, Reaper};

/// Runs blocking work that has no session yet.
pub(crate) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Error> {
    spawn_blocking(work).await.map_err(gone)
}

/// Moves a session to a blocking thread, runs `work` on it, and brings both back.
///
/// When the future is dropped meanwhile, the statement on the server is cancelled and the session
/// is rolled back and dropped over there. A panic in `work` rolls back, and goes on here.
pub(crate) async fn hop<R: Send + 'static>(
    session: Session,
    reaper: &Reaper,
    work: impl FnOnce(&mut Session) -> R + Send + 'static,
) -> Result<(Session, R), Error> {
    let mut parcel = Parcel::new(session, reaper.clone());
    let canceller = Canceller::new();
    parcel.session().attach(canceller.clone());
    let mut watch = Watch {
        canceller: Some(canceller),
        reaper: reaper.clone(),
    };
    let span = tracing::Span::current();
    let flight = spawn_blocking(move || {
        let _entered = span.enter();
        let result = catch_unwind(AssertUnwindSafe(|| work(parcel.session())));
        if result.is_err() {
            // Here, where it may block, rather than wherever the panic ends up.
            let _ = parcel.session().close();
        }
        (parcel, result)
    });
    let landed = flight.await;
    watch.canceller = None;
    let (mut parcel, result) = landed.map_err(gone)?;
    parcel.session().detach_canceller();
    match result {
        Ok(value) => Ok((parcel.open(), value)),
        Err(panic) => resume_unwind(panic),
    }
}

/// The runtime shut down before the work began.
fn gone(error: tokio::task::JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(error) => Error::new(ErrorKind::Cancelled).with_source(error),
    }
}

/// Cancels what is in flight when the future that waits for it is dropped.
struct Watch {
    canceller: Option<Canceller>,
    reaper: Reaper,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(canceller) = self.canceller.take() {
            // At once, so that nothing is committed from here on; the request to the server
            // opens a connection and so goes to the reaper.
            canceller.note();
            self.reaper.take(Corpse::Cancel(canceller));
        }
    }
}
