//! `assert_statements!`: what it counts, where, and what it says.

use std::thread;

use sessile::assert_statements;
use sessile::prelude::*;
use sessile_async::AsyncEngine;
use sessile_tests::bank::{Account, Entry};
use sessile_tests::{TestDb, panic_of};

fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version) VALUES ('ann', 100, 1), ('bob', 0, 1)",
    )
}

#[test]
fn statements_count_and_what_goes_around_them_does_not() {
    let db = bank();
    let mut s = db.session();
    let accounts = assert_statements!(1, s, s.all(select::<Account>())).unwrap();
    s[accounts[0]].balance = 5;
    assert_statements!(1, s, s.commit()).unwrap();
    assert_statements!(0, s, s[accounts[0]].balance += 1);
    let sum = assert_statements!(2, s, {
        let ann = s.get::<Account>(1).unwrap().unwrap();
        let bob = s.get::<Account>(2).unwrap().unwrap();
        s[ann].balance + s[bob].balance
    });
    assert_eq!(sum, 6, "the value of the expression");
    assert_eq!(s.statistics().statements, 4);
}

#[test]
fn a_range_allows_what_it_contains() {
    let db = bank();
    let mut s = db.session();
    assert_statements!(..=1, s, s.count(select::<Account>())).unwrap();
    assert_statements!(1..=2, s, s.count(select::<Account>())).unwrap();
    assert_statements!(1.., s, s.count(select::<Account>())).unwrap();
    let message = panic_of(|| {
        assert_statements!(2..4, s, s.count(select::<Account>())).unwrap();
    });
    assert_eq!(
        message,
        "2..4 statements are allowed, and 1 sent:\n  COUNT account"
    );
}

#[test]
fn the_message_lists_what_was_sent() {
    let db = bank();
    let mut s = db.session();
    let message = panic_of(|| {
        assert_statements!(1, s, {
            for id in [1, 2] {
                s.get::<Account>(id).unwrap();
            }
        });
    });
    assert_eq!(
        message,
        "1 statement is allowed, and 2 sent:\n  \
         SELECT account ×1 WHERE id\n  SELECT account ×1 WHERE id"
    );
    let message = panic_of(|| assert_statements!(3, s, ()));
    assert_eq!(message, "3 statements are allowed, and 0 sent");
}

#[test]
fn a_session_counts_its_own_and_an_engine_all() {
    let db = bank();
    let (mut s, mut other) = (db.session(), db.session());
    assert_statements!(1, s, {
        other.get::<Account>(1).unwrap();
        s.get::<Account>(1).unwrap();
    });
    let engine = db.engine();
    assert_statements!(3, engine, {
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| engine.session().count(select::<Account>()).unwrap());
            }
        });
    });
}

#[test]
fn budgets_nest() {
    let db = bank();
    let mut s = db.session();
    assert_statements!(3, s, {
        s.get::<Account>(1).unwrap();
        assert_statements!(2, s, {
            s.count(select::<Account>()).unwrap();
            s.count(select::<Entry>()).unwrap();
        });
    });
}

#[test]
fn an_expression_that_leaves_the_function_is_not_asked() {
    fn early(s: &mut Session) -> Result<()> {
        assert_statements!(7, s, s.execute("SELECT 1 / 0", ())?);
        Ok(())
    }
    let db = bank();
    let mut s = db.session();
    assert_eq!(early(&mut s).unwrap_err().code(), Some("22012"));
    s.rollback().unwrap();
    assert_statements!(1, s, s.count(select::<Account>())).unwrap();
}

#[test]
fn a_statement_that_failed_was_sent() {
    let db = bank();
    let mut s = db.session();
    assert_statements!(1, s, s.execute("SELECT 1 / 0", ())).unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_other_threads_send_for_a_session_counts() {
    let db = bank();
    let engine = AsyncEngine::connect(db.url()).await.unwrap();
    let mut s = engine.session();
    let accounts = assert_statements!(1, s, s.all(select::<Account>()).await).unwrap();
    assert_eq!(accounts.len(), 2);
    let counted = assert_statements!(2, engine, {
        let first = engine.transaction(|s| s.count(select::<Account>()));
        let second = engine.transaction(|s| s.count(select::<Entry>()));
        (first.await.unwrap(), second.await.unwrap())
    });
    assert_eq!(counted, (2, 0));
    s.close().await.unwrap();
}
