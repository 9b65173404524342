//! What fails inside a savepoint loses the savepoint, and seldom more (FL-11).

use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::desk::{Note, Page, notes, two_notes};

use super::open_transactions;

/// FL-11, S96
#[test]
fn a_failed_flush_loses_only_the_savepoint() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    let error = s
        .savepoint(|s| {
            s[milk].stars = 2;
            s.insert(Note::of("milk", "twice"))
        })
        .unwrap_err();
    assert!(error.violates(Note::TITLE));
    assert_eq!(s[milk].stars, 1);
    s.savepoint(|s| {
        s[milk].stars = 3;
        s.insert(Note::of("tax", ""))
    })
    .unwrap();
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT title, stars FROM note ORDER BY title"),
        "milk | 3\nrent | 0\ntax | 0\n"
    );
}

/// FL-11
#[test]
fn a_failed_flush_at_the_end_of_a_savepoint_loses_only_the_savepoint() {
    let db = two_notes();
    let mut s = db.session();
    let mut nested = s.begin_nested().unwrap();
    let twin = nested.add(Note::of("milk", "twice"));
    let error = nested.release().unwrap_err();
    assert!(error.violates(Note::TITLE));
    assert_eq!(s.state(twin), State::Gone);
    assert_eq!(s.detach(twin).unwrap(), Note::of("milk", "twice"));
    assert_eq!(s.count(select::<Note>()).unwrap(), 2);
    s.commit().unwrap();
}

/// FL-11
#[test]
fn a_savepoint_that_swallows_a_failed_flush_is_taken_back_all_the_same() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    let error = s
        .savepoint(|s| {
            s[milk].stars = 2;
            s.add(Note::of("milk", "twice"));
            assert!(s.flush().is_err());
            let refused = s.get::<Note>(2).unwrap_err();
            assert_eq!(refused.kind(), &ErrorKind::TransactionFailed);
            Ok::<(), Error>(())
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    assert!(error.violates(Note::TITLE));
    assert_eq!(s[milk].stars, 1);
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 1\n2 | rent | pay | 0\n");
}

/// FL-11
#[test]
fn a_statement_that_fails_inside_is_healed_with_the_savepoint() {
    let db = two_notes();
    let mut s = db.session();
    s.insert(Note::of("tax", "")).unwrap();
    let mut outer = s.begin_nested().unwrap();
    let mut inner = outer.begin_nested().unwrap();
    inner.execute("SELECT 1 / 0", ()).unwrap_err();
    assert!(inner.count(select::<Note>()).is_err());
    drop(inner);
    assert_eq!(outer.count(select::<Note>()).unwrap(), 3);
    outer.release().unwrap();
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM note"), "3\n");
}

/// FL-11: nothing has been sent when the first statement inside fails.
#[test]
fn a_first_statement_that_fails_inside_a_savepoint_is_healed() {
    let db = two_notes();
    let mut s = db.session();
    let result = s.savepoint(|s| s.insert(Note::of("milk", "twice")));
    assert!(result.unwrap_err().violates(Note::TITLE));
    s.insert(Note::of("tax", "")).unwrap();
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM note"), "3\n");
}

/// FL-11
#[test]
fn a_savepoint_cannot_be_opened_on_changes_that_cannot_be_flushed() {
    let db = two_notes();
    let mut s = db.session();
    s.add(Note::of("milk", "twice"));
    let mut ran = false;
    let error = s
        .savepoint(|_| {
            ran = true;
            Ok::<(), Error>(())
        })
        .unwrap_err();
    assert!(error.violates(Note::TITLE) && !ran);
    assert_eq!(s.flush().unwrap_err().kind(), &ErrorKind::TransactionFailed);
    s.rollback().unwrap();
    assert_eq!(s.count(select::<Note>()).unwrap(), 2);
}

/// A session in a serializable transaction whose next write of note 1 can't be serialized.
fn overtaken(db: &TestDb) -> (Session, Handle<Note>) {
    let mut s = db.engine().session_with(TransactionOptions::serializable());
    let milk = s.get::<Note>(1).unwrap().unwrap();
    db.look().run("UPDATE note SET stars = 7 WHERE id = 1");
    (s, milk)
}

/// FL-11
#[test]
fn a_serialization_failure_inside_a_savepoint_poisons_the_whole() {
    let db = two_notes();
    let (mut s, milk) = overtaken(&db);
    s.insert(Note::of("tax", "")).unwrap();
    let error = s
        .savepoint(|s| {
            s.savepoint(|s| {
                s[milk].stars = 1;
                s.flush()
            })
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Serialization);
    assert_eq!(open_transactions(&db), "0\n");
    for error in [
        s.get::<Note>(2).unwrap_err(),
        s.savepoint(|_| Ok::<(), Error>(())).unwrap_err(),
        s.commit().unwrap_err(),
    ] {
        assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
        assert!(error.is_retryable());
    }
    s.rollback().unwrap();
    s[milk].stars = 8;
    assert!(
        s.flush().is_err(),
        "it is expired, and somebody else changed it"
    );
    s.rollback().unwrap();
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
    assert_eq!(s[milk].stars, 7);
}

/// FL-11
#[test]
fn a_closure_that_swallows_a_serialization_failure_is_told_so_by_all_savepoints() {
    let db = two_notes();
    let (mut s, milk) = overtaken(&db);
    let mut outer = s.begin_nested().unwrap();
    let error = outer
        .savepoint(|s| {
            s[milk].stars = 1;
            assert!(s.flush().is_err());
            Ok::<(), Error>(())
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    let error = outer.release().unwrap_err();
    assert_eq!(error.cause().unwrap().kind(), &ErrorKind::Serialization);
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
}

/// FL-11, TX-3: a failure that ends the connection ends all savepoints.
#[test]
fn a_connection_that_breaks_inside_a_savepoint_poisons_the_whole() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    let error = s
        .savepoint(|s| {
            s[milk].stars = 2;
            s.flush()?;
            db.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            );
            s.execute("SELECT 1", ())
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Connection);
    assert_eq!(s[milk].stars, 1);
    let error = s.commit().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
    s.savepoint(|s| s.insert(Note::of("tax", ""))).unwrap();
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*), max(stars) FROM note"), "3 | 0\n");
}

/// FL-11
#[test]
fn a_flush_that_fails_before_sql_loses_only_the_savepoint() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    let error = s
        .savepoint(|s| {
            s[milk].stars = 2;
            s.add(Page::default());
            s.flush()
        })
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotNullViolation { .. }));
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 1\n2 | rent | pay | 0\n");
}
