//! The async facade: the same units of work from tasks, and nothing left behind when a future is
//! dropped.

mod bulk;
mod calls;
mod cancelled;
mod cursors;
mod dropped;
mod places;
mod spans;
mod storm;
mod tests;
mod twins;
mod types;
mod units;

use std::future::Future;
use std::time::{Duration, Instant};

use sessile::Engine;
use sessile_async::AsyncEngine;
use sessile_tests::bank::{Account, BankError, Entry};
use sessile_tests::{Look, TestDb};
use tokio::runtime::{Builder, Runtime};

/// A bank with two accounts.
fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version) VALUES ('ann', 100, 1), ('bob', 0, 1)",
    )
}

/// Runs a test on a runtime with one thread and on one with many, each with a bank of its own.
fn on_each_runtime<F: Future<Output = ()>>(test: impl Fn(String) -> F) {
    for runtime in [single(), many()] {
        let db = bank();
        runtime.block_on(test(db.url().to_owned()));
    }
}

fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn many() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// An engine with a pool of this size.
async fn connect(url: &str, pool: u32) -> AsyncEngine<BankError> {
    let builder = Engine::builder(url)
        .pool_size(pool)
        .application_name("facade");
    AsyncEngine::build(builder).await.unwrap().errors()
}

/// What a query shows to another connection.
async fn rows(url: &str, sql: &'static str) -> String {
    let url = url.to_owned();
    let look = move || Look::at(&url).rows(sql);
    tokio::task::spawn_blocking(look).await.unwrap()
}

/// Waits until a query shows what is expected; a server needs a moment to notice that it was left.
async fn eventually(url: &str, sql: &'static str, expected: &str) {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let seen = rows(url, sql).await;
        if seen == expected {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{sql}: {seen:?}, not {expected:?}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Clients of this database that are in a transaction or busy.
const BUSY: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'";
