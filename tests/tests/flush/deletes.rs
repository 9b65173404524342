//! Deleted rows, and the rows that refer to them and stay (FL-2, FL-8).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Address, Letter, Node, User, save};

fn users() -> TestDb {
    let db = TestDb::new::<(User, Address, Letter)>();
    save(&db, ["a", "b", "c"].map(User::named));
    save(&db, (0..9).map(|n| Address::of(Fk::to(n % 3 + 1), "s")));
    db
}

/// S26, FL-2
#[test]
fn children_that_are_deleted_along_go_first() {
    let db = users();
    let mut s = db.session();
    let user = s.get::<User>(1).unwrap().unwrap();
    let addresses = s.get_many::<Address, 3>([1, 4, 7]).unwrap();
    db.forget();
    s.delete(user).unwrap();
    for address in addresses {
        s.delete(address.unwrap()).unwrap();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE addresses ×3 WHERE id
        DELETE users ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM addresses)"),
        "2 | 6\n"
    );
    assert_eq!(s.state(user), sessile::State::Gone);
}

/// S27
#[test]
fn three_parents_with_nine_children_are_two_statements() {
    let db = users();
    let mut s = db.session();
    let users = s.all(select::<User>()).unwrap();
    let addresses = s.all(select::<Address>()).unwrap();
    db.forget();
    users.into_iter().for_each(|h| s.delete(h).unwrap());
    addresses.into_iter().for_each(|h| s.delete(h).unwrap());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE addresses ×9 WHERE id
        DELETE users ×3 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM users"), "0\n");
}

/// FL-2: a child that leaves its parent is updated before the parent goes.
#[test]
fn a_child_that_moves_away_is_written_before_its_parent_goes() {
    let db = users();
    let mut s = db.session();
    let [a, b] = s.get_many::<User, 2>([1, 2]).unwrap().map(Option::unwrap);
    let children = s
        .all(select::<Address>().filter(Address::USER.is(a)))
        .unwrap();
    db.forget();
    s.delete(a).unwrap();
    let new = s.add(User::named("new"));
    s[children[0]].user = b.into();
    s[children[1]].user = None;
    s[children[2]].user = new.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT users (name, email) ×1 RETURNING id
        UPDATE addresses SET user_id ×3 WHERE id
        DELETE users ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, user_id FROM addresses WHERE id IN (1, 4, 7) ORDER BY id"),
        "1 | 2\n4 | -\n7 | 4\n"
    );
}

/// RL-2: a loaded child that stays is refused before SQL.
#[test]
fn a_loaded_child_holds_its_parent() {
    let db = users();
    let mut s = db.session();
    let user = s.get::<User>(1).unwrap().unwrap();
    s.get::<Address>(1).unwrap();
    db.forget();
    s.delete(user).unwrap();
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    expect!["deleting User that Address.user refers to: foreign key addresses_user_id_fkey (Address.user) violated"].assert_eq(&error.to_string());
    assert!(error.violates(Address::USER));
    s.rollback().unwrap();
    assert_eq!(s.state(user), sessile::State::Persistent);
}

/// RL-2: the database says the same of children that are not loaded.
#[test]
fn a_child_that_is_not_loaded_holds_its_parent() {
    let db = users();
    let mut s = db.session();
    let user = s.get::<User>(1).unwrap().unwrap();
    db.forget();
    s.delete(user).unwrap();
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE users ×1 WHERE id
        ROLLBACK
    "#]]);
    expect!["DELETE users ×1 WHERE id: foreign key addresses_user_id_fkey (Address.user) violated"]
        .assert_eq(&error.to_string());
    assert!(error.violates(Address::USER));
    assert_eq!(db.rows("SELECT count(*) FROM users"), "3\n");
}

/// S43, ST-3
#[test]
fn changes_of_a_deleted_object_are_not_written() {
    let db = users();
    let mut s = db.session();
    let user = s.insert(User::named("new")).unwrap();
    db.forget();
    s[user].name = "changed".to_owned();
    s.delete(user).unwrap();
    assert!(s.peek_mut(user).is_none());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE users ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT name FROM users ORDER BY id"), "a\nb\nc\n");
}

/// FL-8, S41
#[test]
fn rows_that_are_gone_already_are_stale_and_named() {
    let db = users();
    let mut s = db.session();
    let users = s.all(select::<User>()).unwrap();
    let addresses = s.all(select::<Address>()).unwrap();
    db.look()
        .run("DELETE FROM addresses; DELETE FROM users WHERE id = 2");
    addresses
        .into_iter()
        .for_each(|h| s.detach(h).map(drop).unwrap());
    for user in users {
        s.delete(user).unwrap();
    }
    db.forget();
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { keys, .. } if *keys == ["2"]));
    db.assert_statements(expect![[r#"
        DELETE users ×3 WHERE id
        ROLLBACK
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM users"), "2\n");
}

/// FL-5: a tree goes in one statement, since PostgreSQL checks references at its end.
#[test]
fn a_tree_is_deleted_in_one_statement() {
    let db = TestDb::new::<Node>();
    let mut s = db.session();
    let root = s.add(Node::under(None, "root"));
    let child = s.add(Node::under(Some(root.into()), "child"));
    let leaf = s.add(Node::under(Some(child.into()), "leaf"));
    s.commit().unwrap();
    db.forget();
    for node in [root, child, leaf] {
        s.delete(node).unwrap();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE nodes ×3 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM nodes"), "0\n");
}
