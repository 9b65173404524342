//! What an engine has done so far, in numbers.
//!
//! `driver`, `pool` and `connection` count, users read `Engine::metrics`.
//! It must not cost more than an atomic addition.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::sent::Sent;

/// A reading of an engine's counters; all of them since the engine was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Connections that are open now, idle or in use.
    pub connections: u32,
    /// Connections that wait in the pool now.
    pub idle: u32,
    /// Connections that were opened.
    pub connects: u64,
    /// Connections that were thrown away because they broke or could not be trusted.
    pub discarded: u64,
    /// Statements that were run; BEGIN, COMMIT, SAVEPOINT and the like not counted.
    pub statements: u64,
    /// Messages to the server that were waited for: statements, the preparing of statements,
    /// BEGIN, COMMIT, SAVEPOINT and pings.
    pub round_trips: u64,
    /// Statements that were prepared.
    pub prepared: u64,
    /// Statements that were prepared already when they ran.
    pub cache_hits: u64,
    /// Transactions that were committed.
    pub commits: u64,
    /// Transactions that were rolled back.
    pub rollbacks: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connects: Counter,
    pub(super) discarded: Counter,
    pub(super) sent: Arc<Sent>,
    pub(super) prepared: Counter,
    pub(super) cache_hits: Counter,
    pub(super) commits: Counter,
    pub(super) rollbacks: Counter,
}

impl Counters {
    pub(super) fn read(&self, connections: u32, idle: u32) -> Metrics {
        Metrics {
            connections,
            idle,
            connects: self.connects.get(),
            discarded: self.discarded.get(),
            statements: self.sent.statements(),
            round_trips: self.sent.round_trips(),
            prepared: self.prepared.get(),
            cache_hits: self.cache_hits.get(),
            commits: self.commits.get(),
            rollbacks: self.rollbacks.get(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add_one(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
