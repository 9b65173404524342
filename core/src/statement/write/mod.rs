//! Statements that write sets of rows: UPDATE, DELETE and INSERT, from what the caller said.
//!
//! The query room's builders fill them in, the unit of work renders and runs them.
//! It must not see rows: what is inserted comes as columns of values.

mod draft;

mod back;

mod version;

mod update;

mod delete;

mod conflict;

mod insert;

mod copy;

pub(crate) use back::Back;
pub(crate) use conflict::{Conflict, Resolution};
pub(crate) use copy::{copy_in, copy_out, describe};
pub(crate) use delete::Delete;
pub(crate) use insert::{Insert, Selected, Source as InsertSource, Ways};
pub(crate) use update::{Assigned, Update};
