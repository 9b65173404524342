//! `ensure`: rows are inserted or found, by one statement.

use std::thread;
use std::time::Duration;

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Tag, Tagged};

fn tags() -> TestDb {
    let db = TestDb::new::<(Tag, Tagged)>();
    let mut s = db.session();
    s.bulk_insert([Tag::named("blue", 1), Tag::named("red", 2)])
        .unwrap();
    s.commit().unwrap();
    db.forget();
    db
}

#[test]
fn rows_are_inserted_or_found_in_order() {
    let db = tags();
    let mut s = db.session();
    let rows = ["red", "green", "blue", "green", "red"].map(|name| Tag::named(name, 7));
    let found = s.ensure(Tag::NAME, rows).unwrap();
    let names: Vec<_> = found
        .iter()
        .map(|h| (s[*h].name.as_str(), s[*h].uses))
        .collect();
    assert_eq!(
        names,
        [
            ("red", 2),
            ("green", 7),
            ("blue", 1),
            ("green", 7),
            ("red", 2)
        ]
    );
    assert_eq!((found[0], found[1]), (found[4], found[3]));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tag (name, uses, look, code, parent_id) ×5 ON CONFLICT (name) DO NOTHING RETURNING tag
        COMMIT
    "#]]);
}

#[test]
fn rows_that_are_there_cost_neither_a_new_version_nor_a_number() {
    let db = tags();
    let before = db.rows("SELECT xmin, ctid FROM tag ORDER BY id");
    let mut s = db.session();
    for _ in 0..3 {
        s.ensure(Tag::NAME, [Tag::named("red", 7), Tag::named("blue", 7)])
            .unwrap();
    }
    s.ensure(Tag::NAME, [Tag::named("green", 7)]).unwrap();
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT xmin, ctid FROM tag WHERE id < 3 ORDER BY id"),
        before
    );
    assert_eq!(db.rows("SELECT id FROM tag WHERE name = 'green'"), "3\n");
}

/// IM-2, BK-1
#[test]
fn objects_keep_what_they_have() {
    let db = tags();
    let mut s = db.session();
    let red = s.get::<Tag>(2).unwrap().unwrap();
    s[red].uses = 5;
    let found = s.ensure(Tag::NAME, [Tag::named("red", 7)]).unwrap();
    assert_eq!((found[0], s[red].uses), (red, 5));
}

/// ST-2
#[test]
fn a_rollback_drops_what_was_inserted() {
    let db = tags();
    let mut s = db.session();
    let found = s
        .ensure(Tag::NAME, [Tag::named("red", 7), Tag::named("green", 7)])
        .unwrap();
    s.rollback().unwrap();
    assert_eq!(
        (s.state(found[0]), s.state(found[1])),
        (State::Persistent, State::Gone)
    );
    assert_eq!(db.rows("SELECT count(*) FROM tag"), "2\n");
}

#[test]
fn a_key_of_several_columns_is_a_target() {
    let db = tags();
    let mut s = db.session();
    let rows = || {
        [
            Tagged::at("it's", Fk::to(1), 1),
            Tagged::at("it's", Fk::to(2), 2),
        ]
    };
    let one = s.ensure((Tagged::PLACE, Tagged::TAG), rows()).unwrap();
    let two = s.ensure((Tagged::PLACE, Tagged::TAG), rows()).unwrap();
    assert_eq!(one, two);
}

/// A row that another transaction inserted after the statement began is waited for, and found by
/// the next statement.
#[test]
fn a_row_that_somebody_else_inserts_meanwhile_is_found() {
    let db = tags();
    let mut other = db.look();
    other.run("BEGIN; INSERT INTO tag (name, uses, look, code) VALUES ('green', 99, '{\"colour\": \"\", \"size\": 0}', '')");
    let ending = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        other.run("COMMIT");
    });
    let mut s = db.session();
    let rows = ["green", "red", "black"].map(|name| Tag::named(name, 7));
    let found = s.ensure(Tag::NAME, rows).unwrap();
    ending.join().unwrap();
    let names: Vec<_> = found
        .iter()
        .map(|h| (s[*h].name.as_str(), s[*h].uses))
        .collect();
    assert_eq!(names, [("green", 99), ("red", 2), ("black", 7)]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tag (name, uses, look, code, parent_id) ×3 ON CONFLICT (name) DO NOTHING RETURNING tag
        INSERT tag (name, uses, look, code, parent_id) ×1 ON CONFLICT (name) DO NOTHING RETURNING tag
        COMMIT
    "#]]);
}

/// The same when the other one gives up: the row is inserted here.
#[test]
fn a_row_that_somebody_else_takes_back_is_inserted() {
    let db = tags();
    let mut other = db.look();
    other.run("BEGIN; INSERT INTO tag (name, uses, look, code) VALUES ('green', 99, '{}', '')");
    let ending = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        other.run("ROLLBACK");
    });
    let mut s = db.session();
    let found = s.ensure(Tag::NAME, [Tag::named("green", 7)]).unwrap();
    ending.join().unwrap();
    assert_eq!(s[found[0]].uses, 7);
}

/// TX-4
#[test]
fn at_the_stricter_levels_such_a_row_is_a_failed_serialization() {
    let db = tags();
    let options = TransactionOptions::repeatable_read();
    let result = db.engine().transaction_with(options, |s| {
        s.get::<Tag>(1)?;
        db.look()
            .run("INSERT INTO tag (name, uses, look, code) VALUES ('green', 99, '{}', '')");
        s.ensure(Tag::NAME, [Tag::named("green", 7)])
    });
    assert_eq!(*result.unwrap_err().kind(), ErrorKind::Serialization);
}

/// Two sessions that ensure the same names in opposite order wait for each other.
#[test]
fn sessions_that_ensure_the_same_rows_do_not_deadlock() {
    let db = tags();
    let names: Vec<String> = (0..200).map(|n| format!("n{n}")).collect();
    thread::scope(|scope| {
        for turn in 0..4 {
            let (engine, mut names) = (db.engine().clone(), names.clone());
            if turn % 2 == 1 {
                names.reverse();
            }
            scope.spawn(move || {
                let rows = names.iter().map(|name| Tag::named(name, turn));
                let rows: Vec<Tag> = rows.collect();
                engine
                    .transaction(|s| {
                        let found = s.ensure(Tag::NAME, rows)?;
                        for (handle, name) in found.iter().zip(&names) {
                            assert_eq!(s[*handle].name, *name);
                        }
                        Ok(())
                    })
                    .unwrap();
            });
        }
    });
    assert_eq!(db.rows("SELECT count(*) FROM tag"), "202\n");
}

#[test]
fn a_row_that_cannot_be_looked_for_is_refused() {
    let db = tags();
    let mut s = db.session();
    let refused = s.ensure(Tag::ID, [Tag::named("red", 1)]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "writing row 1 of Tag: a row of Tag can't be looked for by id, which has no value"
    );
    let refused = s.ensure(Tag::USES, [Tag::named("red", 1)]).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Mapping { .. }));
    db.assert_statements(expect![""]);
}
