//! Queries that read: for objects, for rows of any shape, and put together of others.
//!
//! The session's reading verbs take them.
//! It must not read rows: the loader does.

pub(super) mod alias;
pub(super) mod along;
pub(super) mod columns;
pub(super) mod comment;
pub(super) mod derived;
pub(super) mod explain;
pub(super) mod join;
pub(super) mod link;
pub(super) mod lock;
pub(super) mod named;
pub(super) mod numbering;
pub(super) mod query;
pub(super) mod raw;
pub(super) mod recursive;
pub(super) mod rows;
pub(super) mod set;
pub(super) mod values;
pub(super) mod words;
