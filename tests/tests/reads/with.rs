//! Queries of the WITH clause: recursive ones, ones that are kept, and ones that write.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::sql::*;
use sessile_tests::TestDb;

use super::models::{Article, Favorite, User, blog, names};

/// A directory, with its parent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "folder")]
struct Folder {
    #[model(key)]
    id: i64,
    name: String,
    parent: Option<Fk<Folder>>,
}

/// Two trees; 7 and 8 are inside each other.
fn folders() -> TestDb {
    TestDb::with::<(Folder,)>(
        "INSERT INTO folder VALUES (1, 'root', NULL), (2, 'a', 1), (3, 'b', 1), (4, 'c', 2),
             (5, 'd', 4), (6, 'other', NULL), (7, 'x', NULL), (8, 'y', 7);
         UPDATE folder SET parent_id = 8 WHERE id = 7",
    )
}

#[test]
fn a_tree_is_read_with_paths_and_depths() {
    let db = folders();
    let mut s = db.session();
    let tree = recursive(
        "tree",
        select::<Folder>().filter(Folder::ID.eq(1)).columns((
            Folder::ID,
            Folder::NAME,
            value(0_i32),
        )),
        |tree| {
            let path = fragment::<String, _>("{} || '/' || {}", (tree.at::<1>(), Folder::NAME));
            select::<Folder>()
                .join_on(tree, Folder::PARENT.key().eq(tree.at::<0>()))
                .columns((Folder::ID, path, tree.at::<2>() + 1))
        },
    );
    let query = from(&tree)
        .order_by(tree.at::<1>().asc())
        .columns((tree.at::<1>(), tree.at::<2>()));
    let rows = s.rows(query).unwrap();
    let rows: Vec<_> = rows.iter().map(|(path, depth)| (&**path, *depth)).collect();
    assert_eq!(
        rows,
        [
            ("root", 0),
            ("root/a", 1),
            ("root/a/c", 2),
            ("root/a/c/d", 3),
            ("root/b", 1)
        ]
    );
    db.assert_statements(expect![[r#"
        BEGIN
        WITH RECURSIVE tree AS (SELECT folder (id, name, $1) WHERE id = $2 UNION SELECT folder (folder.id, (tree.name || '/' || folder.name), tree.column_3 + $3) JOIN tree ON folder.parent_id = tree.id) SELECT tree (name, column_3) ORDER BY name
    "#]]);
}

#[test]
fn a_cycle_ends_a_recursive_query_of_equal_rows() {
    let db = folders();
    let mut s = db.session();
    let above = recursive(
        "above",
        select::<Folder>().filter(Folder::ID.eq(8)),
        |above| {
            from(above)
                .join(above.as_alias().along(Folder::PARENT))
                .columns(row::<Folder>())
        },
    );
    let found = s.rows(from(&above).columns(above.row())).unwrap();
    let mut ids: Vec<i64> = found.iter().map(|folder| s[*folder].id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [7, 8]);
}

#[test]
fn a_recursive_query_is_not_read_outside_itself() {
    let db = folders();
    let mut s = db.session();
    let mut itself = None;
    let _ = recursive_all("up", select::<Folder>().columns(Folder::ID), |up| {
        itself = Some(up.clone());
        from(up).columns(up.at::<0>())
    });
    let up = itself.unwrap();
    let error = s.rows(from(&up).columns(up.at::<0>())).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    expect!["the recursive query up is read outside itself"].assert_eq(&error.to_string());
}

#[test]
fn a_query_is_kept_or_merged_as_asked() {
    let db = blog();
    let mut s = db.session();
    let kept = cte("kept", select::<User>().columns(User::ID)).materialized();
    let merged = cte("merged", select::<User>().columns(User::ID)).not_materialized();
    let query = from(&kept)
        .join_on(&merged, merged.at::<0>().eq(kept.at::<0>()))
        .columns(count());
    assert_eq!(s.rows(query).unwrap(), [3]);
    db.assert_statements(expect![[r#"
        WITH kept AS MATERIALIZED (SELECT users (id)), merged AS NOT MATERIALIZED (SELECT users (id)) SELECT kept (count(*)) JOIN merged ON merged.id = kept.id
    "#]]);
}

#[test]
fn raw_sql_that_writes_is_read_by_a_typed_query() {
    let db = blog();
    let mut s = db.session();
    s.add(Article {
        author: Fk::to(3),
        title: "c1".into(),
        ..Article::default()
    });
    let gone = cte(
        "gone",
        raw::<(i64, String)>(
            "DELETE FROM article WHERE title IN ($1, $2) RETURNING author_id, title",
            ("a3", "c1"),
        ),
    );
    let query = select::<User>()
        .join_on(&gone, gone.at::<0>().eq(User::ID))
        .filter(User::NAME.ne("bob"))
        .order_by(User::ID)
        .columns((row::<User>(), gone.at::<1>()));
    let rows = s.rows(query).unwrap();
    let users: Vec<_> = rows.iter().map(|row| row.0).collect();
    assert_eq!(names(&s, &users), ["ann", "cid"], "what waited was flushed");
    assert_eq!(rows[1].1, "c1");
    let inside = exists(raw::<i64>("SELECT 1::int8", ()));
    let error = s
        .all(select::<User>().filter(inside.within::<User>()))
        .unwrap_err();
    expect!["raw SQL stands in another statement as a `cte` only"].assert_eq(&error.to_string());
    s.commit().unwrap();
    assert_eq!(s.count(select::<Article>()).unwrap(), 3);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT article (author_id, reviewer_id, title) ×1 RETURNING id
        WITH gone AS (DELETE FROM article WHERE title IN ($1, $2) RETURNING author_id, title) SELECT users (users.*, gone.column_2) JOIN gone ON gone.column_1 = users.id WHERE users.name <> $3 ORDER BY users.id
        COMMIT
        COUNT article
    "#]]);
}

#[test]
fn what_a_delete_returns_is_read_in_the_same_statement() {
    let db = blog();
    let mut s = db.session();
    let gone = cte(
        "gone",
        delete::<Favorite>()
            .filter(Favorite::STARS.lt(5))
            .returning_columns((Favorite::USER.key(), Favorite::STARS)),
    );
    let query = select::<User>()
        .join_on(&gone, gone.at::<0>().eq(User::ID))
        .group_by(User::NAME)
        .columns((User::NAME, sum(gone.at::<1>())));
    assert_eq!(s.rows(query).unwrap(), [("bob".to_owned(), Some(7))]);
    let longer = cte(
        "longer",
        update::<User>()
            .set(User::NAME, User::NAME.concat("!"))
            .filter(User::ID.lt(3))
            .returning_columns(User::NAME),
    );
    let mut names = s.rows(from(&longer).columns(longer.at::<0>())).unwrap();
    names.sort();
    assert_eq!(names, ["ann!", "bob!"]);
    let nothing = cte("nothing", update::<User>().returning_columns(User::NAME));
    let error = s
        .rows(from(&nothing).columns(nothing.at::<0>()))
        .unwrap_err();
    expect!["an update of User that sets nothing"].assert_eq(&error.to_string());
    assert_eq!(s.count(select::<Favorite>()).unwrap(), 1);
    db.assert_statements(expect![[r#"
        BEGIN
        WITH gone AS (DELETE FROM "favorite" WHERE "favorite"."stars" < $1 RETURNING "favorite"."user_id", "favorite"."stars") SELECT users (users.name, sum(gone.column_2)) JOIN gone ON gone.column_1 = users.id GROUP BY users.name
        WITH longer AS (UPDATE "users" SET "name" = "users"."name" || $1 WHERE "users"."id" < $2 RETURNING "users"."name") SELECT longer (column_1)
        COUNT favorite
    "#]]);
}

#[test]
fn what_an_insert_returns_is_read_in_the_same_statement() {
    let db = blog();
    let mut s = db.session();
    let stars = values("stars", [(1_i64, 1_i32), (3, 5)]);
    let rows = from(&stars)
        .join_on(table::<Article>(), Article::TITLE.eq("b1"))
        .columns((stars.at::<0>(), Article::ID, stars.at::<1>()));
    let new = insert::<Favorite>()
        .columns((Favorite::USER, Favorite::ARTICLE, Favorite::STARS))
        .from_select(rows)
        .ignoring_conflicts()
        .returning_columns((Favorite::USER.key(), Favorite::STARS));
    let new = cte("new", new);
    let query = select::<User>()
        .join_on(&new, new.at::<0>().eq(User::ID))
        .filter(new.at::<1>().gt(1))
        .columns((User::NAME, new.at::<1>()));
    assert_eq!(s.rows(query).unwrap(), [("cid".to_owned(), 5)]);
    let of_rows = insert::<Favorite>()
        .rows([])
        .returning_columns(Favorite::STARS);
    let of_rows = cte("new", of_rows);
    let error = s.rows(from(&of_rows).columns(count())).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        WITH new AS (INSERT INTO "favorite" ("user_id", "article_id", "stars") SELECT n0, n1, n2 FROM (SELECT "stars"."column_1", "article"."id", "stars"."column_2" FROM (SELECT unnest($1::bigint[]) AS "column_1", unnest($2::integer[]) AS "column_2") AS "stars" INNER JOIN "article" ON "article"."title" = $3) AS _q(n0, n1, n2) ON CONFLICT DO NOTHING RETURNING "favorite"."user_id", "favorite"."stars") SELECT users (users.name, new.column_2) JOIN new ON new.column_1 = users.id WHERE new.column_2 > $4
        COMMIT
    "#]]);
}
