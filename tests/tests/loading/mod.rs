//! Loading: paths, many-to-many, trees, parts of collections, and views of what is loaded.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod joined;
mod joined_locks;
mod joined_random;
mod page;
mod paths;

mod many_to_many;

mod lazy;

mod filtered;

mod recursive;

mod views;
