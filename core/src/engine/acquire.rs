//! How a unit of work comes to a connection.
//!
//! Called by `session` for the first statement of a transaction.
//! It must not begin anything on it.

use std::sync::Arc;

use super::connection::Connection;
use super::shared::Shared;
use crate::error::Result;

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
