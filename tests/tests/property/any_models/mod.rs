//! The same promise as in `property`, for models nobody wrote: tables, keys, references and
//! unique values are drawn at random, and so are rows and edits.
//!
//! After each flush the tables, the objects and a plain model in memory must agree, and the
//! database must never have refused anything. Where the planner answers `Cycle`, no order of
//! plain statements, a row each, may exist either; all of them are tried.
//! `SESSILE_CASES=100000` runs more cases, `SESSILE_SEED=7` the models of one seed.

// Helpers of tests unwrap as tests do; clippy only knows functions that are tests themselves.
#![allow(clippy::unwrap_used)]

mod any;
mod cases;
mod deletes;
mod edits;
mod legal;
mod oracle;
mod row;
mod schema;
mod world;
