//! Models and tables that do not fit together: `Mapping` naming the model, with what the server
//! said as the source. Raw SQL is the caller's own and stays `Database`.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::{count, raw};
use sessile_tests::desk::{Folder, Note, Page};
use sessile_tests::{TestDb, chain};

/// A desk, and something that its database does not have any more.
fn desk_after(sql: &'static str) -> TestDb {
    let db = TestDb::with::<(Folder, Note, Page)>(sql);
    db.forget();
    db
}

#[track_caller]
fn assert_mapping(error: &Error, code: &str) {
    assert!(
        matches!(error.kind(), ErrorKind::Mapping { .. }),
        "{error:?}"
    );
    assert_eq!(error.code(), Some(code));
}

#[test]
fn a_table_that_does_not_exist() {
    let db = desk_after("DROP TABLE page");
    let mut s = db.session();
    let milk = s.insert(Note::of("milk", "")).unwrap();
    s.commit().unwrap();
    let mut failures = Vec::new();
    let mut failing = |work: &dyn Fn(&mut Session) -> Error| {
        let error = work(&mut s);
        s.rollback().unwrap();
        assert_mapping(&error, "42P01");
        failures.push(error);
    };
    failing(&|s| s.get::<Page>(1).unwrap_err());
    failing(&|s| s.get_many::<Page, _>([1, 2]).unwrap_err());
    failing(&|s| s.get_for_update::<Page>(1).unwrap_err());
    failing(&|s| s.all(select::<Page>()).unwrap_err());
    failing(&|s| s.count(select::<Page>()).unwrap_err());
    failing(&|s| s.exists(select::<Page>()).unwrap_err());
    failing(&|s| s.rows(select::<Page>().columns(count())).unwrap_err());
    failing(&|s| s.related(milk, Note::PAGES).unwrap_err());
    failing(&|s| s.insert(Page::of(milk, "one")).unwrap_err());
    let mut text = String::new();
    for error in &failures {
        text.push_str(&chain(error));
        text.push('\n');
    }
    expect![[r#"
        SELECT page ×1 WHERE id: a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

        SELECT page ×2 WHERE id: a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

        SELECT page ×1 WHERE id FOR UPDATE: a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

        SELECT page: a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

        COUNT page: a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

        EXISTS page: a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

        SELECT page (count(*)): a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

        SELECT page ×1 WHERE note_id: a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

        INSERT page (note_id, text) ×1 RETURNING id: a table that Page needs is not in the database
        ERROR: relation "page" does not exist (SQLSTATE 42P01)

    "#]]
    .assert_eq(&text);
}

#[test]
fn a_column_that_does_not_exist() {
    let db = desk_after("ALTER TABLE note DROP COLUMN stars");
    let mut s = db.session();
    let error = s.all(select::<Note>()).unwrap_err();
    assert_mapping(&error, "42703");
    expect![[r#"
        SELECT note: a column that Note needs is not in the database
        ERROR: column note.stars does not exist (SQLSTATE 42703)
    "#]]
    .assert_eq(&chain(&error));
    s.rollback().unwrap();
    let error = s.insert(Note::of("milk", "")).unwrap_err();
    assert_mapping(&error, "42703");
    expect![[r#"
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id: a column that Note needs is not in the database
        ERROR: column "stars" of relation "note" does not exist (SQLSTATE 42703)
    "#]].assert_eq(&chain(&error));
    s.rollback().unwrap();
    let error = s.all(select::<Note>().with(Note::PAGES)).unwrap_err();
    assert_mapping(&error, "42703");
}

#[test]
fn a_mapping_error_loses_nothing() {
    let db = desk_after("DROP TABLE page");
    let mut s = db.session();
    let milk = s.insert(Note::of("milk", "")).unwrap();
    let error = s
        .savepoint(|s| s.insert(Page::of(milk, "one")))
        .unwrap_err();
    assert_mapping(&error, "42P01");
    s[milk].stars = 5;
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT title, stars FROM note"), "milk | 5\n");
}

#[test]
fn raw_sql_keeps_the_servers_code() {
    let db = desk_after("");
    let mut s = db.session();
    let error = s.execute("DELETE FROM no_such_table", ()).unwrap_err();
    let database = |code: &str| ErrorKind::Database {
        code: code.to_owned(),
    };
    assert_eq!(error.kind(), &database("42P01"));
    expect![[r#"
        DELETE FROM no_such_table: the server refused the statement
        ERROR: relation "no_such_table" does not exist (SQLSTATE 42P01)
    "#]]
    .assert_eq(&chain(&error));
    s.rollback().unwrap();
    let error = s
        .rows(raw::<i64>("SELECT no_such_column FROM note", ()))
        .unwrap_err();
    assert_eq!(error.kind(), &database("42703"));
}

#[test]
fn a_table_that_exists_is_not_created_again() {
    let db = desk_after("");
    let error = db.engine().create_tables::<Folder>().unwrap_err();
    expect![[r#"
        CREATE TABLE "folder": the server refused the statement
        ERROR: relation "folder" already exists (SQLSTATE 42P07)
    "#]]
    .assert_eq(&chain(&error));
}
