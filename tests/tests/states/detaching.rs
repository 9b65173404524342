//! `detach`: an object leaves the session, and no rollback brings it back.

use expect_test::expect;
use sessile::HandleProblem;
use sessile::prelude::*;
use sessile_tests::desk::{Note, desk, notes, two_notes};

#[test]
fn a_pending_object_that_is_detached_is_not_inserted() {
    let db = desk();
    let mut s = db.session();
    let note = s.add(Note::of("milk", "buy"));
    assert_eq!(s.detach(note).unwrap(), Note::of("milk", "buy"));
    assert_eq!(s.state(note), State::Gone);
    s.commit().unwrap();
    db.assert_statements(expect![""]);
}

#[test]
fn a_row_that_is_detached_stays_in_the_database_as_it_is() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    let value = s.detach(milk).unwrap();
    assert_eq!((value.id, value.stars), (1, 5));
    let again = s.get::<Note>(1).unwrap().unwrap();
    assert_ne!(again, milk);
    assert_eq!(s[again].stars, 0);
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

/// S79
#[test]
fn a_rollback_does_not_bring_back_what_was_detached() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    let tax = s.insert(Note::of("tax", "")).unwrap();
    s[milk].stars = 5;
    s.delete(rent).unwrap();
    s.flush().unwrap();
    db.forget();
    let new = s.add(Note::of("new", ""));
    for note in [milk, rent, tax, new] {
        s.detach(note).unwrap();
    }
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    assert_eq!(s.state(new), State::Gone);
    for note in [milk, rent, tax] {
        assert_eq!(s.state(note), State::Gone);
        assert!(s.detach(note).is_err());
    }
    assert_eq!(s.local::<Note>(&1), None);
    let fresh = s.get::<Note>(1).unwrap().unwrap();
    assert_eq!(s[fresh].stars, 0);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

/// S79
#[test]
fn a_savepoint_does_not_bring_back_what_was_detached_inside_it() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    let taken_back: Result<()> = s.savepoint(|s| {
        s[milk].stars = 5;
        s.delete(rent)?;
        s.flush()?;
        s.detach(milk)?;
        s.detach(rent)?;
        Err(Error::other("no"))
    });
    assert!(taken_back.is_err());
    assert_eq!((s.state(milk), s.state(rent)), (State::Gone, State::Gone));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT note ×2 WHERE id
        BEGIN; SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        DELETE note ×1 WHERE id
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

/// S94: what is loaded is read, and what is not can't be asked of a value; its old handle is
/// refused.
#[test]
fn what_was_detached_is_a_plain_value() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.related(milk, Note::PAGES).unwrap();
    db.forget();
    let value = s.detach(milk).unwrap();
    for error in [
        s.loaded(milk, Note::PAGES).unwrap_err(),
        s.related(milk, Note::PAGES).unwrap_err(),
        s.refresh(milk).unwrap_err(),
        s.key(milk).unwrap_err(),
    ] {
        let gone = HandleProblem::Gone;
        assert!(
            matches!(error.kind(), ErrorKind::Handle { model: "Note", problem } if *problem == gone),
            "{error}"
        );
    }
    s.commit().unwrap();
    drop(s);
    assert_eq!((value.title.as_str(), value.body.as_str()), ("milk", "buy"));
    db.assert_statements(expect![[r#"
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}
