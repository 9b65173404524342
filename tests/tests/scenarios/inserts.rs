//! S01 to S13: new rows.
//!
//! Exactly so elsewhere: S01 to S05, S07, S10, S12 and S13 in the tests of flushes.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::{raw, value};
use sessile_tests::TestDb;

use super::models::{Address, Item, Keyword, Tagging, User};

const NO_X: &str = "
    CREATE FUNCTION no_x() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.name = ''x'' THEN RETURN NULL; END IF; RETURN NEW; END';
    CREATE TRIGGER no_x BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION no_x()";

/// S06, FL-6
#[test]
fn an_insert_that_returns_fewer_rows_fails_and_leaves_nothing() {
    let db = TestDb::with::<(User, Address)>(NO_X);
    let mut s = db.session();
    let users = s.add_all(["a", "x", "b"].map(User::named));
    let error = s.flush().unwrap_err();
    expect!["the database inserted 2 of 3 rows of User: a trigger or rule left some out"]
        .assert_eq(&error.to_string());
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×3 RETURNING id
        ROLLBACK
    "#]]);
    s.rollback().unwrap();
    for user in users {
        assert_eq!(s.state(user), State::Gone);
        assert_eq!(s.detach(user).unwrap().id, 0);
    }
    assert_eq!(db.rows("SELECT count(*) FROM users"), "0\n");
}

/// S09: a key is sent as it is, since a new object may be referred to before it is inserted. One
/// that is computed comes by SQL, which gives an object as well.
#[test]
fn a_key_that_the_database_computes_is_that_of_the_object() {
    let db = TestDb::new::<(User, Address)>();
    let mut s = db.session();
    let sql = "INSERT INTO users (id, name) VALUES (5 + $1, 'ann') RETURNING *";
    let ann = s.rows(raw::<Handle<User>>(sql, (10_i64,))).unwrap()[0];
    assert_eq!(s[ann].id, 15);
    assert_eq!(s.get::<User>(15).unwrap(), Some(ann));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT INTO users (id, name) VALUES (5 + $1, 'ann') RETURNING *
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT id, name FROM users"), "15 | ann\n");
}

/// S11, RL-4: a scalar key always has a value; a reference that is part of one may have none.
#[test]
fn a_key_without_a_value_is_refused_before_sql() {
    let db = TestDb::new::<(Item, Keyword, Tagging)>();
    let mut s = db.session();
    let tagging = s.add(Tagging::default());
    let error = s.flush().unwrap_err();
    expect!["writing an unset reference: Tagging.item needs a value"].assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::NotNullViolation { .. }));
    s.rollback().unwrap();
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(s.detach(tagging).unwrap(), Tagging::default());
    assert_eq!(db.rows("SELECT count(*) FROM taggings"), "0\n");
}

/// D: a column with a default.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "docs")]
struct Doc {
    #[model(key, generated)]
    id: i64,
    a: i32,
    #[model(default = "5")]
    b: Option<i32>,
}

/// S08, CT-4
#[test]
fn null_and_nothing_said_are_two_values_of_a_column_with_a_default() {
    let db = TestDb::new::<Doc>();
    let mut s = db.session();
    let [unset, null] = [1, 2].map(|a| {
        s.add(Doc {
            a,
            ..Doc::default()
        })
    });
    s.set_expr(null, Doc::B, value(None::<i32>)).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT docs (a) ×1 RETURNING id, b
        INSERT docs (a, b = $1) ×1 RETURNING id, b
        COMMIT
    "#]]);
    assert_eq!((s[unset].b, s[null].b), (Some(5), None));
    assert_eq!(
        db.rows("SELECT a, b FROM docs ORDER BY a"),
        "1 | 5\n2 | -\n"
    );
}
