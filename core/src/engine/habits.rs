//! What an engine's sessions do without being told each time.
//!
//! The builder collects it; sessions read it.
//! It must not hold what concerns connections.

/// Settings of the sessions of an engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// Whether several rows are locked in key order before they are written.
    pub(crate) ordered_locks: bool,
    /// How many siblings a lazy load takes along.
    pub(crate) siblings: usize,
}

impl Default for Habits {
    fn default() -> Self {
        Habits {
            ordered_locks: true,
            siblings: 256,
        }
    }
}
