//! Units of work that are run again (TX-4).

use std::sync::Barrier;

use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, BankError, Entry};
use sessile_tests::desk::{Note, notes, two_notes};

fn serializable() -> TransactionOptions {
    TransactionOptions::serializable().attempts(5)
}

/// Gives note 1 another star, after somebody else did so in the first attempts.
fn contested(db: &TestDb, s: &mut Session, attempt: u32, lost: u32) -> Result<()> {
    let milk = s.get::<Note>(1)?.expect("it is there");
    if attempt <= lost {
        db.look()
            .run("UPDATE note SET stars = stars + 1 WHERE id = 1");
    }
    s[milk].stars += 1;
    s.flush()
}

/// TX-4, S97
#[test]
fn a_unit_of_work_that_cannot_be_serialized_runs_again_on_a_fresh_session() {
    let db = two_notes();
    let mut handles = Vec::new();
    let mut attempts = 0;
    db.engine()
        .retrying(serializable(), |s| {
            attempts += 1;
            let tax = s.add(Note::of("tax", ""));
            assert!(handles.iter().all(|old| s.peek(*old).is_none()));
            handles.push(tax);
            contested(&db, s, attempts, 2)
        })
        .unwrap();
    assert_eq!(attempts, 3);
    assert_eq!(
        db.rows("SELECT title, stars FROM note ORDER BY id"),
        "milk | 3\nrent | 0\ntax | 0\n"
    );
}

