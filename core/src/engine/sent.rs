//! What a session, or an engine, has sent.
//!
//! `driver` counts, for its engine and for the session that has the connection on loan; budgets of
//! tests listen.
//! It must not cost more than two additions while nobody listens, and shows no parameters.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::statement::Statement;

/// Counters of what was sent, and the labels of statements while somebody listens.
#[derive(Debug, Default)]
pub struct Sent {
    statements: AtomicU64,
    round_trips: AtomicU64,
    listeners: AtomicU32,
    labels: Mutex<Vec<String>>,
}

impl Sent {
    pub(super) fn note_statement(&self, statement: &Statement<'_>) {
        self.statements.fetch_add(1, Relaxed);
        if self.listeners.load(Relaxed) > 0 {
            self.labels().push(statement.shown());
        }
    }

    pub(super) fn note_round_trip(&self) {
        self.round_trips.fetch_add(1, Relaxed);
    }

    /// Statements; BEGIN, COMMIT, SAVEPOINT and the like not counted.
    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Relaxed)
    }

    /// Messages that were waited for.
    pub(crate) fn round_trips(&self) -> u64 {
        self.round_trips.load(Relaxed)
    }

    /// Begins to keep labels; the answer says from where on they are the caller's.
    #[cfg(feature = "test-support")]
    pub(crate) fn listen(&self) -> usize {
        let labels = self.labels();
        self.listeners.fetch_add(1, Relaxed);
        labels.len()
    }

    /// The labels of what was sent since `listen` gave this answer.
    #[cfg(feature = "test-support")]
    pub(crate) fn heard(&self, since: usize) -> Vec<String> {
        self.labels().get(since..).unwrap_or_default().to_vec()
    }

    /// Ends what `listen` began; with the last listener the labels go.
    #[cfg(feature = "test-support")]
    pub(crate) fn stop_listening(&self) {
        let mut labels = self.labels();
        if self.listeners.fetch_sub(1, Relaxed) == 1 {
            labels.clear();
        }
    }

    fn labels(&self) -> MutexGuard<'_, Vec<String>> {
        self.labels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
