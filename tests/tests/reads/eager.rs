//! What a query loads along: a statement for each path, whatever the number of rows.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Article, Blog, Favorite, Profile, User, blog, crowd, names, titles};

fn users() -> sessile::query::Select<User> {
    select::<User>().order_by(User::ID)
}

/// LD-1, S95
#[test]
fn children_come_by_one_statement_whatever_the_number_of_parents() {
    for number in [1, 20, 500] {
        let db = crowd(number);
        let mut s = db.session();
        let found = s.all(users().with(User::ARTICLES)).unwrap();
        for user in found {
            assert_eq!(s.loaded(user, User::ARTICLES).unwrap().len(), 2);
            assert_eq!(s.related(user, User::ARTICLES).unwrap().len(), 2);
        }
        let statements = db.statements();
        let reads = statements.lines().filter(|line| line.starts_with("SELECT"));
        assert_eq!(reads.count(), 2);
    }
}

/// LD-1
#[test]
fn every_kind_of_relationship_is_loaded_along() {
    let db = blog();
    let mut s = db.session();
    let found = s
        .all(users().with(User::ARTICLES).with(User::PROFILE))
        .unwrap();
    let [ann, bob, cid] = found[..] else { panic!() };
    let written = s.loaded(ann, User::ARTICLES).unwrap();
    assert_eq!(titles(&s, &written), ["a1", "a2", "a3"]);
    assert_eq!(s.loaded(cid, User::ARTICLES).unwrap(), []);
    let profile = s.loaded(bob, User::PROFILE).unwrap().unwrap();
    assert_eq!(s[profile].bio, "reads");
    assert_eq!(s.loaded(cid, User::PROFILE).unwrap(), None);
    assert_eq!(s.loaded(profile, Profile::USER).unwrap(), bob, "at hand");
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id
        BEGIN
        SELECT article ×3 WHERE author_id
        SELECT profile ×3 WHERE user_id
    "#]]);
}

/// RL-6
#[test]
fn parents_at_hand_cost_nothing_and_the_others_one_statement() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let articles = || select::<Article>().order_by(Article::ID);
    let by_ann = s.all(
        articles()
            .filter(Article::AUTHOR.is(ann))
            .with(Article::AUTHOR),
    );
    assert_eq!(by_ann.unwrap().len(), 3);
    let all = s
        .all(articles().with(Article::AUTHOR).with(Article::REVIEWER))
        .unwrap();
    let authors: Vec<_> = all
        .iter()
        .map(|a| s.loaded(*a, Article::AUTHOR).unwrap())
        .collect();
    assert_eq!(names(&s, &authors), ["ann", "ann", "bob", "ann"]);
    let reviewer = |a| {
        s.loaded(a, Article::REVIEWER)
            .unwrap()
            .map(|u| s[u].name.clone())
    };
    let reviewers: Vec<_> = all.iter().map(|a| reviewer(*a)).collect();
    assert_eq!(
        reviewers,
        [
            Some("bob".into()),
            None,
            Some("ann".into()),
            Some("cid".into())
        ]
    );
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        BEGIN
        SELECT article WHERE author_id = $1 ORDER BY id
        SELECT article ORDER BY id
        SELECT users ×1 WHERE id
        SELECT users ×1 WHERE id
    "#]]);
}

