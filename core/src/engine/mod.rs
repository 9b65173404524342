//! Connections: opened, pooled, and spoken to in batches.
//!
//! `session` borrows a connection for each unit of work; the wings run statements on it.
//! The only room that names the driver and the pool; it must not know models.

mod handle;
#[cfg(feature = "test-support")]
pub(crate) mod script;

mod shared;

mod open;

mod builder;
mod target;
mod url;

mod connector;
mod pool;
mod tls;

mod acquire;
mod commit;
mod connection;
mod copy;
mod cursors;
mod deadline;
mod ending;
mod habits;
mod identity;
mod options;
mod portals;
mod savepoints;
mod statement;
mod transaction;
#[cfg(test)]
mod transaction_tests;

mod cache;
mod cancel;
mod disposal;
mod driver;
mod parameter;
mod sqlstate;

mod metrics;
mod retry;
mod sent;
mod trace;

pub use builder::EngineBuilder;
pub use cache::StatementMode;
pub use habits::LazyLoad;
pub use handle::Engine;
pub use metrics::Metrics;
pub use options::TransactionOptions;
#[doc(hidden)]
pub use sent::Sent;

pub(crate) use {
    cancel::CancelToken,
    connection::Connection,
    copy::Stop,
    cursors::Portal,
    habits::Habits,
    retry::pause,
    shared::Shared,
    statement::{BatchError, Reply, Returns, Rows, Statement, Text},
    transaction::TransactionState,
};

#[cfg(all(test, feature = "test-support"))]
mod tests;
