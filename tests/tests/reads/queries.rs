//! Queries: orders, cuts, counts and conditions on references.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::sql::*;

use super::models::{Article, Favorite, Profile, Tag, User, blog, names, titles};

#[test]
fn all_first_one_count_and_exists_are_a_statement_each() {
    let db = blog();
    let mut s = db.session();
    let by_name = || select::<User>().order_by(User::NAME.desc());
    let all = s.all(by_name()).unwrap();
    assert_eq!(names(&s, &all), ["cid", "bob", "ann"]);
    assert_eq!(s.first(by_name()).unwrap(), Some(all[0]));
    assert_eq!(
        s.one(by_name().filter(User::NAME.eq("bob"))).unwrap(),
        all[1]
    );
    assert_eq!(s.count(by_name()).unwrap(), 3);
    assert!(s.exists(by_name()).unwrap());
    assert_eq!(s.first(by_name().filter(User::ID.gt(9))).unwrap(), None);
    assert!(!s.exists(by_name().filter(User::ID.gt(9))).unwrap());
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY name DESC
        BEGIN
        SELECT users ORDER BY name DESC LIMIT $1
        SELECT users WHERE name = $1 ORDER BY name DESC LIMIT $2
        COUNT users
        EXISTS users
        SELECT users WHERE id > $1 ORDER BY name DESC LIMIT $2
        EXISTS users WHERE id > $1
    "#]]);
}