#[test]
fn a_query_that_finds_nothing_loads_nothing_along() {
    let db = blog();
    let mut s = db.session();
    let none = users()
        .filter(User::ID.gt(9))
        .with(User::ARTICLES)
        .with(User::PROFILE);
    assert_eq!(s.all(none).unwrap(), []);
    db.assert_statements(expect![[r#"
        SELECT users WHERE id > $1 ORDER BY id
    "#]]);
}

/// S84, LD-3
#[test]
fn a_limit_counts_the_rows_and_not_what_comes_along() {
    let db = blog();
    let mut s = db.session();
    let two = s.all(users().limit(2).with(User::ARTICLES)).unwrap();
    assert_eq!(two.len(), 2);
    assert_eq!(s.loaded(two[0], User::ARTICLES).unwrap().len(), 3);
    assert_eq!(s.loaded(two[1], User::ARTICLES).unwrap().len(), 1);
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id LIMIT $1
        BEGIN
        SELECT article ×2 WHERE author_id
    "#]]);
    assert_eq!(
        db.rows("SELECT author_id, count(*) FROM article GROUP BY 1 ORDER BY 1"),
        "1 | 3\n2 | 1\n"
    );
    assert_eq!(db.rows("SELECT count(*) FROM users"), "3\n");
}

/// S84, LD-3: the same in one statement, whose limit stands in a subquery.
#[test]
fn a_limit_counts_the_rows_and_not_what_is_joined_to_them() {
    let db = blog();
    let mut s = db.session();
    let query = users().limit(2).with(User::ARTICLES.joined());
    let two = s.all(query).unwrap();
    assert_eq!(two.len(), 2);
    assert_eq!(s.loaded(two[0], User::ARTICLES).unwrap().len(), 3);
    assert_eq!(s.loaded(two[1], User::ARTICLES).unwrap().len(), 1);
    db.assert_statements(expect![[r#"
        SELECT (SELECT users ORDER BY users.id LIMIT $1) users LEFT JOIN article articles_1 ON articles_1.author_id = users.id ORDER BY users.id
    "#]]);
}

/// S82
#[test]
fn many_children_ask_for_each_of_their_parents_once() {
    let db = crowd(100);
    let mut s = db.session();
    let found = s.all(select::<Article>().with(Article::AUTHOR)).unwrap();
    assert_eq!(found.len(), 200);
    assert!(found.iter().all(|a| s.loaded(*a, Article::AUTHOR).is_ok()));
    db.assert_statements(expect![[r#"
        SELECT article
        BEGIN
        SELECT users ×100 WHERE id
    "#]]);
    let mut other = db.session();
    let users = other.all(users().with(User::ARTICLES)).unwrap();
    let loaded = users
        .iter()
        .map(|u| other.loaded(*u, User::ARTICLES).unwrap().len());
    assert_eq!(loaded.collect::<Vec<_>>(), [2; 100]);
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id
        BEGIN
        SELECT article ×100 WHERE author_id
    "#]]);
    assert_eq!(
        db.rows("SELECT count(*), count(DISTINCT author_id) FROM article"),
        "200 | 100\n"
    );
}

/// S83
#[test]
fn a_reference_that_leads_nowhere_is_absent_and_not_asked_for_again() {
    let db = TestDb::with::<Blog>(
        "ALTER TABLE article DROP CONSTRAINT article_reviewer_id_fkey;
         ALTER TABLE article DROP CONSTRAINT article_author_id_fkey;
         INSERT INTO article (author_id, reviewer_id, title) VALUES (7, 8, 'x'), (7, NULL, 'y')",
    );
    let mut s = db.session();
    let query = select::<Article>().order_by(Article::ID);
    let found = s.all(query.with(Article::REVIEWER)).unwrap();
    for article in &found {
        assert_eq!(s.loaded(*article, Article::REVIEWER).unwrap(), None);
        assert_eq!(s.related(*article, Article::REVIEWER).unwrap(), None);
    }
    db.assert_statements(expect![[r#"
        SELECT article ORDER BY id
        BEGIN
        SELECT users ×1 WHERE id
    "#]]);
    for article in &found {
        let error = s.related(*article, Article::AUTHOR).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::NotFound { model: "User", .. }),
            "{error}"
        );
    }
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
    "#]]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT author_id, reviewer_id FROM article ORDER BY id"),
        "7 | 8\n7 | -\n"
    );
    assert_eq!(db.rows("SELECT count(*) FROM users"), "0\n");
    db.look().run("INSERT INTO users VALUES (8, 'eight')");
    s.get_each::<Article>([1, 2]).unwrap();
    let eight = s.related(found[0], Article::REVIEWER).unwrap();
    assert_eq!(
        eight.map(|user| s[user].name.clone()),
        Some("eight".to_owned())
    );
}

/// LD-1, S86
#[test]
fn what_is_loaded_and_changed_is_left_as_it_is() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let written = s.related(ann, User::ARTICLES).unwrap();
    s.flush().unwrap();
    s[written[0]].title = "mine".to_owned();
    db.look().run(
        "UPDATE article SET title = 'theirs';
         INSERT INTO article (author_id, title) VALUES (1, 'unseen'), (2, 'seen')",
    );
    db.forget();
    let found = s.all(users().with(User::ARTICLES)).unwrap();
    assert_eq!(s.loaded(ann, User::ARTICLES).unwrap(), written);
    assert_eq!(titles(&s, &written), ["mine", "a2", "a3"]);
    let of_bob = s.loaded(found[1], User::ARTICLES).unwrap();
    assert_eq!(titles(&s, &of_bob), ["theirs", "seen"]);
    db.assert_statements(expect![[r#"
        UPDATE article SET title ×1 WHERE id
        SELECT users ORDER BY id
        SELECT article ×2 WHERE author_id
    "#]]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT title FROM article ORDER BY id"),
        "mine\ntheirs\ntheirs\ntheirs\nunseen\nseen\n"
    );
}

/// S86
#[test]
fn a_pending_child_is_part_of_what_comes_along() {
    let db = blog();
    let mut s = db.session();
    let found = s.all(users().with(User::ARTICLES)).unwrap();
    let new = Article {
        author: found[2].into(),
        title: "c1".to_owned(),
        ..Article::default()
    };
    let new = s.add(new);
    db.forget();
    s.all(users().with(User::ARTICLES)).unwrap();
    assert_eq!(s.loaded(found[2], User::ARTICLES).unwrap(), [new]);
    db.assert_statements(expect![[r#"
        INSERT article (author_id, reviewer_id, title) ×1 RETURNING id
        SELECT users ORDER BY id
    "#]]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT title FROM article WHERE author_id = 3"),
        "c1\n"
    );
}

/// S85: one child, reached on two ways, is one object.
#[test]
fn a_child_that_two_paths_reach_is_one_object() {
    let db = blog();
    let mut s = db.session();
    let found = s
        .all(users().with(User::ARTICLES).with(User::REVIEWS))
        .unwrap();
    let written = s.loaded(found[0], User::ARTICLES).unwrap();
    let reviewed = s.loaded(found[1], User::REVIEWS).unwrap();
    assert_eq!(reviewed, [written[0]]);
    assert_eq!(titles(&s, &reviewed), ["a1"]);
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id
        BEGIN
        SELECT article ×3 WHERE author_id
        SELECT article ×3 WHERE reviewer_id
    "#]]);
    assert_eq!(
        db.rows("SELECT id FROM article WHERE reviewer_id = 2"),
        format!("{}\n", s[reviewed[0]].id)
    );
}

#[test]
fn paths_follow_keys_of_several_columns() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Favorite>().order_by(Favorite::STARS);
    let found = s
        .all(query.with(Favorite::USER).with(Favorite::ARTICLE))
        .unwrap();
    let line = |f: &Handle<Favorite>| {
        let user = s.loaded(*f, Favorite::USER).unwrap();
        let article = s.loaded(*f, Favorite::ARTICLE).unwrap();
        format!("{} {}", s[user].name, s[article].title)
    };
    let lines: Vec<_> = found.iter().map(line).collect();
    assert_eq!(lines, ["bob a2", "bob a1", "ann b1"]);
    db.assert_statements(expect![[r#"
        SELECT favorite ORDER BY stars
        BEGIN
        SELECT users ×2 WHERE id
        SELECT article ×3 WHERE id
    "#]]);
}
