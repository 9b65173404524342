//! Unique values change hands within one flush (FL-3).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{User, save};

/// A place in a list of a parent: unique together.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "items", unique(list, place))]
struct Item {
    #[model(key)]
    id: i64,
    list: i64,
    place: i32,
}

fn db() -> TestDb {
    let db = TestDb::new::<User>();
    save(&db, ["a", "b", "c"].map(|n| User::at(n, n)));
    db
}

fn users(s: &mut Session) -> [Handle<User>; 3] {
    s.get_many([1, 2, 3]).unwrap().map(Option::unwrap)
}

fn mail(text: &str) -> Option<String> {
    Some(text.to_owned())
}

const EMAILS: &str = "SELECT id, email FROM users ORDER BY id";

#[test]
fn a_value_is_deleted_before_a_new_row_takes_it() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = users(&mut s);
    db.forget();
    s.add(User::at("new", "a"));
    s.delete(a).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE users ×1 WHERE id
        INSERT users (name, email) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "2 | b\n3 | c\n4 | a\n");
}

#[test]
fn a_value_is_given_up_before_a_new_row_takes_it() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = users(&mut s);
    db.forget();
    s.add(User::at("new", "a"));
    s[a].email = mail("z");
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET email ×1 WHERE id
        INSERT users (name, email) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "1 | z\n2 | b\n3 | c\n4 | a\n");
}

#[test]
fn a_value_is_deleted_before_another_row_takes_it() {
    let db = db();
    let mut s = db.session();
    let [a, b, _] = users(&mut s);
    db.forget();
    s[b].email = mail("a");
    s.delete(a).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK users ×2
        DELETE users ×1 WHERE id
        UPDATE users SET email ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "2 | a\n3 | c\n");
}

/// NULL is like no other value, so it need not be waited for.
#[test]
fn a_value_that_becomes_null_is_given_up() {
    let db = db();
    let mut s = db.session();
    let [a, b, c] = users(&mut s);
    db.forget();
    s[a].email = None;
    s[b].email = mail("a");
    s[c].email = None;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK users ×3
        UPDATE users SET email ×2 WHERE id
        UPDATE users SET email ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "1 | -\n2 | a\n3 | -\n");
}

/// The values of all columns together are unique, not each of them.
#[test]
fn a_unique_group_is_compared_as_a_whole() {
    let db = TestDb::new::<Item>();
    let item = |(id, list, place)| Item { id, list, place };
    save(&db, [(1, 1, 1), (2, 1, 2), (3, 2, 1)].map(item));
    let mut s = db.session();
    let [one, two, three] = s
        .get_many::<Item, 3>([1, 2, 3])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    s[one].place = 2;
    s[two].list = 2;
    s[three].place = 1;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK items ×2
        UPDATE items SET list ×1 WHERE id
        UPDATE items SET place ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, list, place FROM items ORDER BY id"),
        "1 | 1 | 2\n2 | 2 | 2\n3 | 2 | 1\n"
    );
}

/// Two rows that take one value are the database's to refuse.
#[test]
fn a_value_that_two_rows_take_is_a_violation() {
    let db = db();
    let mut s = db.session();
    let [a, b, c] = users(&mut s);
    s.delete(a).unwrap();
    s[b].email = mail("a");
    s[c].email = mail("a");
    let error = s.flush().unwrap_err();
    assert!(error.violates(User::EMAIL));
    assert_eq!(db.rows(EMAILS), "1 | a\n2 | b\n3 | c\n");
}
