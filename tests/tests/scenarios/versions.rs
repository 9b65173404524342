//! S61, S62, S63 and S100: rows with a version.
//!
//! Exactly so elsewhere: S60 and S64 in the tests of flushes, S65 in those of states, S66 and S67
//! in those of reads.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{NOTES, Note, notes};

/// S61, VN-1
#[test]
fn a_version_that_the_program_assigns_is_compared_with_the_old_one() {
    let db = notes();
    let mut s = db.session();
    let note = s.get::<Note>(2).unwrap().unwrap();
    db.forget();
    s[note].version = 7;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(NOTES),
        "1 | 1 | old\n2 | 7 | old\n3 | 1 | old\n4 | 1 | old\n"
    );
}

/// S62, VN-1
#[test]
fn the_second_of_two_sessions_is_stale_and_writes_nothing() {
    let db = notes();
    let (mut first, mut second) = (db.session(), db.session());
    let mine = first.get::<Note>(1).unwrap().unwrap();
    let theirs = second.get_each::<Note>([1, 2]).unwrap();
    first[mine].text = "first".to_owned();
    first.commit().unwrap();
    db.forget();
    for note in &theirs {
        let note = *note;
        second[note].text = "second".to_owned();
    }
    let error = second.commit().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { model: "Note", keys } if *keys == ["1"]));
    expect!["stale Note: 1 (version 1 expected) changed or deleted by somebody else"]
        .assert_eq(&error.to_string());
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version, text ×2 WHERE id, version
        ROLLBACK
    "#]]);
    // What was found costs nothing until it is asked for.
    second.rollback().unwrap();
    let found = second.get::<Note>(1).unwrap().unwrap();
    assert_eq!((found, second[found].version), (theirs[0], 2));
    assert_eq!(
        db.rows(NOTES),
        "1 | 2 | first\n2 | 1 | old\n3 | 1 | old\n4 | 1 | old\n"
    );
}

/// S63, VN-1
#[test]
fn a_delete_with_an_old_version_is_stale_and_the_row_stays() {
    let db = notes();
    let mut s = db.session();
    let note = s.get::<Note>(1).unwrap().unwrap();
    db.look()
        .run("UPDATE notes SET version = 2, text = 'new' WHERE id = 1");
    db.forget();
    s.delete(note).unwrap();
    let error = s.commit().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { keys, .. } if *keys == ["1"]));
    let [row] = error.stale() else {
        panic!("{error}")
    };
    assert_eq!(
        (row.key.as_str(), row.expected.as_deref()),
        ("1", Some("1"))
    );
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE notes ×1 WHERE id, version
        ROLLBACK
    "#]]);
    s.rollback().unwrap();
    assert_eq!(s.state(note), State::Persistent);
    assert_eq!(
        db.rows(NOTES),
        "1 | 2 | new\n2 | 1 | old\n3 | 1 | old\n4 | 1 | old\n"
    );
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "orders", has_many(lines = Line::ORDER))]
struct Order {
    #[model(key, generated)]
    id: i64,
    #[model(version)]
    version: i32,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "lines")]
struct Line {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade)]
    order: Fk<Order>,
    amount: i64,
}

/// S100, VN-2
#[test]
fn the_version_of_a_root_counts_once_when_only_its_children_change() {
    let db = TestDb::with::<(Order, Line)>(
        "INSERT INTO orders (version) VALUES (1);
         INSERT INTO lines (order_id, amount) VALUES (1, 5), (1, 6)",
    );
    let mut s = db.session();
    let order = s.get::<Order>(1).unwrap().unwrap();
    let lines = s.related(order, Order::LINES).unwrap();
    db.forget();
    for line in lines {
        s[line].amount += 1;
        s.touch(order).unwrap();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE lines SET amount ×2 WHERE id
        UPDATE orders SET version ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT version, amount FROM orders o JOIN lines l ON o.id = order_id ORDER BY 2"),
        "2 | 6\n2 | 7\n"
    );
}
