//! What the tests and the examples share: a database for each test, the statements that a test
//! cost, and models: a small bank, a desk, a magazine.
//!
//! Tests and examples use it; it must not be published.

mod assertions;
pub mod bank;
mod db;
pub mod desk;
pub mod magazine;
mod recorder;
pub mod storm;

pub use assertions::{chain, panic_of};
pub use db::{Look, TestDb};
pub use recorder::{Recorded, Recorder};

/// The chapters of the guide: each of their Rust blocks is compiled and run.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../docs/guide/models.md")]
    mod models {}

    #[doc = include_str!("../../docs/guide/session.md")]
    mod session {}

    #[doc = include_str!("../../docs/guide/querying.md")]
    mod querying {}

    #[doc = include_str!("../../docs/guide/loading.md")]
    mod loading {}

    #[doc = include_str!("../../docs/guide/bulk.md")]
    mod bulk {}

    #[doc = include_str!("../../docs/guide/unit-of-work.md")]
    mod unit_of_work {}

    #[doc = include_str!("../../docs/guide/async.md")]
    mod asynchronous {}

    #[doc = include_str!("../../docs/guide/testing.md")]
    mod testing {}
}
