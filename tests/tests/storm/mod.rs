//! 16 threads move money between 10 accounts over 8 connections, in each of the three ways to do
//! it safely.
//!
//! Amounts are the numbers of the transfers, so the ledger shows each of them once or does not.
//! It must end: statements, locks and waits for a connection have their limits.

// Helpers of tests unwrap as tests do; clippy only knows functions that are tests themselves.
#![allow(clippy::unwrap_used)]

mod column_sets;
mod pairs;
mod trees;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, BankError, Entry, transfer, transfer_unlocked};
use sessile_tests::storm::{assert_calm, open_accounts, partners, sum_is_right};

const THREADS: i64 = 16;
const TRANSFERS: i64 = 200;
const CONNECTIONS: u32 = 8;

/// Enough to see every collision through; each attempt costs milliseconds.
const ATTEMPTS: u32 = 1_000;

type Transfer = fn(&mut Session, i64, i64, i64) -> Result<Handle<Entry>, BankError>;

#[test]
fn row_locks_stand_the_storm() {
    let storm = Storm::new();
    storm.rage("FOR UPDATE", |bank, work| bank.transaction(work), transfer);
    storm.assert_calm();
}

#[test]
fn versions_with_retry_stand_the_storm() {
    let options = TransactionOptions::default().stale(true).attempts(ATTEMPTS);
    let storm = Storm::new();
    let run = |bank: &Bank, work: &mut Work<'_>| bank.retrying(options, work);
    storm.rage("version and retry", run, transfer_unlocked);
    storm.assert_calm();
}

#[test]
fn serializable_with_retry_stands_the_storm() {
    let options = TransactionOptions::serializable().attempts(ATTEMPTS);
    let storm = Storm::new();
    let run = |bank: &Bank, work: &mut Work<'_>| bank.retrying(options, work);
    storm.rage("SERIALIZABLE and retry", run, transfer_unlocked);
    storm.assert_calm();
}

type Bank = Engine<BankError>;
type Work<'w> = dyn FnMut(&mut Session) -> Result<(), BankError> + 'w;

struct Storm {
    db: TestDb,
    bank: Bank,
}

impl Storm {
    fn new() -> Storm {
        let db = TestDb::new::<(Account, Entry)>();
        let bank = Engine::builder(db.url())
            .pool_size(CONNECTIONS)
            .application_name("storm")
            .acquire_timeout(Duration::from_secs(60))
            .statement_timeout(Some(Duration::from_secs(30)))
            .lock_timeout(Some(Duration::from_secs(30)))
            .build()
            .unwrap()
            .errors();
        bank.transaction(open_accounts).unwrap();
        Storm { db, bank }
    }

    /// Runs all transfers, while somebody watches that the sum is right at every moment.
    fn rage(
        &self,
        way: &str,
        run: impl Fn(&Bank, &mut Work<'_>) -> Result<(), BankError> + Sync,
        transfer: Transfer,
    ) {
        let attempts = AtomicU64::new(0);
        let started = Instant::now();
        thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let (run, attempts) = (&run, &attempts);
                    scope.spawn(move || {
                        for turn in 0..TRANSFERS {
                            let number = thread * TRANSFERS + turn + 1;
                            let (payer, payee) = partners(number);
                            run(&self.bank, &mut |s| {
                                attempts.fetch_add(1, Ordering::Relaxed);
                                transfer(s, payer, payee, number).map(drop)
                            })
                            .unwrap_or_else(|error| panic!("transfer {number}: {error:?}"));
                        }
                    })
                })
                .collect();
            let mut look = self.db.look();
            while threads.iter().any(|thread| !thread.is_finished()) {
                assert!(sum_is_right(&mut look));
                thread::sleep(Duration::from_millis(5));
            }
        });
        let seconds = started.elapsed().as_secs_f64();
        let rate = (THREADS * TRANSFERS) as f64 / seconds;
        let attempts = attempts.into_inner();
        println!("{way}: {rate:.0} transfers/s, {attempts} attempts, {seconds:.1} s");
    }

    /// Nothing was lost: no money, no transfer, no connection; and nobody was a deadlock's victim.
    fn assert_calm(self) {
        let metrics = self.bank.metrics();
        assert_eq!(metrics.discarded, 0, "{metrics:?}");
        assert!(metrics.connects <= u64::from(CONNECTIONS), "{metrics:?}");
        assert_eq!(metrics.idle, metrics.connections, "{metrics:?}");

        drop(self.bank);
        assert_calm(&self.db, THREADS * TRANSFERS, "storm");
    }
}
