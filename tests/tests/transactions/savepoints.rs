//! Savepoints: what they keep, what they take back, and what they cost (TX-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, Page, desk, notes, two_notes};
use sessile_tests::panic_of;

use super::open_transactions;

fn no() -> Error {
    Error::other("no")
}

fn out_of_ink() -> Result<()> {
    panic!("out of ink")
}

/// TX-2
#[test]
fn a_savepoint_that_returns_ok_is_kept() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    db.forget();
    let tax = s
        .savepoint(|s| {
            s[milk].stars = 2;
            Ok::<_, Error>(s.add(Note::of("tax", "")))
        })
        .unwrap();
    s[tax].stars = 3;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        RELEASE SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        notes(&db),
        "1 | milk | buy | 2\n2 | rent | pay | 0\n3 | tax |  | 3\n"
    );
}

/// TX-2, S75
#[test]
fn a_savepoint_that_returns_an_error_is_taken_back() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    s[milk].stars = 1;
    let mut inside = None;
    let result = s.savepoint(|s| {
        s[milk].stars = 2;
        s.delete(rent)?;
        inside = Some(s.insert(Note::of("tax", ""))?);
        Err::<(), _>(no())
    });
    assert_eq!(result.unwrap_err().kind(), &ErrorKind::Other);
    assert_eq!((s[milk].stars, s.state(rent)), (1, State::Persistent));
    assert_eq!(s.state(inside.unwrap()), State::Gone);
    assert_eq!(s.get::<Note>(2).unwrap(), Some(rent));
    s[rent].stars = 7;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT note ×2 WHERE id
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        DELETE note ×1 WHERE id
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 1\n2 | rent | pay | 7\n");
}

/// TX-2
#[test]
fn a_savepoint_that_panics_is_taken_back() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let message = panic_of(|| {
        s.savepoint(|s| {
            s[milk].stars = 2;
            s.flush()?;
            out_of_ink()
        })
    });
    assert_eq!(message, "out of ink");
    assert_eq!(s[milk].stars, 0);
    s[milk].body = "sell".to_owned();
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | sell | 0\n2 | rent | pay | 0\n");
}

/// TX-2, S76
#[test]
fn a_guard_that_is_dropped_is_taken_back_and_one_that_is_released_is_kept() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    let mut nested = s.begin_nested().unwrap();
    nested[milk].stars = 2;
    nested.flush().unwrap();
    drop(nested);
    let mut nested = s.begin_nested().unwrap();
    nested[rent].stars = 3;
    nested.release().unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN; SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        SAVEPOINT sp2
        UPDATE note SET stars ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 3\n");
}

/// TX-2
#[test]
fn a_savepoint_in_which_nothing_is_sent_costs_nothing() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    s.flush().unwrap();
    db.forget();
    s.savepoint(|_| Ok::<(), Error>(())).unwrap();
    let changed = s.savepoint(|s| {
        s[milk].stars = 2;
        s.add(Note::of("tax", ""));
        Err::<(), _>(no())
    });
    assert!(changed.is_err());
    assert_eq!(s[milk].stars, 1);
    drop(s.begin_nested().unwrap());
    db.assert_statements(expect![""]);
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 1\n2 | rent | pay | 0\n");
}

/// TX-1, TX-2
#[test]
fn a_savepoint_may_be_opened_before_anything_was_sent() {
    let db = two_notes();
    let mut s = db.session();
    s.savepoint(|s| s.insert(Note::of("tax", ""))).unwrap();
    let gas = s.savepoint(|s| {
        s.insert(Note::of("gas", ""))?;
        Err::<(), _>(no())
    });
    assert!(gas.is_err());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN; SAVEPOINT sp1
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        RELEASE SAVEPOINT sp1; SAVEPOINT sp2
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        ROLLBACK TO SAVEPOINT sp2; RELEASE SAVEPOINT sp2
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT title FROM note ORDER BY id"),
        "milk\nrent\ntax\n"
    );
}

