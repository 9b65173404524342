//! Plans of queries, and row locks of single tables of a join.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::query::Explain;
use sessile::sql::*;

use super::models::{Article, Tag, User, blog, names};

#[test]
fn a_query_is_planned_without_being_run() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Article>().filter(Article::TITLE.eq("a1"));
    let plan = query.clone().explain(&mut s, Explain::Plan).unwrap();
    assert_eq!(plan.parsed().node_type, "Seq Scan");
    assert_eq!(plan.parsed().relation.as_deref(), Some("article"));
    assert_eq!(plan.parsed().actual_rows, None);
    assert!(
        plan.text().starts_with("Seq Scan on article  (cost="),
        "{}",
        plan.text()
    );
    assert!(plan.text().contains("\n  Filter: "), "{}", plan.text());
    let deletes = raw::<i64>("DELETE FROM tag", ());
    let plan = s.explain(deletes, Explain::Plan.verbose()).unwrap();
    assert_eq!(plan.parsed().node_type, "ModifyTable");
    assert_eq!(s.count(select::<Tag>()).unwrap(), 2);
    db.assert_statements(expect![[r#"
        EXPLAIN (FORMAT JSON) SELECT article WHERE title = $1
        BEGIN
        EXPLAIN (FORMAT JSON, VERBOSE) DELETE FROM tag
        COUNT tag
    "#]]);
}

#[test]
fn an_analyzed_query_has_run() {
    let db = blog();
    let mut s = db.session();
    s.add(User {
        name: "dot".into(),
        ..User::default()
    });
    let query = select::<User>()
        .left_join(User::ARTICLES)
        .order_by(User::ID)
        .columns((User::NAME, Article::TITLE.nullable()));
    let plan = s.explain(query, Explain::Analyze.buffers()).unwrap();
    assert_eq!(plan.parsed().actual_rows, Some(6.0));
    assert!(plan.execution_time().is_some());
    let steps: Vec<&str> = plan.steps().iter().map(|step| &*step.node_type).collect();
    assert!(steps.len() > 2, "{steps:?}");
    assert!(plan.text().contains("->  "), "{}", plan.text());
    assert!(plan.json().is_array());
    let deletes = raw::<i64>("DELETE FROM favorite", ());
    s.explain(deletes, Explain::Analyze).unwrap();
    s.commit().unwrap();
    assert_eq!(
        s.rows(raw::<i64>("SELECT count(*) FROM favorite", ()))
            .unwrap(),
        [0]
    );
}

/// L-1
#[test]
fn of_a_pair_the_locked_one_is_read_again() {
    let db = blog();
    let mut s = db.session();
    let article = s.get::<Article>(1).unwrap().unwrap();
    let ann = s.get::<User>(1).unwrap().unwrap();
    db.look()
        .run("UPDATE article SET title = 'new'; UPDATE users SET name = 'new'");
    let pairs = || {
        select::<Article>()
            .join(Article::AUTHOR)
            .filter(Article::ID.eq(1))
            .for_update()
    };
    let both = (row::<Article>(), row::<User>());
    assert_eq!(
        s.rows(pairs().columns(both.clone())).unwrap(),
        [(article, ann)]
    );
    assert_eq!((&*s[article].title, &*s[ann].name), ("new", "ann"));
    s.rows(pairs().of::<User>().columns(both)).unwrap();
    assert_eq!(s[ann].name, "new");
    db.assert_statements(expect![[r#"
        SELECT article ×1 WHERE id
        BEGIN
        SELECT users ×1 WHERE id
        SELECT article (article.*, users.*) JOIN users ON users.id = article.author_id WHERE article.id = $1 FOR UPDATE OF article
        SELECT article (article.*, users.*) JOIN users ON users.id = article.author_id WHERE article.id = $1 FOR UPDATE OF users
    "#]]);
}

/// L-1
#[test]
fn rows_that_a_subquery_locks_are_read_again() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    db.look().run("UPDATE users SET name = name || '!'");
    let next = subquery(
        "next",
        select::<User>()
            .order_by(User::ID)
            .limit(2)
            .for_update()
            .skip_locked(),
    );
    let found = s
        .rows(
            from(&next)
                .order_by(next.column(User::ID).asc())
                .columns(next.row()),
        )
        .unwrap();
    assert_eq!(names(&s, &found), ["ann!", "bob!"]);
    assert_eq!(found[0], ann);
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        BEGIN
        SELECT (SELECT users ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) next (next.*) ORDER BY id
    "#]]);
}

/// L-1
#[test]
fn a_locked_pair_with_unflushed_changes_is_refused_without_autoflush() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    s[ann].name = "changed".into();
    let mut s = s.no_autoflush();
    let query = || select::<Article>().join(Article::AUTHOR).for_share();
    let columns = || (row::<Article>(), row::<User>());
    let error = s.rows(query().of::<User>().columns(columns())).unwrap_err();
    expect![
        "a locking read of User while autoflush is suspended and objects have unflushed changes"
    ]
    .assert_eq(&error.to_string());
    assert_eq!(s.rows(query().columns(columns())).unwrap().len(), 4);
    assert_eq!(s[ann].name, "changed");
}

#[test]
fn a_lock_of_a_table_that_takes_no_part_is_refused() {
    let db = blog();
    let mut s = db.session();
    let other = alias::<User>("other");
    let query = select::<Article>().join(Article::AUTHOR).of_alias(&other);
    let error = s.all(query).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    let query = select::<Article>()
        .join(Article::AUTHOR.to(&other))
        .for_key_share()
        .nowait()
        .of_alias(&other);
    assert_eq!(s.all(query).unwrap().len(), 4);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT article JOIN users other ON other.id = article.author_id FOR KEY SHARE OF other NOWAIT
    "#]]);
}
