//! `delete_where`: many rows by one statement, their objects gone.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};
use sessile_tests::desk::{Folder, Note, Page, desk, notes, two_notes};

/// BK-1
#[test]
fn objects_that_match_are_gone() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_each::<Note>([1, 2]).unwrap()[..] else {
        panic!()
    };
    let gone = delete::<Note>().filter(Note::TITLE.eq("milk"));
    assert_eq!(s.delete_where(gone).unwrap(), 1);
    assert_eq!(
        (s.state(milk), s.state(rent)),
        (State::Deleted, State::Persistent)
    );
    assert_eq!(s.get::<Note>(1).unwrap(), None);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT note ×2 WHERE id
        BEGIN
        DELETE note WHERE title = $1 RETURNING note ×2
        SELECT note ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.state(milk), State::Gone);
    assert_eq!(notes(&db), "2 | rent | pay | 0\n");
}

#[test]
fn a_session_without_rows_gets_their_number_only() {
    let db = two_notes();
    let mut s = db.session();
    assert_eq!(s.delete_where(delete::<Note>()).unwrap(), 2);
    assert_eq!(s.delete_where(delete::<Note>()).unwrap(), 0);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE note
        DELETE note
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "");
}

/// BK-1, ST-2
#[test]
fn a_rollback_brings_them_back() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let page = s.insert(Page::of(milk, "one")).unwrap();
    s.commit().unwrap();
    s.get::<Note>(1).unwrap();
    s.delete_where(delete::<Note>()).unwrap();
    assert_eq!(
        (s.state(milk), s.state(page)),
        (State::Deleted, State::Deleted)
    );
    s.rollback().unwrap();
    assert_eq!(
        (s.state(milk), s.state(page)),
        (State::Persistent, State::Persistent)
    );
    assert_eq!(
        (s[milk].body.as_str(), s[page].text.as_str()),
        ("buy", "one")
    );
}

/// BK-1, TX-2
#[test]
fn a_savepoint_brings_them_back() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let undone: Result<()> = s.savepoint(|s| {
        s.delete_where(delete::<Note>())?;
        Err(Error::other("no"))
    });
    undone.unwrap_err();
    assert_eq!(s.state(milk), State::Persistent);
    s[milk].stars = 1;
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 1\n2 | rent | pay | 0\n");
}

/// BK-1, RL-2
#[test]
fn rows_that_went_along_are_gone_though_their_parent_was_not_loaded() {
    let db = two_notes();
    let mut s = db.session();
    let page = s.add(Page::of(Fk::to(1), "one"));
    let kept = s.add(Page::of(Fk::to(2), "two"));
    s.flush().unwrap();
    db.forget();
    let gone = delete::<Note>().filter(Note::TITLE.eq("milk"));
    assert_eq!(s.delete_where(gone).unwrap(), 1);
    assert_eq!(
        (s.state(page), s.state(kept)),
        (State::Deleted, State::Persistent)
    );
    db.assert_statements(expect![[r#"
        DELETE note WHERE title = $1 RETURNING note ×2
    "#]]);
}

/// BK-1, RL-2
#[test]
fn a_reference_that_was_set_to_null_is_none() {
    let db = desk();
    let mut s = db.session();
    let folder = s.add(Folder::of("in", "inbox"));
    let note = s.add(Note {
        folder: folder.into(),
        ..Note::of("milk", "buy")
    });
    s.commit().unwrap();
    s.get::<Note>(1).unwrap();
    assert_eq!(s.delete_where(delete::<Folder>()).unwrap(), 1);
    assert_eq!(s[note].folder, None);
    assert!(!s.has_changes());
    s.rollback().unwrap();
    assert_eq!(s[note].folder, Some(Fk::to("in".to_owned())));
}

/// RL-1
#[test]
fn loaded_collections_lose_their_children() {
    let db = two_notes();
    let mut s = db.session();
    s.add_all([Page::of(Fk::to(1), "one"), Page::of(Fk::to(1), "two")]);
    s.commit().unwrap();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    assert_eq!(s.related(milk, Note::PAGES).unwrap().len(), 2);
    s.delete_where(delete::<Page>().filter(Page::TEXT.eq("one")))
        .unwrap();
    let left = s.loaded(milk, Note::PAGES).unwrap();
    assert_eq!(
        left.iter().map(|p| s[*p].text.as_str()).collect::<Vec<_>>(),
        ["two"]
    );
}

/// BK-1, AF-1
#[test]
fn what_waits_is_written_first_and_goes_as_well() {
    let db = two_notes();
    let mut s = db.session();
    let new = s.add(Note::of("bread", "buy"));
    let page = s.add(Page::of(new, "one"));
    let rent = s.get::<Note>(2).unwrap().unwrap();
    s[rent].body = "buy".to_owned();
    assert_eq!(
        s.delete_where(delete::<Note>().filter(Note::BODY.eq("buy")))
            .unwrap(),
        3
    );
    assert_eq!(
        (s.state(new), s.state(page)),
        (State::Deleted, State::Deleted)
    );
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM page"), "0\n");
}

/// ST-5
#[test]
fn an_expired_object_that_was_deleted_meanwhile_stays_expired() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s.commit().unwrap();
    db.look().run("DELETE FROM note WHERE id = 1");
    assert_eq!(s.delete_where(delete::<Note>()).unwrap(), 1);
    assert_eq!(s.get::<Note>(1).unwrap(), None);
    assert_eq!(s.state(milk), State::Gone);
}

#[test]
fn returning_gives_the_rows_as_values() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let mut gone: Vec<Note> = s.delete_where(delete::<Note>().returning()).unwrap();
    gone.sort_by_key(|note| note.id);
    assert_eq!(gone[1].title, "rent");
    assert_eq!(gone.len(), 2);
    assert_eq!(s.state(milk), State::Deleted);
    s.rollback().unwrap();
    let titles = delete::<Note>().returning_columns((Note::TITLE, Note::STARS + 1));
    let mut titles: Vec<(String, i32)> = s.delete_where(titles).unwrap();
    titles.sort();
    assert_eq!(titles, [("milk".to_owned(), 1), ("rent".to_owned(), 1)]);
    assert_eq!(s.state(milk), State::Deleted);
}

/// RL-2
#[test]
fn a_row_that_is_still_referred_to_is_not_deleted() {
    let db = TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version) VALUES ('ann', 100, 1), ('bob', 5, 1);
         INSERT INTO entry (payer_id, payee_id, amount) VALUES (1, 2, 5)",
    );
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    let refused = s.delete_where(delete::<Account>()).unwrap_err();
    assert!(refused.violates(Entry::PAYER), "{refused:?}");
    s.rollback().unwrap();
    assert_eq!(s.state(ann), State::Persistent);
}

