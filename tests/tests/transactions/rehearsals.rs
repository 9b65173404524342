//! Test transactions: everything happens, and nothing stays (TX-6).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Note, notes, two_notes};
use sessile_tests::{TestDb, panic_of};

use super::open_transactions;

/// TX-6
#[test]
fn a_test_transaction_is_rolled_back_whatever_happens() {
    let db = two_notes();
    let before = notes(&db);
    let seen = db.engine().test_transaction(|s| {
        s.add(Note::of("tax", ""));
        s.commit()?;
        let milk = s.get::<Note>(1)?.expect("the first");
        s[milk].stars = 9;
        s.commit()?;
        s.count(select::<Note>())
    });
    assert_eq!(seen.unwrap(), 3);
    let failed: Result<()> = db.engine().test_transaction(|s| {
        s.insert(Note::of("tax", ""))?;
        Err(Error::other("no"))
    });
    assert_eq!(failed.unwrap_err().kind(), &ErrorKind::Other);
    panic_of(|| {
        db.engine().test_transaction(|s| {
            s.insert(Note::of("tax", ""))?;
            s.commit()?;
            failed_assertion()
        })
    });
    assert_eq!(notes(&db), before);
    assert_eq!(open_transactions(&db), "0\n");
}

fn failed_assertion() -> Result<()> {
    panic!("a failed assertion")
}

