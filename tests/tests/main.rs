//! The integration tests, by behaviour, in one binary because linking is slow.
//!
//! Run by `cargo test`; one folder a behaviour.
//! A test must not depend on another, nor on the order in which they run.

// Clippy knows tests by their attribute; helpers of tests unwrap as well.
#![allow(clippy::unwrap_used)]

mod bank;
mod bulk;
mod cluster;
mod derive;
mod docs;
mod expressions;
mod facade;
mod flush;
mod habits;
mod injection;
mod kit;
mod loading;
mod mistakes;
mod property;
mod readme;
mod reads;
mod scenarios;
mod schema;
mod states;
mod store;
mod storm;
mod tidy;
mod transactions;
mod ui;
