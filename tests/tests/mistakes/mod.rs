//! What goes wrong by mistake: each a typed error that says what to look at, with nothing lost.

mod connecting;
mod keys;
mod messages;
mod schema;
mod types;
