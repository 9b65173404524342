//! S32 to S38: children that leave their parents.
//!
//! A reference that may not be NULL can only be changed or its row deleted: leaving is `delete`.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{ADDRESSES, Mailbox, Member, Node, User, members, users};

/// Ann and her three mailboxes, loaded.
fn ann(db: &TestDb) -> (Session, Handle<Member>, Vec<Handle<Mailbox>>) {
    let mut s = db.session();
    let ann = s.get::<Member>(1).unwrap().unwrap();
    let boxes = s.related(ann, Member::BOXES).unwrap();
    db.forget();
    (s, ann, boxes)
}

const BOXES_OF_ANN: &str = "SELECT email FROM mailboxes WHERE member_id = 1 ORDER BY id";

/// S32, RL-1
#[test]
fn a_child_that_leaves_a_loaded_collection_is_one_delete() {
    let db = members();
    let (mut s, ann, boxes) = ann(&db);
    s.delete(boxes[1]).unwrap();
    s.flush().unwrap();
    assert_eq!(s.loaded(ann, Member::BOXES).unwrap(), [boxes[0], boxes[2]]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE mailboxes ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(BOXES_OF_ANN), "box 11\nbox 13\n");
}

/// S33, ST-3
#[test]
fn a_child_that_is_added_and_leaves_costs_nothing() {
    let db = members();
    let (mut s, ann, boxes) = ann(&db);
    let new = s.add(Mailbox::of(ann, "new"));
    s.delete(new).unwrap();
    assert_eq!(s.state(new), State::Gone);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        COMMIT
    "#]]);
    assert_eq!(boxes.len(), 3);
    assert_eq!(db.rows(BOXES_OF_ANN), "box 11\nbox 12\nbox 13\n");
}

/// S34, CT-1
#[test]
fn a_child_that_leaves_and_comes_back_costs_nothing() {
    let db = users();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let addresses = s.related(ann, User::ADDRESSES).unwrap();
    db.forget();
    s[addresses[0]].user = None;
    s[addresses[0]].user = ann.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(ADDRESSES),
        "1 | 1 | a1\n2 | 1 | a2\n3 | 2 | b1\n4 | 1 | a3\n"
    );
}

/// S35, RL-1
#[test]
fn a_collection_that_is_replaced_is_an_insert_and_a_delete() {
    let db = members();
    let (mut s, ann, boxes) = ann(&db);
    let new = s.add(Mailbox::of(ann, "new"));
    s.delete(boxes[0]).unwrap();
    s.flush().unwrap();
    assert_eq!(
        s.loaded(ann, Member::BOXES).unwrap(),
        [boxes[1], boxes[2], new]
    );
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT mailboxes (member_id, email) ×1 RETURNING id
        DELETE mailboxes ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(BOXES_OF_ANN), "box 12\nbox 13\nnew\n");
}

/// S36, RL-1
#[test]
fn a_child_that_moves_to_another_parent_is_one_update() {
    let db = members();
    let (mut s, ann, boxes) = ann(&db);
    let bob = s.get::<Member>(2).unwrap().unwrap();
    db.forget();
    s[boxes[2]].member = bob.into();
    s.flush().unwrap();
    assert_eq!(s.loaded(ann, Member::BOXES).unwrap(), boxes[..2]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE mailboxes SET member_id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT member_id, count(*) FROM mailboxes GROUP BY 1 ORDER BY 1"),
        "1 | 2\n2 | 4\n3 | 3\n"
    );
}

/// S37, RL-2: two levels of a tree, loaded and not.
#[test]
fn a_subtree_is_one_delete_and_no_select() {
    for load in [false, true] {
        let db = TestDb::with::<Node>(
            "INSERT INTO nodes (parent_id, data) VALUES (NULL, 'root'), (1, 'a'), (1, 'b'),
             (2, 'a1'), (2, 'a2')",
        );
        let mut s = db.session();
        let a = s.get::<Node>(2).unwrap().unwrap();
        let below = match load {
            true => s.related(a, Node::CHILDREN).unwrap(),
            false => Vec::new(),
        };
        db.forget();
        s.delete(a).unwrap();
        s.commit().unwrap();
        let statements = db.statements().replace("BEGIN\n", "");
        assert_eq!(statements, "DELETE nodes ×1 WHERE id\nCOMMIT\n");
        assert!(below.iter().all(|node| s.state(*node) == State::Gone));
        assert_eq!(db.rows("SELECT data FROM nodes ORDER BY id"), "root\nb\n");
    }
}
