//! The engine: a database, as seen by a program.
//!
//! Users keep one for the life of the program; `session` opens sessions on it.
//! It must not hold anything that belongs to one unit of work.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::metrics::Metrics;
use super::sent::Sent;
use super::shared::Shared;
use crate::error::Error;

/// A database with a pool of connections to it.
///
/// Cheap to clone, and shared between threads. `E` is the error of the closures that run on it,
/// said once with [`errors`](Engine::errors).
pub struct Engine<E = Error> {
    shared: Arc<Shared>,
    closures: PhantomData<fn() -> E>,
}

impl Engine {
    pub(super) fn new(shared: Shared) -> Engine {
        Engine {
            shared: Arc::new(shared),
            closures: PhantomData,
        }
    }
}

impl<E> Engine<E> {
    /// The same engine for closures that fail with `E2`.
    pub fn errors<E2>(&self) -> Engine<E2> {
        Engine {
            shared: self.shared.clone(),
            closures: PhantomData,
        }
    }

    /// The most connections that the pool opens.
    pub fn pool_size(&self) -> u32 {
        self.shared.pool.size()
    }

    /// How long a unit of work waits for a connection at most.
    pub fn acquire_timeout(&self) -> std::time::Duration {
        self.shared.pool.acquire_timeout()
    }

    /// What this engine has done so far. No I/O.
    pub fn metrics(&self) -> Metrics {
        self.shared.pool.metrics()
    }

    /// What was sent on all its connections.
    #[doc(hidden)]
    pub fn sent(&self) -> Arc<Sent> {
        self.shared.counters.sent.clone()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl<E> Clone for Engine<E> {
    fn clone(&self) -> Self {
        self.errors()
    }
}

impl<E> fmt::Debug for Engine<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("connector", &self.shared.connector)
            .field("metrics", &self.metrics())
            .finish()
    }
}
