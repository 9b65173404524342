//! Versions that count up although nothing of their row changed (VN-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Note, User, save};

fn db() -> TestDb {
    let db = TestDb::new::<(Note, User)>();
    save(&db, (1..=3).map(|id| Note::new(id, "old")));
    db
}

const ROWS: &str = "SELECT id, version, text FROM notes ORDER BY id";

/// VN-2, S100
#[test]
fn the_version_of_a_touched_root_counts_up_once() {
    let db = db();
    let mut s = db.session();
    let notes = s.get_each::<Note>([1, 2, 3]).unwrap();
    db.forget();
    s.touch(notes[0]).unwrap();
    s.touch(notes[0]).unwrap();
    s.touch(notes[1]).unwrap();
    s.touch(notes[2]).unwrap();
    s[notes[2]].text = "new".to_owned();
    assert!(s.has_changes());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version ×2 WHERE id, version
        UPDATE notes SET version, text ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!(db.rows(ROWS), "1 | 2 | old\n2 | 2 | old\n3 | 2 | new\n");
    assert_eq!(s[notes[0]].version, 2);
    s.touch(notes[0]).unwrap();
    s.commit().unwrap();
    assert_eq!(s[notes[0]].version, 3);
}

/// VN-2: that is what it is for.
#[test]
fn two_units_of_work_meet_at_the_root_that_both_touch() {
    let db = db();
    let mut mine = db.session();
    let mut theirs = db.session();
    let root = mine.get::<Note>(1).unwrap().unwrap();
    let same = theirs.get::<Note>(1).unwrap().unwrap();
    theirs.touch(same).unwrap();
    theirs.commit().unwrap();
    mine.touch(root).unwrap();
    let error = mine.commit().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }));
}

/// VN-2, ST-2
#[test]
fn a_rollback_forgets_that_it_was_touched() {
    let db = db();
    let mut s = db.session();
    let note = s.get::<Note>(1).unwrap().unwrap();
    s.touch(note).unwrap();
    s.flush().unwrap();
    assert_eq!(s[note].version, 2);
    s.touch(note).unwrap();
    s.rollback().unwrap();
    assert_eq!(s[note].version, 1);
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![[r#""#]]);
}

/// VN-2
#[test]
fn only_what_has_a_version_and_is_there_can_be_touched() {
    let db = db();
    let mut s = db.session();
    let user = s.add(User::named("ann"));
    let error = s.touch(user).unwrap_err();
    expect!["User has no version to count"].assert_eq(&error.to_string());
    let new = s.add(Note::new(9, "new"));
    s.touch(new).unwrap();
    let old = s.get::<Note>(1).unwrap().unwrap();
    s.touch(old).unwrap();
    s.delete(old).unwrap();
    let error = s.touch(old).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Handle { .. }));
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE notes ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!(s[new].version, 1);
}
