//! S57, S59 and S102: keys that change, and keys that two objects have.
//!
//! Exactly so elsewhere: S55 and S58 in the tests of flushes.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{User, users};

/// K: a key that people choose.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "names")]
struct Name {
    #[model(key)]
    username: String,
}

/// K: refers to it by what was chosen.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "mails")]
struct Mail {
    #[model(key)]
    email: String,
    name: Fk<Name>,
}

fn named() -> TestDb {
    TestDb::with::<(Name, Mail)>(
        "INSERT INTO names VALUES ('ann'); INSERT INTO mails VALUES ('m', 'ann')",
    )
}

const MAILS: &str = "SELECT email, name_username FROM mails";

/// S57, PK-1
#[test]
fn a_rollback_takes_a_new_key_back_for_the_same_object() {
    let db = named();
    let mut s = db.session();
    let ann = s.get::<Name>("ann").unwrap().unwrap();
    let mail = s.get::<Mail>("m").unwrap().unwrap();
    db.forget();
    s[ann].username = "zoe".to_owned();
    s.flush().unwrap();
    assert_eq!(s[mail].name, Fk::to("zoe"));
    s.rollback().unwrap();
    assert_eq!(
        (s[ann].username.as_str(), &s[mail].name),
        ("ann", &Fk::to("ann"))
    );
    db.assert_statements(expect![[r#"
        UPDATE names SET username ×1 WHERE username
        ROLLBACK
    "#]]);
    assert_eq!(s.get::<Name>("ann").unwrap(), Some(ann));
    assert_eq!(s.get::<Name>("zoe").unwrap(), None);
    db.assert_statements(expect![[r#"
        SELECT names ×1 WHERE username
        BEGIN
        SELECT names ×1 WHERE username
    "#]]);
    assert_eq!(db.rows(MAILS), "m | ann\n");
}

/// S59, ST-4
#[test]
fn a_new_object_with_the_key_of_a_live_one_is_refused_before_sql() {
    let db = named();
    let mut s = db.session();
    s.get::<Name>("ann").unwrap();
    db.forget();
    s.add(Name {
        username: "ann".to_owned(),
    });
    let error = s.commit().unwrap_err();
    expect![[r#"two objects for Name "ann""#]].assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::Identity { .. }));
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(db.rows("SELECT username FROM names"), "ann\n");
}

/// S102, ST-4: a value that came back from outside; `merge` is the way to bring it in.
#[test]
fn a_value_that_is_added_under_a_tracked_key_is_refused_before_sql() {
    let db = users();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let mut outside = s[ann].clone();
    outside.name = "anna".to_owned();
    db.forget();
    let twin = s.add(outside.clone());
    let error = s.flush().unwrap_err();
    expect!["two objects for User 1"].assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::Identity { .. }));
    db.assert_statements(expect![[r#""#]]);
    s.rollback().unwrap();
    assert_eq!(s.state(twin), State::Gone);
    assert_eq!(s.merge(outside).unwrap(), ann);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        BEGIN
        UPDATE users SET name ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT name FROM users ORDER BY id"), "anna\nbob\n");
}
