//! The settings of an engine.
//!
//! Users call it through `Engine::builder`; it hands finished rules to `pool` and `connector`.
//! It must not show the connection string, which may hold a password.

use std::any::Any;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::cache::StatementMode;
use super::connector::Connector;
use super::deadline::Limits;
use super::habits::{Habits, LazyLoad};
use super::handle::Engine;
use super::metrics::Counters;
use super::pool::{Pool, PoolRules};
use super::shared::{ForSessions, Shared};
use super::target::Target;
use crate::error::{Error, Result};

/// Collects the settings of an [`Engine`].
///
/// ```no_run
/// use std::time::Duration;
/// use sessile::Engine;
///
/// let engine = Engine::builder("postgres://localhost/bank")
///     .pool_size(16)
///     .statement_timeout(Some(Duration::from_secs(5)))
///     .build()?;
/// # Ok::<(), sessile::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct EngineBuilder {
    url: String,
    rules: PoolRules,
    cache_size: Option<usize>,
    connect_timeout: Option<Duration>,
    application_name: Option<String>,
    limits: Limits,
    network: Network,
    habits: Habits,
    for_sessions: ForSessions,
}

/// What is said to the operating system about sockets.
#[derive(Clone, Copy, Debug, Default)]
struct Network {
    user_timeout: Option<Duration>,
    keepalives_idle: Option<Duration>,
    keepalives_interval: Option<Duration>,
    keepalives_retries: Option<u32>,
}

const CACHE_SIZE: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not zero");

impl EngineBuilder {
    pub(super) fn new(url: String) -> EngineBuilder {
        let seconds = Duration::from_secs;
        EngineBuilder {
            url,
            rules: PoolRules {
                size: 10,
                min_idle: 0,
                max_lifetime: Some(seconds(30 * 60)),
                idle_timeout: Some(seconds(10 * 60)),
                acquire_timeout: seconds(30),
                ping_after: seconds(30),
                ping_timeout: seconds(1),
                statement_mode: StatementMode::Named,
                statement_cache_size: CACHE_SIZE,
            },
            cache_size: None,
            connect_timeout: None,
            application_name: None,
            limits: Limits::default(),
            network: Network::default(),
            habits: Habits::default(),
            for_sessions: None,
        }
    }

    /// Keeps something that the sessions of the engine find there.
    pub(crate) fn for_sessions(mut self, kept: impl Any + Send + Sync) -> Self {
        self.for_sessions = Some(Arc::new(kept));
        self
    }

    /// Whether a flush that updates or deletes several rows of a table locks them in key order
    /// first, so that two writers of the same rows can't deadlock. True by default.
    ///
    /// Costs no statement, unless several statements write a table and can't follow each other in
    /// key order: then 1 a table. Rows that the transaction has locked already are left out.
    pub fn ordered_locks(mut self, ordered: bool) -> Self {
        self.habits.ordered_locks = ordered;
        self
    }

    /// How many siblings `related` takes along when it loads a relationship. 256 by default; 0
    /// loads for the one object alone.
    pub fn siblings(mut self, objects: usize) -> Self {
        self.habits.siblings = objects;
        self
    }

    /// Calls this after each lazy load of the engine's sessions, on their thread; the last call
    /// counts. The load is also a `tracing` event at debug level, with the target
    /// `sessile::lazy`.
    ///
    /// It is for finding loads that a path would have made along: in a test it may panic.
    pub fn on_lazy_load(mut self, hook: impl Fn(&LazyLoad) + Send + Sync + 'static) -> Self {
        self.habits.on_lazy_load = Some(Arc::new(hook));
        self
    }

    /// The most connections that are open at once. 10 by default, at least 1.
    pub fn pool_size(mut self, connections: u32) -> Self {
        self.rules.size = connections;
        self
    }

    /// How many idle connections are kept ready. 0 by default, at most the pool's size.
    pub fn min_idle(mut self, connections: u32) -> Self {
        self.rules.min_idle = connections;
        self
    }

    /// The age at which an idle connection is replaced. 30 minutes by default; `None`: never.
    pub fn max_lifetime(mut self, age: Option<Duration>) -> Self {
        self.rules.max_lifetime = age;
        self
    }

    /// How long a connection may be idle before it is closed. 10 minutes by default; `None`:
    /// for ever.
    pub fn idle_timeout(mut self, idle: Option<Duration>) -> Self {
        self.rules.idle_timeout = idle;
        self
    }

    /// How long a unit of work waits for a connection. 30 seconds by default; then it fails
    /// with [`PoolTimeout`](crate::ErrorKind::PoolTimeout).
    pub fn acquire_timeout(mut self, wait: Duration) -> Self {
        self.rules.acquire_timeout = wait;
        self
    }

