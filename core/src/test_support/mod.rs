//! A throw-away PostgreSQL server for tests and for trying things out.
//!
//! Called by tests, examples and the quickstart, through the feature `test-support`; Unix only.
//! Must not be used by any other room, and must not know models or sessions.
//!
//! # Which server
//!
//! [`Cluster::shared`] takes the first that there is:
//!
//! 1. the server of `DATABASE_URL` (none is started; the user must be allowed to create databases);
//! 2. the binaries in `PG_BIN_DIR`, or beside the `initdb` on `PATH`, or in the newest of the
//!    distribution's versioned directories
//!
//! [`Cluster::start`] and [`Cluster::start_on_tcp`] give a server of one's own: they begin at 2.
//!
//! # Environment
//!
//! | variable | meaning |
//! |---|---|
//! | `DATABASE_URL` | use this server, over a connection without TLS |
//! | `PG_BIN_DIR` | the directory of `initdb` and `postgres` |

mod address;
mod binaries;
mod cluster;
mod directory;
mod error;
mod statement;
mod user;
mod watchdog;

pub use binaries::Origin;
pub use cluster::Cluster;
pub use error::ClusterError;
