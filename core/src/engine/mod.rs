//! The room of the database connection.
//!
//! Called by every room above it; the only one that names `postgres::Client`.
//! Must not know models.

#[cfg(feature = "test-support")]
pub(crate) mod script;
