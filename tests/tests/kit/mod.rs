//! The test kit for users: databases with tables, and budgets of statements.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod budgets;
mod tables;