/// TX-4
#[test]
fn attempts_are_counted() {
    let db = two_notes();
    let mut attempts = 0;
    let error = db
        .engine()
        .retrying(TransactionOptions::serializable().attempts(2), |s| {
            attempts += 1;
            contested(&db, s, attempts, 10)
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Serialization);
    assert_eq!(attempts, 2);
}

/// TX-4
#[test]
fn the_sessions_failure_counts_and_not_the_closures_error() {
    let db = two_notes();
    let engine = db.engine().errors::<BankError>();
    let mut attempts = 0;
    engine
        .retrying(serializable(), |s| {
            attempts += 1;
            contested(&db, s, attempts, 1).map_err(|_| BankError::InsufficientFunds)
        })
        .unwrap();
    assert_eq!(attempts, 2);
}

/// TX-4
#[test]
fn a_failure_that_the_closure_swallowed_counts_too() {
    let db = two_notes();
    let mut attempts = 0;
    db.engine()
        .retrying(serializable(), |s| {
            attempts += 1;
            let _ = contested(&db, s, attempts, 1);
            Ok(())
        })
        .unwrap();
    assert_eq!(attempts, 2);
    assert_eq!(notes(&db), "1 | milk | buy | 2\n2 | rent | pay | 0\n");
}

/// TX-4
#[test]
fn a_failure_inside_a_savepoint_counts_too() {
    let db = two_notes();
    let mut attempts = 0;
    db.engine()
        .retrying(serializable(), |s| {
            attempts += 1;
            s.savepoint(|s| contested(&db, s, attempts, 1))
        })
        .unwrap();
    assert_eq!(attempts, 2);
}

/// TX-4: write skew shows in COMMIT.
#[test]
fn a_commit_that_cannot_be_serialized_runs_again() {
    let db = two_notes();
    let mut attempts = 0;
    db.engine()
        .retrying(serializable(), |s| {
            attempts += 1;
            let all = s.all(select::<Note>().order_by(Note::ID))?;
            let sum: i32 = all.iter().map(|note| s[*note].stars).sum();
            let mut other = db.look();
            if attempts == 1 {
                other.run(
                    "BEGIN ISOLATION LEVEL SERIALIZABLE;
                     UPDATE note SET stars = (SELECT sum(stars) FROM note) + 1 WHERE id = 2",
                );
            }
            s[all[0]].stars = sum + 1;
            s.flush()?;
            if attempts == 1 {
                other.run("COMMIT");
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(attempts, 2);
    assert_eq!(notes(&db), "1 | milk | buy | 2\n2 | rent | pay | 1\n");
}

/// TX-4
#[test]
fn the_victim_of_a_deadlock_runs_again() {
    let db = two_notes();
    let both_hold_one = Barrier::new(2);
    let write = |first: i64, second: i64| {
        let mut attempts = 0;
        db.engine()
            .retrying(TransactionOptions::default().attempts(5), |s| {
                attempts += 1;
                let first = s.get_for_update::<Note>(first)?;
                if attempts == 1 {
                    both_hold_one.wait();
                }
                let second = s.get_for_update::<Note>(second)?;
                s[first].stars += 1;
                s[second].stars += 1;
                Ok(())
            })
            .unwrap();
        attempts
    };
    let attempts = std::thread::scope(|threads| {
        let other = threads.spawn(|| write(2, 1));
        write(1, 2) + other.join().unwrap()
    });
    // The victim may take its row again before the other has, and they meet once more.
    assert!(attempts >= 3, "{attempts} attempts");
    assert_eq!(notes(&db), "1 | milk | buy | 2\n2 | rent | pay | 2\n");
}

/// Adds one to ann's balance, after somebody else did so in the first attempt.
fn stale(db: &TestDb, options: TransactionOptions) -> (u32, Result<()>) {
    let mut attempts = 0;
    let result = db.engine().retrying(options, |s| {
        attempts += 1;
        let ann = s.get::<Account>(1)?.expect("she is there");
        if attempts == 1 {
            db.look()
                .run("UPDATE account SET balance = balance + 1, version = version + 1");
        }
        s[ann].balance += 1;
        Ok(())
    });
    (attempts, result)
}

/// TX-4
#[test]
fn stale_objects_are_a_reason_only_when_asked_for() {
    let db = TestDb::new::<(Account, Entry)>();
    db.engine()
        .transaction(|s| s.insert(Account::of("ann", 0)).map(|_| ()))
        .unwrap();
    let (attempts, result) = stale(&db, TransactionOptions::default());
    assert_eq!(attempts, 1);
    assert!(matches!(
        result.unwrap_err().kind(),
        ErrorKind::Stale {
            model: "Account",
            ..
        }
    ));
    let (attempts, result) = stale(&db, TransactionOptions::default().stale(true));
    result.unwrap();
    assert_eq!(attempts, 2);
    assert_eq!(db.rows("SELECT balance, version FROM account"), "3 | 4\n");
}

/// TX-4: a closure that hands on what a savepoint was taken back for is run again; one that goes
/// on has dealt with it.
#[test]
fn a_stale_savepoint_is_a_reason_when_it_is_handed_on() {
    let db = TestDb::new::<(Account, Entry)>();
    db.engine()
        .transaction(|s| s.insert(Account::of("ann", 0)).map(|_| ()))
        .unwrap();
    let run = |goes_on: bool| {
        let mut attempts = 0;
        let options = TransactionOptions::default().stale(true);
        let result = db.engine().retrying(options, |s| {
            attempts += 1;
            let ann = s.get::<Account>(1)?.expect("she is there");
            if attempts == 1 {
                db.look().run("UPDATE account SET version = version + 1");
            }
            let tried = s.savepoint(|s| -> Result<()> {
                s[ann].balance += 1;
                Ok(())
            });
            if goes_on && tried.is_err() {
                s.count(select::<Account>())?;
                return Err(Error::other("another reason"));
            }
            tried
        });
        (attempts, result.is_ok())
    };
    assert_eq!(run(false), (2, true));
    assert_eq!(run(true), (1, false));
}

/// TX-4
#[test]
fn nothing_else_is_a_reason() {
    let db = two_notes();
    let mut attempts = 0;
    let error = db
        .engine()
        .retrying(serializable().stale(true), |s| {
            attempts += 1;
            s.insert(Note::of("milk", "twice"))
        })
        .unwrap_err();
    assert!(error.violates(Note::TITLE));
    let engine = db.engine().errors::<BankError>();
    engine
        .retrying(serializable(), |_| {
            attempts += 1;
            Err::<(), _>(BankError::InsufficientFunds)
        })
        .unwrap_err();
    assert_eq!(attempts, 2);
}
