//! Statements for many rows at once, and the session in line with them afterwards.

mod copies;
mod deletes;
mod ensured;
mod inserts;
mod models;
mod updates;
mod upserts;
mod versions;
