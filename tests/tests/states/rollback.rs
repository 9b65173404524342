//! Rollback: objects are as they were when the transaction began, without a statement.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};
use sessile_tests::desk::{Folder, Note, Page, desk, notes, two_notes};

/// ST-2
#[test]
fn rollback_restores_every_kind_of_change_without_sql() {
    let db = two_notes();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "a")).unwrap();
    s.commit().unwrap();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    s.get::<Folder>("home").unwrap();
    let tax = s.add(Note::of("tax", ""));
    s[milk].stars = 5;
    s.delete(rent).unwrap();
    s[home].name = "house".to_owned();
    s.flush().unwrap();
    s[milk].stars = 4;
    s.flush().unwrap();
    db.forget();
    s.rollback().unwrap();
    assert_eq!(
        s[milk],
        Note {
            id: 1,
            ..Note::of("milk", "buy")
        }
    );
    assert_eq!(
        s[rent],
        Note {
            id: 2,
            ..Note::of("rent", "pay")
        }
    );
    assert_eq!(s[home], Folder::of("home", "a"));
    assert_eq!(s.key(home).unwrap(), "home");
    assert_eq!(s.local::<Folder>(&"house".to_owned()), None);
    assert_eq!(s.state(tax), State::Gone);
    assert_eq!(s.state(rent), State::Persistent);
    assert!(!s.has_changes());
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
}

/// ST-2
#[test]
fn what_was_not_flushed_is_taken_back_for_nothing() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    let tax = s.add(Note::of("tax", ""));
    s[milk].stars = 5;
    s.delete(rent).unwrap();
    db.forget();
    s.rollback().unwrap();
    assert_eq!((s[milk].stars, s.state(rent)), (0, State::Persistent));
    assert_eq!(s.state(tax), State::Gone);
    s.commit().unwrap();
    db.assert_statements(expect![""]);
}

/// ST-5
#[test]
fn after_a_rollback_get_reads_the_row_again() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    s.flush().unwrap();
    s.rollback().unwrap();
    db.look().run("UPDATE note SET body = 'sell' WHERE id = 1");
    assert_eq!(s[milk].body, "buy");
    db.forget();
    assert_eq!(s.get::<Note>(1).unwrap(), Some(milk));
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
    "#]]);
    assert_eq!((s[milk].body.as_str(), s[milk].stars), ("sell", 0));
}

/// ST-2, PK-1
#[test]
fn keys_that_were_swapped_are_swapped_back() {
    let db = TestDb::with::<Folder>(
        "ALTER TABLE folder DROP CONSTRAINT folder_pkey,
         ADD PRIMARY KEY (name) DEFERRABLE INITIALLY DEFERRED",
    );
    let mut s = db.session();
    let [a, b] =
        [("a", "first"), ("b", "second")].map(|(name, label)| s.add(Folder::of(name, label)));
    s.commit().unwrap();
    s.get_each::<Folder>(["a", "b"]).unwrap();
    s[a].name = "c".to_owned();
    s.flush().unwrap();
    s[b].name = "a".to_owned();
    s.flush().unwrap();
    s[a].name = "b".to_owned();
    s.flush().unwrap();
    assert_eq!(s.local::<Folder>(&"a".to_owned()), Some(b));
    assert_eq!(s.local::<Folder>(&"b".to_owned()), Some(a));
    s.rollback().unwrap();
    assert_eq!(s.local::<Folder>(&"a".to_owned()), Some(a));
    assert_eq!(s.local::<Folder>(&"b".to_owned()), Some(b));
    assert_eq!(s.local::<Folder>(&"c".to_owned()), None);
    assert_eq!(
        (s[a].label.as_str(), s[b].label.as_str()),
        ("first", "second")
    );
}

/// ST-2, PK-2
#[test]
fn an_object_that_another_replaced_has_its_key_again() {
    let db = desk();
    let mut s = db.session();
    let old = s.insert(Folder::of("home", "old")).unwrap();
    s.commit().unwrap();
    s.delete(old).unwrap();
    let new = s.add(Folder::of("home", "new"));
    s.flush().unwrap();
    assert_eq!(s.local::<Folder>(&"home".to_owned()), Some(new));
    assert_eq!(s.state(old), State::Deleted);
    s.rollback().unwrap();
    assert_eq!(s.local::<Folder>(&"home".to_owned()), Some(old));
    assert_eq!(
        (s.state(old), s.state(new)),
        (State::Persistent, State::Gone)
    );
    assert_eq!(s[old].label, "old");
    assert_eq!(s.detach(new).unwrap(), Folder::of("home", "new"));
}

/// ST-2
#[test]
fn an_object_that_was_inserted_and_deleted_leaves() {
    let db = desk();
    let mut s = db.session();
    let note = s.insert(Note::of("milk", "")).unwrap();
    s[note].stars = 3;
    s.flush().unwrap();
    s.delete(note).unwrap();
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(s.state(note), State::Gone);
    assert_eq!(s.detach(note).unwrap().id, 0);
    assert_eq!(s.get::<Note>(1).unwrap(), None);
}

/// ST-2, VN-1
#[test]
fn a_version_goes_back_with_its_row() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    let ann = s.insert(Account::of("ann", 100)).unwrap();
    s.commit().unwrap();
    s[ann].balance = 50;
    s.flush().unwrap();
    assert_eq!(s[ann].version, 2);
    s.rollback().unwrap();
    assert_eq!((s[ann].balance, s[ann].version), (100, 1));
    s[ann].balance = 70;
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT balance, version FROM account"), "70 | 2\n");
}

/// ST-2, RL-2
#[test]
fn a_reference_that_the_database_cleared_is_set_again() {
    let db = two_notes();
    let mut s = db.session();
    let home = s.insert(Folder::of("home", "")).unwrap();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].folder = home.into();
    s.commit().unwrap();
    s.get::<Note>(1).unwrap();
    s.delete(home).unwrap();
    s.flush().unwrap();
    assert_eq!(s[milk].folder, None);
    s.rollback().unwrap();
    assert!(s.refers_to(&s[milk].folder, home));
}

/// ST-2
#[test]
fn dropping_a_session_rolls_back() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    s.flush().unwrap();
    db.forget();
    drop(s);
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

/// S93 in small: a page whose note went and came back.
#[test]
fn a_loaded_collection_is_read_again_after_a_rollback() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let page = s.insert(Page::of(milk, "one")).unwrap();
    s.commit().unwrap();
    s.get::<Note>(1).unwrap();
    assert_eq!(s.related(milk, Note::PAGES).unwrap(), [page]);
    s.delete(page).unwrap();
    s.flush().unwrap();
    assert_eq!(s.loaded(milk, Note::PAGES).unwrap(), []);
    s.rollback().unwrap();
    assert_eq!(s.related(milk, Note::PAGES).unwrap(), [page]);
}
