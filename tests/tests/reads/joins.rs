//! Queries on several tables: joins, aliases, subqueries, and what their rows become.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::*;
use sessile::{ErrorKind, query::Select};

use super::models::{Article, Favorite, User, blog, titles};

#[test]
fn a_join_groups_by_the_other_tables_columns() {
    let db = blog();
    let mut s = db.session();
    let written = s
        .rows(
            select::<Article>()
                .join(Article::AUTHOR)
                .group_by(User::NAME)
                .order_by(User::NAME)
                .columns((User::NAME, count())),
        )
        .unwrap();
    assert_eq!(written, [("ann".to_owned(), 3), ("bob".to_owned(), 1)]);
    db.assert_statements(expect![[r#"
        SELECT article (users.name, count(*)) JOIN users ON users.id = article.author_id GROUP BY users.name ORDER BY users.name
    "#]]);
}

/// IM-1, IM-5
#[test]
fn pairs_of_handles_are_the_objects_of_the_session() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let pairs = s
        .rows(
            select::<Article>()
                .left_join(Article::REVIEWER)
                .order_by(Article::ID)
                .columns((row::<Article>(), row::<User>().nullable(), Article::TITLE)),
        )
        .unwrap();
    let reviewers: Vec<_> = pairs.iter().map(|(_, user, _)| *user).collect();
    assert_eq!(reviewers[2], Some(ann), "the same object");
    assert_eq!(reviewers[1], None);
    assert_eq!(s[pairs[0].0].title, pairs[0].2);
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        BEGIN
        SELECT article (article.*, users.*, article.title) LEFT JOIN users ON users.id = article.reviewer_id ORDER BY article.id
    "#]]);
}

#[test]
fn an_outer_joined_column_that_is_not_nullable_is_refused() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Article>()
        .left_join(Article::REVIEWER)
        .columns((Article::TITLE, User::NAME));
    let error = s.rows(query).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    expect!["name comes from an outer join and may be NULL: read it as `.nullable()`"]
        .assert_eq(&error.to_string());
    let query = select::<Article>()
        .left_join(Article::REVIEWER)
        .order_by(Article::ID)
        .columns(User::NAME.nullable());
    assert_eq!(s.rows(query).unwrap()[1], None);
    let query = select::<Article>()
        .left_join(Article::REVIEWER)
        .columns(row::<User>());
    expect!["rows of User come from an outer join and may be absent: read them as `.nullable()`"]
        .assert_eq(&s.rows(query).unwrap_err().to_string());
}

#[test]
fn a_table_that_is_not_part_of_the_query_is_refused() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Article>()
        .join(Article::AUTHOR)
        .filter(Favorite::STARS.gt(3));
    expect!["the query on Article names the column stars of Favorite, which is not part of it"]
        .assert_eq(&s.all(query).unwrap_err().to_string());
    let twice = select::<Article>()
        .join(Article::AUTHOR)
        .join(Article::REVIEWER);
    expect!["User takes part twice in a query: give one of the two a name with `alias`"]
        .assert_eq(&s.all(twice).unwrap_err().to_string());
    db.assert_statements(expect![[""]]);
}

