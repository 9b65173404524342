//! Counters of a session.
//!
//! The verbs and the connections count, users and tests read them.
//! It must not cost more than an addition.

/// What a session has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Flushes that found something touched.
    pub flushes: u64,
    /// Objects that flushes compared with their last flushed value.
    pub compared: u64,
    /// Times that `related` had to load something.
    pub lazy_loads: u64,
    /// Statements that were sent; BEGIN, COMMIT, SAVEPOINT and the like not counted.
    pub statements: u64,
    /// Messages to the server that were waited for: statements, the preparing of statements,
    /// BEGIN, COMMIT and SAVEPOINT.
    pub round_trips: u64,
}
