//! Which transaction it is, and which store.
//!
//! The identity map keeps the clock; the stores compare what they hold with it.
//! It must not tell time.

/// The position of a store in its session.
pub(crate) type StoreId = u32;

/// No transaction: what was read in it is expired in every one.
pub(super) const NEVER: u32 = 0;

/// Which transaction it is, so that what an earlier one left is known to be expired.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// Counts transactions; an object read in an earlier one is expired.
    pub(crate) transaction: u32,
    /// Counts the times at which row locks were given up.
    pub(crate) locks: u32,
}
