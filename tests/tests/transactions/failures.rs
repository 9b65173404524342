//! The poisoned session: every verb answers with the first cause until the rollback (FL-11).

use std::error::Error as _;

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::desk::{Folder, Note, notes, two_notes};

use super::open_transactions;

/// A session that has written note 1 and failed to add a second "milk".
fn failed(db: &sessile_tests::TestDb) -> (Session, Handle<Note>, Handle<Note>) {
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    s.flush().unwrap();
    let twin = s.add(Note::of("milk", "twice"));
    let error = s.flush().unwrap_err();
    assert!(error.violates(Note::TITLE), "{error:?}");
    (s, milk, twin)
}

/// FL-11, S70
#[test]
fn after_a_failed_flush_every_verb_answers_with_the_first_cause() {
    let db = two_notes();
    let (mut s, milk, _) = failed(&db);
    db.forget();
    let answers = [
        s.get::<Note>(2).map(|_| ()),
        s.get_many::<Note, _>([2]).map(|_| ()),
        s.get_each::<Note>([2]).map(|_| ()),
        s.get_for_update::<Note>(2).map(|_| ()),
        s.all(select::<Note>()).map(|_| ()),
        s.first(select::<Note>()).map(|_| ()),
        s.one(select::<Note>()).map(|_| ()),
        s.count(select::<Note>()).map(|_| ()),
        s.exists(select::<Note>()).map(|_| ()),
        s.rows(raw::<i32>("SELECT 1", ())).map(|_| ()),
        s.related(milk, Note::PAGES).map(|_| ()),
        s.refresh(milk),
        s.execute("SELECT 1", ()).map(|_| ()),
        s.insert(Folder::of("home", "")).map(|_| ()),
        s.flush(),
        s.plan().map(|_| ()),
        s.savepoint(|_| Ok::<(), Error>(())),
        s.begin_nested().map(|_| ()),
        s.commit(),
        s.commit(),
    ];
    for (position, answer) in answers.into_iter().enumerate() {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::TransactionFailed, "{position}");
        assert!(error.violates(Note::TITLE), "{position}: {error:?}");
        assert!(error.source().unwrap().is::<Error>());
    }
    db.assert_statements(expect![""]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

/// FL-11: memory verbs go on, so that the objects can be looked at.
#[test]
fn memory_verbs_work_on_a_failed_session() {
    let db = two_notes();
    let (mut s, milk, twin) = failed(&db);
    assert_eq!((s[milk].stars, s[twin].body.as_str()), (5, "twice"));
    assert_eq!(s.state(twin), State::Pending);
    let tax = s.add(Note::of("tax", ""));
    s[tax].stars = 1;
    s.rollback().unwrap();
    assert_eq!(s.state(tax), State::Gone);
}

/// FL-11, S70
#[test]
fn a_failure_gives_up_the_transaction_at_once_and_memory_at_the_rollback() {
    let db = two_notes();
    let (mut s, milk, twin) = failed(&db);
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        ROLLBACK
    "#]]);
    assert_eq!(open_transactions(&db), "0\n");
    assert_eq!(s[milk].stars, 5);
    s.commit().unwrap_err();
    assert_eq!(s[milk].stars, 5);
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
    assert_eq!(s.detach(twin).unwrap(), Note::of("milk", "twice"));
    s[milk].stars = 1;
    s.add(Note::of("tax", ""));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id, stars
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT title, stars FROM note ORDER BY id"),
        "milk | 1\nrent | 0\ntax | 0\n"
    );
}

#[test]
fn a_statement_that_the_server_refuses_poisons_too() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    let error = s.execute("SELECT 1 / 0", ()).unwrap_err();
    assert_eq!(error.code(), Some("22012"));
    let error = s.get::<Note>(2).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    assert_eq!(error.cause().unwrap().code(), Some("22012"));
    s.rollback().unwrap();
    assert!(s.get::<Note>(2).unwrap().is_some());
}

/// The server has lost nothing, so the session goes on.
#[test]
fn a_value_that_cannot_be_read_does_not_poison() {
    let db = two_notes();
    let mut s = db.session();
    let error = s.rows(raw::<i32>("SELECT 'x'::text", ())).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Conversion { .. }));
    assert!(s.get::<Note>(1).unwrap().is_some());
    s.commit().unwrap();
}

/// FL-11
#[test]
fn a_flush_that_fails_before_sql_poisons_as_well() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    s.add_all([Folder::of("home", ""), Folder::of("home", "")]);
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Identity { .. }));
    assert_eq!(
        s.get::<Note>(1).unwrap_err().kind(),
        &ErrorKind::TransactionFailed
    );
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
}

/// FL-1: `plan` only looks.
#[test]
fn a_plan_that_fails_does_not_poison() {
    let db = two_notes();
    let mut s = db.session();
    let [one, two] = [Folder::of("home", ""), Folder::of("home", "")].map(|f| s.add(f));
    assert!(s.plan().is_err());
    s.detach(one).unwrap();
    s[two].label = "at home".to_owned();
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT name, label FROM folder"),
        "home | at home\n"
    );
}

#[test]
fn a_failed_session_can_be_closed_and_dropped() {
    let db = two_notes();
    let (mut s, ..) = failed(&db);
    s.close().unwrap();
    let (s, ..) = failed(&db);
    drop(s);
    assert_eq!(open_transactions(&db), "0\n");
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

#[test]
fn raw_sql_that_ends_a_transaction_is_refused_before_it_is_sent() {
    let db = two_notes();
    let mut s = db.session();
    for sql in [
        "COMMIT",
        "commit;",
        " -- done\n/* really */ ;ROLLBACK TO SAVEPOINT a",
        "BEGIN",
        "START TRANSACTION",
        "end",
        "SAVEPOINT a",
        "RELEASE a",
        "PREPARE TRANSACTION 'a'",
        "/* one /* in another */ */COMMIT/**/",
    ] {
        let error = s.execute(sql, ()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Mapping { .. }), "{sql}");
    }
    assert_eq!(s.execute("PREPARE start AS SELECT 1", ()).unwrap(), 0);
    assert_eq!(s.execute("SELECT 1 AS commit", ()).unwrap(), 1);
}
