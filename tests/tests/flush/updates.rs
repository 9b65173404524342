//! Changed rows: what is compared, and which columns are sent.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Address, Letter, User, save};

/// Three users with addresses, known to nobody.
fn db() -> TestDb {
    let db = TestDb::new::<(User, Address, Letter)>();
    save(
        &db,
        ["a", "b", "c", "d"].map(|n| User::at(n, &format!("{n}@x"))),
    );
    save(&db, (1..=4).map(|n| Address::of(Fk::to(n), "old")));
    db
}

fn users(s: &mut Session) -> [Handle<User>; 4] {
    s.get_many([1, 2, 3, 4]).unwrap().map(Option::unwrap)
}

/// CT-1, S15
#[test]
fn what_is_set_and_set_back_costs_nothing() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = users(&mut s);
    db.forget();
    s[a].name = "x".to_owned();
    s[a].name = "a".to_owned();
    assert!(s.plan().unwrap().is_empty());
    assert!(!s.has_changes());
    s.flush().unwrap();
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(s.statistics().compared, 1);
    s[a].name = "y".to_owned();
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT name FROM users WHERE id = 1"), "y\n");
}

/// CT-3, S17
#[test]
fn only_the_changed_column_is_sent() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = users(&mut s);
    db.forget();
    s[a].name = "x".to_owned();
    assert_eq!(s.changes(a).unwrap(), ["name"]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET name ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, email FROM users ORDER BY id LIMIT 1"),
        "x | a@x\n"
    );
}

/// CT-3, FL-7, S18: rows of one column set are one statement, which takes them in key order.
#[test]
fn rows_that_changed_the_same_columns_are_one_statement() {
    let db = db();
    let mut s = db.session();
    let [a, b, c, d] = users(&mut s);
    db.forget();
    for (user, name) in [(d, "4"), (a, "1"), (c, "3")] {
        s[user].name = name.to_owned();
    }
    s[b].name = "b".to_owned();
    s.commit().unwrap();
    let sent = db.recorded();
    let labels: Vec<&str> = sent.iter().map(|sent| sent.label.as_str()).collect();
    assert_eq!(
        labels,
        ["BEGIN", "UPDATE users SET name ×3 WHERE id", "COMMIT"]
    );
    assert!(sent[1].sql.contains(r#"ORDER BY "id" FOR NO KEY UPDATE"#));
    assert_eq!(
        db.rows("SELECT id, name FROM users ORDER BY id"),
        "1 | 1\n2 | b\n3 | 3\n4 | 4\n"
    );
}

/// CT-3: the other column of each row is another transaction's to write.
#[test]
fn a_row_never_writes_a_column_that_only_another_row_changed() {
    let db = db();
    let mut s = db.session();
    let [a, b, ..] = users(&mut s);
    db.forget();
    s[a].name = "name".to_owned();
    s[b].email = Some("email".to_owned());
    db.look()
        .run("UPDATE users SET email = 'theirs' WHERE id = 1; UPDATE users SET name = 'theirs' WHERE id = 2");
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET name ×1 WHERE id
        UPDATE users SET email ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, name, email FROM users WHERE id < 3 ORDER BY id"),
        "1 | name | theirs\n2 | theirs | email\n"
    );
}

/// S19
#[test]
fn an_update_waits_for_the_new_row_that_it_refers_to() {
    let db = db();
    let mut s = db.session();
    let [one, two] = s
        .get_many::<Address, 2>([1, 2])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    s[one].street = "new".to_owned();
    let new = s.add(User::named("new"));
    s[two].user = new.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×1 RETURNING id
        UPDATE addresses SET street ×1 WHERE id
        UPDATE addresses SET user_id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, user_id, street FROM addresses WHERE id < 3 ORDER BY id"),
        "1 | 1 | new\n2 | 5 | old\n"
    );
}

/// S36: to another parent is one UPDATE; a handle and the key it stands for are the same.
#[test]
fn a_reference_to_the_same_row_by_handle_is_no_change() {
    let db = db();
    let mut s = db.session();
    let [a, b, ..] = users(&mut s);
    let address = s.get::<Address>(1).unwrap().unwrap();
    db.forget();
    s[address].user = a.into();
    s.flush().unwrap();
    db.assert_statements(expect![[r#""#]]);
    s[address].user = b.into();
    s.flush().unwrap();
    assert_eq!(s[address].user, Some(Fk::to(2)));
    s[address].user = None;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE addresses SET user_id ×1 WHERE id
        UPDATE addresses SET user_id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT user_id FROM addresses WHERE id = 1"), "-\n");
}

/// FL-8, S22: without a version, too.
#[test]
fn a_row_that_is_gone_is_stale() {
    let db = db();
    let mut s = db.session();
    let [_, b, ..] = users(&mut s);
    db.look()
        .run("DELETE FROM addresses; DELETE FROM users WHERE id = 2");
    db.forget();
    s[b].name = "x".to_owned();
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { model: "User", keys } if *keys == ["2"]));
    assert!(error.is_retryable());
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET name ×1 WHERE id
        ROLLBACK
    "#]]);
    assert_eq!(db.rows("SELECT id FROM users ORDER BY id"), "1\n3\n4\n");
}

/// FL-8: exactly the missing keys, and nothing is written.
#[test]
fn rows_of_a_batch_that_are_gone_are_named_and_no_others() {
    let db = db();
    let mut s = db.session();
    let all = users(&mut s);
    db.look()
        .run("DELETE FROM addresses; DELETE FROM users WHERE id IN (2, 4)");
    for user in all {
        s[user].name = "x".to_owned();
    }
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { keys, .. } if *keys == ["2", "4"]));
    expect!["stale User: 2, 4 changed or deleted by somebody else"].assert_eq(&error.to_string());
    s.rollback().unwrap();
    assert_eq!(s[all[0]].name, "a");
    assert_eq!(
        db.rows("SELECT id, name FROM users ORDER BY id"),
        "1 | a\n3 | c\n"
    );
}

/// FL-1: an insert and an update of the same flush; the new value is compared from here on.
#[test]
fn a_flush_is_what_the_next_one_compares_with() {
    let db = db();
    let mut s = db.session();
    let ada = s.insert(User::named("ada")).unwrap();
    db.forget();
    s[ada].name = "eve".to_owned();
    s.flush().unwrap();
    s[ada].name = "ada".to_owned();
    s.flush().unwrap();
    s[ada].name = "ada".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE users SET name ×1 WHERE id
        UPDATE users SET name ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT name FROM users WHERE id = 5"), "ada\n");
}
