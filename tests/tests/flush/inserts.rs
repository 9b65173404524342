//! New rows with keys that the database makes.

use expect_test::expect;
use sessile_tests::TestDb;

use super::models::{Address, Letter, User};

fn db() -> TestDb {
    TestDb::new::<(User, Address, Letter)>()
}

/// S01
#[test]
fn parents_and_children_are_two_statements() {
    let db = db();
    let mut s = db.session();
    let ada = s.add(User::named("ada"));
    let bob = s.add(User::named("bob"));
    let home = s.add(Address::of(ada, "home"));
    let work = s.add(Address::of(ada, "work"));
    let boat = s.add(Address::of(bob, "boat"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×2 RETURNING id
        INSERT addresses (user_id, street) ×3 RETURNING id
        COMMIT
    "#]]);
    let keys = [home, work, boat].map(|h| s.key(h).unwrap());
    assert_eq!((s.key(ada).unwrap(), s.key(bob).unwrap()), (1, 2));
    assert_eq!(keys, [1, 2, 3]);
    assert_eq!(s[boat].user.as_ref().and_then(|fk| fk.key()), Some(&2));
    assert_eq!(
        db.rows("SELECT id, user_id, street FROM addresses ORDER BY id"),
        "1 | 1 | home\n2 | 1 | work\n3 | 2 | boat\n"
    );
}

/// S02
#[test]
fn a_child_waits_for_its_parents_key_though_it_was_added_first() {
    let db = db();
    let mut s = db.session();
    let letter = s.add(Letter::default());
    let home = s.add(Address::default());
    let ada = s.add(User::named("ada"));
    s[letter].address = home.into();
    s[home].user = ada.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×1 RETURNING id
        INSERT addresses (user_id, street) ×1 RETURNING id
        INSERT letters (address_id, text) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(
            "SELECT name, u.id, a.id, l.id FROM users u JOIN addresses a ON user_id = u.id \
             JOIN letters l ON address_id = a.id"
        ),
        "ada | 1 | 1 | 1\n"
    );
}

/// S03
#[test]
fn missing_values_are_sent_as_null_in_the_same_statement() {
    let db = db();
    let mut s = db.session();
    s.add_all([
        User::at("a", "a@x"),
        User::named("b"),
        User::at("c", "c@x"),
        User::named("d"),
    ]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×4 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, name, email FROM users ORDER BY id"),
        "1 | a | a@x\n2 | b | -\n3 | c | c@x\n4 | d | -\n"
    );
}

/// FL-5
#[test]
fn a_child_of_a_new_parent_and_one_of_an_existing_parent_are_one_insert() {
    let db = db();
    let mut s = db.session();
    let old = s.insert(User::named("old")).unwrap();
    db.forget();
    s.add(Address::of(old, "first"));
    let new = s.add(User::named("new"));
    s.add(Address::of(new, "second"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT users (name, email) ×1 RETURNING id
        INSERT addresses (user_id, street) ×2 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT user_id, street FROM addresses ORDER BY id"),
        "1 | first\n2 | second\n"
    );
}

/// FL-7
#[test]
fn rows_are_inserted_in_the_order_in_which_they_were_added() {
    let db = db();
    let mut s = db.session();
    let names = ["z", "a", "m", "b"];
    let handles = s.add_all(names.map(User::named));
    let away = s.add(User::named("away"));
    s.delete(away).unwrap();
    s.flush().unwrap();
    let keys: Vec<i64> = handles.iter().map(|h| s.key(*h).unwrap()).collect();
    assert_eq!(keys, [1, 2, 3, 4]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT name FROM users ORDER BY id"),
        "z\na\nm\nb\n"
    );
}

/// ST-3, S33, S42
#[test]
fn an_object_that_is_added_and_deleted_costs_nothing() {
    let db = db();
    let mut s = db.session();
    let ada = s.add(User::named("ada"));
    let home = s.add(Address::of(ada, "home"));
    s.delete(home).unwrap();
    s.delete(ada).unwrap();
    assert_eq!(s.peek(ada), None);
    assert!(s.detach(ada).is_err() && s.delete(ada).is_err());
    assert!(s.plan().unwrap().is_empty());
    s.commit().unwrap();
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(s.state(ada), sessile::State::Gone);
    assert_eq!(
        db.rows("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM addresses)"),
        "0 | 0\n"
    );
}

/// S10: a generated key that the program has set is sent.
#[test]
fn a_generated_key_that_is_set_is_sent_as_given() {
    let db = db();
    let mut s = db.session();
    let seven = s.add(User {
        id: 7,
        ..User::named("seven")
    });
    let drawn = s.add(User::named("drawn"));
    s.add(Address::of(seven, "at seven"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×1 RETURNING id
        INSERT users (id, name, email) ×1
        INSERT addresses (user_id, street) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!((s.key(seven).unwrap(), s.key(drawn).unwrap()), (7, 1));
    assert_eq!(
        db.rows("SELECT user_id, street FROM addresses"),
        "7 | at seven\n"
    );
}

/// IM-1: what was inserted is in the map under its key.
#[test]
fn an_inserted_object_is_found_by_its_key_without_a_statement() {
    let db = db();
    let mut s = db.session();
    let ada = s.insert(User::named("ada")).unwrap();
    db.forget();
    assert_eq!(s.get::<User>(1).unwrap(), Some(ada));
    db.assert_statements(expect![[r#""#]]);
}