#[test]
fn an_alias_takes_part_beside_its_table() {
    let db = blog();
    let mut s = db.session();
    let reviewer = alias::<User>("reviewer");
    let query = select::<Article>()
        .join(Article::AUTHOR)
        .join(Article::REVIEWER.to(&reviewer))
        .filter(User::NAME.ne(reviewer.column(User::NAME)))
        .order_by(Article::ID)
        .columns((User::NAME, reviewer.column(User::NAME), reviewer.row()));
    let rows = s.rows(query).unwrap();
    let names: Vec<_> = rows.iter().map(|(a, r, _)| (&**a, &**r)).collect();
    assert_eq!(names, [("ann", "bob"), ("bob", "ann"), ("ann", "cid")]);
    assert_eq!(s[rows[2].2].name, "cid");
    db.assert_statements(expect![[r#"
        SELECT article (users.name, reviewer.name, reviewer.*) JOIN users ON users.id = article.author_id JOIN users reviewer ON reviewer.id = article.reviewer_id WHERE users.name <> reviewer.name ORDER BY article.id
    "#]]);
}

#[test]
fn relationships_are_conditions_and_numbers() {
    let db = blog();
    let mut s = db.session();
    let found = |s: &mut Session, query: Select<Article>| {
        let found = s.all(query.order_by(Article::ID)).unwrap();
        titles(s, &found)
    };
    let query = select().filter(Article::AUTHOR.has(User::NAME.eq("bob")));
    assert_eq!(found(&mut s, query), ["b1"]);
    let query = select().filter(Article::FAVORITES.any(Favorite::STARS.ge(4)));
    assert_eq!(found(&mut s, query), ["a1", "b1"]);
    let query = select().filter(!Article::FAVORITES.exists());
    assert_eq!(found(&mut s, query), ["a3"]);
    let with_numbers = s
        .rows(select::<User>().order_by(User::ID).columns((
            row::<User>(),
            User::ARTICLES.count(),
            User::FAVORITES.max(Favorite::STARS),
            User::ARTICLES.count_of(Article::TITLE.like("%1")),
        )))
        .unwrap();
    let numbers: Vec<_> = with_numbers.iter().map(|r| (r.1, r.2, r.3)).collect();
    assert_eq!(numbers, [(3, Some(5), 1), (1, Some(4), 1), (0, None, 0)]);
    db.assert_statements(expect![[r#"
        SELECT article WHERE (EXISTS users WHERE users.name = $1 AND users.id = article.author_id) ORDER BY id
        BEGIN
        SELECT article WHERE (EXISTS favorite WHERE favorite.stars >= $1 AND favorite.article_id = article.id) ORDER BY id
        SELECT article WHERE NOT (EXISTS favorite WHERE favorite.article_id = article.id) ORDER BY id
        SELECT users (users.*, (SELECT article (count(*)) WHERE article.author_id = users.id), (SELECT favorite (max(favorite.stars)) WHERE favorite.user_id = users.id), (SELECT article (count(*)) WHERE article.title LIKE $1 AND article.author_id = users.id)) ORDER BY id
    "#]]);
}

#[test]
fn queries_stand_inside_others() {
    let db = blog();
    let mut s = db.session();
    let per_author = cte(
        "per_author",
        select::<Article>()
            .group_by(Article::AUTHOR.key())
            .columns((Article::AUTHOR.key(), count())),
    );
    let prolific = select::<User>()
        .join_on(&per_author, per_author.at::<0>().eq(User::ID))
        .filter(per_author.at::<1>().gt(1))
        .columns((User::NAME, per_author.at::<1>()));
    assert_eq!(s.rows(prolific).unwrap(), [("ann".to_owned(), 3)]);
    let busy = select::<Article>()
        .join(Article::AUTHOR)
        .columns(User::NAME);
    let named = select::<User>()
        .filter(User::NAME.in_query(busy.clone()))
        .order_by(User::ID);
    assert_eq!(s.all(named).unwrap().len(), 2);
    let idle = select::<User>().filter(User::NAME.not_in_query(busy));
    assert_eq!(s.all(idle).unwrap().len(), 1);
    let outer = select::<User>().filter(exists(
        select::<Article>()
            .correlated()
            .filter(Article::TITLE.starts_with("b"))
            .filter(fragment::<bool, _>(
                "{} LIKE {} || '%'",
                (Article::TITLE, "b"),
            )),
    ));
    assert_eq!(s.all(outer).unwrap().len(), 3);
    db.assert_statements(expect![[r#"
        WITH per_author AS (SELECT article (author_id, count(*)) GROUP BY author_id) SELECT users (users.name, per_author.column_2) JOIN per_author ON per_author.author_id = users.id WHERE per_author.column_2 > $1
        BEGIN
        SELECT users WHERE name IN (SELECT article (users.name) JOIN users ON users.id = article.author_id) ORDER BY id
        SELECT users WHERE name NOT IN (SELECT article (users.name) JOIN users ON users.id = article.author_id)
        SELECT users WHERE EXISTS (SELECT article WHERE title LIKE $1 AND (title LIKE $2 || '%'))
    "#]]);
}

#[test]
fn a_named_query_is_written_once_and_read_like_a_table() {
    let db = blog();
    let mut s = db.session();
    let numbers = cte(
        "numbers",
        select::<Article>()
            .join(Article::AUTHOR)
            .group_by(User::NAME)
            .columns((User::NAME, count())),
    );
    let other = numbers.alias("other");
    let query = from(&numbers)
        .join_on(&other, other.at::<1>().lt(numbers.at::<1>()))
        .filter(numbers.at::<1>().gt(2))
        .columns((numbers.at::<0>(), other.at::<0>()));
    let rows = s.rows(query).unwrap();
    assert_eq!(rows, [("ann".to_owned(), "bob".to_owned())]);
    db.assert_statements(expect![[r#"
        WITH numbers AS (SELECT article (users.name, count(*)) JOIN users ON users.id = article.author_id GROUP BY users.name) SELECT numbers (numbers.name, other.name) JOIN numbers other ON other.column_2 < numbers.column_2 WHERE numbers.column_2 > $1
    "#]]);
}

#[test]
fn a_lateral_query_names_the_tables_before_it() {
    let db = blog();
    let mut s = db.session();
    let newest = subquery(
        "newest",
        select::<Article>()
            .correlated()
            .filter(Article::AUTHOR.key().eq(User::ID))
            .order_by(Article::ID.desc())
            .limit(1)
            .columns(Article::TITLE),
    );
    let query = select::<User>()
        .left_join_lateral(&newest)
        .order_by(User::ID)
        .columns((User::NAME, newest.at::<0>().nullable()));
    let newest: Vec<_> = s.rows(query).unwrap();
    let newest: Vec<_> = newest.iter().map(|(n, t)| (&**n, t.as_deref())).collect();
    assert_eq!(
        newest,
        [("ann", Some("a3")), ("bob", Some("b1")), ("cid", None)]
    );
    db.assert_statements(expect![[r#"
        SELECT users (users.name, newest.title) LEFT JOIN LATERAL (SELECT article (article.title) WHERE article.author_id = users.id ORDER BY article.id DESC LIMIT $1) newest ORDER BY users.id
    "#]]);
}

#[test]
fn plain_rows_stay_out_of_the_session() {
    let db = blog();
    let mut s = db.session();
    let users: Vec<User> = s
        .rows(select::<User>().order_by(User::ID).untracked())
        .unwrap();
    assert_eq!(users[0].name, "ann");
    assert_eq!(s.local::<User>(&1), None);
    let tracked: Vec<(Handle<User>, String)> = s
        .rows(raw(
            "SELECT name, id, upper(name) FROM users WHERE id < $1 ORDER BY 2",
            (3_i64,),
        ))
        .unwrap();
    assert_eq!(s[tracked[1].0].name, "bob");
    assert_eq!(tracked[1].1, "BOB");
    let by_name: Vec<User> = s.rows(raw_users()).unwrap();
    assert_eq!(by_name[2].name, "cid");
    let wrong = s.rows(raw::<User>("SELECT id FROM users", ())).unwrap_err();
    expect!["User wants a column name and the result has (id)"].assert_eq(&wrong.to_string());
}

fn raw_users() -> sessile::query::Raw<User> {
    raw("SELECT name, id FROM users ORDER BY id", ())
}

#[test]
fn locks_with_joins_are_of_the_main_table() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Article>()
        .left_join(Article::REVIEWER)
        .filter(Article::TITLE.eq("a2"))
        .for_update();
    assert_eq!(s.all(query).unwrap().len(), 1);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT article LEFT JOIN users ON users.id = article.reviewer_id WHERE article.title = $1 FOR UPDATE OF article
    "#]]);
}
