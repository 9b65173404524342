//! Test transactions from tasks (TX-6).

use sessile_tests::bank::{BankError, transfer};

use super::{BUSY, connect, eventually, on_each_runtime, rows};

/// TX-6
#[test]
fn a_test_transaction_leaves_nothing_and_gives_its_connection_back() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let balance = engine.test_transaction(|s| {
            transfer(s, 1, 2, 30)?;
            s.commit()?;
            let ann = s.get_for_update::<sessile_tests::bank::Account>(1)?;
            Ok(s[ann].balance)
        });
        assert_eq!(balance.await.unwrap(), 70);
        let refused = engine.test_transaction(|s| transfer(s, 1, 2, 1_000).map(drop));
        assert!(matches!(refused.await, Err(BankError::InsufficientFunds)));
        assert_eq!(rows(&url, "SELECT count(*) FROM entry").await, "0\n");
        eventually(&url, BUSY, "0\n").await;
    });
}
