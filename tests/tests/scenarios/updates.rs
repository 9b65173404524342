//! S15 to S23: rows that change.
//!
//! Exactly so elsewhere: S15, S17, S18 in the tests of flushes.

use expect_test::expect;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sessile::Hooks;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{ADDRESSES, Address, User, users};

/// S16, ST-6: an expired object is still compared with what it was.
#[test]
fn an_equal_value_written_to_an_expired_object_is_no_change() {
    let db = users();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    s.commit().unwrap();
    db.forget();
    s[ann].name = "ann".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(db.rows("SELECT name FROM users WHERE id = 1"), "ann\n");
}

/// S19, FL-2, FL-7: whichever row comes first in the order of keys, in which they are locked.
#[test]
fn an_update_that_refers_to_a_new_row_comes_behind_it() {
    for (edited, moved) in [(2, 4), (4, 2)] {
        let db = users();
        let mut s = db.session();
        let [edited, moved] = s
            .get_many::<Address, 2>([edited, moved])
            .unwrap()
            .map(Option::unwrap);
        db.forget();
        s[edited].email = "new".to_owned();
        let cid = s.add(User::named("cid"));
        s[moved].user = cid.into();
        s.commit().unwrap();
        db.assert_statements(match s[moved].id {
            4 => expect![[r#"
                BEGIN
                INSERT users (name, email) ×1 RETURNING id
                UPDATE addresses SET email ×1 WHERE id
                UPDATE addresses SET user_id ×1 WHERE id
                COMMIT
            "#]],
            _ => expect![[r#"
                BEGIN
                INSERT users (name, email) ×1 RETURNING id
                UPDATE addresses SET user_id ×1 WHERE id
                UPDATE addresses SET email ×1 WHERE id
                COMMIT
            "#]],
        });
        assert_eq!(
            db.rows("SELECT user_id, email FROM addresses ORDER BY user_id, email"),
            match s[moved].id {
                4 => "1 | a1\n1 | new\n2 | b1\n3 | a3\n",
                _ => "1 | a1\n1 | new\n2 | b1\n3 | a2\n",
            }
        );
    }
}

/// S19: without a new row there is nothing between the updates, and no lock before them.
#[test]
fn rows_with_different_changed_columns_are_an_update_each() {
    let db = users();
    let mut s = db.session();
    let [a2, a3] = s
        .get_many::<Address, 2>([2, 4])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    s[a3].user = Fk::to(2).into();
    s[a2].email = "new".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE addresses SET email ×1 WHERE id
        UPDATE addresses SET user_id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(ADDRESSES),
        "1 | 1 | a1\n2 | 1 | new\n3 | 2 | b1\n4 | 2 | a3\n"
    );
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "counters")]
struct Counter {
    #[model(key)]
    id: i64,
    n: i64,
}

/// S20, CT-4
#[test]
fn two_sessions_that_count_up_lose_nothing_and_read_nothing() {
    let db = TestDb::with::<Counter>("INSERT INTO counters VALUES (1, 5)");
    let (mut one, mut two) = (db.session(), db.session());
    let mine = one.get::<Counter>(1).unwrap().unwrap();
    let theirs = two.get::<Counter>(1).unwrap().unwrap();
    db.forget();
    one.set_expr(mine, Counter::N, Counter::N + 1).unwrap();
    one.commit().unwrap();
    two.set_expr(theirs, Counter::N, Counter::N + 1).unwrap();
    two.commit().unwrap();
    assert_eq!((one[mine].n, two[theirs].n), (6, 7));
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE counters SET n = n + $1 ×1 WHERE id RETURNING n
        COMMIT
        BEGIN
        UPDATE counters SET n = n + $1 ×1 WHERE id RETURNING n
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT n FROM counters"), "7\n");
}

/// D: a default, a value that the program gives with each change, one that the database gives.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "docs")]
struct Doc {
    #[model(key, generated)]
    id: i64,
    a: i32,
    #[model(default = "5")]
    b: Option<i32>,
    c: i32,
    #[model(generated(always))]
    at: Option<Timestamp>,
}

const CLOCK: &str = "
    CREATE FUNCTION tick() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.at := clock_timestamp(); RETURN NEW; END';
    CREATE TRIGGER tick BEFORE INSERT OR UPDATE ON docs FOR EACH ROW EXECUTE FUNCTION tick();
    INSERT INTO docs (a, c) VALUES (1, 7)";

/// S21, FL-9, FL-10
#[test]
fn what_comes_with_each_change_is_in_the_object_after_one_update() {
    let db = TestDb::with::<Doc>(CLOCK);
    let mut s = db.session();
    s.add_hooks(Hooks::new().before_update::<Doc>(|doc| {
        doc.c = 8;
        Ok(())
    }));
    let doc = s.get::<Doc>(1).unwrap().unwrap();
    let before = s[doc].at;
    db.forget();
    s[doc].a = 2;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE docs SET a, c ×1 WHERE id RETURNING at
        COMMIT
    "#]]);
    assert_eq!((s[doc].a, s[doc].c), (2, 8));
    assert!(s[doc].at > before);
    let sql = format!("SELECT a, b, c, at = '{}' FROM docs", s[doc].at.unwrap());
    assert_eq!(db.rows(&sql), "2 | 5 | 8 | t\n");
}

/// S22, FL-8: and after the rollback the row is not there.
#[test]
fn an_update_of_a_row_that_is_gone_is_stale_and_names_it() {
    let db = users();
    let mut s = db.session();
    let bob = s.get::<User>(2).unwrap().unwrap();
    db.look().run("DELETE FROM users WHERE id = 2");
    s[bob].name = "rob".to_owned();
    let error = s.flush().unwrap_err();
    expect!["stale User: 2 changed or deleted by somebody else"].assert_eq(&error.to_string());
    assert_eq!(error.stale()[0].expected, None, "there is no version");
    let refused = s.get::<User>(1).unwrap_err();
    assert_eq!(
        refused.stale(),
        error.stale(),
        "also behind TransactionFailed"
    );
    s.rollback().unwrap();
    assert_eq!(s.get::<User>(2).unwrap(), None);
    assert_eq!(s.state(bob), State::Gone);
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        BEGIN
        UPDATE users SET name ×1 WHERE id
        ROLLBACK
        SELECT users ×1 WHERE id
    "#]]);
    assert_eq!(db.rows("SELECT id FROM users"), "1\n");
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Face {
    color: String,
    points: Vec<i32>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "cards")]
struct Card {
    #[model(key)]
    id: i64,
    #[model(json)]
    face: Face,
}

/// S23, CT-2
#[test]
fn json_that_is_changed_in_place_is_written_unless_it_is_the_same_again() {
    let db =
        TestDb::with::<Card>(r#"INSERT INTO cards VALUES (1, '{"color": "red", "points": [1]}')"#);
    let mut s = db.session();
    let card = s.get::<Card>(1).unwrap().unwrap();
    db.forget();
    s[card].face.points.push(2);
    s[card].face.points.pop();
    s.flush().unwrap();
    db.assert_statements(expect![[r#""#]]);
    s[card].face.points.push(2);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE cards SET face ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT face FROM cards"),
        "{\"color\": \"red\", \"points\": [1, 2]}\n"
    );
}
