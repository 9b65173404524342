//! A session without a database.

use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, Page};

#[test]
fn memory_verbs_work_without_a_database() {
    let mut s = Session::offline();
    let note = s.add(Note::of("milk", "buy"));
    s[note].stars = 5;
    assert_eq!(s.detach(note).unwrap().stars, 5);
    s.commit().unwrap();
    s.rollback().unwrap();
}

#[test]
fn a_preloaded_object_is_found_by_get() {
    let mut s = Session::offline();
    let row = Note {
        id: 7,
        ..Note::of("milk", "buy")
    };
    let note = s.preload(row).unwrap();
    assert_eq!(s.state(note), State::Persistent);
    assert_eq!(s.get::<Note>(7).unwrap(), Some(note));
    assert_eq!(s.get_each::<Note>([7, 7]).unwrap(), [note, note]);
    assert_eq!(s.local::<Note>(&7), Some(note));
}

/// A loaded row would hold the key, so the reference is no change.
#[test]
fn a_reference_of_a_preloaded_object_is_a_key() {
    let mut s = Session::offline();
    let milk = s.preload(Note {
        id: 7,
        ..Note::of("milk", "buy")
    });
    let page = s.preload(Page {
        id: 1,
        ..Page::of(milk.unwrap(), "one")
    });
    let page = page.unwrap();
    assert_eq!(s[page].note.key(), Some(&7));
    s[page].text = "two".to_owned();
    assert_eq!(
        s.plan().unwrap().to_string(),
        "rank 1\n  UPDATE page SET text ×1 WHERE id\n"
    );
}

#[test]
fn a_key_can_be_preloaded_once() {
    let mut s = Session::offline();
    s.preload(Folder::of("home", "")).unwrap();
    let error = s.preload(Folder::of("home", "")).unwrap_err();
    assert_eq!(error.to_string(), "two objects for Folder \"home\"");
}

#[test]
fn a_row_without_its_generated_key_cannot_be_preloaded() {
    let mut s = Session::offline();
    let error = s.preload(Note::of("milk", "")).unwrap_err();
    assert_eq!(error.to_string(), "Note without a key not found");
}

#[test]
fn a_plan_shows_what_a_flush_would_do() {
    let mut s = Session::offline();
    let milk = s
        .preload(Note {
            id: 1,
            ..Note::of("milk", "buy")
        })
        .unwrap();
    s[milk].stars = 5;
    s.add(Page::of(milk, "one"));
    let plan = s.plan().unwrap().to_string();
    assert!(plan.contains("UPDATE note"), "{plan}");
    assert!(plan.contains("INSERT page"), "{plan}");
    assert!(s.has_changes(), "nothing was done");
}

#[test]
fn what_would_talk_to_the_database_is_a_typed_error() {
    let mut s = Session::offline();
    let milk = s
        .preload(Note {
            id: 1,
            ..Note::of("milk", "buy")
        })
        .unwrap();
    for error in [
        s.get::<Note>(2).unwrap_err(),
        s.all(select::<Note>()).unwrap_err(),
        s.get_for_update::<Note>(1).unwrap_err(),
        s.refresh(milk).unwrap_err(),
        s.related(milk, Note::PAGES).unwrap_err(),
        s.execute("SELECT 1", ()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), &ErrorKind::Connection);
        assert_eq!(
            error.to_string(),
            "talking to the database from an offline session: no connection to the server"
        );
    }
    s[milk].stars = 5;
    assert_eq!(s.flush().unwrap_err().kind(), &ErrorKind::Connection);
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
}
