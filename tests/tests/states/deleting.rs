//! `delete`: what it does at once, and what the flush makes of it.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, Page, desk, notes, two_notes};
use sessile_tests::panic_of;

/// ST-3
#[test]
fn a_pending_object_that_is_deleted_just_leaves() {
    let db = desk();
    let mut s = db.session();
    let note = s.add(Note::of("milk", "buy"));
    s.delete(note).unwrap();
    assert_eq!(s.state(note), State::Gone);
    let error = s.delete(note).unwrap_err();
    assert_eq!(error.to_string(), "gone handle of Note");
    s.commit().unwrap();
    db.assert_statements(expect![""]);
}

/// ST-3
#[test]
fn deleting_twice_is_deleting_once() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    db.forget();
    s.delete(milk).unwrap();
    s.delete(milk).unwrap();
    s.flush().unwrap();
    s.delete(milk).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE note ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "2 | rent | pay | 0\n");
}

/// ST-3
#[test]
fn an_object_marked_deleted_is_read_but_not_written() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.delete(milk).unwrap();
    assert_eq!(s[milk].title, "milk");
    assert_eq!(s.peek_mut(milk), None);
    let message = panic_of(|| s[milk].stars = 1);
    assert_eq!(message, "Handle<Note>(0) names an object that is deleted");
}

/// ST-3
#[test]
fn get_finds_an_object_until_its_deletion_is_flushed() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.delete(milk).unwrap();
    db.forget();
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
    db.assert_statements(expect![""]);
    s.flush().unwrap();
    assert_eq!(s.get::<Note>(1).unwrap(), None);
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE note ×1 WHERE id
        SELECT note ×1 WHERE id
    "#]]);
    assert_eq!(s.peek(milk), None);
    let message = panic_of(|| s[milk].stars);
    assert_eq!(message, "Handle<Note>(0) names an object that is deleted");
}

#[test]
fn changes_of_an_object_that_is_deleted_are_not_written() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    s.delete(milk).unwrap();
    db.forget();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE note ×1 WHERE id
    "#]]);
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
    assert_eq!(s.state(milk), State::Persistent);
}

/// RL-2
#[test]
fn what_the_database_deletes_along_is_deleted_in_memory_and_comes_back() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let page = s.insert(Page::of(milk, "two litres")).unwrap();
    s.commit().unwrap();
    s.delete(milk).unwrap();
    db.forget();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE note ×1 WHERE id
    "#]]);
    assert_eq!(
        (s.state(milk), s.state(page)),
        (State::Deleted, State::Deleted)
    );
    s.rollback().unwrap();
    assert_eq!(
        (s.state(milk), s.state(page)),
        (State::Persistent, State::Persistent)
    );
    assert!(s.refers_to(&s[page].note, milk));
}

/// PK-2
#[test]
fn an_object_that_replaced_another_has_its_key_after_the_commit() {
    let db = desk();
    let mut s = db.session();
    let old = s.insert(Folder::of("home", "old")).unwrap();
    s.commit().unwrap();
    s.delete(old).unwrap();
    let new = s.add(Folder::of("home", "new"));
    s.commit().unwrap();
    assert_eq!(
        (s.state(old), s.state(new)),
        (State::Gone, State::Persistent)
    );
    assert_eq!(s.get::<Folder>("home").unwrap(), Some(new));
    assert_eq!(s[new].label, "new");
    assert_eq!(db.rows("SELECT name, label FROM folder"), "home | new\n");
}

/// FL-8
#[test]
fn deleting_what_somebody_else_has_deleted_is_stale() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    db.look().run("DELETE FROM note WHERE id = 1");
    s.delete(milk).unwrap();
    s.delete(rent).unwrap();
    let error = s.flush().unwrap_err();
    let keys = vec!["1".to_owned()];
    assert_eq!(
        error.kind(),
        &ErrorKind::Stale {
            model: "Note",
            keys
        }
    );
    s.rollback().unwrap();
    assert_eq!(s.get::<Note>(1).unwrap(), None);
    assert_eq!(s.get::<Note>(2).unwrap(), Some(rent));
    assert_eq!(
        (s.state(milk), s.state(rent)),
        (State::Gone, State::Persistent)
    );
}
