//! S25 to S31, S40, S41 and S43: rows that go, and what goes with them.
//!
//! Exactly so elsewhere: S42 in the tests of flushes.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{
    ADDRESSES, Address, Item, MEMBERS_AND_BOXES, Mailbox, Member, NOTES, Note, TAGGINGS, User,
    members, notes, tagged, users,
};

fn ann(s: &mut Session) -> Handle<Member> {
    s.get::<Member>(1).unwrap().unwrap()
}

/// S25, RL-2: children that are not loaded lose their parent by the database's action.
#[test]
fn children_that_are_not_loaded_lose_their_parent_without_a_statement() {
    let db = users();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    s.delete(ann).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        BEGIN
        DELETE users ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(ADDRESSES),
        "1 | - | a1\n2 | - | a2\n3 | 2 | b1\n4 | - | a3\n"
    );
}

/// S25: and children that are loaded show it, without a statement of their own.
#[test]
fn loaded_children_lose_their_parent_without_a_statement() {
    let db = users();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let addresses = s.related(ann, User::ADDRESSES).unwrap();
    db.forget();
    s.delete(ann).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE users ×1 WHERE id
        COMMIT
    "#]]);
    assert!(addresses.iter().all(|address| s[*address].user.is_none()));
    assert_eq!(
        db.rows(ADDRESSES),
        "1 | - | a1\n2 | - | a2\n3 | 2 | b1\n4 | - | a3\n"
    );
}

/// S26, RL-2
#[test]
fn loaded_children_go_with_their_parent_by_one_delete() {
    let db = members();
    let mut s = db.session();
    let ann = ann(&mut s);
    let boxes = s.related(ann, Member::BOXES).unwrap();
    assert_eq!(boxes.len(), 3);
    db.forget();
    s.delete(ann).unwrap();
    s.flush().unwrap();
    assert!(
        boxes
            .iter()
            .all(|mailbox| s.state(*mailbox) == State::Deleted)
    );
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE members ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT member_id, count(*) FROM mailboxes GROUP BY 1 ORDER BY 1"),
        "2 | 3\n3 | 3\n"
    );
}

/// S27, RL-2
#[test]
fn three_parents_and_their_nine_loaded_children_go_by_one_delete() {
    let db = members();
    let mut s = db.session();
    let all = s.all(select::<Member>().with(Member::BOXES)).unwrap();
    let boxes = s.all(select::<Mailbox>()).unwrap();
    db.forget();
    for member in all {
        s.delete(member).unwrap();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE members ×3 WHERE id
        COMMIT
    "#]]);
    assert!(boxes.iter().all(|mailbox| s.state(*mailbox) == State::Gone));
    assert_eq!(db.rows(MEMBERS_AND_BOXES), "");
    assert_eq!(db.rows("SELECT count(*) FROM mailboxes"), "0\n");
}

/// S28, RL-2: whether they are loaded or not.
#[test]
fn children_of_a_deleted_parent_never_cost_a_statement() {
    for load in [false, true] {
        let db = members();
        let mut s = db.session();
        let ann = ann(&mut s);
        if load {
            s.related(ann, Member::BOXES).unwrap();
        }
        db.forget();
        s.delete(ann).unwrap();
        s.flush().unwrap();
        let statements = db.statements().replace("BEGIN\n", "");
        assert_eq!(statements, "DELETE members ×1 WHERE id\n");
        s.commit().unwrap();
        assert_eq!(db.rows("SELECT count(*) FROM mailboxes"), "6\n");
    }
}

/// S29, RL-2: nobody ever asked for the parent's children.
#[test]
fn a_child_that_is_here_by_itself_is_gone_with_its_parent() {
    let db = members();
    let mut s = db.session();
    let ann = ann(&mut s);
    let mailbox = s.get::<Mailbox>(1).unwrap().unwrap();
    assert!(s.refers_to(&s[mailbox].member, ann));
    db.forget();
    s.delete(ann).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE members ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.state(mailbox), State::Gone);
    assert_eq!(s.peek(mailbox), None);
    let error = s.refresh(mailbox).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Handle { .. }), "{error}");
    assert_eq!(s.get::<Mailbox>(1).unwrap(), None);
    assert_eq!(
        db.rows("SELECT count(*) FROM mailboxes WHERE id = 1"),
        "0\n"
    );
}

/// S30, RL-2
#[test]
fn children_without_an_action_hold_their_parent_and_keep_their_reference() {
    let db = tagged();
    let mut s = db.session();
    let tea = s.get::<Item>(1).unwrap().unwrap();
    db.forget();
    s.delete(tea).unwrap();
    let error = s.commit().unwrap_err();
    expect!["DELETE items ×1 WHERE id: foreign key taggings_item_id_fkey (Tagging.item) violated"]
        .assert_eq(&error.to_string());
    assert!(matches!(
        error.kind(),
        ErrorKind::ForeignKeyViolation { .. }
    ));
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE items ×1 WHERE id
        ROLLBACK
    "#]]);
    assert_eq!(db.rows(TAGGINGS), "tea | k1\ntea | k2\n");
}

