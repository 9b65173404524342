//! Aggregates and window functions: one value of many rows.
//!
//! Callers read them, and filter and order groups by them.
//! It must not say what a group is: `group_by` and `window` do.

pub(super) mod aggregate_functions;
pub(super) mod aggregates;
pub(super) mod frame;
pub(super) mod grouping;
pub(super) mod window;
pub(super) mod window_functions;
