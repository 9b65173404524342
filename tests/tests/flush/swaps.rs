//! Unique values that rows pass on to each other in one flush: chains, swaps, rotations (FL-3).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{User, save};

/// A place that must not be NULL.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "seats")]
struct Seat {
    #[model(key)]
    id: i64,
    #[model(unique)]
    number: i32,
}

/// A place in a list, and a version.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "entries", unique(list, place))]
struct Entry {
    #[model(key)]
    id: i64,
    #[model(version)]
    version: i32,
    list: i64,
    place: Option<i32>,
}

/// A type that only the server knows.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "plates")]
struct Plate {
    #[model(key)]
    id: i64,
    #[model(unique, sql_type = "varchar(9)")]
    text: String,
}

fn db() -> TestDb {
    let db = TestDb::new::<User>();
    save(&db, ["a", "b", "c", "d"].map(|n| User::at(n, n)));
    db
}

fn users(s: &mut Session) -> [Handle<User>; 4] {
    s.get_many([1, 2, 3, 4]).unwrap().map(Option::unwrap)
}

fn mail(text: &str) -> Option<String> {
    Some(text.to_owned())
}

const EMAILS: &str = "SELECT id, email FROM users ORDER BY id";

/// FL-3: all to NULL, then all to their values.
#[test]
fn a_swap_goes_through_null() {
    let db = db();
    let mut s = db.session();
    let [a, b, ..] = users(&mut s);
    db.forget();
    s[a].email = mail("b");
    s[b].email = mail("a");
    expect![[r#"
        rank 1
          UPDATE users SET email = NULL ×2 WHERE id
          UPDATE users SET email ×2 WHERE id
    "#]]
    .assert_eq(&s.plan().unwrap().to_string());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET email ×2 WHERE id
        UPDATE users SET email ×2 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "1 | b\n2 | a\n3 | c\n4 | d\n");
}

/// FL-3: two statements, however many rows.
#[test]
fn a_rotation_goes_through_null() {
    let db = db();
    let mut s = db.session();
    let all = users(&mut s);
    db.forget();
    for (user, email) in all.into_iter().zip(["b", "c", "d", "a"]) {
        s[user].email = mail(email);
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET email ×4 WHERE id
        UPDATE users SET email ×4 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "1 | b\n2 | c\n3 | d\n4 | a\n");
}

/// FL-3: what the swap changes besides is in the second statement.
#[test]
fn rows_that_swap_and_change_more_are_written_once_each() {
    let db = db();
    let mut s = db.session();
    let [a, b, ..] = users(&mut s);
    db.forget();
    s[a].email = mail("b");
    s[a].name = "A".to_owned();
    s[b].email = mail("a");
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET email ×2 WHERE id
        UPDATE users SET email ×1 WHERE id
        UPDATE users SET name, email ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, name, email FROM users WHERE id < 3 ORDER BY id"),
        "1 | A | b\n2 | b | a\n"
    );
}

/// FL-3: two links are two statements anyway.
#[test]
fn a_chain_of_two_is_ordered() {
    let db = db();
    let mut s = db.session();
    let [a, b, ..] = users(&mut s);
    db.forget();
    s[a].email = mail("b");
    s[b].email = mail("e");
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK users ×2
        UPDATE users SET email ×1 WHERE id
        UPDATE users SET email ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "1 | b\n2 | e\n3 | c\n4 | d\n");
}

/// FL-3: on a column that may be NULL a longer chain is two statements as well.
#[test]
fn a_longer_chain_goes_through_null() {
    let db = db();
    let mut s = db.session();
    let all = users(&mut s);
    db.forget();
    for (user, email) in all.into_iter().zip(["b", "c", "d", "e"]) {
        s[user].email = mail(email);
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET email ×4 WHERE id
        UPDATE users SET email ×4 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "1 | b\n2 | c\n3 | d\n4 | e\n");
}

