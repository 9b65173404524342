//! Rows that are deleted, and that go with others anyway (RL-2): the flush may not know, since what
//! is between them is not loaded.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

/// Named so that it would be the first to be deleted from.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "a_roots")]
struct Root {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "b_children")]
struct Child {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    root: Fk<Root>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "c_leaves")]
struct Leaf {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    child: Fk<Child>,
}

/// What loses its leaf is written by the database.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "d_marks")]
struct Mark {
    #[model(key)]
    id: i64,
    #[model(on_delete = set_null)]
    leaf: Option<Fk<Leaf>>,
    #[model(version)]
    version: sessile::Xmin,
}

fn family() -> TestDb {
    TestDb::with::<(Root, Child, Leaf, Mark)>(
        "INSERT INTO a_roots SELECT n FROM generate_series(1, 3) n;
         INSERT INTO b_children SELECT n, n FROM generate_series(1, 3) n;
         INSERT INTO c_leaves SELECT n, n FROM generate_series(1, 3) n;
         INSERT INTO d_marks SELECT n, n FROM generate_series(1, 3) n",
    )
}

/// FL-8: our own DELETE is not somebody else's.
#[test]
fn a_row_behind_one_that_is_not_loaded_is_deleted_before_its_root() {
    let db = family();
    let mut s = db.session();
    let root = s.get::<Root>(1).unwrap().unwrap();
    let leaf = s.get::<Leaf>(1).unwrap().unwrap();
    let mark = s.get::<Mark>(1).unwrap().unwrap();
    db.forget();
    s.delete(root).unwrap();
    s.delete(leaf).unwrap();
    s.delete(mark).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE d_marks ×1 WHERE id, xmin
        DELETE c_leaves ×1 WHERE id
        DELETE a_roots ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT id FROM c_leaves"), "2\n3\n");
}

/// RL-2: whoever is marked has a statement, the last in line the first.
#[test]
fn rows_that_are_all_marked_are_deleted_from_the_last_to_the_first() {
    let db = family();
    let mut s = db.session();
    let root = s.get::<Root>(1).unwrap().unwrap();
    let child = s.get::<Child>(1).unwrap().unwrap();
    let leaf = s.get::<Leaf>(1).unwrap().unwrap();
    db.forget();
    s.delete(root).unwrap();
    s.delete(child).unwrap();
    s.delete(leaf).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE c_leaves ×1 WHERE id
        DELETE b_children ×1 WHERE id
        DELETE a_roots ×1 WHERE id
        COMMIT
    "#]]);
}

/// FL-5: the order of tables costs no statement, whatever else is deleted.
#[test]
fn the_order_of_tables_cuts_no_statement() {
    let db = family();
    let mut s = db.session();
    let roots = s
        .get_many::<Root, 3>([1, 2, 3])
        .unwrap()
        .map(Option::unwrap);
    let leaves = s
        .get_many::<Leaf, 3>([1, 2, 3])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    roots.into_iter().for_each(|root| s.delete(root).unwrap());
    leaves.into_iter().for_each(|leaf| s.delete(leaf).unwrap());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE c_leaves ×3 WHERE id
        DELETE a_roots ×3 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, leaf_id FROM d_marks ORDER BY 1"),
        "1 | -\n2 | -\n3 | -\n"
    );
}

/// The session deletes what is below.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "a_tops")]
struct Top {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "b_middles")]
struct Middle {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    top: Fk<Top>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "c_lows")]
struct Low {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    middle: Fk<Middle>,
}

/// RL-2: the statement that finds its rows itself finds none that has one of its own.
#[test]
fn a_row_that_would_be_swept_is_deleted_before() {
    let db = TestDb::with::<(Top, Middle, Low)>(
        "INSERT INTO a_tops VALUES (1), (2);
         INSERT INTO b_middles VALUES (1, 1), (2, 2);
         INSERT INTO c_lows VALUES (1, 1), (2, 2), (3, 1)",
    );
    let mut s = db.session();
    let top = s.get::<Top>(1).unwrap().unwrap();
    let low = s.get::<Low>(1).unwrap().unwrap();
    db.forget();
    s.delete(top).unwrap();
    s.delete(low).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE c_lows ×1 WHERE id
        DELETE c_lows OF a_tops ×1
        DELETE b_middles OF a_tops ×1
        DELETE a_tops ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT id FROM c_lows"), "2\n");
}

/// Two tables that take rows of each other along.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "hens")]
struct Hen {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    egg: Option<Fk<Egg>>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "eggs")]
struct Egg {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    hen: Option<Fk<Hen>>,
}

/// A circle of tables has no order, and needs none for rows that are not in one.
#[test]
fn tables_that_cascade_into_each_other_are_deleted_from_all_the_same() {
    let db = TestDb::with::<(Hen, Egg)>(
        "INSERT INTO hens VALUES (1, NULL), (2, NULL);
         INSERT INTO eggs VALUES (1, 1), (2, NULL);
         UPDATE hens SET egg_id = 2 WHERE id = 2",
    );
    let mut s = db.session();
    let hen = s.get::<Hen>(1).unwrap().unwrap();
    let egg = s.get::<Egg>(2).unwrap().unwrap();
    db.forget();
    s.delete(hen).unwrap();
    s.delete(egg).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE eggs ×1 WHERE id
        DELETE hens ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM hens, eggs"), "0\n");
}
