//! Random edits in random interleavings leave what a plain model in memory says they should.
//!
//! A case begins with empty tables and a seed; it edits, flushes, commits, rolls back, opens
//! savepoints. After each step the tables, the objects and the model must agree, and the database
//! must never have refused anything: a plan that can't be made is a `Cycle`, before SQL.
//! `SESSILE_CASES=100000` runs more cases, `SESSILE_SEED=7` one.

// Helpers of tests unwrap as tests do; clippy only knows functions that are tests themselves.
#![allow(clippy::unwrap_used)]

mod any_models;
mod cases;
mod deletes;
mod edits;
mod models;
pub(crate) mod random;
mod verbs;
mod world;