#[test]
fn one_finds_neither_none_nor_two() {
    let db = blog();
    let mut s = db.session();
    let none = s.one(select::<User>().filter(User::ID.gt(9))).unwrap_err();
    assert!(matches!(
        none.kind(),
        ErrorKind::NotFound { model: "User", .. }
    ));
    let two = s.one(select::<User>()).unwrap_err();
    assert!(matches!(two.kind(), ErrorKind::TooMany { model: "User" }));
    let messages = format!("{none}\n{two}\n");
    expect![[r#"
        User by the query not found
        more than one User found
    "#]]
    .assert_eq(&messages);
}

#[test]
fn a_limit_of_the_query_is_kept_by_first_and_one() {
    let db = blog();
    let mut s = db.session();
    let users = || select::<User>().order_by(User::ID);
    assert_eq!(s.first(users().limit(0)).unwrap(), None);
    let second = s.one(users().limit(1).offset(1)).unwrap();
    assert_eq!(s[second].name, "bob");
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id LIMIT $1
        BEGIN
        SELECT users ORDER BY id LIMIT $1 OFFSET $2
    "#]]);
}

#[test]
fn limit_and_offset_cut_what_is_found_and_counted() {
    let db = blog();
    let mut s = db.session();
    let cut = select::<User>().order_by(User::ID).offset(1).limit(1);
    let found = s.all(cut.clone()).unwrap();
    assert_eq!(names(&s, &found), ["bob"]);
    assert_eq!(s.count(cut.clone().limit(5)).unwrap(), 2);
    assert_eq!(s.count(select::<User>().limit(2)).unwrap(), 2);
    assert!(!s.exists(cut.offset(3)).unwrap());
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id LIMIT $1 OFFSET $2
        BEGIN
        COUNT users ORDER BY id LIMIT $1 OFFSET $2
        COUNT users LIMIT $1
        EXISTS users ORDER BY id LIMIT $1 OFFSET $2
    "#]]);
}

/// The reference of an article to its author, by handle, reference and key.
#[test]
fn a_reference_is_compared_with_a_handle_a_reference_and_a_key() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let article = s.get::<Article>(1).unwrap().unwrap();
    let fk = s[article].author.clone();
    db.forget();
    for filter in [
        Article::AUTHOR.is(ann),
        Article::AUTHOR.is(&fk),
        Article::AUTHOR.is(fk.clone()),
        Article::AUTHOR.is(1),
    ] {
        let found = s
            .all(select::<Article>().filter(filter).order_by(Article::ID))
            .unwrap();
        assert_eq!(titles(&s, &found), ["a1", "a2", "a3"]);
    }
    db.assert_statements(expect![[r#"
        SELECT article WHERE author_id = $1 ORDER BY id
        SELECT article WHERE author_id = $1 ORDER BY id
        SELECT article WHERE author_id = $1 ORDER BY id
        SELECT article WHERE author_id = $1 ORDER BY id
    "#]]);
}

#[test]
fn a_reference_that_may_be_absent_is_found_by_its_absence() {
    let db = blog();
    let mut s = db.session();
    let mut find = |filter: sessile::query::Expr<bool, Article>| {
        let query = select::<Article>().filter(filter).order_by(Article::ID);
        let found = s.all(query).unwrap();
        titles(&s, &found).join(" ")
    };
    assert_eq!(find(Article::REVIEWER.is_null()), "a2");
    assert_eq!(find(Article::REVIEWER.is_not_null()), "a1 b1 a3");
    assert_eq!(find(Article::REVIEWER.is(3)), "a3");
    assert_eq!(find(!Article::REVIEWER.is(3)), "a1 b1", "NULL is neither");
}

#[test]
fn references_are_compared_with_a_list_as_one_array() {
    let db = blog();
    let mut s = db.session();
    let users = s.all(select::<User>().filter(User::ID.le(2))).unwrap();
    db.forget();
    let by = |filter| select::<Article>().filter(filter);
    assert_eq!(s.count(by(Article::AUTHOR.is_any_of(users))).unwrap(), 4);
    assert_eq!(s.count(by(Article::AUTHOR.is_any_of([2, 3]))).unwrap(), 1);
    assert_eq!(
        s.count(by(Article::AUTHOR.is_any_of(Vec::<i64>::new())))
            .unwrap(),
        0
    );
    db.assert_statements(expect![[r#"
        BEGIN
        COUNT article WHERE author_id = ANY($1)
        COUNT article WHERE author_id = ANY($1)
        COUNT article WHERE author_id = ANY($1)
    "#]]);
}

/// AF-1
#[test]
fn a_condition_on_a_pending_object_writes_it_first() {
    let db = blog();
    let mut s = db.session();
    let dan = s.add(User {
        name: "dan".to_owned(),
        ..User::default()
    });
    s.add(Article {
        author: dan.into(),
        title: "d1".to_owned(),
        ..Article::default()
    });
    let found = s
        .all(select::<Article>().filter(Article::AUTHOR.is(dan)))
        .unwrap();
    assert_eq!(titles(&s, &found), ["d1"]);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name) ×1 RETURNING id
        INSERT article (author_id, reviewer_id, title) ×1 RETURNING id
        SELECT article WHERE author_id = $1
    "#]]);
}

/// AF-1
#[test]
fn a_condition_on_an_object_that_alone_is_pending_writes_it_too() {
    let db = blog();
    let mut s = db.session();
    let dan = s.add(User {
        name: "dan".to_owned(),
        ..User::default()
    });
    let query = select::<Article>().filter(Article::AUTHOR.is(dan));
    assert_eq!(s.count(query.clone()).unwrap(), 0);
    assert_eq!(s.all(query).unwrap(), []);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name) ×1 RETURNING id
        COUNT article WHERE author_id = $1
        SELECT article WHERE author_id = $1
    "#]]);
}

#[test]
fn a_condition_on_an_object_without_a_key_fails_when_it_may_not_be_written() {
    let db = blog();
    let mut s = db.session();
    let dan = s.add(User::default());
    let s = &mut *s.no_autoflush();
    let query = select::<Article>().filter(Article::AUTHOR.is(dan));
    let error = s.all(query).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotFound { model: "User", .. }),
        "{error}"
    );
    let mut other = db.session();
    let query = select::<Article>().filter(Article::AUTHOR.is(dan));
    let error = other.all(query).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Handle { model: "User", .. }),
        "{error}"
    );
    db.assert_statements(expect![[""]]);
}

/// S68, AF-1
#[test]
fn count_and_exists_see_what_waited_for_a_flush() {
    let db = blog();
    let mut s = db.session();
    s.add(User {
        name: "dan".to_owned(),
        ..User::default()
    });
    assert_eq!(s.count(select::<User>()).unwrap(), 4);
    let ann = s.get::<User>(1).unwrap().unwrap();
    s[ann].name = "zoe".to_owned();
    assert!(
        s.exists(select::<User>().filter(User::NAME.eq("zoe")))
            .unwrap()
    );
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name) ×1 RETURNING id
        COUNT users
        SELECT users ×1 WHERE id
        UPDATE users SET name ×1 WHERE id
        EXISTS users WHERE name = $1
    "#]]);
    assert_eq!(
        db.rows("SELECT name FROM users ORDER BY id"),
        "ann\nbob\ncid\n"
    );
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT name FROM users ORDER BY id"),
        "zoe\nbob\ncid\ndan\n"
    );
}

