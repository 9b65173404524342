//! The integration tests, by behaviour, in one binary because linking is slow.

mod bank;
mod cluster;
mod derive;
mod docs;
mod facade;
mod flush;
mod mistakes;
mod readme;
mod reads;
mod schema;
mod states;
mod storm;
mod tidy;
mod transactions;
mod ui;
