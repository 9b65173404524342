//! A query sees what was changed in memory, and only what it reads is flushed for it.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::desk::{Folder, Note, Page, notes, two_notes};
use sessile_tests::{chain, panic_of};

/// AF-1, S68
#[test]
fn a_query_counts_what_is_pending() {
    let db = two_notes();
    let mut s = db.session();
    s.add(Note::of("tax", ""));
    assert_eq!(s.count(select::<Note>()).unwrap(), 3);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        COUNT note
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
    s.commit().unwrap();
    assert_eq!(
        notes(&db),
        "1 | milk | buy | 0\n2 | rent | pay | 0\n3 | tax |  | 0\n"
    );
}

/// AF-1, S99
#[test]
fn a_query_does_not_flush_what_it_does_not_read() {
    let db = two_notes();
    let mut s = db.session();
    s.add(Folder::of("home", ""));
    assert_eq!(s.count(select::<Note>()).unwrap(), 2);
    s.get::<Note>(1).unwrap();
    db.assert_statements(expect![[r#"
        COUNT note
        BEGIN
        SELECT note ×1 WHERE id
    "#]]);
    s.all(select::<Note>().with(Note::FOLDER)).unwrap();
    db.assert_statements(expect![[r#"
        INSERT folder (name, label) ×1
        SELECT note
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM folder"), "0\n");
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT name FROM folder"), "home\n");
}

/// AF-1, S99
#[test]
fn raw_sql_flushes_everything() {
    let db = two_notes();
    let mut s = db.session();
    s.add(Folder::of("home", ""));
    assert_eq!(
        s.rows(raw::<i64>("SELECT count(*) FROM folder", ()))
            .unwrap(),
        [1]
    );
    s.add(Folder::of("work", ""));
    assert_eq!(s.execute("UPDATE folder SET label = 'x'", ()).unwrap(), 2);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT folder (name, label) ×1
        SELECT count(*) FROM folder
        INSERT folder (name, label) ×1
        UPDATE folder SET label = 'x'
    "#]]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT name, label FROM folder ORDER BY 1"),
        "home | x\nwork | x\n"
    );
}

/// AF-1
#[test]
fn what_is_loaded_along_counts_as_read() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let page = s.add(Page::of(milk, "one"));
    s.all(select::<Note>().with(Note::PAGES)).unwrap();
    assert_eq!(s.loaded(milk, Note::PAGES).unwrap(), [page]);
}

/// AF-1: the clean session costs nothing.
#[test]
fn a_clean_session_is_never_flushed() {
    let db = two_notes();
    let mut s = db.session();
    for _ in 0..5 {
        s.all(select::<Note>()).unwrap();
    }
    assert_eq!(s.statistics().flushes, 0);
    assert_eq!(s.statistics().compared, 0);
}

/// AF-2, S68
#[test]
fn without_autoflush_a_query_sees_the_database() {
    let db = two_notes();
    let mut s = db.session();
    s.add(Note::of("tax", ""));
    let mut quiet = s.no_autoflush();
    assert_eq!(quiet.count(select::<Note>()).unwrap(), 2);
    assert_eq!(quiet.no_autoflush().count(select::<Note>()).unwrap(), 2);
    assert_eq!(quiet.count(select::<Note>()).unwrap(), 2, "guards nest");
    drop(quiet);
    assert_eq!(s.count(select::<Note>()).unwrap(), 3);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        COUNT note
        BEGIN
        COUNT note
        COUNT note
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        COUNT note
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM note"), "3\n");
}

/// AF-2
#[test]
fn autoflush_comes_back_after_an_error_and_a_panic() {
    let db = two_notes();
    let mut s = db.session();
    s.add(Note::of("tax", ""));
    let refused = |s: &mut Session| -> Result<()> {
        let mut quiet = s.no_autoflush();
        quiet.get::<Folder>("home")?;
        Err(Error::other("no"))
    };
    refused(&mut s).unwrap_err();
    panic_of(|| {
        let _quiet = s.no_autoflush();
        panic!("out of ink");
    });
    assert_eq!(s.count(select::<Note>()).unwrap(), 3);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT folder ×1 WHERE name
        BEGIN
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        COUNT note
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM note"), "3\n");
}

/// AF-2
#[test]
fn commit_and_savepoints_flush_all_the_same() {
    let db = two_notes();
    let mut s = db.session();
    let mut quiet = s.no_autoflush();
    let tax = quiet.add(Note::of("tax", ""));
    let nested = quiet.begin_nested().unwrap();
    assert_eq!(nested.state(tax), State::Persistent);
    nested.release().unwrap();
    quiet.add(Note::of("gas", ""));
    quiet.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM note"), "4\n");
}

/// AF-3, S71
#[test]
fn an_error_in_an_autoflush_says_which_query_brought_it() {
    let db = two_notes();
    let mut s = db.session();
    s.add(Note::of("milk", "twice"));
    let error = s.count(select::<Note>()).unwrap_err();
    assert!(error.violates(Note::TITLE));
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        ROLLBACK
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
    expect![[r#"
        flushing before reading Note: INSERT note (folder_name, title, body, stars) ×1 RETURNING id: unique constraint note_title_key (Note.title) violated
        ERROR: duplicate key value violates unique constraint "note_title_key" (SQLSTATE 23505)
    "#]].assert_eq(&chain(&error));
}

/// AF-3
#[test]
fn an_error_before_raw_sql_says_so() {
    let db = two_notes();
    let mut s = db.session();
    s.add(Note::of("milk", "twice"));
    let error = s.execute("UPDATE folder SET label = ''", ()).unwrap_err();
    expect![[r#"
        flushing before raw SQL: INSERT note (folder_name, title, body, stars) ×1 RETURNING id: unique constraint note_title_key (Note.title) violated
        ERROR: duplicate key value violates unique constraint "note_title_key" (SQLSTATE 23505)
    "#]].assert_eq(&chain(&error));
    s.rollback().unwrap();
    s.add(Note::of("milk", "twice"));
    let error = s.rows(raw::<i32>("SELECT 1", ())).unwrap_err();
    expect![[r#"
        flushing before raw SQL: INSERT note (folder_name, title, body, stars) ×1 RETURNING id: unique constraint note_title_key (Note.title) violated
        ERROR: duplicate key value violates unique constraint "note_title_key" (SQLSTATE 23505)
    "#]].assert_eq(&chain(&error));
}
