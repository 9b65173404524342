//! Columns of another type than the field's, in both directions.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::desk::{Folder, Note, Page};
use sessile_tests::{TestDb, chain};

fn desk_after(sql: &'static str) -> TestDb {
    let db = TestDb::with::<(Folder, Note, Page)>(sql);
    db.forget();
    db
}

#[test]
fn a_column_of_another_type_is_read_as_a_conversion_error() {
    let db = desk_after(
        "ALTER TABLE note ALTER stars TYPE text;
         INSERT INTO note (title, body, stars) VALUES ('milk', '', 'four')",
    );
    let mut s = db.session();
    for error in [
        s.get::<Note>(1).unwrap_err(),
        s.all(select::<Note>()).unwrap_err(),
    ] {
        assert_eq!(
            error.kind(),
            &ErrorKind::Conversion {
                place: "Note.stars".to_owned()
            }
        );
        assert!(!format!("{error:?}").contains("four"));
        assert_eq!(
            chain(&error),
            "Note.stars can't be converted\na column of type text does not fit i32\n"
        );
    }
    s.insert(Folder::of("home", "")).unwrap();
    s.commit().unwrap();
}

#[test]
fn a_column_of_another_type_is_written_as_a_mapping_error() {
    let db =
        desk_after("ALTER TABLE note ALTER stars TYPE date USING NULL, ALTER stars DROP NOT NULL");
    let mut s = db.session();
    let error = s.insert(Note::of("milk", "")).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Mapping { .. }),
        "{error:?}"
    );
    expect![[r#"
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id: a column that Note needs has another type in the database
        ERROR: column "stars" is of type date but expression is of type integer (SQLSTATE 42804)
    "#]].assert_eq(&chain(&error));
    s.rollback().unwrap();
    s.add_all([Note::of("milk", ""), Note::of("rent", "")]);
    let error = s.flush().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Mapping { .. }),
        "{error:?}"
    );
}

#[test]
fn a_key_column_of_another_type_is_a_mapping_error() {
    let db = desk_after(
        "ALTER TABLE folder ADD COLUMN other int; ALTER TABLE note DROP folder_name; ALTER TABLE folder ALTER name TYPE int USING 0",
    );
    let mut s = db.session();
    let error = s.get::<Folder>("home").unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Mapping { .. }),
        "{error:?}"
    );
    expect![[r#"
        SELECT folder ×1 WHERE name: a column that Folder needs has another type in the database
        ERROR: operator does not exist: integer = text (SQLSTATE 42883)
    "#]]
    .assert_eq(&chain(&error));
}

#[test]
fn a_null_in_a_field_that_is_no_option() {
    let db = desk_after(
        "ALTER TABLE note ALTER body DROP NOT NULL;
         INSERT INTO note (title, body, stars) VALUES ('milk', NULL, 4)",
    );
    let mut s = db.session();
    let error = s.get::<Note>(1).unwrap_err();
    assert_eq!(
        error.kind(),
        &ErrorKind::Conversion {
            place: "Note.body".to_owned()
        }
    );
    expect![[r#"
        Note.body can't be converted
        the column is NULL and the field is not an Option
    "#]]
    .assert_eq(&chain(&error));
    assert_eq!(s.local::<Note>(&1), None, "half a row is no object");
}

#[test]
fn a_null_in_a_reference_that_is_no_option() {
    let db = desk_after(
        "ALTER TABLE page ALTER note_id DROP NOT NULL;
         INSERT INTO page (text) VALUES ('one')",
    );
    let mut s = db.session();
    let error = s.get::<Page>(1).unwrap_err();
    assert_eq!(
        error.kind(),
        &ErrorKind::Conversion {
            place: "Page.note".to_owned()
        }
    );
}

#[test]
fn rows_that_do_not_fit_what_was_asked_for() {
    let db = desk_after("");
    let mut s = db.session();
    let error = s
        .rows(raw::<(i64, i64)>("SELECT 1::bigint", ()))
        .unwrap_err();
    expect![[r#"
        the result has 1 columns where 2 are expected
    "#]]
    .assert_eq(&chain(&error));
    let error = s.rows(raw::<i64>("SELECT 'four'", ())).unwrap_err();
    expect![[r#"
        result column 0 (?column?) can't be converted
        a column of type text does not fit i64
    "#]]
    .assert_eq(&chain(&error));
    let error = s.execute("SELECT $1::int", ()).unwrap_err();
    expect![[r#"
        SELECT $1::int: the list of parameters can't be converted
        ERROR: bind message supplies 0 parameters, but prepared statement "" requires 1 (SQLSTATE 08P01)
    "#]].assert_eq(&chain(&error));
    s.rollback().unwrap();
    let error = s.execute("SELECT $1, $2", (7_i64,)).unwrap_err();
    expect![[r#"
        SELECT $1, $2: the list of parameters can't be converted
        ERROR: bind message supplies 1 parameters, but prepared statement "" requires 2 (SQLSTATE 08P01)
    "#]].assert_eq(&chain(&error));
}
