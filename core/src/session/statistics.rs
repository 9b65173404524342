//! Counters of a session.
//!
//! The verbs count, users and tests read them.
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
}