/// TX-6, S77
#[test]
fn commit_is_the_release_of_a_savepoint() {
    let db = two_notes();
    let before = notes(&db);
    db.engine()
        .test_transaction(|s| {
            s.insert(Note::of("tax", ""))?;
            s.commit()?;
            s.commit()?;
            assert_eq!(notes(&db), before, "nobody else sees it");
            s.insert(Note::of("pet", ""))?;
            s.commit()?;
            assert_eq!(notes(&db), before);
            Ok::<(), Error>(())
        })
        .unwrap();
    assert_eq!(notes(&db), before);
    assert_eq!(open_transactions(&db), "0\n");
    db.assert_statements(expect![[r#"
        BEGIN; SAVEPOINT sp1
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        COMMIT
        RELEASE SAVEPOINT sp1; SAVEPOINT sp2
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        COMMIT
        ROLLBACK
    "#]]);
}

/// TX-6
#[test]
fn rollback_goes_back_to_the_last_commit() {
    let db = two_notes();
    let run = db.engine().test_transaction(|s| {
        let milk = s.get::<Note>(1)?.expect("the first");
        s[milk].stars = 1;
        s.commit()?;
        s[milk].stars = 2;
        s.insert(Note::of("tax", ""))?;
        s.rollback()?;
        assert_eq!(s[milk].stars, 1);
        assert_eq!(s.count(select::<Note>())?, 2);
        s.rollback()?;
        assert_eq!(s.count(select::<Note>().filter(Note::STARS.eq(1)))?, 1);
        Ok(())
    });
    run.unwrap();
}

/// TX-6, ST-5
#[test]
fn objects_are_expired_after_commit_and_rollback() {
    let db = two_notes();
    let run = db.engine().test_transaction(|s| {
        let milk = s.get::<Note>(1)?.expect("the first");
        s.commit()?;
        for end in [Session::commit, Session::rollback] {
            let before = s.statistics().statements;
            s.get::<Note>(1)?;
            s.get::<Note>(1)?;
            assert_eq!(s.statistics().statements - before, 1, "read again, once");
            end(s)?;
        }
        assert_eq!(s[milk].title, "milk");
        Ok(())
    });
    run.unwrap();
}

/// TX-6, TX-2
#[test]
fn savepoints_work_inside() {
    let db = two_notes();
    let run = db.engine().test_transaction(|s| {
        let milk = s.get::<Note>(1)?.expect("the first");
        s.savepoint(|s| {
            s[milk].stars = 1;
            Ok::<_, Error>(())
        })?;
        s.commit()?;
        let taken_back: Result<()> = s.savepoint(|s| {
            s[milk].stars = 2;
            s.flush()?;
            Err(Error::other("no"))
        });
        assert!(taken_back.is_err());
        s.commit()?;
        assert_eq!(s.count(select::<Note>().filter(Note::STARS.eq(1)))?, 1);
        Ok(())
    });
    run.unwrap();
}

/// TX-6, FL-11
#[test]
fn a_failed_flush_costs_what_was_done_since_the_last_commit() {
    let db = two_notes();
    let run = db.engine().test_transaction(|s| {
        s.insert(Note::of("tax", ""))?;
        s.commit()?;
        s.insert(Note::of("pet", ""))?;
        let error = s.insert(Note::of("milk", "")).unwrap_err();
        assert!(error.violates(Note::TITLE));
        let refused = s.count(select::<Note>()).unwrap_err();
        assert_eq!(refused.kind(), &ErrorKind::TransactionFailed);
        s.rollback()?;
        assert_eq!(s.count(select::<Note>())?, 3);
        s.insert(Note::of("pet", ""))?;
        s.commit()
    });
    run.unwrap();
    assert_eq!(open_transactions(&db), "0\n");
}

/// TX-6, FL-11
#[test]
fn a_failure_in_a_savepoint_costs_the_savepoint() {
    let db = two_notes();
    let run = db.engine().test_transaction(|s| {
        s.insert(Note::of("tax", ""))?;
        let failed = s.savepoint(|s| s.insert(Note::of("milk", "")));
        assert!(failed.unwrap_err().violates(Note::TITLE));
        s.commit()?;
        assert_eq!(s.count(select::<Note>())?, 3);
        Ok(())
    });
    run.unwrap();
}

/// A node that refers to another, which is looked up at COMMIT.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "node")]
struct Node {
    #[model(key)]
    id: i64,
    next: i64,
}

/// TX-3, TX-6
#[test]
fn commit_checks_what_is_deferred_and_goes_on_checking_it() {
    let db = TestDb::with::<Node>(
        "ALTER TABLE node ADD FOREIGN KEY (next) REFERENCES node DEFERRABLE INITIALLY DEFERRED",
    );
    let run = db.engine().test_transaction(|s| {
        s.insert(Node { id: 1, next: 2 })?;
        let refused = s.commit().unwrap_err();
        let is_violation = matches!(refused.kind(), ErrorKind::ForeignKeyViolation { .. });
        assert!(is_violation, "{refused}");
        s.rollback()?;
        assert_eq!(s.count(select::<Node>())?, 0);

        s.insert(Node { id: 1, next: 2 })?;
        s.insert(Node { id: 2, next: 1 })?;
        s.commit()?;
        // Deferred as before: the first statement would be refused otherwise.
        s.insert(Node { id: 3, next: 4 })?;
        s.insert(Node { id: 4, next: 3 })?;
        s.commit()?;
        assert_eq!(s.count(select::<Node>())?, 4);
        Ok(())
    });
    run.unwrap();
}

/// TX-6
#[test]
fn commit_closes_cursors() {
    let db = two_notes();
    let run = db.engine().test_transaction(|s| {
        let mut cursor = s.cursor(select::<Note>(), 1)?;
        cursor.next(s)?;
        s.commit()?;
        let closed = cursor.next(s).unwrap_err();
        assert_eq!(closed.kind(), &ErrorKind::CursorClosed);
        assert_eq!(s.count(select::<Note>())?, 2);
        Ok(())
    });
    run.unwrap();
}

/// TX-6
#[test]
fn a_connection_that_broke_takes_what_was_committed_inside_with_it_and_says_so() {
    let db = two_notes();
    let run = db.engine().test_transaction(|s| {
        s.insert(Note::of("tax", ""))?;
        s.commit()?;
        s.execute("SELECT pg_terminate_backend(pg_backend_pid())", ())
            .unwrap_err();
        s.rollback().unwrap_err();
        let lost = s.count(select::<Note>()).unwrap_err();
        assert_eq!(lost.kind(), &ErrorKind::TransactionFailed);
        Ok(())
    });
    run.unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}
