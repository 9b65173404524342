//! Handles that can't be used: a typed error from every verb, a panic from the index.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, Page, desk, two_notes};
use sessile_tests::panic_of;

#[track_caller]
fn assert_all(errors: Vec<Error>, message: &str) {
    for (position, error) in errors.into_iter().enumerate() {
        assert_eq!(error.to_string(), message, "error {position}: {error:?}");
        assert!(matches!(
            error.kind(),
            ErrorKind::Handle { model: "Note", .. }
        ));
    }
}

/// What every verb that takes a handle says of one.
fn told(s: &mut Session, handle: Handle<Note>) -> Vec<Error> {
    let by_handle = select::<Page>().filter(Page::NOTE.is(handle));
    vec![
        s.key(handle).unwrap_err(),
        s.changes(handle).unwrap_err(),
        s.edit(handle, |_, _| ()).unwrap_err(),
        s.delete(handle).unwrap_err(),
        s.detach(handle).unwrap_err(),
        s.loaded(handle, Note::PAGES).unwrap_err(),
        s.related(handle, Note::PAGES).unwrap_err(),
        s.related(handle, Note::FOLDER).unwrap_err(),
        s.refresh(handle).unwrap_err(),
        s.get::<Note>(handle).unwrap_err(),
        s.get_many::<Note, _>([handle]).unwrap_err(),
        s.get_each::<Note>([handle]).unwrap_err(),
        s.get_for_update::<Note>(handle).unwrap_err(),
        s.all(by_handle).unwrap_err(),
    ]
}

#[test]
fn every_verb_refuses_a_handle_of_another_session() {
    let db = two_notes();
    let mut other = db.session();
    let foreign = other.get::<Note>(1).unwrap().unwrap();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    db.forget();
    assert_all(told(&mut s, foreign), "foreign handle of Note");
    db.assert_statements(expect![""]);
    assert_eq!(s.state(foreign), State::Gone);
    let message = panic_of(|| s[foreign].stars);
    assert_eq!(message, "Handle<Note>(0) belongs to another session");
    assert_eq!(s[milk].title, "milk", "nothing is lost");
    s.commit().unwrap();
}

#[test]
fn every_verb_refuses_a_handle_whose_object_has_left() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.detach(milk).unwrap();
    db.forget();
    assert_all(told(&mut s, milk), "gone handle of Note");
    let message = panic_of(|| s[milk].stars);
    assert_eq!(
        message,
        "Handle<Note>(0) names an object that has left the session"
    );
    db.assert_statements(expect![""]);
    s.commit().unwrap();
}

#[test]
fn every_verb_but_detach_refuses_an_object_whose_insertion_was_rolled_back() {
    let db = desk();
    let mut s = db.session();
    let milk = s.insert(Note::of("milk", "")).unwrap();
    s.rollback().unwrap();
    let mut errors = told_but_detach(&mut s, milk);
    assert_eq!(s.peek(milk), None);
    assert_eq!(s.detach(milk).unwrap().title, "milk");
    errors.extend(told(&mut s, milk));
    assert_all(errors, "gone handle of Note");
}

fn told_but_detach(s: &mut Session, handle: Handle<Note>) -> Vec<Error> {
    vec![
        s.key(handle).unwrap_err(),
        s.changes(handle).unwrap_err(),
        s.edit(handle, |_, _| ()).unwrap_err(),
        s.delete(handle).unwrap_err(),
        s.loaded(handle, Note::PAGES).unwrap_err(),
        s.related(handle, Note::PAGES).unwrap_err(),
        s.refresh(handle).unwrap_err(),
        s.get::<Note>(handle).unwrap_err(),
    ]
}

#[test]
fn a_slot_that_is_used_again_does_not_serve_old_handles() {
    let db = desk();
    let mut s = db.session();
    let old = s.add(Note::of("milk", ""));
    s.delete(old).unwrap();
    let new = s.add(Note::of("rent", ""));
    assert_ne!(old, new);
    assert_eq!(s.peek(old), None);
    assert_eq!(s[new].title, "rent");
}

/// RL-4
#[test]
fn a_reference_to_an_object_that_has_left_is_refused_before_sql() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let foreign = db.session().add(Note::of("tax", ""));
    s.add(Page::of(foreign, ""));
    db.forget();
    let error = s.flush().unwrap_err();
    assert_eq!(
        error.to_string(),
        "following Page.note: foreign handle of Note"
    );
    s.rollback().unwrap();

    s.add(Page::of(milk, ""));
    s.detach(milk).unwrap();
    let error = s.flush().unwrap_err();
    assert_eq!(
        error.to_string(),
        "following Page.note: gone handle of Note"
    );
    s.rollback().unwrap();
    db.assert_statements(expect![[""]]);
}

/// RL-4
#[test]
fn an_unset_reference_is_refused_before_sql() {
    let db = desk();
    let mut s = db.session();
    s.add(Page::default());
    let error = s.flush().unwrap_err();
    assert_eq!(
        error.to_string(),
        "writing an unset reference: Page.note needs a value"
    );
    assert!(error.violates(Page::NOTE));
    assert!(matches!(error.kind(), ErrorKind::NotNullViolation { .. }));
    db.assert_statements(expect![""]);
}

#[test]
fn the_key_of_an_object_that_has_none_yet_is_not_found() {
    let db = desk();
    let mut s = db.session();
    let note = s.add(Note::of("milk", ""));
    let error = s.no_autoflush().get::<Note>(note).unwrap_err();
    assert_eq!(error.to_string(), "Note not inserted yet not found");
    let unset = Fk::<Folder>::default();
    let error = s.get::<Folder>(&unset).unwrap_err();
    assert_eq!(error.to_string(), "Folder of an unset reference not found");
    db.assert_statements(expect![""]);
}
