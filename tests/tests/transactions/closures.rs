//! Units of work in closures: what they return and how they end.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::bank::BankError;
use sessile_tests::desk::{Note, notes, two_notes};
use sessile_tests::{TestDb, panic_of};

use super::open_transactions;

const BEFORE: &str = "1 | milk | buy | 0\n2 | rent | pay | 0\n";

fn write(s: &mut Session) -> Result<()> {
    let milk = s.get::<Note>(1)?.expect("it is there");
    s[milk].stars = 5;
    s.flush()
}

fn out_of_ink() -> Result<()> {
    panic!("out of ink")
}

fn still_works(db: &TestDb) {
    assert_eq!(open_transactions(db), "0\n");
    assert_eq!(notes(db), BEFORE);
    db.engine().transaction(write).unwrap();
    assert_eq!(notes(db), "1 | milk | buy | 5\n2 | rent | pay | 0\n");
}

#[test]
fn a_closure_that_returns_ok_commits() {
    let db = two_notes();
    let value = db
        .engine()
        .transaction(|s| {
            write(s)?;
            Ok(7)
        })
        .unwrap();
    assert_eq!(value, 7);
    assert_eq!(notes(&db), "1 | milk | buy | 5\n2 | rent | pay | 0\n");
}

#[test]
fn a_closure_that_returns_an_error_rolls_back_and_hands_it_on() {
    let db = two_notes();
    let engine = db.engine().errors::<BankError>();
    let error = engine
        .transaction(|s| {
            write(s)?;
            Err::<(), _>(BankError::InsufficientFunds)
        })
        .unwrap_err();
    assert!(matches!(error, BankError::InsufficientFunds));
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        ROLLBACK
    "#]]);
    still_works(&db);
}

#[test]
fn a_closure_that_panics_rolls_back_and_the_connection_is_used_again() {
    let db = two_notes();
    let message = panic_of(|| {
        db.engine().transaction(|s| {
            write(s)?;
            out_of_ink()
        })
    });
    assert_eq!(message, "out of ink");
    assert_eq!(db.engine().metrics().connects, 1);
    still_works(&db);
    assert_eq!(db.engine().metrics().connects, 1);
}

#[test]
fn transaction_as_fails_with_another_error_than_the_engines() {
    let db = two_notes();
    let error = db
        .engine()
        .transaction_as::<BankError, ()>(|s| {
            write(s)?;
            Err(BankError::InsufficientFunds)
        })
        .unwrap_err();
    assert!(matches!(error, BankError::InsufficientFunds));
    still_works(&db);
}

/// FL-11
#[test]
fn a_closure_that_swallows_a_failure_does_not_commit() {
    let db = two_notes();
    let error = db
        .engine()
        .transaction(|s| {
            write(s)?;
            s.add(Note::of("milk", "twice"));
            let _ = s.flush();
            Ok(())
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    assert!(error.violates(Note::TITLE));
    still_works(&db);
}

#[test]
fn a_closure_may_commit_by_itself() {
    let db = two_notes();
    db.engine()
        .transaction(|s| {
            write(s)?;
            s.commit()?;
            Ok(())
        })
        .unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 5\n2 | rent | pay | 0\n");
}
