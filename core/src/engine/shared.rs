//! What all clones of an engine, and its connections, have in common.
//!
//! The builder makes it; sessions borrow connections through it.
//! It must not hold anything that belongs to one unit of work.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::connector::Connector;
use super::deadline::Limits;
use super::habits::Habits;
use super::metrics::Counters;
use super::pool::Pool;

/// Something that the sessions of an engine find there; what it is they know.
pub(crate) type ForSessions = Option<Arc<dyn Any + Send + Sync>>;

/// What all clones of an engine, and its connections, have in common.
pub(crate) struct Shared {
    pub(super) pool: Pool,
    pub(super) connector: Arc<Connector>,
    pub(super) limits: Limits,
    pub(super) counters: Arc<Counters>,
    pub(crate) habits: Habits,
    pub(crate) for_sessions: ForSessions,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.connector).finish()
    }
}
