//! Keys of rows that are not there.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, Page, two_notes};

#[test]
fn get_of_a_wrong_key_is_none_and_the_others_are_not_found() {
    let db = two_notes();
    let mut s = db.session();
    assert_eq!(s.get::<Note>(99).unwrap(), None);
    let [milk, none] = s.get_many::<Note, _>([1, 99]).unwrap();
    assert!(milk.is_some() && none.is_none());
    for error in [
        s.get_each::<Note>([1, 99, 98]).unwrap_err(),
        s.get_for_update::<Note>(99).unwrap_err(),
        s.get_many_for_update::<Note, _>([1, 99]).unwrap_err(),
    ] {
        assert_eq!(
            error.kind(),
            &ErrorKind::NotFound {
                model: "Note",
                key: "99".to_owned()
            }
        );
        assert_eq!(error.to_string(), "Note 99 not found");
    }
    assert!(s.get::<Note>(2).unwrap().is_some(), "the session goes on");
}

#[test]
fn one_wants_one() {
    let db = two_notes();
    let mut s = db.session();
    let error = s.one(select::<Note>()).unwrap_err();
    assert_eq!(error.to_string(), "more than one Note found");
    let error = s.one(select::<Folder>()).unwrap_err();
    assert_eq!(error.to_string(), "Folder by the query not found");
}

#[test]
fn a_key_that_nobody_has_is_a_foreign_key_violation() {
    let db = two_notes();
    let mut s = db.session();
    let error = s.insert(Page::of(Fk::to(99), "")).unwrap_err();
    assert!(error.violates(Page::NOTE));
    expect!["INSERT page (note_id, text) ×1 RETURNING id: foreign key page_note_id_fkey (Page.note) violated"].assert_eq(&error.to_string());
}

/// FL-2a
#[test]
fn a_generated_key_that_was_set_back_is_no_key() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk] = Note::of("milk", "sell");
    db.forget();
    let error = s.flush().unwrap_err();
    expect!["the generated key of Note 1 was set back to its default"]
        .assert_eq(&error.to_string());
    db.assert_statements(expect![""]);
}
