//! Optimistic versions (VN-1, VN-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Note, save};

fn db() -> TestDb {
    let db = TestDb::new::<Note>();
    save(&db, (1..=4).map(|id| Note::new(id, "old")));
    db
}

fn notes(s: &mut Session) -> [Handle<Note>; 4] {
    s.get_many([1, 2, 3, 4]).unwrap().map(Option::unwrap)
}

const ROWS: &str = "SELECT id, version, text, stars FROM notes ORDER BY id";

/// VN-1
#[test]
fn the_first_version_is_one_unless_it_is_set() {
    let db = TestDb::new::<Note>();
    let mut s = db.session();
    let first = s.add(Note::new(1, "a"));
    let set = s.add(Note {
        version: 9,
        ..Note::new(2, "b")
    });
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT notes (id, version, text, stars) ×2
        COMMIT
    "#]]);
    assert_eq!((s[first].version, s[set].version), (1, 9));
    assert_eq!(db.rows(ROWS), "1 | 1 | a | 0\n2 | 9 | b | 0\n");
}

/// S60, VN-1
#[test]
fn versioned_rows_are_one_statement_and_count_up() {
    let db = db();
    let mut s = db.session();
    let all = notes(&mut s);
    db.forget();
    for note in all {
        s[note].text = "new".to_owned();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version, text ×4 WHERE id, version
        COMMIT
    "#]]);
    assert!(all.iter().all(|note| s[*note].version == 2));
    assert_eq!(
        db.rows("SELECT DISTINCT version, text FROM notes"),
        "2 | new\n"
    );
}

/// VN-2
#[test]
fn a_net_zero_change_does_not_count() {
    let db = db();
    let mut s = db.session();
    let [one, ..] = notes(&mut s);
    db.forget();
    s[one].stars += 1;
    s[one].stars -= 1;
    s.commit().unwrap();
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(s[one].version, 1);
}

/// S61, VN-1
#[test]
fn a_version_that_the_program_sets_is_sent_as_given() {
    let db = db();
    let mut s = db.session();
    let [one, two, ..] = notes(&mut s);
    db.forget();
    s[one].version = 7;
    s[two].version = 8;
    s[two].text = "new".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version ×1 WHERE id, version
        UPDATE notes SET version, text ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!((s[one].version, s[two].version), (7, 8));
    assert_eq!(
        db.rows("SELECT id, version, text FROM notes WHERE id < 3 ORDER BY id"),
        "1 | 7 | old\n2 | 8 | new\n"
    );
}

/// S62, VN-1
#[test]
fn a_row_that_another_session_wrote_is_stale_and_nothing_is_written() {
    let db = db();
    let mut s = db.session();
    let all = notes(&mut s);
    let mut other = db.session();
    let theirs = other.get::<Note>(3).unwrap().unwrap();
    other[theirs].text = "theirs".to_owned();
    other.commit().unwrap();
    db.forget();
    for note in all {
        s[note].text = "mine".to_owned();
    }
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version, text ×4 WHERE id, version
        ROLLBACK
    "#]]);
    assert!(
        matches!(error.kind(), ErrorKind::Stale { model: "Note", keys } if *keys == ["3"]),
        "{error:?}"
    );
    s.rollback().unwrap();
    assert!(
        all.iter()
            .all(|note| s[*note].text == "old" && s[*note].version == 1)
    );
    assert_eq!(
        db.rows(ROWS),
        "1 | 1 | old | 0\n2 | 1 | old | 0\n3 | 2 | theirs | 0\n4 | 1 | old | 0\n"
    );
}

/// S62: one row, which is another statement.
#[test]
fn a_single_row_that_another_session_wrote_is_stale_too() {
    let db = db();
    let mut s = db.session();
    let [one, ..] = notes(&mut s);
    db.look().run("UPDATE notes SET version = 2 WHERE id = 1");
    db.forget();
    s[one].text = "mine".to_owned();
    let error = s.commit().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { keys, .. } if *keys == ["1"]));
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version, text ×1 WHERE id, version
        ROLLBACK
    "#]]);
    assert_eq!(
        db.rows("SELECT version, text FROM notes WHERE id = 1"),
        "2 | old\n"
    );
}

/// S63, VN-1
#[test]
fn a_delete_of_a_row_that_another_session_wrote_is_stale() {
    let db = db();
    for count in [1, 3] {
        let mut s = db.session();
        let all = notes(&mut s);
        db.look()
            .run("UPDATE notes SET version = version + 1 WHERE id = 1");
        for note in &all[..count] {
            s.delete(*note).unwrap();
        }
        let error = s.flush().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Stale { keys, .. } if *keys == ["1"]));
        s.rollback().unwrap();
        assert_eq!(s[all[0]].text, "old");
    }
    assert_eq!(db.rows("SELECT count(*) FROM notes"), "4\n");
}

/// VN-1: the version that is compared is that of the last flush, not that of the last commit.
#[test]
fn a_row_may_be_written_twice_and_deleted_in_one_transaction() {
    let db = db();
    let mut s = db.session();
    let [one, two, ..] = notes(&mut s);
    db.forget();
    for text in ["first", "second"] {
        s[one].text = text.to_owned();
        s[two].text = text.to_owned();
        s.flush().unwrap();
    }
    assert_eq!(s[one].version, 3);
    s[one].text = "lost".to_owned();
    s.delete(one).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version, text ×2 WHERE id, version
        UPDATE notes SET version, text ×2 WHERE id, version
        DELETE notes ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, version, text FROM notes WHERE id < 3"),
        "2 | 3 | second\n"
    );
}

/// S60, VN-1: rows that are locked before several statements write them count once.
#[test]
fn a_version_counts_once_whatever_is_sent_before_its_update() {
    let db = db();
    let mut s = db.session();
    let [one, two, ..] = notes(&mut s);
    db.forget();
    s[one].text = "new".to_owned();
    s[two].stars = 5;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version, text ×1 WHERE id, version
        UPDATE notes SET version, stars ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!((s[one].version, s[two].version), (2, 2));
    assert_eq!(
        db.rows(ROWS),
        "1 | 2 | new | 0\n2 | 2 | old | 5\n3 | 1 | old | 0\n4 | 1 | old | 0\n"
    );
}
