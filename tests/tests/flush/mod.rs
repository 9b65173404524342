//! What a flush sends, and what it leaves in the database and in the objects.
//!
//! Each test asserts the exact statements and the rows that a second connection sees.
//! It must not test loading, transactions or savepoints beyond what a flush does to them.

// Helpers of tests unwrap as tests do; clippy only knows functions that are tests themselves.
#![allow(clippy::unwrap_used)]

mod batches;
mod broken_cycles;
mod cascades;
mod client_cascades;
mod client_keys;
mod composite_keys;
mod computed;
mod computed_unique;
mod constraints;
mod cycles;
mod deferrable;
mod delete_order;
mod deletes;
mod edits_after_plan;
mod errors;
mod generated;
mod inserts;
mod key_changes;
mod keys_of_keys;
mod link_columns;
mod links;
mod locks;
mod models;
mod one_to_one;
mod order;
mod orphans;
mod plans;
mod renamed_parents;
mod renamed_places;
mod row_switch;
mod savepoints;
mod swaps;
mod touching;
mod types;
mod unique_equality;
mod unique_values;
mod unlinked_rows;
mod updates;
mod version_kinds;
mod versions;
