//! The engine: a database, as seen by a program.
//!
//! Users keep one for the life of the program; `session` opens sessions on it.
//! It must not hold anything that belongs to one unit of work.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::builder::EngineBuilder;
use super::connection::Connection;
use super::connector::Connector;
use super::deadline::Limits;
use super::habits::Habits;
use super::metrics::{Counters, Metrics};
use super::pool::Pool;
use crate::error::{Error, Result};

/// A database with a pool of connections to it.
///
/// Cheap to clone, and shared between threads. `E` is the error of the closures that run on it,
/// said once with [`errors`](Engine::errors).
pub struct Engine<E = Error> {
    shared: Arc<Shared>,
    closures: PhantomData<fn() -> E>,
}

impl Engine {
    /// Connects with all settings at their defaults; see [`EngineBuilder`] for them.
    ///
    /// The string is a URL (`postgres://user:password@host:5432/database?sslmode=require`) or a
    /// list (`host=localhost dbname=bank`), with libpq's keywords. `~/.pgpass` and the
    /// environment are not read. Opens one connection, so that a mistake shows at once.
    ///
    /// # Encryption
    /// Needs the feature `tls-rustls`. `sslmode=require`, `verify-ca` and `verify-full` all
    /// verify the server's certificate and its name, against the PEM file of `sslrootcert` or
    /// the public authorities; this is stricter than libpq, whose `require` believes everybody.
    /// `prefer`, the default, goes on in clear when the server offers no encryption or can't be
    /// verified. Without the feature `prefer` means in clear, and the stricter modes are a
    /// `Config` error. Over a Unix socket nothing is encrypted.
    ///
    /// # Errors
    /// As [`EngineBuilder::build`].
    pub fn connect(url: &str) -> Result<Engine> {
        Engine::builder(url).build()
    }

    /// Collects settings; nothing happens until [`build`](EngineBuilder::build).
    pub fn builder(url: impl Into<String>) -> EngineBuilder {
        EngineBuilder::new(url.into())
    }

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

/// What all clones of an engine, and its connections, have in common.
pub(crate) struct Shared {
    pub(super) pool: Pool,
    pub(super) connector: Arc<Connector>,
    pub(super) limits: Limits,
    pub(super) counters: Arc<Counters>,
    pub(crate) habits: Habits,
}

impl Shared {
    /// Borrows a connection. A ping when it was idle for long; otherwise no I/O unless a new
    /// one must be opened.
    ///
    /// # Errors
    /// `PoolTimeout` when none becomes free in time; the source is the reason why no other
    /// could be opened, when that was it.
    pub(crate) fn acquire(self: &Arc<Self>) -> Result<Connection> {
        Ok(Connection::new(self.pool.lend()?, self.clone()))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.connector).finish()
    }
}