/// S99, AF-1
#[test]
fn a_query_on_other_tables_writes_nothing_and_raw_sql_everything() {
    let db = blog();
    let mut s = db.session();
    s.add(User {
        name: "dan".to_owned(),
        ..User::default()
    });
    assert_eq!(s.count(select::<Tag>()).unwrap(), 2);
    let users = s
        .rows(raw::<i64>("SELECT count(*) FROM users", ()))
        .unwrap();
    assert_eq!(users, [4]);
    db.assert_statements(expect![[r#"
        COUNT tag
        BEGIN
        INSERT users (name) ×1 RETURNING id
        SELECT count(*) FROM users
    "#]]);
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM users"), "4\n");
}

/// A query is a value: kept, cloned, sent, run by any session.
#[test]
fn a_query_runs_any_number_of_times() {
    let db = blog();
    let query = select::<Profile>().filter(Profile::BIO.eq("reads"));
    let there = query.clone();
    let engine = db.engine().clone();
    let count = std::thread::spawn(move || engine.session().count(there).unwrap());
    assert_eq!(count.join().unwrap(), 1);
    assert_eq!(db.session().count(query.clone()).unwrap(), 1);
    assert_eq!(db.session().all(query).unwrap().len(), 1);
}

/// L-2, S67: with paths loaded by statements of their own a lock is always of the root table.
#[test]
fn a_lock_is_of_the_rows_that_are_selected() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Favorite>().filter(Favorite::USER.is(1));
    let found = s.all(query.with(Favorite::ARTICLE).for_update()).unwrap();
    assert_eq!(found.len(), 1);
    db.look()
        .run("SET lock_timeout = '1s'; UPDATE article SET title = 'free' WHERE id = 3");
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT favorite WHERE user_id = $1 FOR UPDATE
        SELECT article ×1 WHERE id
    "#]]);
}

/// S67, L-2: joined, the root table is named by itself, since rows of an outer join can't be locked.
#[test]
fn a_lock_names_the_root_table_when_something_is_joined() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Favorite>().filter(Favorite::USER.is(1));
    let path = Favorite::ARTICLE.joined().then(Article::REVIEWER.joined());
    let found = s.all(query.with(path).for_update()).unwrap();
    let article = s.loaded(found[0], Favorite::ARTICLE).unwrap();
    assert_eq!(s[article].title, "b1");
    db.look()
        .run("SET lock_timeout = '1s'; UPDATE article SET title = 'free' WHERE id = 3");
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT favorite LEFT JOIN article article_1 ON article_1.id = favorite.article_id LEFT JOIN users reviewer_1 ON reviewer_1.id = article_1.reviewer_id WHERE favorite.user_id = $1 FOR UPDATE OF favorite
    "#]]);
}
