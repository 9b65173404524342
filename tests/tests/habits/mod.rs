//! Settings of the engine that change what its sessions send.

use expect_test::expect;
use sessile::Engine;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};

/// A bank with three accounts and an entry of each.
fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version) VALUES ('a', 1, 1), ('b', 1, 1), ('c', 1, 1);
         INSERT INTO entry (payer_id, amount) VALUES (1, 1), (2, 1), (3, 1)",
    )
}

/// The texts that a flush of two changed rows sends.
fn texts_of_an_update(db: &TestDb, engine: &Engine) -> Vec<String> {
    let mut s = engine.session();
    for account in s.get_each::<Account>([2, 1]).unwrap() {
        s[account].balance = 2;
    }
    db.recorded();
    s.commit().unwrap();
    let updates = db.recorded().into_iter();
    updates
        .map(|statement| statement.sql)
        .filter(|sql| sql.contains("UPDATE"))
        .collect()
}

/// FL-7
#[test]
fn rows_are_locked_in_key_order_unless_that_is_switched_off() {
    let db = bank();
    let ordered = texts_of_an_update(&db, db.engine());
    assert!(ordered[0].contains("ORDER BY") && ordered[0].contains("FOR NO KEY UPDATE"));
    let db = bank();
    let builder = Engine::builder(db.url()).ordered_locks(false);
    let plain = texts_of_an_update(&db, &builder.build().unwrap());
    assert_eq!(plain.len(), 1);
    assert!(plain[0].starts_with("UPDATE") && !plain[0].contains("FOR NO KEY UPDATE"));
}

/// LD-2
#[test]
fn a_lazy_load_takes_as_many_siblings_along_as_it_may() {
    let db = bank();
    let builder = Engine::builder(db.url()).siblings(1);
    let engine = builder.build().unwrap();
    let mut s = engine.session();
    let accounts = s.all(select::<Account>().order_by(Account::ID)).unwrap();
    db.forget();
    for account in &accounts {
        s.related(*account, Account::OUTGOING).unwrap();
    }
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT entry ×2 WHERE payer_id
        SELECT entry ×1 WHERE payer_id
    "#]]);
}
