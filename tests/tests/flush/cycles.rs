//! Rows that wait for each other, and whose references must not be NULL or need not be.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Folder, Node};

/// Each needs the other, and neither reference may be NULL.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "eggs")]
struct Egg {
    #[model(key)]
    id: i64,
    hen: Fk<Hen>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "hens")]
struct Hen {
    #[model(key)]
    id: i64,
    egg: Fk<Egg>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "chicks")]
struct Chick {
    #[model(key)]
    id: i64,
    egg: Fk<Egg>,
}

/// S54, FL-4
#[test]
fn two_rows_that_need_each_other_are_named_before_sql() {
    let db = TestDb::new::<(Egg, Hen)>();
    let mut s = db.session();
    let egg = s.add(Egg {
        id: 1,
        ..Egg::default()
    });
    let hen = s.add(Hen {
        id: 2,
        egg: egg.into(),
    });
    s[egg].hen = hen.into();
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#""#]]);
    expect!["rows wait for each other in a cycle: Egg 1, Hen 2 by Egg.hen (eggs_hen_id_fkey), Hen.egg (hens_egg_id_fkey)"]
        .assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::Cycle { .. }));
    assert_eq!(db.rows("SELECT id FROM eggs UNION SELECT id FROM hens"), "");
}

/// FL-4: rows behind the cycle are not part of it.
#[test]
fn rows_that_only_wait_for_a_cycle_are_not_named() {
    let db = TestDb::new::<(Egg, Hen, Chick)>();
    let mut s = db.session();
    let egg = s.add(Egg {
        id: 1,
        ..Egg::default()
    });
    let hen = s.add(Hen {
        id: 2,
        egg: egg.into(),
    });
    s[egg].hen = hen.into();
    s.add(Chick {
        id: 3,
        egg: egg.into(),
    });
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#""#]]);
    expect!["rows wait for each other in a cycle: Egg 1, Hen 2 by Egg.hen (eggs_hen_id_fkey), Hen.egg (hens_egg_id_fkey)"].assert_eq(&error.to_string());
}

/// FL-5: with known keys PostgreSQL has no objection.
#[test]
fn rows_of_one_table_with_known_keys_may_refer_to_each_other() {
    let db = TestDb::new::<Folder>();
    let mut s = db.session();
    let one = s.add(Folder::under(None, "one"));
    let two = s.add(Folder::under(Some(one.into()), "two"));
    let own = s.add(Folder::under(None, "own"));
    s[one].parent = two.into();
    s[own].parent = own.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT folders (path, parent_path) ×3
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT path, parent_path FROM folders ORDER BY path"),
        "one | two\nown | own\ntwo | one\n"
    );
    for folder in [one, two, own] {
        s.delete(folder).unwrap();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE folders ×3 WHERE path
        COMMIT
    "#]]);
}

/// FL-2: re-rooting a tree of existing rows is no cycle.
#[test]
fn a_tree_of_existing_rows_is_rerooted_by_one_update() {
    let db = TestDb::new::<Node>();
    let mut s = db.session();
    let root = s.add(Node::under(None, "root"));
    let child = s.add(Node::under(Some(root.into()), "child"));
    s.commit().unwrap();
    db.forget();
    s[root].parent = child.into();
    s[child].parent = None;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE nodes SET parent_id ×2 WHERE id, parent_id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT data, parent_id FROM nodes ORDER BY id"),
        "root | 2\nchild | -\n"
    );
}
