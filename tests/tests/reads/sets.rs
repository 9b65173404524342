//! Set operations, and rows of values that the caller brings along.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::sql::*;

use super::models::{Article, Favorite, User, blog, names, titles};

#[test]
fn a_union_is_ordered_as_a_whole_and_cut_in_its_parts() {
    let db = blog();
    let mut s = db.session();
    let newest = select::<Article>().order_by(Article::ID.desc()).limit(2);
    let query = newest
        .columns((Article::TITLE, value(1_i64)))
        .union(
            select::<User>()
                .order_by(User::NAME)
                .limit(1)
                .columns((User::NAME, User::ID)),
        )
        .order_by_at::<0>();
    let rows = s.rows(query.clone()).unwrap();
    let found: Vec<&str> = rows.iter().map(|row| &*row.0).collect();
    assert_eq!(found, ["a3", "ann", "b1"]);
    assert_eq!(
        s.rows(query.clone().limit(1).offset(1)).unwrap()[0].0,
        "ann"
    );
    assert_eq!(s.count(query.clone()).unwrap(), 3);
    assert!(s.exists(query).unwrap());
    db.assert_statements(expect![[r#"
        (SELECT article (title, $1) ORDER BY id DESC LIMIT $2) UNION (SELECT users (name, id) ORDER BY name LIMIT $3) ORDER BY 1
        BEGIN
        (SELECT article (title, $1) ORDER BY id DESC LIMIT $2) UNION (SELECT users (name, id) ORDER BY name LIMIT $3) ORDER BY 1 LIMIT $4 OFFSET $5
        COUNT ((SELECT article (title, $1) ORDER BY id DESC LIMIT $2) UNION (SELECT users (name, id) ORDER BY name LIMIT $3) ORDER BY 1)
        EXISTS ((SELECT article (title, $1) ORDER BY id DESC LIMIT $2) UNION (SELECT users (name, id) ORDER BY name LIMIT $3) ORDER BY 1)
    "#]]);
}

#[test]
fn each_operation_answers_as_its_sql() {
    let db = blog();
    let mut s = db.session();
    // Authors: 1, 1, 2, 1. Reviewers: 2, 1, 3.
    let authors = || select::<Article>().columns(Article::AUTHOR.key());
    let reviewers = || {
        select::<Article>()
            .filter(Article::REVIEWER.key().is_not_null())
            .columns(Article::REVIEWER.key().cast::<i64>())
    };
    let mut run = |query: sessile::query::Rows<i64>| s.rows(query.order_by_at::<0>()).unwrap();
    assert_eq!(run(authors().union(reviewers())), [1, 2, 3]);
    assert_eq!(run(authors().union_all(reviewers())), [1, 1, 1, 1, 2, 2, 3]);
    assert_eq!(run(authors().intersect(reviewers())), [1, 2]);
    assert_eq!(run(authors().intersect_all(authors())), [1, 1, 1, 2]);
    assert_eq!(run(reviewers().except(authors())), [3]);
    assert_eq!(run(authors().except_all(reviewers())), [1, 1]);
}

/// INTERSECT binds tighter than UNION in SQL; here it is from left to right.
#[test]
fn operations_apply_from_left_to_right() {
    let db = blog();
    let mut s = db.session();
    let ids = |below: i64| {
        select::<User>()
            .filter(User::ID.lt(below))
            .columns(User::ID)
    };
    let query = ids(3).union(ids(2)).intersect(ids(2));
    assert_eq!(s.rows(query).unwrap(), [1]);
    let query = ids(4).except(ids(3)).union(ids(2)).order_by_at_desc::<0>();
    assert_eq!(s.rows(query).unwrap(), [3, 1]);
    let cut = ids(4).union(ids(4)).order_by_at::<0>().limit(2);
    assert_eq!(s.rows(cut.clone().except(ids(2))).unwrap(), [2]);
    let part = subquery("part", cut);
    let query = from(&part)
        .order_by(part.at::<0>().desc())
        .columns(part.at::<0>());
    assert_eq!(s.rows(query).unwrap(), [2, 1]);
    db.assert_statements(expect![[r#"
        ((SELECT users (id) WHERE id < $1) UNION (SELECT users (id) WHERE id < $2)) INTERSECT (SELECT users (id) WHERE id < $3)
        BEGIN
        ((SELECT users (id) WHERE id < $1) EXCEPT (SELECT users (id) WHERE id < $2)) UNION (SELECT users (id) WHERE id < $3) ORDER BY 1 DESC
        ((SELECT users (id) WHERE id < $1) UNION (SELECT users (id) WHERE id < $2) ORDER BY 1 LIMIT $3) EXCEPT (SELECT users (id) WHERE id < $4)
        SELECT ((SELECT users (id) WHERE id < $1) UNION (SELECT users (id) WHERE id < $2) ORDER BY 1 LIMIT $3) part (id) ORDER BY id DESC
    "#]]);
}

#[test]
fn objects_of_two_queries_are_objects_of_the_session() {
    let db = blog();
    let mut s = db.session();
    let query = select::<User>()
        .filter(User::NAME.eq("cid"))
        .union(select::<User>().filter(User::ID.lt(2)).with(User::ARTICLES))
        .order_by(User::NAME.desc());
    let users = s.rows(query).unwrap();
    assert_eq!(names(&s, &users), ["cid", "ann"]);
    assert_eq!(s.loaded(users[1], User::ARTICLES).unwrap().len(), 3);
    let wrong = select::<User>()
        .union(select())
        .order_by(lower(User::NAME).asc());
    let error = s.rows(wrong).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    let locked = select::<User>().union(select::<User>().for_update());
    expect!["the rows of a set operation can't be locked: lock them by a query of their own"]
        .assert_eq(&s.rows(locked).unwrap_err().to_string());
}

#[test]
fn a_union_is_flushed_for_on_both_sides() {
    let db = blog();
    let mut s = db.session();
    s.add(User {
        name: "dot".into(),
        ..User::default()
    });
    let query = select::<Article>()
        .columns(Article::TITLE)
        .union(select::<User>().columns(User::NAME));
    assert_eq!(s.rows(query).unwrap().len(), 8);
}

#[test]
fn values_are_rows_of_few_parameters() {
    let db = blog();
    let mut s = db.session();
    let wanted = values(
        "wanted",
        [(2_i64, Some("two")), (1, None), (9, Some("nine"))],
    );
    let query = select::<User>()
        .join_on(&wanted, wanted.at::<0>().eq(User::ID))
        .order_by(User::ID)
        .columns((User::NAME, wanted.at::<1>()));
    let rows = s.rows(query).unwrap();
    let rows: Vec<_> = rows.iter().map(|(n, w)| (&**n, w.as_deref())).collect();
    assert_eq!(rows, [("ann", None), ("bob", Some("two"))]);
    let many = values("many", 0..1_000_i64);
    let query = from(&many)
        .filter(many.at::<0>().ge(998))
        .columns(many.at::<0>());
    assert_eq!(s.rows(query).unwrap(), [998, 999]);
    let none = values("none", Vec::<(i64, String)>::new());
    assert_eq!(s.count(from(&none).columns(none.at::<1>())).unwrap(), 0);
    let arrays = values("arrays", [vec![1_i64], vec![2]]);
    let error = s.rows(from(&arrays).columns(arrays.at::<0>())).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    db.assert_statements(expect![[r#"
        SELECT users (users.name, wanted.column_2) JOIN (VALUES ($1, $2)) wanted ON wanted.column_1 = users.id ORDER BY users.id
        BEGIN
        SELECT (VALUES ($1)) many (column_1) WHERE column_1 >= $2
        COUNT (VALUES ($1, $2)) none
    "#]]);
}

#[test]
fn groups_are_counted() {
    let db = blog();
    let mut s = db.session();
    let per_author = || {
        select::<Article>()
            .group_by(Article::AUTHOR.key())
            .columns((Article::AUTHOR.key(), count()))
    };
    assert_eq!(s.count(per_author()).unwrap(), 2);
    assert_eq!(s.count(select::<Article>().columns(count())).unwrap(), 1);
    let titles = select::<Article>().columns(Article::TITLE);
    assert_eq!(s.count(titles).unwrap(), 4);
    db.assert_statements(expect![[r#"
        COUNT (SELECT article (author_id, count(*)) GROUP BY author_id)
        BEGIN
        COUNT (SELECT article (count(*)))
        COUNT article
    "#]]);
}

#[test]
fn groupings_have_subtotals() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Favorite>()
        .group_by_rollup((Favorite::USER.key(), Favorite::ARTICLE.key()))
        .order_by((
            grouping((Favorite::USER.key(), Favorite::ARTICLE.key())).asc(),
            sum(Favorite::STARS).asc(),
        ))
        .columns((
            Favorite::USER.key().nullable(),
            Favorite::ARTICLE.key().nullable(),
            sum(Favorite::STARS),
        ));
    assert_eq!(
        s.rows(query).unwrap(),
        [
            (Some(2), Some(2), Some(3)),
            (Some(2), Some(1), Some(4)),
            (Some(1), Some(3), Some(5)),
            (Some(1), None, Some(5)),
            (Some(2), None, Some(7)),
            (None, None, Some(12)),
        ]
    );
    let each = select::<Favorite>()
        .group_by_each((Favorite::USER.key(), Favorite::ARTICLE.key()))
        .columns(count());
    assert_eq!(s.rows(each).unwrap().len(), 5);
    let cube = select::<Favorite>()
        .group_by_cube((Favorite::USER.key(), Favorite::STARS))
        .columns(count());
    assert_eq!(s.rows(cube).unwrap().len(), 3 + 2 + 3 + 1);
    db.assert_statements(expect![[r#"
        SELECT favorite (user_id, article_id, sum(stars)) GROUP BY ROLLUP (user_id, article_id) ORDER BY GROUPING(user_id, article_id), sum(stars)
        BEGIN
        SELECT favorite (count(*)) GROUP BY GROUPING SETS (user_id, article_id)
        SELECT favorite (count(*)) GROUP BY CUBE (user_id, stars)
    "#]]);
}

#[test]
fn tags_stand_behind_the_statement_and_end_nothing() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Article>()
        .filter(Article::TITLE.eq("a1"))
        .comment("route", "/articles")
        .comment("app", "*/; DROP TABLE article; --'");
    let found = s.all(query.clone()).unwrap();
    assert_eq!(titles(&s, &found), ["a1"]);
    assert_eq!(s.count(query).unwrap(), 1);
    let rows = select::<User>().columns(User::NAME).comment("job", "é");
    assert_eq!(s.rows(rows).unwrap().len(), 3);
    db.assert_statements(expect![[r#"
        SELECT article WHERE title = $1 /*app='%2A%2F%3B%20DROP%20TABLE%20article%3B%20--%27',route='%2Farticles'*/
        BEGIN
        COUNT article WHERE title = $1 /*app='%2A%2F%3B%20DROP%20TABLE%20article%3B%20--%27',route='%2Farticles'*/
        SELECT users (name) /*job='%C3%A9'*/
    "#]]);
}
