//! The states of an object, and what the session tells about it without I/O.

use expect_test::expect;
use sessile::State;
use sessile_tests::desk::{Folder, Note, desk, notes, two_notes};

/// ST-1
#[test]
fn an_object_goes_from_pending_to_persistent_to_deleted_to_gone() {
    let db = desk();
    let mut s = db.session();
    let note = s.add(Note::of("milk", "buy"));
    assert_eq!(s.state(note), State::Pending);
    s.flush().unwrap();
    assert_eq!(s.state(note), State::Persistent);
    s.commit().unwrap();
    assert_eq!(s.state(note), State::Persistent);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n");
    s.delete(note).unwrap();
    assert_eq!(s.state(note), State::MarkedDeleted);
    s.flush().unwrap();
    assert_eq!(s.state(note), State::Deleted);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n", "for everybody else");
    s.commit().unwrap();
    assert_eq!(s.state(note), State::Gone);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        COMMIT
        BEGIN
        DELETE note ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "");
}

#[test]
fn adding_costs_nothing_until_the_flush() {
    let db = desk();
    let mut s = db.session();
    let milk = s.add(Note::of("milk", "buy"));
    let more = s.add_all([Note::of("rent", "pay"), Note::of("tax", "evade")]);
    assert_eq!(s[milk].title, "milk");
    assert_eq!(s[more[1]].id, 0);
    db.assert_statements(expect![""]);
    s.flush().unwrap();
    assert_eq!((s[milk].id, s[more[0]].id, s[more[1]].id), (1, 2, 3));
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT note (folder_name, title, body, stars) ×3 RETURNING id
    "#]]);
    assert_eq!(notes(&db), "", "nobody else sees it yet");
    s.commit().unwrap();
    assert_eq!(
        notes(&db),
        "1 | milk | buy | 0\n2 | rent | pay | 0\n3 | tax | evade | 0\n"
    );
}

/// CT-1
#[test]
fn an_object_that_is_set_and_set_back_has_no_changes() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    assert!(!s.has_changes());
    s[milk].stars = 5;
    s[milk].body = "sell".to_owned();
    assert!(s.has_changes());
    assert_eq!(s.changes(milk).unwrap(), ["body", "stars"]);
    s[milk].stars = 0;
    s[milk].body = "buy".to_owned();
    assert!(!s.has_changes());
    assert_eq!(s.changes(milk).unwrap(), [""; 0]);
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![""]);
}

#[test]
fn pending_and_marked_objects_are_changes_without_changed_fields() {
    let db = two_notes();
    let mut s = db.session();
    let tax = s.add(Note::of("tax", ""));
    assert!(s.has_changes());
    assert_eq!(s.changes(tax).unwrap(), [""; 0]);
    s.delete(tax).unwrap();
    assert!(!s.has_changes());
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.delete(milk).unwrap();
    assert!(s.has_changes());
}

#[test]
fn local_finds_what_the_session_has_and_asks_nobody() {
    let db = two_notes();
    let mut s = db.session();
    assert_eq!(s.local::<Note>(&1), None);
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.commit().unwrap();
    db.forget();
    assert_eq!(s.local::<Note>(&1), Some(milk), "expired or not");
    assert_eq!(s.local::<Note>(&2), None);
    assert_eq!(s.local::<Folder>(&"home".to_owned()), None);
    s.delete(milk).unwrap();
    db.assert_statements(expect![""]);
    s.flush().unwrap();
    assert_eq!(s.local::<Note>(&1), None);
}

#[test]
fn peek_is_none_where_the_index_panics() {
    let db = two_notes();
    let mut s = db.session();
    let mut other = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    assert_eq!(s.peek(milk).unwrap().title, "milk");
    assert_eq!(other.peek(milk), None);
    assert_eq!(other.peek_mut(milk), None);
    s.peek_mut(milk).unwrap().stars = 3;
    assert_eq!(s.changes(milk).unwrap(), ["stars"]);
    s.detach(milk).unwrap();
    assert_eq!(s.peek(milk), None);
    assert_eq!(s.peek_mut(milk), None);
    assert_eq!(s.state(milk), State::Gone);
}

/// AF-2
#[test]
fn close_rolls_back_and_ends_every_handle() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    s.flush().unwrap();
    db.forget();
    s.close().unwrap();
    s.close().unwrap();
    assert!(s.is_closed());
    assert_eq!((s.peek(milk), s.state(milk)), (None, State::Gone));
    for error in [
        s.get::<Note>(1).unwrap_err(),
        s.flush().unwrap_err(),
        s.commit().unwrap_err(),
        s.rollback().unwrap_err(),
        s.execute("SELECT 1", ()).unwrap_err(),
        s.plan().unwrap_err(),
        s.begin_nested().map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "the session is closed");
    }
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}
