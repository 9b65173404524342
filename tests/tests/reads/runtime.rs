//! Queries that are put together while the program runs, from what a request asks for.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::query::SortKeys;
use sessile::sql::*;

use super::models::{Article, User, blog, titles};

#[test]
fn a_request_sorts_by_the_keys_that_are_offered() {
    let db = blog();
    let mut s = db.session();
    let keys = SortKeys::<Article>::new()
        .key("title", Article::TITLE)
        .key("author", (Article::AUTHOR.key().asc(), Article::ID.desc()));
    for (wanted, first) in [
        ("-title", "b1"),
        ("author", "a3"),
        (" -author , title ", "b1"),
        ("", "a1"),
    ] {
        let orders = keys.parse(wanted).unwrap();
        let query = select::<Article>()
            .order_by(orders)
            .order_by(Article::ID)
            .limit(1);
        let found = s.all(query).unwrap();
        assert_eq!(titles(&s, &found), [first], "{wanted}");
    }
    for hostile in [
        "id",
        "title;",
        "title DESC",
        "--",
        "\"title\"",
        "title,author,password",
    ] {
        let error = keys.parse(hostile).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Input { .. }));
        expect!["no such sort key: use one of title, author"].assert_eq(&error.to_string());
    }
    db.assert_statements(expect![[r#"
        SELECT article ORDER BY title DESC, id LIMIT $1
        BEGIN
        SELECT article ORDER BY author_id, id DESC, id LIMIT $1
        SELECT article ORDER BY author_id DESC, id, title, id LIMIT $1
        SELECT article ORDER BY id LIMIT $1
    "#]]);
}

#[test]
fn columns_are_chosen_by_name_and_read_as_json() {
    let db = blog();
    let mut s = db.session();
    let by = column_named::<Article>("title").unwrap();
    let chosen = columns_named::<Article>(["id", "title", "reviewer_id"]).unwrap();
    let query = select::<Article>()
        .filter(by.text().eq("a2"))
        .order_by(by.desc())
        .json(chosen);
    assert_eq!(
        s.rows(query).unwrap(),
        [serde_json::json!({"id": 2, "title": "a2", "reviewer_id": null})]
    );
    let joined = select::<Article>()
        .join(Article::AUTHOR)
        .group_by(User::NAME)
        .order_by(User::NAME)
        .json([
            named("author", User::NAME).several(),
            named("written", count()).several(),
        ]);
    let rows = s.rows(joined).unwrap();
    assert_eq!(rows[0], serde_json::json!({"author": "ann", "written": 3}));
    let hostile = column_named::<Article>("id\" FROM users; --").unwrap_err();
    assert!(matches!(hostile.kind(), ErrorKind::Input { .. }));
    expect!["no such column of Article: use one of id, author_id, reviewer_id, title"]
        .assert_eq(&hostile.to_string());
    db.assert_statements(expect![[r#"
        SELECT article ((jsonb_build_object($1::text, id, $2::text, title, $3::text, reviewer_id))) WHERE CAST(title AS text) = $4 ORDER BY title DESC
        BEGIN
        SELECT article ((jsonb_build_object($1::text, users.name, $2::text, count(*)))) JOIN users ON users.id = article.author_id GROUP BY users.name ORDER BY users.name
    "#]]);
}

#[test]
fn more_columns_than_a_function_takes_are_still_one_object() {
    let db = blog();
    let mut s = db.session();
    let many = (0..120).map(|i| named(format!("c{i}"), User::ID));
    let rows = s.rows(select::<User>().limit(1).json(many)).unwrap();
    assert_eq!(rows[0].as_object().unwrap().len(), 120);
    let none = s.rows(select::<User>().limit(1).json([])).unwrap();
    assert_eq!(none, [serde_json::json!({})]);
}

#[test]
fn filters_that_are_not_asked_for_are_left_out() {
    let db = blog();
    let mut s = db.session();
    let find = |title: Option<&str>, authors: &[&str]| {
        select::<Article>()
            .filter(title.map(|title| Article::TITLE.starts_with(title)))
            .filter((!authors.is_empty()).then(|| {
                any(authors
                    .iter()
                    .map(|name| Article::AUTHOR.has(User::NAME.eq(*name))))
            }))
            .order_by(Article::ID)
    };
    assert_eq!(s.all(find(None, &[])).unwrap().len(), 4);
    assert_eq!(s.all(find(Some("a"), &["bob"])).unwrap().len(), 0);
    assert_eq!(s.all(find(None, &["bob", "cid"])).unwrap().len(), 1);
}
