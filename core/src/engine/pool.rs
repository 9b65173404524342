//! The connections of an engine: opened, lent, tested and thrown away.
//!
//! Called by `engine` to lend one, by `connection` to replace a dead one.
//! The only file that names r2d2, so that another pool can take its place; it must not lend a
//! connection that is broken, dirty or silent.

use std::num::NonZeroUsize;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::cache::StatementMode;
use super::connector::Connector;
use super::driver::Driver;
use super::metrics::{Counters, Metrics};
use crate::error::{Error, ErrorKind, Result};

/// How a pool is to behave.
#[derive(Clone, Copy, Debug)]
pub(super) struct PoolRules {
    pub(super) size: u32,
    pub(super) min_idle: u32,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) acquire_timeout: Duration,
    pub(super) ping_after: Duration,
    pub(super) ping_timeout: Duration,
    pub(super) statement_mode: StatementMode,
    pub(super) statement_cache_size: NonZeroUsize,
}

/// Lends connections.
pub(super) struct Pool {
    connections: r2d2::Pool<Manager>,
    rules: PoolRules,
    watch: Arc<Watch>,
    counters: Arc<Counters>,
}

impl Pool {
    pub(super) fn size(&self) -> u32 {
        self.rules.size
    }

    pub(super) fn acquire_timeout(&self) -> std::time::Duration {
        self.rules.acquire_timeout
    }

    /// Opens a first connection, so that a mistake in the URL shows at once, and keeps it.
    pub(super) fn open(
        connector: Arc<Connector>,
        rules: PoolRules,
        counters: Arc<Counters>,
    ) -> Result<Pool> {
        let watch = Arc::new(Watch::default());
        let manager = Manager {
            connector,
            rules,
            first: Mutex::new(None),
            watch: watch.clone(),
            counters: counters.clone(),
        };
        let first = manager.open()?;
        *lock(&manager.first) = Some(first);
        let connections = r2d2::Pool::builder()
            .max_size(rules.size)
            .min_idle(Some(rules.min_idle))
            .max_lifetime(rules.max_lifetime)
            .idle_timeout(rules.idle_timeout)
            .test_on_check_out(false)
            // Half of it is the longest pause between attempts to connect to a server that is
            // away; how long a caller waits is said with every checkout.
            .connection_timeout(RETRY_PAUSE * 2)
            .error_handler(Box::new(Refusals(watch.clone())))
            .build_unchecked(manager);
        let pool = Pool {
            connections,
            rules,
            watch,
            counters,
        };
        if rules.min_idle == 0 {
            // Moves the first connection into the pool, which otherwise asks for it by itself.
            drop(pool.lend()?);
        }
        Ok(pool)
    }

    /// Lends a connection that was in use a moment ago or has just answered.
    ///
    /// # Errors
    /// `PoolTimeout`; its source is the last failure to connect, if there was one.
    pub(super) fn lend(&self) -> Result<Lease> {
        let started = Instant::now();
        loop {
            let left = self.rules.acquire_timeout.saturating_sub(started.elapsed());
            let mut lease = match self.connections.get_timeout(left) {
                Ok(lease) => Lease(lease),
                Err(_) => return Err(self.timed_out()),
            };
            if !self.needs_ping(&lease) || lease.ping(self.rules.ping_timeout) {
                return Ok(lease);
            }
            // Dropping the lease throws the connection away; the next one may be better.
            self.suspect_all();
        }
    }

    /// From now on no connection that is idle at this moment is lent without a ping: one of
    /// them died, so the others may have.
    pub(super) fn suspect_all(&self) {
        *lock(&self.watch.suspect_before) = Some(Instant::now());
    }

    /// How long a connection may take to show that it lives.
    pub(super) fn ping_timeout(&self) -> Duration {
        self.rules.ping_timeout
    }

    pub(super) fn metrics(&self) -> Metrics {
        let state = self.connections.state();
        self.counters
            .read(state.connections, state.idle_connections)
    }

    fn needs_ping(&self, driver: &Driver) -> bool {
        let suspected = *lock(&self.watch.suspect_before);
        driver.idle_since.elapsed() >= self.rules.ping_after
            || suspected.is_some_and(|before| driver.idle_since <= before)
    }

    fn timed_out(&self) -> Error {
        let error = Error::new(ErrorKind::PoolTimeout {
            waited: self.rules.acquire_timeout,
        });
        match lock(&self.watch.last_refusal).clone() {
            Some(refusal) => error.with_source(refusal),
            None => error,
        }
    }
}

/// The longest pause between two attempts to connect.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// A connection on loan; goes back when dropped.
pub(super) struct Lease(r2d2::PooledConnection<Manager>);

impl Deref for Lease {
    type Target = Driver;

    fn deref(&self) -> &Driver {
        &self.0
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Driver {
        &mut self.0
    }
}

/// What is known of the server beyond single connections.
#[derive(Debug, Default)]
struct Watch {
    /// Why the last attempt to connect failed; none once one succeeded.
    last_refusal: Mutex<Option<Error>>,
    /// Connections idle since before then may be dead.
    suspect_before: Mutex<Option<Instant>>,
}

struct Manager {
    connector: Arc<Connector>,
    rules: PoolRules,
    /// The connection that was opened before there was a pool.
    first: Mutex<Option<Driver>>,
    watch: Arc<Watch>,
    counters: Arc<Counters>,
}

impl Manager {
    fn open(&self) -> Result<Driver> {
        let client = self.connector.connect()?;
        self.counters.connects.add_one();
        Ok(Driver::new(
            client,
            self.rules.statement_mode,
            self.rules.statement_cache_size,
            self.counters.clone(),
        ))
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Driver;
    type Error = Error;

    fn connect(&self) -> Result<Driver> {
        if let Some(first) = lock(&self.first).take() {
            return Ok(first);
        }
        let driver = self.open()?;
        *lock(&self.watch.last_refusal) = None;
        Ok(driver)
    }

    fn is_valid(&self, driver: &mut Driver) -> Result<()> {
        match driver.ping(self.rules.ping_timeout) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Connection)),
        }
    }

    /// Asked when a connection comes back: keeps only what is cleanly idle.
    fn has_broken(&self, driver: &mut Driver) -> bool {
        driver.idle_since = Instant::now();
        if driver.dirty {
            driver.distrust();
        }
        driver.is_broken()
    }
}

/// Takes note of why connecting fails; the pool itself would only log it.
#[derive(Debug)]
struct Refusals(Arc<Watch>);

impl r2d2::HandleError<Error> for Refusals {
    fn handle_error(&self, error: Error) {
        tracing::debug!(target: "sessile::pool", %error, "could not connect");
        *lock(&self.0.last_refusal) = Some(error);
    }
}

/// No code panics while it holds one of these locks, so a poisoned one is as good as new.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