/// S31: its key is its reference, and nothing is said about deletes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "passports")]
struct Passport {
    #[model(key)]
    member: Fk<Member>,
    number: String,
}

/// S31: the same, and it goes with the member.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "badges")]
struct Badge {
    #[model(key, on_delete = cascade)]
    member: Fk<Member>,
    color: String,
}

fn identified() -> TestDb {
    TestDb::with::<(Member, Mailbox, Passport, Badge)>(
        "INSERT INTO members (name) VALUES ('ann'), ('bob');
         INSERT INTO passports VALUES (1, 'x1');
         INSERT INTO badges VALUES (2, 'red')",
    )
}

/// S31, RL-2
#[test]
fn a_loaded_child_whose_key_is_its_reference_holds_its_parent_before_sql() {
    let db = identified();
    let mut s = db.session();
    let ann = ann(&mut s);
    s.get::<Passport>(1).unwrap();
    db.forget();
    s.delete(ann).unwrap();
    let error = s.flush().unwrap_err();
    expect!["deleting Member that Passport.member refers to: foreign key passports_member_id_fkey (Passport.member) violated"].assert_eq(&error.to_string());
    assert!(matches!(
        error.kind(),
        ErrorKind::ForeignKeyViolation { .. }
    ));
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    assert_eq!(
        db.rows("SELECT member_id, number FROM passports"),
        "1 | x1\n"
    );
}

/// S31, RL-2
#[test]
fn a_loaded_child_whose_key_is_its_reference_goes_along() {
    let db = identified();
    let mut s = db.session();
    let bob = s.get::<Member>(2).unwrap().unwrap();
    let badge = s.get::<Badge>(bob).unwrap().unwrap();
    db.forget();
    s.delete(bob).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE members ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.state(badge), State::Gone);
    assert_eq!(db.rows("SELECT count(*) FROM badges"), "0\n");
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "meetings")]
struct Meeting {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade)]
    host: Fk<Member>,
    #[model(on_delete = cascade)]
    guest: Fk<Member>,
}

/// S40, RL-2
#[test]
fn a_row_that_two_parents_take_along_and_the_program_deletes_is_one_delete() {
    let db = TestDb::with::<(Member, Mailbox, Meeting)>(
        "INSERT INTO members (name) VALUES ('ann'), ('bob');
         INSERT INTO meetings (host_id, guest_id) VALUES (1, 2), (2, 1)",
    );
    let mut s = db.session();
    let [ann, bob] = s.get_each::<Member>([1, 2]).unwrap()[..] else {
        panic!("two members")
    };
    let [first, second] = s.get_each::<Meeting>([1, 2]).unwrap()[..] else {
        panic!("two meetings")
    };
    db.forget();
    s.delete(ann).unwrap();
    s.delete(bob).unwrap();
    s.delete(ann).unwrap();
    s.delete(first).unwrap();
    s.delete(first).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE meetings ×1 WHERE id
        DELETE members ×2 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        (s.state(first), s.state(second)),
        (State::Gone, State::Gone)
    );
    assert_eq!(
        db.rows("SELECT id FROM members UNION SELECT id FROM meetings"),
        ""
    );
}

/// S41, FL-8: without a version and with one.
#[test]
fn a_delete_of_a_row_that_is_gone_already_is_stale_and_names_it() {
    let db = users();
    let mut s = db.session();
    let addresses = s.get_each::<Address>([1, 2, 3]).unwrap();
    db.look().run("DELETE FROM addresses WHERE id = 2");
    db.forget();
    addresses
        .iter()
        .for_each(|address| s.delete(*address).unwrap());
    let error = s.commit().unwrap_err();
    expect!["stale Address: 2 changed or deleted by somebody else"].assert_eq(&error.to_string());
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE addresses ×3 WHERE id
        ROLLBACK
    "#]]);
    assert_eq!(db.rows("SELECT id FROM addresses ORDER BY id"), "1\n3\n4\n");

    let db = notes();
    let mut s = db.session();
    let all = s.get_each::<Note>([1, 2]).unwrap();
    db.look().run("DELETE FROM notes WHERE id = 1");
    db.forget();
    all.iter().for_each(|note| s.delete(*note).unwrap());
    let error = s.commit().unwrap_err();
    expect!["stale Note: 1 (version 1 expected) changed or deleted by somebody else"]
        .assert_eq(&error.to_string());
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE notes ×2 WHERE id, version
        ROLLBACK
    "#]]);
    assert_eq!(db.rows(NOTES), "2 | 1 | old\n3 | 1 | old\n4 | 1 | old\n");
}

/// S43, ST-3: what changed before or in the same flush is not written.
#[test]
fn a_changed_object_that_is_deleted_is_only_deleted() {
    let db = users();
    let mut s = db.session();
    let address = s.get::<Address>(3).unwrap().unwrap();
    db.forget();
    s[address].email = "new".to_owned();
    s.delete(address).unwrap();
    assert!(s.peek_mut(address).is_none());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE addresses ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT id FROM addresses ORDER BY id"), "1\n2\n4\n");
}