/// FL-3: where NULL is not allowed, a chain of n links is n statements.
#[test]
fn a_chain_of_required_values_is_a_statement_a_link() {
    let db = TestDb::new::<Seat>();
    save(
        &db,
        [1, 2, 3].map(|id| Seat {
            id,
            number: id as i32,
        }),
    );
    let mut s = db.session();
    let seats = s.get_each::<Seat>([1, 2, 3]).unwrap();
    db.forget();
    for seat in seats {
        s[seat].number += 1;
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK seats ×3
        UPDATE seats SET number ×1 WHERE id
        UPDATE seats SET number ×1 WHERE id
        UPDATE seats SET number ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, number FROM seats ORDER BY id"),
        "1 | 2\n2 | 3\n3 | 4\n"
    );
}

/// FL-3: a swap where NULL is not allowed is refused before anything is sent.
#[test]
fn a_swap_of_required_values_is_a_cycle_before_sql() {
    let db = TestDb::new::<Seat>();
    save(
        &db,
        [1, 2].map(|id| Seat {
            id,
            number: id as i32,
        }),
    );
    let mut s = db.session();
    let [one, two] = s.get_many::<Seat, 2>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    s[one].number = 2;
    s[two].number = 1;
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#""#]]);
    expect![
        "rows wait for each other in a cycle: Seat 1, Seat 2 by Seat.number (seats_number_key)"
    ]
    .assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::Cycle { .. }));
}

/// FL-3, VN-1: one change of each row, so one version more, and both statements compare it.
#[test]
fn a_swap_counts_versions_once() {
    let db = TestDb::new::<Entry>();
    let entry = |id: i64, place| Entry {
        id,
        list: 7,
        place: Some(place),
        ..Entry::default()
    };
    save(&db, [entry(1, 1), entry(2, 2)]);
    let mut s = db.session();
    let [one, two] = s.get_many::<Entry, 2>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    s[one].place = Some(2);
    s[two].place = Some(1);
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE entries SET place ×2 WHERE id, version
        UPDATE entries SET version, place ×2 WHERE id, version
    "#]]);
    assert_eq!((s[one].version, s[two].version), (2, 2));
    s[one].place = Some(3);
    s.commit().unwrap();
    assert_eq!(s[one].version, 3);
    assert_eq!(
        db.rows("SELECT id, version, place FROM entries ORDER BY id"),
        "1 | 3 | 3\n2 | 2 | 1\n"
    );
}

/// FL-3, ST-6: a row that was not read again compares its old value before NULL is written, and
/// not after it.
#[test]
fn a_swap_of_expired_rows_is_guarded() {
    let db = db();
    let mut s = db.session();
    let [a, b, ..] = users(&mut s);
    s.commit().unwrap();
    db.forget();
    let swap = |s: &mut Session| {
        let (x, y) = (s[a].email.clone(), s[b].email.clone());
        s[a].email = y;
        s[b].email = x;
    };
    swap(&mut s);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET email ×2 WHERE id, email
        UPDATE users SET email ×2 WHERE id, email
        COMMIT
    "#]]);
    assert_eq!(db.rows(EMAILS), "1 | b\n2 | a\n3 | c\n4 | d\n");
    db.look().run("UPDATE users SET email = 'x' WHERE id = 2");
    swap(&mut s);
    let error = s.flush().unwrap_err();
    expect!["stale User: 2 changed or deleted by somebody else"].assert_eq(&error.to_string());
}

/// FL-3: a rollback brings the old values back.
#[test]
fn a_swap_is_rolled_back() {
    let db = db();
    let mut s = db.session();
    let [a, b, ..] = users(&mut s);
    s[a].email = mail("b");
    s[b].email = mail("a");
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(
        (s[a].email.as_deref(), s[b].email.as_deref()),
        (Some("a"), Some("b"))
    );
    assert!(!s.has_changes());
}

/// FL-3: a type of the user's choice is no obstacle.
#[test]
fn values_of_types_that_only_the_server_knows_are_freed_first() {
    let db = TestDb::new::<Plate>();
    let plate = |id, text: &str| Plate {
        id,
        text: text.to_owned(),
    };
    save(&db, [plate(1, "a"), plate(2, "b")]);
    let mut s = db.session();
    let [one, two] = s.get_many::<Plate, 2>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    s.delete(one).unwrap();
    s[two].text = "a".to_owned();
    s.add(plate(3, "b"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK plates ×2
        DELETE plates ×1 WHERE id
        UPDATE plates SET text ×1 WHERE id
        INSERT plates (id, text) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, text FROM plates ORDER BY id"),
        "2 | a\n3 | b\n"
    );
}
