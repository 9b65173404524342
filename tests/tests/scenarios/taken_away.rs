//! S32, S34, S37 and S38 for references that may be NULL, and say what becomes of a row without its
//! parent (RL-3).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::Member;

/// Nothing without its owner, nor without its vet.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "pets")]
struct Pet {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade, orphan = delete)]
    owner: Option<Fk<Member>>,
    #[model(on_delete = cascade, orphan = delete)]
    vet: Option<Fk<Member>>,
    name: String,
}

fn pets() -> TestDb {
    TestDb::with::<(Member, super::models::Mailbox, Pet)>(
        "INSERT INTO members (name) VALUES ('ann'), ('bob');
         INSERT INTO pets (owner_id, vet_id, name) VALUES (1, 2, 'cat'), (1, 2, 'dog')",
    )
}

const PETS: &str = "SELECT id, owner_id, vet_id FROM pets ORDER BY id";

/// S32
#[test]
fn a_child_that_is_taken_from_its_parent_is_one_delete() {
    let db = pets();
    let mut s = db.session();
    let cat = s.get::<Pet>(1).unwrap().unwrap();
    db.forget();
    s[cat].owner = None;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE pets ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.state(cat), State::Gone);
    assert_eq!(db.rows(PETS), "2 | 1 | 2\n");
}

/// S34, CT-1
#[test]
fn a_child_that_is_taken_and_given_back_costs_nothing() {
    let db = pets();
    let mut s = db.session();
    let cat = s.get::<Pet>(1).unwrap().unwrap();
    let ann = s.get::<Member>(1).unwrap().unwrap();
    db.forget();
    s[cat].owner = None;
    s[cat].owner = ann.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        COMMIT
    "#]]);
    assert_eq!(db.rows(PETS), "1 | 1 | 2\n2 | 1 | 2\n");
}

/// S38: any of its parents.
#[test]
fn a_child_that_one_of_two_parents_gives_away_is_deleted() {
    let db = pets();
    let mut s = db.session();
    let cat = s.get::<Pet>(1).unwrap().unwrap();
    db.forget();
    s[cat].vet = None;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE pets ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.state(cat), State::Gone);
    assert_eq!(db.rows(PETS), "2 | 1 | 2\n");
}

/// N: a tree in a database that does nothing by itself.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "branches", has_many(children = Branch::PARENT))]
struct Branch {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade(client), orphan = delete)]
    parent: Option<Fk<Branch>>,
    data: String,
}

/// S37, RL-2, RL-3: neither a statement a level nor a SELECT.
#[test]
fn a_subtree_that_is_taken_away_is_one_delete() {
    let db = TestDb::with::<Branch>(
        "INSERT INTO branches (parent_id, data) VALUES (NULL, 'root'), (1, 'a'), (1, 'b'),
         (2, 'a1'), (2, 'a2')",
    );
    let mut s = db.session();
    let a = s.get::<Branch>(2).unwrap().unwrap();
    let below = s.related(a, Branch::CHILDREN).unwrap();
    db.forget();
    s[a].parent = None;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE branches ×1 WHERE id RECURSIVE
        COMMIT
    "#]]);
    assert!(below.iter().all(|branch| s.state(*branch) == State::Gone));
    assert_eq!(
        db.rows("SELECT data FROM branches ORDER BY id"),
        "root\nb\n"
    );
}
