//! Objects that a transaction left behind: readable, read again by the next, and never a way to
//! lose somebody else's update.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};
use sessile_tests::desk::{Folder, Note, notes, two_notes};

/// A session that has read note 1 in a transaction that is over.
fn left_behind(db: &TestDb) -> (Session, Handle<Note>) {
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.commit().unwrap();
    db.forget();
    (s, milk)
}

/// ST-5, S87
#[test]
fn after_commit_objects_stay_readable_and_the_next_get_reads_them_again() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look()
        .run("UPDATE note SET body = 'sell', stars = 2 WHERE id = 1");
    assert_eq!((s[milk].body.as_str(), s[milk].stars), ("buy", 0));
    db.assert_statements(expect![""]);
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
    assert_eq!((s[milk].body.as_str(), s[milk].stars), ("sell", 2));
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
    "#]]);
}

/// ST-5
#[test]
fn a_query_reads_expired_objects_again_in_place() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("UPDATE note SET body = 'sell'");
    let all = s.all(select::<Note>().order_by(Note::ID)).unwrap();
    assert_eq!(all[0], milk);
    assert_eq!(s[milk].body, "sell");
}

/// IM-2
#[test]
fn a_row_that_is_read_again_in_its_transaction_keeps_its_value() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    db.look().run("UPDATE note SET body = 'sell'");
    s.all(select::<Note>()).unwrap();
    assert_eq!(s[milk].body, "buy");
    s.refresh(milk).unwrap();
    assert_eq!(s[milk].body, "sell");
}

/// S89
#[test]
fn an_expired_object_whose_row_is_gone_leaves() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("DELETE FROM note WHERE id = 1");
    assert_eq!(s[milk].title, "milk");
    assert_eq!(s.get::<Note>(1).unwrap(), None);
    assert_eq!(s.state(milk), State::Gone);
}

/// S89
#[test]
fn a_rollback_brings_back_an_object_whose_row_was_not_found() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("DELETE FROM note WHERE id = 1");
    assert_eq!(s.get::<Note>(1).unwrap(), None);
    assert_eq!((s.state(milk), s.peek(milk)), (State::Gone, None));
    assert!(s.delete(milk).is_err());
    assert!(s.key(milk).is_err());
    s.rollback().unwrap();
    assert_eq!(s.state(milk), State::Persistent);
    assert_eq!(
        (s[milk].title.as_str(), s.local::<Note>(&1)),
        ("milk", Some(milk))
    );
    db.forget();
    assert_eq!(s.get::<Note>(1).unwrap(), None, "it is expired");
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
    "#]]);
    s.commit().unwrap();
    assert_eq!(s.state(milk), State::Gone, "a commit does not");
    s.rollback().unwrap();
    assert_eq!(s.state(milk), State::Gone);
}

/// S89, TX-2: the row may be there again, with the value that was flushed before.
#[test]
fn a_row_that_raw_sql_deleted_is_back_with_the_savepoint_and_so_is_its_object() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    let outcome = s.savepoint(|s| {
        s.execute("DELETE FROM note WHERE id = 1", ())?;
        assert!(s.refresh(milk).is_err());
        assert_eq!(s.state(milk), State::Gone);
        Err::<(), _>(Error::other("no"))
    });
    outcome.unwrap_err();
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
    assert_eq!(s[milk].stars, 5);
    s[milk].stars += 1;
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0, "what the transaction began with");
    s[milk].stars = 7;
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 7\n2 | rent | pay | 0\n");
}

/// S89, IM-1: there is one object for a row, and the later one knows more.
#[test]
fn an_object_does_not_come_back_when_another_has_its_row() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    let mut look = db.look();
    look.run("DELETE FROM note WHERE id = 1");
    assert_eq!(s.get::<Note>(1).unwrap(), None);
    look.run("INSERT INTO note (id, title, body, stars) VALUES (1, 'more milk', '', 0)");
    let more = s.get::<Note>(1).unwrap().unwrap();
    assert_ne!(more, milk);
    s.rollback().unwrap();
    assert_eq!(s.state(milk), State::Gone);
    assert_eq!(s.get::<Note>(1).unwrap(), Some(more));
    assert_eq!(s[more].title, "more milk");
}

