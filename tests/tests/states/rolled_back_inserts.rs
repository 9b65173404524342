//! The value of an insert that was rolled back: to be had by `detach` for a while, without what
//! the database made for it.

use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};
use sessile_tests::desk::{Folder, Note, Page, desk, notes};

/// ST-2
#[test]
fn a_rolled_back_insert_is_detached_without_generated_key_and_version() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    let ann = s.insert(Account::of("ann", 100)).unwrap();
    s[ann].balance = 90;
    s.flush().unwrap();
    assert_eq!((s[ann].id, s[ann].version), (1, 2));
    s.rollback().unwrap();
    assert_eq!(s.detach(ann).unwrap(), Account::of("ann", 90));
}

/// ST-2
#[test]
fn a_key_that_the_program_gave_is_kept() {
    let db = desk();
    let mut s = db.session();
    let row = Note {
        id: 7,
        ..Note::of("milk", "")
    };
    let note = s.insert(row.clone()).unwrap();
    s.rollback().unwrap();
    assert_eq!(s.detach(note).unwrap(), row);
}

/// ST-2
#[test]
fn a_rolled_back_insert_can_be_detached_until_the_next_flush_or_commit() {
    let db = desk();
    let mut s = db.session();
    let note = s.insert(Note::of("milk", "")).unwrap();
    s.rollback().unwrap();
    s.insert(Note::of("rent", "")).unwrap();
    assert!(s.detach(note).is_err(), "a flush came between");
    s.rollback().unwrap();

    let note = s.add(Note::of("milk", ""));
    s.rollback().unwrap();
    s.commit().unwrap();
    assert!(s.detach(note).is_err(), "a commit came between");
}

/// ST-2
#[test]
fn a_rolled_back_insert_can_be_added_again() {
    let db = desk();
    let mut s = db.session();
    let note = s.insert(Note::of("milk", "buy")).unwrap();
    s.rollback().unwrap();
    let row = s.detach(note).unwrap();
    s.add(row);
    s.commit().unwrap();
    assert_eq!(notes(&db), "2 | milk | buy | 0\n");
}

/// ST-2
#[test]
fn the_key_of_a_parent_that_was_rolled_back_is_not_kept() {
    let db = desk();
    let mut s = db.session();
    let note = s.add(Note::of("milk", ""));
    let page = s.add(Page::of(note, "one"));
    s.flush().unwrap();
    assert_eq!(s[page].note, Fk::to(1));
    s.rollback().unwrap();
    let page = s.detach(page).unwrap();
    assert_eq!((page.id, page.note.key()), (0, None));
    assert_eq!(page.note, note.into());
}

/// ST-2
#[test]
fn nor_is_it_when_the_reference_was_set_after_the_insert() {
    let db = desk();
    let mut s = db.session();
    let first = s.add(Note::of("milk", ""));
    let page = s.add(Page::of(first, "one"));
    s.flush().unwrap();
    let second = s.add(Note::of("rent", ""));
    s[page].note = second.into();
    s.flush().unwrap();
    assert_eq!(s[page].note, Fk::to(2));
    s.rollback().unwrap();
    let page = s.detach(page).unwrap();
    assert_eq!(page.note, second.into());
}

/// ST-2
#[test]
fn a_key_that_the_program_put_into_a_reference_stays_there() {
    let db = desk();
    let mut s = db.session();
    let old = s.insert(Note::of("milk", "")).unwrap();
    s.commit().unwrap();
    let new = s.add(Note::of("rent", ""));
    let page = s.add(Page::of(new, "one"));
    s.flush().unwrap();
    s[page].note = Fk::to(s.key(old).unwrap());
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(s.detach(page).unwrap().note, Fk::to(1));
}

/// ST-2
#[test]
fn an_object_that_never_reached_the_database_refers_to_the_handle_again() {
    let db = desk();
    let mut s = db.session();
    let note = s.insert(Note::of("milk", "")).unwrap();
    let page = s.add(Page::of(note, "one"));
    s.plan().unwrap();
    s.rollback().unwrap();
    assert_eq!(s.detach(page).unwrap().note, note.into());
}

/// ST-2
#[test]
fn a_savepoint_that_is_taken_back_keeps_no_generated_keys_either() {
    let db = desk();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "")).unwrap();
    let mut nested = s.begin_nested().unwrap();
    let note = nested.add(Note {
        folder: home.into(),
        ..Note::of("milk", "")
    });
    let page = nested.add(Page::of(note, "one"));
    nested.flush().unwrap();
    drop(nested);
    let page = s.detach(page).unwrap();
    assert_eq!((page.id, page.note.key()), (0, None));
    assert_eq!(s.detach(note).unwrap().id, 0);
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT name FROM folder"), "home\n");
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "ticket")]
struct Ticket {
    #[model(key, generated)]
    id: i64,
    #[model(default = "7")]
    priority: i64,
}

/// ST-2: the row came back, but not all of it could be read.
#[test]
fn an_answer_that_cannot_be_read_leaves_no_generated_key() {
    let db = TestDb::with::<Ticket>("ALTER TABLE ticket ALTER priority TYPE text");
    let mut s = db.session();
    let tickets = s.add_all([Ticket::default(), Ticket::default()]);
    let error = s.flush().unwrap_err();
    assert_eq!(error.to_string(), "Ticket.priority can't be converted");
    s.rollback().unwrap();
    for ticket in tickets {
        assert_eq!(s.detach(ticket).unwrap(), Ticket::default());
    }
}
