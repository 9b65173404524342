//! 64 tasks move money between 10 accounts over 8 connections, in each of the three ways to do it
//! safely. The same functions as in the storm of threads, unchanged.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sessile::prelude::*;
use sessile_async::AsyncEngine;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, BankError, Entry, transfer, transfer_unlocked};
use sessile_tests::storm::{assert_calm, open_accounts, partners, sum_is_right};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};

const TASKS: i64 = 64;
const TRANSFERS: i64 = 50;
const CONNECTIONS: u32 = 8;

/// Enough to see every collision through; each attempt costs milliseconds.
const ATTEMPTS: u32 = 1_000;

type Bank = AsyncEngine<BankError>;
type Transfer = fn(&mut Session, i64, i64, i64) -> Result<Handle<Entry>, BankError>;

#[test]
fn row_locks_stand_the_storm() {
    rage("FOR UPDATE", transfer, |bank, work| {
        Box::pin(bank.transaction(work))
    });
}

#[test]
fn versions_with_retry_stand_the_storm() {
    let options = TransactionOptions::default().stale(true).attempts(ATTEMPTS);
    rage("version and retry", transfer_unlocked, move |bank, work| {
        Box::pin(bank.retrying(options, work))
    });
}

#[test]
fn serializable_with_retry_stands_the_storm() {
    let options = TransactionOptions::serializable().attempts(ATTEMPTS);
    rage(
        "SERIALIZABLE and retry",
        transfer_unlocked,
        move |bank, work| Box::pin(bank.retrying(options, work)),
    );
}

type Running = Pin<Box<dyn Future<Output = Result<(), BankError>> + Send>>;
type Work = Box<dyn FnMut(&mut Session) -> Result<(), BankError> + Send>;

/// Runs all transfers, while one looks on that the sum is right at every moment, and another has
/// work of its own for the threads that block.
fn rage(way: &str, transfer: Transfer, run: impl Fn(&Bank, Work) -> Running) {
    let db = TestDb::new::<(Account, Entry)>();
    let runtime = runtime();
    runtime.block_on(async {
        let bank = connect(db.url()).await;
        let opened = bank.transaction(open_accounts).await;
        opened.expect("the accounts are new");
        let counts = Arc::new(Counts::default());
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let numbers = (task * TRANSFERS + 1)..=(task * TRANSFERS + TRANSFERS);
            let works = numbers.map(|number| {
                let work = counted(counts.clone(), transfer, number);
                (number, run(&bank, work))
            });
            // Futures do nothing until they are awaited, one after the other.
            let works: Vec<_> = works.collect();
            tasks.spawn(async move {
                for (number, work) in works {
                    let done = work.await;
                    done.unwrap_or_else(|error| panic!("transfer {number}: {error:?}"));
                }
            });
        }
        let end = End(counts.clone());
        let look = tokio::spawn(watch_the_sum(db.url().to_owned(), counts.clone()));
        let other = tokio::spawn(use_blocking_threads(counts.clone()));
        while let Some(task) = tasks.join_next().await {
            task.expect("every transfer ends well");
        }
        drop(end);
        look.await.expect("the sum was right");
        other.await.expect("threads were free");
        counts.report(way, started.elapsed());
        let metrics = bank.metrics();
        assert_eq!(metrics.discarded, 0, "{metrics:?}");
        assert!(metrics.connects <= u64::from(CONNECTIONS), "{metrics:?}");
    });
    // Joins the blocking threads, so that the engine's connections are closed soon.
    drop(runtime);
    assert_calm(&db, TASKS * TRANSFERS, "storm");
}

/// Two blocking threads more than connections: one to look on, one for the other user.
fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    let builder = builder.worker_threads(2).enable_all();
    let threads = CONNECTIONS as usize + 2;
    let built = builder.max_blocking_threads(threads).build();
    built.expect("a runtime")
}

async fn connect(url: &str) -> Bank {
    let seconds = Duration::from_secs;
    let builder = Engine::builder(url)
        .pool_size(CONNECTIONS)
        .application_name("storm")
        .acquire_timeout(seconds(60))
        .statement_timeout(Some(seconds(30)))
        .lock_timeout(Some(seconds(30)));
    let engine = AsyncEngine::build(builder).await;
    engine.expect("the server is running").errors()
}

#[derive(Default)]
struct Counts {
    attempts: AtomicU64,
    running: AtomicI64,
    most_running: AtomicI64,
    over: AtomicBool,
}

/// The storm is over when this is dropped, also by a panic.
struct End(Arc<Counts>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

impl Counts {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    fn report(&self, way: &str, elapsed: Duration) {
        let seconds = elapsed.as_secs_f64();
        let rate = (TASKS * TRANSFERS) as f64 / seconds;
        let attempts = self.attempts.load(Ordering::SeqCst);
        println!("{way}: {rate:.0} transfers/s, {attempts} attempts, {seconds:.1} s");
        // Never more threads than connections: nobody waits for a connection on a thread.
        let most = self.most_running.load(Ordering::SeqCst);
        assert!(most <= i64::from(CONNECTIONS), "{most} at once");
    }
}

/// One transfer that counts itself.
fn counted(counts: Arc<Counts>, transfer: Transfer, number: i64) -> Work {
    let (payer, payee) = partners(number);
    Box::new(move |s| {
        counts.attempts.fetch_add(1, Ordering::SeqCst);
        let running = counts.running.fetch_add(1, Ordering::SeqCst) + 1;
        counts.most_running.fetch_max(running, Ordering::SeqCst);
        let done = transfer(s, payer, payee, number);
        counts.running.fetch_sub(1, Ordering::SeqCst);
        done.map(drop)
    })
}

/// The sum is right whenever somebody looks.
async fn watch_the_sum(url: String, counts: Arc<Counts>) {
    let watching = spawn_blocking(move || {
        let mut look = sessile_tests::Look::at(&url);
        while !counts.is_over() {
            assert!(sum_is_right(&mut look));
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    watching.await.expect("the sum is right");
}

/// Somebody else's blocking work never waits for the bank's.
async fn use_blocking_threads(counts: Arc<Counts>) {
    while !counts.is_over() {
        let free = timeout(Duration::from_secs(5), spawn_blocking(|| ()));
        let free = free.await.expect("a blocking thread is free");
        free.expect("nothing can go wrong there");
        sleep(Duration::from_millis(5)).await;
    }
}