/// FL-7
#[test]
fn rows_can_be_locked_in_key_order_first() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let gone = delete::<Note>().filter(Note::STARS.eq(0)).in_key_order();
    assert_eq!(s.delete_where(gone).unwrap(), 2);
    assert_eq!(s.state(milk), State::Deleted);
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
        BEGIN
        LOCK note WHERE stars = $1, DELETE note RETURNING note ×1
    "#]]);
}

mod deep {
    use super::*;

    #[derive(Model, Clone, Debug, PartialEq, Default)]
    #[model(table = "box")]
    struct Crate {
        #[model(key)]
        id: i64,
        #[model(on_delete = cascade)]
        inside: Option<Fk<Crate>>,
    }

    #[derive(Model, Clone, Debug, PartialEq, Default)]
    #[model(table = "thing")]
    struct Thing {
        #[model(key)]
        id: i64,
        #[model(on_delete = cascade)]
        inside: Fk<Crate>,
    }

    fn stacked() -> TestDb {
        TestDb::with::<(Crate, Thing)>(
            "INSERT INTO box VALUES (1, NULL), (2, 1), (3, 2), (4, NULL);
             INSERT INTO thing VALUES (10, 3), (11, 4)",
        )
    }

    /// BK-1, RL-2
    #[test]
    fn loaded_rows_follow_level_by_level() {
        let db = stacked();
        let mut s = db.session();
        s.all(select::<Crate>()).unwrap();
        let [lost, kept] = s.get_each::<Thing>([10, 11]).unwrap()[..] else {
            panic!()
        };
        let gone = delete::<Crate>().filter(Crate::ID.eq(1));
        assert_eq!(s.delete_where(gone).unwrap(), 1);
        assert_eq!(
            (s.state(lost), s.state(kept)),
            (State::Deleted, State::Persistent)
        );
        assert_eq!(s.get::<Crate>(3).unwrap(), None);
    }

    /// BK-1, ST-5
    #[test]
    fn what_cannot_be_told_is_read_again() {
        let db = stacked();
        let mut s = db.session();
        let [lost, kept] = s.get_each::<Thing>([10, 11]).unwrap()[..] else {
            panic!()
        };
        s.delete_where(delete::<Crate>().filter(Crate::ID.eq(1)))
            .unwrap();
        assert_eq!(
            (s.state(lost), s.state(kept)),
            (State::Persistent, State::Persistent)
        );
        assert_eq!(s.get::<Thing>(10).unwrap(), None);
        assert_eq!(s.get::<Thing>(11).unwrap(), Some(kept));
        assert_eq!(s.state(lost), State::Gone);
    }
}
