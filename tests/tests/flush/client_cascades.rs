//! `cascade(client)`: the session deletes what goes with a row, loaded or not (RL-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile::{ErrorKind, State};
use sessile_tests::TestDb;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "root")]
struct Root {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "child")]
struct Child {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    root: Fk<Root>,
    #[model(version)]
    version: i32,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "grandchild")]
struct Grandchild {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    child: Fk<Child>,
    text: String,
}

/// So many roots with three children each, each with three of their own.
fn family() -> TestDb {
    TestDb::with::<(Root, Child, Grandchild)>(
        "INSERT INTO root SELECT n FROM generate_series(1, 51) n;
         INSERT INTO child SELECT r * 10 + n, r, 1
            FROM generate_series(1, 51) r, generate_series(1, 3) n;
         INSERT INTO grandchild SELECT id * 10 + n, id, '' FROM child, generate_series(1, 3) n",
    )
}

const COUNTS: &str = "SELECT (SELECT count(*) FROM root), (SELECT count(*) FROM child), \
    (SELECT count(*) FROM grandchild)";

fn roots(s: &mut Session) -> Vec<Handle<Root>> {
    let query = select::<Root>().filter(Root::ID.le(50)).order_by(Root::ID);
    s.all(query).unwrap()
}

/// RL-2: a DELETE for each level, and no SELECT.
#[test]
fn fifty_roots_with_all_that_is_below_them_are_three_deletes() {
    let db = family();
    let mut s = db.session();
    let roots = roots(&mut s);
    db.forget();
    for root in roots {
        s.delete(root).unwrap();
    }
    s.commit().unwrap();
    let sent = db.recorded();
    let sql: Vec<&str> = sent.iter().map(|statement| &*statement.sql).collect();
    expect![[r#"
        BEGIN
        WITH written AS (WITH locked AS MATERIALIZED (SELECT "id" FROM "grandchild" WHERE ("child_id") IN (SELECT "id" FROM "child" WHERE "root_id" = ANY($1::bigint[])) ORDER BY "id" FOR UPDATE) DELETE FROM "grandchild" WHERE ("id") IN (SELECT "id" FROM locked) RETURNING 1) SELECT count(*), pg_current_xact_id() FROM written
        WITH locked AS MATERIALIZED (SELECT "id" FROM "child" WHERE "root_id" = ANY($1::bigint[]) ORDER BY "id" FOR UPDATE) DELETE FROM "child" WHERE ("id") IN (SELECT "id" FROM locked)
        WITH locked AS MATERIALIZED (SELECT FROM "root" WHERE "id" = ANY($1::bigint[]) ORDER BY "id" FOR UPDATE) DELETE FROM "root" AS t USING UNNEST($1::bigint[]) WITH ORDINALITY AS u(k0, ordinal) WHERE t."id" = u.k0 AND (SELECT count(*) FROM locked) >= 0 RETURNING u.ordinal
        SET LOCAL sessile.commit = on; COMMIT"#]].assert_eq(&sql.join("\n"));
    assert_eq!(db.rows(COUNTS), "1 | 3 | 9\n");
}

/// RL-2: objects follow, whether or not the session knows what is between them and the root.
#[test]
fn loaded_rows_follow_and_come_back() {
    let db = family();
    let mut s = db.session();
    let root = s.get::<Root>(1).unwrap().unwrap();
    let child = s.get::<Child>(11).unwrap().unwrap();
    let far = s.get::<Grandchild>(121).unwrap().unwrap();
    let other = s.get::<Grandchild>(211).unwrap().unwrap();
    db.forget();
    s[child].version = 7;
    s.delete(root).unwrap();
    let plan = s.plan().unwrap();
    expect![[r#"
        rank 1
          DELETE grandchild OF root ×1
          DELETE child OF root ×1
          DELETE root ×1 WHERE id
    "#]]
    .assert_eq(&plan.to_string());
    assert!(plan.to_mermaid().contains("Root 1"));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        DELETE grandchild OF root ×1
        DELETE child OF root ×1
        DELETE root ×1 WHERE id
    "#]]);
    assert_eq!(s.state(child), State::Deleted);
    assert_eq!(s.state(far), State::Deleted);
    assert_eq!(s.state(other), State::Persistent);
    s.rollback().unwrap();
    assert_eq!((s.state(far), s[child].version), (State::Persistent, 1));
    assert_eq!(db.rows(COUNTS), "51 | 153 | 459\n");
}

/// FL-2, RL-2: what leaves is written before.
#[test]
fn rows_that_move_away_in_the_same_flush_stay() {
    let db = family();
    let mut s = db.session();
    let [one, two] = s.get_many::<Root, 2>([1, 2]).unwrap().map(Option::unwrap);
    let child = s.get::<Child>(11).unwrap().unwrap();
    let deep = s.get::<Grandchild>(121).unwrap().unwrap();
    let parent = s.get::<Child>(12).unwrap().unwrap();
    db.forget();
    s.delete(one).unwrap();
    s[child].root = two.into();
    s[deep].child = child.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE child SET root_id, version ×1 WHERE id, version
        UPDATE grandchild SET child_id ×1 WHERE id
        DELETE grandchild OF root ×1
        DELETE child OF root ×1
        DELETE root ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.state(parent), State::Gone);
    assert_eq!(
        db.rows("SELECT id FROM child WHERE root_id = 2 AND id < 20"),
        "11\n"
    );
    assert_eq!(
        db.rows("SELECT id FROM grandchild WHERE id < 200 ORDER BY id"),
        "111\n112\n113\n121\n"
    );
}

/// RL-1, RL-2: statements that look for what is below would not find it.
#[test]
fn a_row_that_moves_below_what_goes_is_deleted_with_all_below_it() {
    let db = family();
    let mut s = db.session();
    let one = s.get::<Root>(1).unwrap().unwrap();
    let child = s.get::<Child>(21).unwrap().unwrap();
    let deep = s.get::<Grandchild>(211).unwrap().unwrap();
    let other = s.get::<Grandchild>(311).unwrap().unwrap();
    db.forget();
    s.delete(one).unwrap();
    s[child].root = one.into();
    s[other].child = child.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE grandchild ×1 WHERE id
        DELETE grandchild OF child ×1
        DELETE child ×1 WHERE id, version
        DELETE grandchild OF root ×1
        DELETE child OF root ×1
        DELETE root ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!([deep, other].map(|h| s.state(h)), [State::Gone; 2]);
    // Four children, the three below each, and the one that moved.
    assert_eq!(db.rows(COUNTS), "50 | 149 | 446\n");
}

/// RL-2: a child that is deleted by the program is strict, and its own rows go with it.
#[test]
fn a_child_that_is_marked_as_well_goes_first() {
    let db = family();
    let mut s = db.session();
    let root = s.get::<Root>(1).unwrap().unwrap();
    let child = s.get::<Child>(11).unwrap().unwrap();
    db.forget();
    s.delete(root).unwrap();
    s.delete(child).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE grandchild OF child ×1
        DELETE child ×1 WHERE id, version
        DELETE grandchild OF root ×1
        DELETE child OF root ×1
        DELETE root ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(COUNTS), "50 | 150 | 450\n");
}

/// Refers to itself, by a key of two columns, and has a version.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "folder")]
struct Folder {
    #[model(key)]
    owner: i64,
    #[model(key)]
    name: String,
    #[model(on_delete = cascade(client))]
    within: Option<Fk<Folder>>,
    #[model(version)]
    version: i32,
}

/// Goes with either of two folders.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "shortcut")]
struct Shortcut {
    #[model(key, on_delete = cascade(client))]
    from: Fk<Folder>,
    #[model(on_delete = cascade(client))]
    to: Fk<Folder>,
}

fn folders() -> TestDb {
    TestDb::with::<(Folder, Shortcut)>(
        "INSERT INTO folder VALUES
            (1, 'a', NULL, NULL, 1), (1, 'b', 1, 'a', 1), (1, 'c', 1, 'b', 1), (1, 'd', 1, 'c', 1),
            (2, 'a', NULL, NULL, 1), (2, 'b', 2, 'a', 1), (3, 'a', NULL, NULL, 1);
         INSERT INTO shortcut VALUES (1, 'd', 3, 'a'), (2, 'a', 1, 'c'), (2, 'b', 2, 'b')",
    )
}

const FOLDERS: &str = "SELECT owner, name FROM folder ORDER BY 1, 2";

/// RL-2: one statement for the tree, and one for what refers to it.
#[test]
fn a_tree_goes_by_one_statement() {
    let db = folders();
    let mut s = db.session();
    let root = s.get::<Folder>((1, "a")).unwrap().unwrap();
    let leaf = s.get::<Folder>((1, "c")).unwrap().unwrap();
    let deep = s.get::<Folder>((1, "d")).unwrap().unwrap();
    let second = s.get::<Folder>((3, "a")).unwrap().unwrap();
    db.forget();
    s.delete(root).unwrap();
    s.delete(leaf).unwrap();
    s.delete(second).unwrap();
    s.flush().unwrap();
    let sent = db.recorded();
    let sql: Vec<&str> = sent.iter().map(|statement| &*statement.sql).collect();
    expect![[r#"
        WITH written AS (WITH locked AS MATERIALIZED (SELECT "from_owner", "from_name" FROM "shortcut" WHERE (("from_owner", "from_name") IN (SELECT "owner", "name" FROM "folder" WHERE ("owner", "name") IN (WITH RECURSIVE tree(k0, k1) AS (SELECT "owner", "name" FROM "folder" WHERE ("owner", "name") IN (SELECT * FROM UNNEST($1::bigint[], $2::text[])) UNION SELECT r."owner", r."name" FROM "folder" AS r JOIN tree ON (r."within_owner", r."within_name") = (tree.k0, tree.k1)) SELECT k0, k1 FROM tree)) OR ("to_owner", "to_name") IN (SELECT "owner", "name" FROM "folder" WHERE ("owner", "name") IN (WITH RECURSIVE tree(k0, k1) AS (SELECT "owner", "name" FROM "folder" WHERE ("owner", "name") IN (SELECT * FROM UNNEST($1::bigint[], $2::text[])) UNION SELECT r."owner", r."name" FROM "folder" AS r JOIN tree ON (r."within_owner", r."within_name") = (tree.k0, tree.k1)) SELECT k0, k1 FROM tree))) ORDER BY "from_owner", "from_name" COLLATE "C" FOR UPDATE) DELETE FROM "shortcut" WHERE ("from_owner", "from_name") IN (SELECT "from_owner", "from_name" FROM locked) RETURNING 1) SELECT count(*), pg_current_xact_id() FROM written
        WITH locked AS MATERIALIZED (SELECT "owner", "name" FROM "folder" WHERE ("owner", "name") IN (WITH RECURSIVE tree(k0, k1) AS (SELECT "owner", "name" FROM "folder" WHERE ("owner", "name") IN (SELECT * FROM UNNEST($1::bigint[], $2::text[])) UNION SELECT r."owner", r."name" FROM "folder" AS r JOIN tree ON (r."within_owner", r."within_name") = (tree.k0, tree.k1)) SELECT k0, k1 FROM tree) AND NOT EXISTS (SELECT FROM UNNEST($1::bigint[], $2::text[], $3::integer[]) AS u(k0, k1, v) WHERE (k0, k1) = ("folder"."owner", "folder"."name") AND v <> "folder"."version") ORDER BY "owner", "name" COLLATE "C" FOR UPDATE) DELETE FROM "folder" WHERE ("owner", "name") IN (SELECT "owner", "name" FROM locked) RETURNING "owner", "name""#]].assert_eq(&sql.join("\n"));
    assert_eq!(s.state(deep), State::Deleted);
    s.commit().unwrap();
    expect![[r#"
        2 | a
        2 | b
    "#]]
    .assert_eq(&db.rows(FOLDERS));
    expect![[r#"
        2 | b | 2 | b
    "#]]
    .assert_eq(&db.rows("SELECT * FROM shortcut"));
}

/// FL-8, VN-1: the versions of the rows that the program deletes are compared.
#[test]
fn the_root_of_a_tree_that_was_changed_is_stale() {
    let db = folders();
    let mut s = db.session();
    let [a, b] = s
        .get_many::<Folder, 2>([(1, "a"), (2, "a")])
        .unwrap()
        .map(Option::unwrap);
    db.look()
        .run("UPDATE folder SET version = 2 WHERE owner = 2 AND name IN ('a', 'b')");
    s.delete(a).unwrap();
    s.delete(b).unwrap();
    let error = s.flush().unwrap_err();
    let missed = r#"(2, "a")"#;
    assert!(
        matches!(error.kind(), ErrorKind::Stale { model: "Folder", keys } if *keys == [missed]),
        "{error:?}"
    );
    s.rollback().unwrap();
    assert_eq!(s.state(a), State::Persistent);
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "shop")]
struct Shop {
    #[model(key)]
    id: i64,
}

/// Goes with its shop, by the database.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "aisle")]
struct Aisle {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    shop: Fk<Shop>,
}

/// Goes with its aisle, by the session.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "product")]
struct Product {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    aisle: Fk<Aisle>,
}

/// RL-2: what would hold a row that the database takes along goes before it.
#[test]
fn rows_below_those_that_the_database_deletes_go_too() {
    let db = TestDb::with::<(Shop, Aisle, Product)>(
        "INSERT INTO shop VALUES (1), (2);
         INSERT INTO aisle VALUES (1, 1), (2, 2);
         INSERT INTO product VALUES (1, 1), (2, 2)",
    );
    let mut s = db.session();
    let shop = s.get::<Shop>(1).unwrap().unwrap();
    let product = s.get::<Product>(1).unwrap().unwrap();
    db.forget();
    s.delete(shop).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE product OF shop ×1
        DELETE shop ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.state(product), State::Gone);
    assert_eq!(db.rows("SELECT * FROM product"), "2 | 2\n");
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "hen")]
struct Hen {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    egg: Option<Fk<Egg>>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "egg")]
struct Egg {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    hen: Option<Fk<Hen>>,
}

/// RL-2: no order of whole tables is right, so what is loaded goes row by row.
#[test]
fn tables_in_a_circle_lose_what_is_loaded() {
    let db = TestDb::with::<(Hen, Egg)>(
        "INSERT INTO hen VALUES (1, NULL);
         INSERT INTO egg VALUES (1, 1);
         INSERT INTO hen VALUES (2, 1)",
    );
    let mut s = db.session();
    let hens = s.all(select::<Hen>().order_by(Hen::ID)).unwrap();
    s.all(select::<Egg>()).unwrap();
    db.forget();
    s.delete(hens[0]).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        LOCK hen ×2
        DELETE hen ×1 WHERE id
        DELETE egg ×1 WHERE id
        DELETE hen ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM hen"), "0\n");
}
