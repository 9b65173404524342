//! Units of work that are run again when the database asks for it (TX-4).
//!
//! Users call `Engine::retrying`.
//! It must not judge by the closure's own error: only the session knows what failed.

use super::session::Session;
use super::unit::run;
use crate::engine::{Engine, TransactionOptions, pause};
use crate::error::{Error, ErrorKind};

impl<E: From<Error>> Engine<E> {
    /// Runs a closure as a transaction, and again on a fresh session when the session failed by
    /// serialization or deadlock, in COMMIT too, whatever error the closure made of it; with
    /// [`stale(true)`](TransactionOptions::stale) also when it failed by
    /// [`Stale`](ErrorKind::Stale). Nothing else is tried again.
    ///
    /// At most [`attempts`](TransactionOptions::attempts) times, with a random pause before each
    /// repetition that grows from up to 5 ms to up to 500 ms. The closure must be fit to run more
    /// than once: what it does outside the database it does each time.
    ///
    /// # Errors
    /// As [`transaction_with`](Engine::transaction_with), those of the last attempt.
    pub fn retrying<T>(
        &self,
        options: TransactionOptions,
        mut work: impl FnMut(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        options.check()?;
        let mut failed = 0;
        loop {
            let mut session = self.session_with(options);
            let result = run(&mut session, &mut work);
            failed += 1;
            let again = result.is_err()
                && failed < options.allowed_attempts()
                && asks_for_another(&session, options);
            if !again {
                return result;
            }
            // The connection is back in the pool while this thread sleeps.
            drop(session);
            std::thread::sleep(pause(failed));
        }
    }
}

pub(super) fn asks_for_another(session: &Session, options: TransactionOptions) -> bool {
    // A closure that goes on after a savepoint was taken back has dealt with its failure; one that
    // ends there has handed it on.
    let failed = session.failure.as_ref().map(|failure| &failure.cause);
    let Some(cause) = failed.or(session.healed.as_ref()) else {
        return false;
    };
    match cause.kind() {
        ErrorKind::Serialization | ErrorKind::Deadlock => true,
        ErrorKind::Stale { .. } => options.retries_stale(),
        _ => false,
    }
}