/// S89: what is added under its key is thrown out, and the object is back.
#[test]
fn an_object_comes_back_when_its_successor_is_rolled_back() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("DELETE FROM note WHERE id = 1");
    assert_eq!(s.get::<Note>(1).unwrap(), None);
    let new = s.add(Note {
        id: 1,
        ..Note::of("new", "")
    });
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(
        (s.state(new), s.state(milk)),
        (State::Gone, State::Persistent)
    );
    assert_eq!(s.local::<Note>(&1), Some(milk));
}

/// S89
#[test]
fn refreshing_an_object_whose_row_is_gone_is_not_found() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("DELETE FROM note WHERE id = 1");
    let error = s.refresh(milk).unwrap_err();
    assert_eq!(error.to_string(), "Note 1 not found");
    assert_eq!(s.state(milk), State::Gone);
}

/// S89: also with changes that nobody flushed.
#[test]
fn refreshing_a_changed_object_whose_row_is_gone_is_not_found() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("DELETE FROM note WHERE id = 1");
    s[milk].stars = 5;
    let error = s.no_autoflush().refresh(milk).unwrap_err();
    assert_eq!(error.to_string(), "Note 1 not found");
}

/// S90
#[test]
fn refresh_flushes_first() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    s[milk].stars = 5;
    s.refresh(milk).unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id, stars
        SELECT note ×1 WHERE id
    "#]]);
    assert_eq!(s[milk].stars, 5);
}

/// ST-6
#[test]
fn a_change_of_an_expired_object_compares_the_old_value() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    s[milk].stars = 5;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id, stars
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 5\n2 | rent | pay | 0\n");
}

/// ST-6
#[test]
fn a_column_that_somebody_changed_meanwhile_is_not_overwritten() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("UPDATE note SET stars = 2 WHERE id = 1");
    s[milk].stars = 5;
    let error = s.flush().unwrap_err();
    assert_eq!(
        error.kind(),
        &ErrorKind::Stale {
            model: "Note",
            keys: vec!["1".to_owned()]
        }
    );
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
    s[milk].stars += 5;
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 7\n2 | rent | pay | 0\n");
}

/// ST-6
#[test]
fn another_column_that_somebody_changed_meanwhile_is_left_alone() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("UPDATE note SET body = 'sell' WHERE id = 1");
    s[milk].stars = 5;
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | sell | 5\n2 | rent | pay | 0\n");
}

/// ST-6: the first flush compared `stars` alone, so `body` is as old as it was.
#[test]
fn a_second_change_of_an_expired_object_compares_too() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("UPDATE note SET body = 'sell' WHERE id = 1");
    s[milk].stars = 5;
    s.flush().unwrap();
    s[milk].body.push_str(" more");
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }), "{error:?}");
}

/// ST-6
#[test]
fn get_reads_an_expired_object_that_was_written_again() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("UPDATE note SET body = 'sell' WHERE id = 1");
    s[milk].stars = 5;
    s.flush().unwrap();
    s.get::<Note>(1).unwrap();
    assert_eq!((s[milk].body.as_str(), s[milk].stars), ("sell", 5));
    s[milk].body.push_str(" more");
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | sell more | 5\n2 | rent | pay | 0\n");
}

/// ST-6: NULL is a value like any other.
#[test]
fn an_old_value_that_was_null_is_compared() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    let home = s.insert(Folder::of("home", "")).unwrap();
    s.insert(Folder::of("work", "")).unwrap();
    s.commit().unwrap();
    s[milk].folder = home.into();
    s.flush().unwrap();
    s.rollback().unwrap();
    db.look()
        .run("UPDATE note SET folder_name = 'work' WHERE id = 1");
    s[milk].folder = home.into();
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }), "{error:?}");
}

