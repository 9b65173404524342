//! What other units of work are tested with, and what it costs here.
//!
//! Scenarios from the suites of SQLAlchemy, Hibernate, EF Core, MikroORM and Django, by their
//! numbers; what another folder tests exactly like that is not repeated.
//! A test must not say more than its scenario: exact statements, and rows that others see.
//!
//! Some can't be written, because of how things are here:
//!
//! - S14, S24: there is no inheritance.
//! - S39: a reference does not own what it refers to; the parent that nobody refers to any more is
//!   deleted by the program. That two can't refer to one row is a `unique` reference.
//! - S56: foreign keys have ON UPDATE CASCADE, so children are never written because of a new key.

// Helpers of tests unwrap as tests do; clippy only knows functions that are tests themselves.
#![allow(clippy::unwrap_used)]

mod associations;
mod bulk;
mod cycles;
mod deletes;
mod inserts;
mod keys;
mod loading;
mod models;
mod orphans;
mod pairs;
mod sessions;
mod taken_away;
mod updates;
mod versions;
