//! Pages of a query, and what a request may ask of one.
//!
//! `page_after` and callers with sort keys and columns from outside use it.
//! It must not trust what comes from outside.

pub(super) mod keyset;
pub(super) mod page_token;
pub(super) mod runtime;
pub(super) mod sort_keys;
