//! Keys and references, as the session knows them.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, Page, desk, two_notes};

#[test]
fn a_generated_key_is_known_after_the_flush() {
    let db = desk();
    let mut s = db.session();
    let note = s.add(Note::of("milk", "buy"));
    let error = s.key(note).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Note without a key: it is not inserted yet not found"
    );
    s.flush().unwrap();
    assert_eq!(s.key(note).unwrap(), 1);
}

#[test]
fn a_key_that_the_program_gave_is_known_at_once() {
    let db = desk();
    let mut s = db.session();
    let home = s.add(Folder::of("home", ""));
    assert_eq!(s.key(home).unwrap(), "home");
    let note = s.add(Note {
        id: 7,
        ..Note::of("milk", "buy")
    });
    assert_eq!(s.key(note).unwrap(), 7);
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT id FROM note"), "7\n");
}

/// ST-4
#[test]
fn two_objects_with_one_key_are_refused_before_sql() {
    let db = desk();
    let mut s = db.session();
    s.add(Folder::of("home", "a"));
    s.add(Folder::of("home", "b"));
    let error = s.flush().unwrap_err();
    assert_eq!(error.to_string(), "two objects for Folder \"home\"");
    assert!(matches!(
        error.kind(),
        ErrorKind::Identity {
            model: "Folder",
            ..
        }
    ));
    db.assert_statements(expect![""]);
}

/// ST-4
#[test]
fn a_new_object_with_the_key_of_a_loaded_one_is_refused_before_sql() {
    let db = desk();
    let mut s = db.session();
    s.insert(Folder::of("home", "a")).unwrap();
    s.commit().unwrap();
    db.forget();
    s.add(Folder::of("home", "b"));
    let error = s.flush().unwrap_err();
    assert_eq!(error.to_string(), "two objects for Folder \"home\"");
    db.assert_statements(expect![""]);
    s.rollback().unwrap();
    assert_eq!(db.rows("SELECT name, label FROM folder"), "home | a\n");
}

/// IM-2
#[test]
fn the_old_key_finds_an_object_until_the_new_one_is_flushed() {
    let db = desk();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "a")).unwrap();
    s.commit().unwrap();
    assert_eq!(s.get::<Folder>("home").unwrap(), Some(home));
    s[home].name = "house".to_owned();
    db.forget();
    assert_eq!(s.get::<Folder>("home").unwrap(), Some(home));
    db.assert_statements(expect![""]);
    assert_eq!(s.get::<Folder>("house").unwrap(), Some(home));
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE folder SET name ×1 WHERE name
    "#]]);
    assert_eq!(s.key(home).unwrap(), "house");
    assert_eq!(s.get::<Folder>("home").unwrap(), None);
}

#[test]
fn refers_to_sees_through_handles_keys_and_options() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    let home = s.insert(Folder::of("home", "")).unwrap();
    let by_handle = Page::of(milk, "");
    let by_key = Page::of(Fk::to(1), "");
    assert!(s.refers_to(&by_handle.note, milk));
    assert!(s.refers_to(&by_key.note, milk));
    assert!(!s.refers_to(&by_handle.note, rent));
    assert!(!s.refers_to(&by_key.note, rent));
    assert!(!s.refers_to(&Fk::default(), milk));
    assert!(!s.refers_to(&s[milk].folder, home));
    s[milk].folder = home.into();
    assert!(s.refers_to(&s[milk].folder, home));
    s.flush().unwrap();
    assert!(s.refers_to(&s[milk].folder, home));
    assert_eq!(s[milk].folder, Some(Fk::to("home")));
    assert!(!db.session().refers_to(&by_key.note, milk));
}

#[test]
fn refers_to_is_false_for_a_handle_that_cannot_be_used() {
    let db = desk();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "")).unwrap();
    let (by_handle, by_key): (Option<Fk<Folder>>, _) = (home.into(), Some(Fk::to("home")));
    s.rollback().unwrap();
    assert!(!s.refers_to(&by_handle, home));
    assert!(!s.refers_to(&by_key, home));
}

/// CT-1: the handle stands for the key that is there already.
#[test]
fn a_reference_that_is_set_to_its_object_again_costs_nothing() {
    let db = two_notes();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "")).unwrap();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].folder = home.into();
    s.commit().unwrap();
    db.forget();
    s[milk].folder = home.into();
    assert!(!s.has_changes());
    assert_eq!(s.changes(milk).unwrap(), [""; 0]);
    s.commit().unwrap();
    db.assert_statements(expect![""]);
}