/// TX-2
#[test]
fn a_key_that_was_changed_inside_is_changed_back() {
    let db = desk();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "")).unwrap();
    let result = s.savepoint(|s| {
        s[home].name = "house".to_owned();
        s.flush()?;
        assert_eq!(s.key(home)?, "house");
        Err::<(), _>(no())
    });
    assert!(result.is_err());
    assert_eq!(s.key(home).unwrap(), "home");
    assert_eq!(s.get::<Folder>("home").unwrap(), Some(home));
    assert_eq!(s.local::<Folder>(&"house".to_owned()), None);
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT name FROM folder"), "home\n");
}

/// TX-2: what is read inside may be the savepoint's own work.
#[test]
fn what_was_read_inside_is_read_again_after_it_was_taken_back() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.commit().unwrap();
    let mut phantom = None;
    let result = s.savepoint(|s| {
        s.execute("UPDATE note SET stars = 9 WHERE id = 1", ())?;
        s.execute("INSERT INTO note VALUES (8, NULL, 'tax', '', 0)", ())?;
        s.get::<Note>(1)?;
        phantom = s.get::<Note>(8)?;
        assert_eq!(s[milk].stars, 9);
        Err::<(), _>(no())
    });
    assert!(result.is_err() && phantom.is_some());
    assert_eq!(s.get::<Note>(8).unwrap(), None);
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
    assert_eq!(s[milk].stars, 0);
}

/// TX-2, ST-6: an object that was expired before the savepoint is so after it.
#[test]
fn an_expired_object_stays_expired_through_a_savepoint() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.commit().unwrap();
    let result = s.savepoint(|s| {
        s[milk].stars = 9;
        s.flush()?;
        Err::<(), _>(no())
    });
    assert!(result.is_err());
    db.look().run("UPDATE note SET stars = 2 WHERE id = 1");
    assert_eq!(s[milk].stars, 0);
    s[milk].stars = 1;
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }), "{error:?}");
}

/// L-1: ROLLBACK TO gives up the locks that were taken since.
#[test]
fn collections_and_locks_do_not_outlive_the_savepoint() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let result = s.savepoint(|s| {
        s.get_for_update::<Note>(1)?;
        s.insert(Page::of(milk, "one"))?;
        assert_eq!(s.related(milk, Note::PAGES)?.len(), 1);
        Err::<(), _>(no())
    });
    assert!(result.is_err());
    assert_eq!(s.related(milk, Note::PAGES).unwrap(), []);
    db.look()
        .run("SET lock_timeout = 500; UPDATE note SET stars = 2 WHERE id = 1");
    s.get_for_update::<Note>(1).unwrap();
    assert_eq!(s[milk].stars, 2);
}

/// TX-2
#[test]
fn commit_and_rollback_inside_a_savepoint_are_refused() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.savepoint(|s| {
        s[milk].stars = 2;
        let refused = [s.commit().unwrap_err(), s.rollback().unwrap_err()];
        let texts = refused.map(|error| error.to_string());
        assert_eq!(texts[0], "a savepoint is open: end it before you commit");
        assert_eq!(texts[1], "a savepoint is open: end it before you roll back");
        Ok::<(), Error>(())
    })
    .unwrap();
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 2\n2 | rent | pay | 0\n");
}

#[test]
fn a_session_that_is_closed_inside_a_savepoint_is_closed() {
    let db = two_notes();
    let mut s = db.session();
    let result = s.savepoint(|s| {
        s.insert(Note::of("tax", ""))?;
        s.close()
    });
    assert_eq!(result.unwrap_err().kind(), &ErrorKind::SessionClosed);
    assert!(s.is_closed());
    assert_eq!(open_transactions(&db), "0\n");
    assert_eq!(db.rows("SELECT count(*) FROM note"), "2\n");
}
