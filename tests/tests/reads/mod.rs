//! Reading: by key, by query, by relationship; what it costs and what it finds.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod models;

mod by_key;

mod locks;

mod queries;

mod eager;

mod lazy;

mod collections;

mod refresh;

mod identity;
mod joins;

mod operators;

mod projections;

mod cursors;

mod raw_sql;

mod structs;

mod cursor_ends;

mod engine;

mod bounds;

mod keys;

mod sets;

mod with;

mod pages;

mod runtime;

mod explained;

mod server_versions;