/// ST-6: a loaded child that lost its parent is as old as it was otherwise.
#[test]
fn a_reference_that_the_database_cleared_does_not_make_an_object_current() {
    let db = two_notes();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "")).unwrap();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].folder = home.into();
    s.commit().unwrap();
    db.look().run("UPDATE note SET stars = 2 WHERE id = 1");
    s.delete(home).unwrap();
    s.flush().unwrap();
    assert_eq!(s[milk].folder, None);
    s[milk].stars += 1;
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }), "{error:?}");
}

/// ST-6: the database has cleared the reference when the UPDATE comes.
#[test]
fn a_cleared_reference_is_no_change_of_somebody_else() {
    let db = two_notes();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "")).unwrap();
    let work = s.insert(Folder::of("work", "")).unwrap();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].folder = home.into();
    s.commit().unwrap();
    s.delete(home).unwrap();
    s.flush().unwrap();
    s[milk].folder = work.into();
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT folder_name FROM note WHERE id = 1"),
        "work\n"
    );
}

/// ST-6, S88
#[test]
fn a_read_keeps_unflushed_changes_and_takes_the_rest() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look()
        .run("UPDATE note SET body = 'sell', stars = 2 WHERE id = 1");
    s[milk].stars = 5;
    let mut quiet = s.no_autoflush();
    quiet.get::<Note>(1).unwrap();
    assert_eq!((quiet[milk].body.as_str(), quiet[milk].stars), ("sell", 5));
    drop(quiet);
    assert_eq!(s.changes(milk).unwrap(), ["stars"]);
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | sell | 5\n2 | rent | pay | 0\n");
}

/// ST-6: with a version the row is known as a whole.
#[test]
fn an_expired_object_with_a_version_is_stale_by_its_version() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    let ann = s.insert(Account::of("ann", 100)).unwrap();
    s.commit().unwrap();
    db.forget();
    s[ann].balance = 90;
    s.flush().unwrap();
    s[ann].owner = "anna".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE account SET balance, version ×1 WHERE id, version
        UPDATE account SET owner, version ×1 WHERE id, version
        COMMIT
    "#]]);
    db.look()
        .run("UPDATE account SET owner = 'anne', version = version + 1");
    s[ann].balance = 80;
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }), "{error:?}");
}

/// S16: set to the value that it has in memory, the row is not written, whatever it has become.
#[test]
fn an_expired_object_that_is_set_to_the_value_it_has_is_not_written() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("UPDATE note SET stars = 2 WHERE id = 1");
    s[milk].stars = 0;
    s.commit().unwrap();
    db.assert_statements(expect![""]);
    assert_eq!(notes(&db), "1 | milk | buy | 2\n2 | rent | pay | 0\n");
}

/// ST-5: collections expire with their parents.
#[test]
fn a_loaded_collection_is_read_again_in_the_next_transaction() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    assert!(s.related(milk, Note::PAGES).unwrap().is_empty());
    s.commit().unwrap();
    db.look()
        .run("INSERT INTO page (note_id, text) VALUES (1, 'one')");
    assert!(s.loaded(milk, Note::PAGES).is_err());
    assert_eq!(s.related(milk, Note::PAGES).unwrap().len(), 1);
}

/// ST-6, CT-4: what the database computed is fresh, the rest is as old as it was.
#[test]
fn a_computed_field_does_not_make_an_expired_object_current() {
    let db = two_notes();
    let (mut s, milk) = left_behind(&db);
    db.look().run("UPDATE note SET body = 'sell' WHERE id = 1");
    s.set_expr(milk, Note::STARS, Note::STARS + 1).unwrap();
    s.flush().unwrap();
    s[milk].stars += 1;
    s.flush().unwrap();
    s[milk].body = "mine".to_owned();
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }));
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars = stars + $1 ×1 WHERE id RETURNING stars
        UPDATE note SET stars ×1 WHERE id, stars
        UPDATE note SET body ×1 WHERE id, body
        ROLLBACK
    "#]]);
}
