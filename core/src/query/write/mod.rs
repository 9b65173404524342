//! Statements that write by a condition, or many rows at once.
//!
//! The session's set-based verbs take them.
//! It must not bring the session in line: the write wing does.

pub(super) mod answer;
pub(super) mod assign;
pub(super) mod delete;
pub(super) mod insert;
pub(super) mod target;
pub(super) mod update;
pub(super) mod upsert;
