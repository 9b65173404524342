//! Whole units of work: one hop each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sessile::{Error, ErrorKind, TransactionOptions};
use sessile_tests::bank::{Account, BankError, transfer};

use super::{BUSY, connect, eventually, on_each_runtime, rows};

const BALANCES: &str = "SELECT balance FROM account ORDER BY id";

#[test]
fn a_transfer_runs_unchanged_from_a_task() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 2).await;
        let unit = engine.transaction(|s| {
            let entry = transfer(s, 1, 2, 10)?;
            s.flush()?;
            Ok(s.key(entry)?)
        });
        assert_eq!(tokio::spawn(unit).await.unwrap().unwrap(), 1);
        assert_eq!(rows(&url, BALANCES).await, "90\n10\n");
    });
}

#[test]
fn the_closures_own_error_rolls_back() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let refused = engine
            .transaction(|s| {
                transfer(s, 1, 2, 10)?;
                s.flush()?;
                transfer(s, 1, 2, 1_000)
            })
            .await;
        assert!(matches!(refused, Err(BankError::InsufficientFunds)));
        assert_eq!(rows(&url, BALANCES).await, "100\n0\n");
        assert_eq!(rows(&url, BUSY).await, "0\n");
    });
}

#[test]
fn a_panic_rolls_back_and_goes_on_in_the_caller() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let unit = engine.transaction::<(), _>(|s| {
            transfer(s, 1, 2, 10)?;
            s.flush()?;
            panic!("out of paper");
        });
        let panic = tokio::spawn(unit).await.unwrap_err().into_panic();
        assert_eq!(*panic.downcast::<&str>().unwrap(), "out of paper");
        assert_eq!(rows(&url, BALANCES).await, "100\n0\n");
        eventually(&url, BUSY, "0\n").await;
        // The only connection of the pool is not lost.
        let entry = engine
            .transaction(|s| transfer(s, 1, 2, 10).map(drop))
            .await;
        entry.unwrap();
    });
}

#[test]
fn options_reach_the_transaction() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let options = TransactionOptions::serializable().read_only();
        let refused = engine
            .transaction_with(options, |s| transfer(s, 1, 2, 10).map(drop))
            .await;
        let Err(BankError::Database(error)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(*error.kind(), ErrorKind::ReadOnly);
        let nonsense = TransactionOptions::default().attempts(0);
        let refused = engine.transaction_with(nonsense, |_| Ok(())).await;
        let Err(BankError::Database(error)) = refused else {
            panic!("{refused:?}");
        };
        assert!(matches!(error.kind(), ErrorKind::Config { .. }));
    });
}

#[test]
fn a_stale_version_is_tried_again_on_a_fresh_session() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 2).await;
        let runs = Arc::new(AtomicU32::new(0));
        let seen = runs.clone();
        let other = url.clone();
        let options = TransactionOptions::default().stale(true).attempts(3);
        let unit = engine.retrying(options, move |s| {
            let ann = s.get::<Account>(1)?.expect("ann is there");
            if seen.fetch_add(1, Ordering::SeqCst) == 0 {
                let sql = "UPDATE account SET balance = 50, version = version + 1 WHERE id = 1";
                sessile_tests::Look::at(&other).run(sql);
            }
            s[ann].balance += 1;
            Ok(())
        });
        unit.await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert_eq!(rows(&url, BALANCES).await, "51\n0\n");
    });
}

#[test]
fn an_error_that_no_repetition_cures_is_not_tried_again() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let runs = Arc::new(AtomicU32::new(0));
        let seen = runs.clone();
        let unit = engine.retrying(TransactionOptions::default().attempts(5), move |_| {
            seen.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(BankError::Database(Error::other("no")))
        });
        assert!(unit.await.is_err());
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    });
}
