//! What the tests and the examples share: a database for each test, the statements that a test
//! cost, and the models of a small bank.
//!
//! Tests and examples use it; it must not be published.

pub mod bank;
mod db;
mod recorder;

pub use db::{Look, TestDb};
pub use recorder::{Recorded, Recorder};