    /// How long an attempt to connect may take in all: name, network, encryption, password.
    /// 5 seconds by default; `connect_timeout` in the URL (in seconds) says the same.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = Some(limit);
        self
    }

    /// A connection that was idle for so long must answer before it is used. 30 seconds by
    /// default; zero tests every time, at the price of a round trip.
    pub fn ping_after(mut self, idle: Duration) -> Self {
        self.rules.ping_after = idle;
        self
    }

    /// How long that answer may take. 1 second by default; then another connection is used.
    pub fn ping_timeout(mut self, limit: Duration) -> Self {
        self.rules.ping_timeout = limit;
        self
    }

    /// What the server shows in `pg_stat_activity`. None by default; overrides the URL's.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = Some(name.into());
        self
    }

    /// How statements are sent. [`StatementMode::Named`] by default.
    pub fn statement_mode(mut self, mode: StatementMode) -> Self {
        self.rules.statement_mode = mode;
        self
    }

    /// How many statements each connection keeps prepared. 256 by default, at least 1; only in
    /// the mode [`StatementMode::Named`].
    pub fn statement_cache_size(mut self, statements: usize) -> Self {
        self.cache_size = Some(statements);
        self
    }

    /// How long one statement may run. `None` by default; then it fails with
    /// [`Timeout`](crate::ErrorKind::Timeout). Holds inside transactions, where it travels with
    /// BEGIN and so costs nothing.
    pub fn statement_timeout(mut self, limit: Option<Duration>) -> Self {
        self.limits.statement = limit;
        self
    }

    /// How long a statement may wait for a lock. `None` by default; then it fails with
    /// [`LockNotAvailable`](crate::ErrorKind::LockNotAvailable). Travels with BEGIN.
    pub fn lock_timeout(mut self, limit: Option<Duration>) -> Self {
        self.limits.lock = limit;
        self
    }

    /// How long a transaction may wait for its next statement. `None` by default; then the
    /// server closes the connection. Travels with BEGIN.
    pub fn idle_in_transaction_timeout(mut self, limit: Option<Duration>) -> Self {
        self.limits.idle_in_transaction = limit;
        self
    }

    /// How long sent data may stay unacknowledged before the connection counts as lost.
    /// 30 seconds by default (Linux); `tcp_user_timeout` in the URL is in milliseconds.
    pub fn tcp_user_timeout(mut self, limit: Duration) -> Self {
        self.network.user_timeout = Some(limit);
        self
    }

    /// How long a silent connection is left alone before the system asks whether the other
    /// side is still there. 30 seconds by default.
    pub fn keepalives_idle(mut self, idle: Duration) -> Self {
        self.network.keepalives_idle = Some(idle);
        self
    }

    /// The time between such questions. 5 seconds by default.
    pub fn keepalives_interval(mut self, interval: Duration) -> Self {
        self.network.keepalives_interval = Some(interval);
        self
    }

    /// How many of them may stay unanswered. 3 by default.
    pub fn keepalives_retries(mut self, retries: u32) -> Self {
        self.network.keepalives_retries = Some(retries);
        self
    }

    /// Opens one connection, to see that all this works, and keeps it for the first user.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) for settings that make no sense, before anything is
    /// sent; [`Connection`](crate::ErrorKind::Connection), with the server's report or the
    /// operating system's error, when the server does not let us in.
    pub fn build(self) -> Result<Engine> {
        self.check()?;
        let mut target = Target::parse(&self.url)?;
        self.apply(&mut target);
        let timeout = self
            .connect_timeout
            .or(target.connect_timeout)
            .unwrap_or(Duration::from_secs(5));
        let connector = Arc::new(Connector::new(target, timeout)?);
        let counters = Arc::new(Counters::default());
        let mut rules = self.rules;
        if let Some(size) = self.cache_size.and_then(NonZeroUsize::new) {
            rules.statement_cache_size = size;
        }
        let pool = Pool::open(connector.clone(), rules, counters.clone())?;
        Ok(Engine::new(Shared {
            pool,
            connector,
            limits: self.limits,
            counters,
            habits: self.habits,
            for_sessions: self.for_sessions,
        }))
    }

    fn check(&self) -> Result<()> {
        let rules = &self.rules;
        if rules.size == 0 {
            return Err(Error::config("pool_size must be at least 1"));
        }
        if rules.min_idle > rules.size {
            return Err(Error::config("min_idle must not be greater than pool_size"));
        }
        match (rules.statement_mode, self.cache_size) {
            (StatementMode::Named, Some(0)) => {
                return Err(Error::config(
                    "statement_cache_size must be at least 1; to prepare nothing, use the \
                     statement mode `Unnamed`",
                ));
            }
            (StatementMode::Unnamed, Some(_)) => {
                return Err(Error::config(
                    "statement_cache_size has no effect in the statement mode `Unnamed`",
                ));
            }
            _ => {}
        }
        self.check_durations()
    }

    fn check_durations(&self) -> Result<()> {
        let durations = [
            ("max_lifetime", self.rules.max_lifetime),
            ("idle_timeout", self.rules.idle_timeout),
            ("acquire_timeout", Some(self.rules.acquire_timeout)),
            ("connect_timeout", self.connect_timeout),
            ("ping_timeout", Some(self.rules.ping_timeout)),
            ("statement_timeout", self.limits.statement),
            ("lock_timeout", self.limits.lock),
            (
                "idle_in_transaction_timeout",
                self.limits.idle_in_transaction,
            ),
            ("tcp_user_timeout", self.network.user_timeout),
            ("keepalives_idle", self.network.keepalives_idle),
            ("keepalives_interval", self.network.keepalives_interval),
        ];
        match durations.iter().find(|(_, d)| *d == Some(Duration::ZERO)) {
            Some((setting, _)) => Err(Error::config(format!("{setting} must not be zero"))),
            None => Ok(()),
        }
    }

    /// What was said here wins over the URL, which wins over the defaults.
    fn apply(&self, target: &mut Target) {
        let config = &mut target.config;
        if let Some(name) = &self.application_name {
            config.application_name(name);
        }
        let said = self.network.user_timeout;
        let limit = said.or(config.get_tcp_user_timeout().copied());
        config.tcp_user_timeout(limit.unwrap_or(Duration::from_secs(30)));
        let idle = self.network.keepalives_idle.or(target.keepalives_idle);
        config.keepalives_idle(idle.unwrap_or(Duration::from_secs(30)));
        let said = self.network.keepalives_interval;
        let interval = said.or(config.get_keepalives_interval());
        config.keepalives_interval(interval.unwrap_or(Duration::from_secs(5)));
        let said = self.network.keepalives_retries;
        let retries = said.or(config.get_keepalives_retries());
        config.keepalives_retries(retries.unwrap_or(3));
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("rules", &self.rules)
            .field("limits", &self.limits)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "postgres://ann:secret@localhost/bank";

    fn mistake(change: impl FnOnce(EngineBuilder) -> EngineBuilder) -> String {
        let builder = change(EngineBuilder::new(URL.into()));
        builder.check().unwrap_err().to_string()
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_by_name() {
        assert!(mistake(|b| b.pool_size(0)).contains("pool_size"));
        assert!(mistake(|b| b.pool_size(2).min_idle(3)).contains("min_idle"));
        assert!(mistake(|b| b.acquire_timeout(Duration::ZERO)).contains("acquire_timeout"));
        assert!(mistake(|b| b.lock_timeout(Some(Duration::ZERO))).contains("lock_timeout"));
        assert!(mistake(|b| b.statement_cache_size(0)).contains("Unnamed"));
        let unnamed = |b: EngineBuilder| b.statement_mode(StatementMode::Unnamed);
        assert!(mistake(|b| unnamed(b).statement_cache_size(9)).contains("no effect"));
    }

    #[test]
    fn the_password_is_not_in_the_debug_output() {
        let shown = format!("{:?}", EngineBuilder::new(URL.into()));
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn the_builder_wins_over_the_url_and_the_url_over_the_defaults() {
        let url = "host=h application_name=url keepalives_idle=7 tcp_user_timeout=8000";
        let builder = EngineBuilder::new(url.into())
            .application_name("builder")
            .tcp_user_timeout(Duration::from_secs(9));
        let mut target = Target::parse(url).unwrap();
        builder.apply(&mut target);
        let config = &target.config;
        assert_eq!(config.get_application_name(), Some("builder"));
        assert_eq!(config.get_keepalives_idle(), Duration::from_secs(7));
        assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(9)));
    }

    #[test]
    fn every_connection_has_limits_against_a_link_that_is_cut() {
        let mut target = Target::parse(URL).unwrap();
        EngineBuilder::new(URL.into()).apply(&mut target);
        let (config, seconds) = (&target.config, Duration::from_secs);
        assert_eq!(config.get_tcp_user_timeout(), Some(&seconds(30)));
        assert!(config.get_keepalives());
        assert_eq!(config.get_keepalives_idle(), seconds(30));
        assert_eq!(config.get_keepalives_interval(), Some(seconds(5)));
        assert_eq!(config.get_keepalives_retries(), Some(3));
    }
}
