//! Which row waits for which, and how few statements that leaves (FL-2, FL-5).

use expect_test::expect;
use sessile_tests::TestDb;

use super::models::{Address, Letter, Node, User};

/// S12, FL-5
#[test]
fn a_tree_with_drawn_keys_is_a_statement_a_level() {
    let db = TestDb::new::<Node>();
    let mut s = db.session();
    let root = s.add(Node::under(None, "root"));
    let children = ["a", "b"].map(|n| s.add(Node::under(Some(root.into()), n)));
    for (parent, name) in [
        (children[1], "b1"),
        (children[0], "a1"),
        (children[1], "b2"),
    ] {
        s.add(Node::under(Some(parent.into()), name));
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT nodes (parent_id, data) ×1 RETURNING id
        INSERT nodes (parent_id, data) ×2 RETURNING id
        INSERT nodes (parent_id, data) ×3 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(
            "SELECT c.data, p.data FROM nodes c JOIN nodes p ON p.id = c.parent_id ORDER BY c.id"
        ),
        "a | root\nb | root\nb1 | b\na1 | a\nb2 | b\n"
    );
}

/// FL-5: however the tree was added.
#[test]
fn a_tree_that_was_added_from_the_leaves_is_a_statement_a_level() {
    let db = TestDb::new::<Node>();
    let mut s = db.session();
    let leaf = s.add(Node::under(None, "leaf"));
    let middle = s.add(Node::under(None, "middle"));
    let root = s.add(Node::under(None, "root"));
    s[leaf].parent = middle.into();
    s[middle].parent = root.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT nodes (parent_id, data) ×1 RETURNING id
        INSERT nodes (parent_id, data) ×1 RETURNING id
        INSERT nodes (parent_id, data) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, data, parent_id FROM nodes ORDER BY id"),
        "1 | root | -\n2 | middle | 1\n3 | leaf | 2\n"
    );
}

/// FL-2, FL-5
#[test]
fn three_models_are_three_statements_whatever_the_order_of_adding() {
    let db = TestDb::new::<(User, Address, Letter)>();
    let mut s = db.session();
    for n in 0..3 {
        let letter = s.add(Letter {
            text: format!("letter {n}"),
            ..Letter::default()
        });
        let address = s.add(Address::of(None, &format!("street {n}")));
        let user = s.add(User::named(&format!("user {n}")));
        s[letter].address = address.into();
        s[address].user = user.into();
        s.add(Letter::to(address, &format!("more {n}")));
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×3 RETURNING id
        INSERT addresses (user_id, street) ×3 RETURNING id
        INSERT letters (address_id, text) ×6 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(
            "SELECT text, street, name FROM letters \
             JOIN addresses a ON a.id = address_id JOIN users u ON u.id = user_id ORDER BY letters.id"
        ),
        "letter 0 | street 0 | user 0\nmore 0 | street 0 | user 0\n\
         letter 1 | street 1 | user 1\nmore 1 | street 1 | user 1\n\
         letter 2 | street 2 | user 2\nmore 2 | street 2 | user 2\n"
    );
}

/// FL-1: inserts, updates and deletes of one flush.
#[test]
fn a_flush_of_everything_is_a_statement_for_each_table_and_operation() {
    let db = TestDb::new::<(User, Address, Letter)>();
    let mut s = db.session();
    let users = s.add_all(["a", "b", "c"].map(User::named));
    let home = s.add(Address::of(Some(users[0].into()), "home"));
    let letter = s.add(Letter::to(home, "dear"));
    s.commit().unwrap();
    db.forget();
    s[users[1]].name = "bob".to_owned();
    s.delete(users[0]).unwrap();
    s.delete(home).unwrap();
    s.delete(letter).unwrap();
    let new = s.add(User::named("new"));
    let boat = s.add(Address::of(Some(new.into()), "boat"));
    s.add(Letter::to(boat, "ahoy"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK users ×2
        UPDATE users SET name ×1 WHERE id, name
        INSERT users (name, email) ×1 RETURNING id
        DELETE letters ×1 WHERE id
        INSERT addresses (user_id, street) ×1 RETURNING id
        DELETE addresses ×1 WHERE id
        INSERT letters (address_id, text) ×1 RETURNING id
        DELETE users ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name FROM users ORDER BY id"),
        "bob\nc\nnew\n"
    );
    assert_eq!(
        db.rows("SELECT text, street, user_id FROM letters JOIN addresses a ON a.id = address_id"),
        "ahoy | boat | 4\n"
    );
}
