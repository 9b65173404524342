//! The same promise as in `property`, for the verbs that it leaves out.
//!
//! Pairs that are linked and association objects of them, loaded collections, `cascade(client)`,
//! orphans, hooks, values that the database computes, versions, `merge`, `detach`, `evict_clean` and
//! set-based statements, in random interleavings with savepoints and rollbacks. Whatever reads may
//! flush; the plain model is told when it did.
//! It must not know statements or their order.

// Helpers of tests unwrap as tests do; clippy only knows functions that are tests themselves.
#![allow(clippy::unwrap_used)]

mod cases;
mod compare;
mod deletes;
mod editor;
mod edits;
mod hooks;
mod legal;
mod loads;
mod models;
mod pairs;
mod sets;
mod world;
