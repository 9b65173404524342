//! The transfer of the founding benchmark, end to end.

use expect_test::expect;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, BankError, Entry, transfer};

fn bank() -> TestDb {
    let db = TestDb::new::<(Account, Entry)>();
    db.engine()
        .transaction(|s| {
            s.add_all([Account::of("ann", 100), Account::of("bob", 0)]);
            Ok(())
        })
        .unwrap();
    db.forget();
    db
}

#[test]
fn a_transfer_costs_a_select_an_update_and_an_insert() {
    let db = bank();
    let engine = db.engine().errors::<BankError>();
    let id = engine
        .transaction(|s| {
            let entry = transfer(s, 1, 2, 10)?;
            s.flush()?;
            Ok(s.key(entry)?)
        })
        .unwrap();
    assert_eq!(id, 1);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT account ×2 WHERE id FOR UPDATE
        UPDATE account SET balance, version ×2 WHERE id, version
        INSERT entry (payer_id, payee_id, amount) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, owner, balance, version FROM account ORDER BY id"),
        "1 | ann | 90 | 2\n2 | bob | 10 | 2\n"
    );
    assert_eq!(
        db.rows("SELECT payer_id, payee_id, amount FROM entry"),
        "1 | 2 | 10\n"
    );
}
