//! Writing several objects, or one while others are read.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, notes, two_notes};
use sessile_tests::panic_of;

#[test]
fn an_array_of_handles_is_written_at_once() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    let [a, b] = s.rows_mut([rent, milk]);
    std::mem::swap(&mut a.body, &mut b.body);
    assert_eq!(
        (s[milk].body.as_str(), s[rent].body.as_str()),
        ("pay", "buy")
    );
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET body ×2 WHERE id
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | pay | 0\n2 | rent | buy | 0\n");
}

#[test]
fn a_tuple_of_handles_may_be_of_different_models() {
    let db = two_notes();
    let mut s = db.session();
    let home = s.add(Folder::of("home", "at home"));
    let rent = s.get::<Note>(2).unwrap().unwrap();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let (first, folder, second) = s.rows_mut((rent, home, milk));
    folder.label = format!("{} and {}", first.title, second.title);
    first.stars = 1;
    second.stars = 2;
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT label FROM folder"), "rent and milk\n");
    assert_eq!(notes(&db), "1 | milk | buy | 2\n2 | rent | pay | 1\n");
}

#[test]
fn the_same_handle_twice_panics() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let message = panic_of(|| {
        s.rows_mut([milk, milk]);
    });
    assert_eq!(message, "the same handle twice in rows_mut");
    let message = panic_of(|| {
        s.rows_mut((milk, milk));
    });
    assert_eq!(message, "the same handle twice in rows_mut");
    assert!(!s.has_changes());
}

#[test]
fn handles_that_cannot_be_written_panic_in_rows_mut() {
    let db = two_notes();
    let mut s = db.session();
    let foreign = db.session().add(Note::of("tax", ""));
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    let gone = s.add(Note::of("tax", ""));
    s.delete(gone).unwrap();
    s.delete(rent).unwrap();
    let mut message = |handle| panic_of(|| s.rows_mut([milk, handle]).len());
    assert_eq!(message(foreign), "a foreign handle in rows_mut");
    assert_eq!(message(gone), "a gone handle in rows_mut");
    assert_eq!(message(rent), "a deleted handle in rows_mut");
}

#[test]
fn edit_writes_one_object_while_others_are_read() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    let length = s
        .edit(milk, |note, s| {
            note.body.push_str(&s[rent].body);
            note.body.len()
        })
        .unwrap();
    assert_eq!(length, 6);
    assert_eq!(s.changes(milk).unwrap(), ["body"]);
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buypay | 0\n2 | rent | pay | 0\n");
}

#[test]
fn a_panic_in_edit_puts_the_object_back() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let message = panic_of(|| {
        s.edit(milk, |note, _| {
            note.stars = 4;
            panic!("out of ink");
        })
    });
    assert_eq!(message, "out of ink");
    assert_eq!(s[milk].stars, 4);
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
}

#[test]
fn within_edit_the_object_itself_is_not_there_to_be_read() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.edit(milk, |_, s| {
        assert_eq!(s.peek(milk), None);
        assert_eq!(s.key(milk).unwrap(), 1);
        assert_eq!(s.state(milk), State::Persistent);
        assert_eq!(s.changes(milk).unwrap(), [""; 0]);
        assert!(!s.has_changes());
    })
    .unwrap();
    assert_eq!(s[milk].title, "milk");
}

#[test]
fn edit_of_an_object_that_cannot_be_written_is_a_typed_error() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let foreign = db.session().add(Note::of("tax", ""));
    s.delete(milk).unwrap();
    let mut message = |handle| s.edit(handle, |_, _| ()).unwrap_err().to_string();
    assert_eq!(message(milk), "deleted handle of Note");
    assert_eq!(message(foreign), "foreign handle of Note");
}

#[test]
fn in_edit_the_index_says_that_the_object_is_in_hand() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let message = panic_of(|| s.edit(milk, |_, s| s[milk].stars));
    assert_eq!(
        message,
        "Handle<Note>(0) names an object that `edit` has in hand"
    );
    assert_eq!(s[milk].stars, 0);
}
