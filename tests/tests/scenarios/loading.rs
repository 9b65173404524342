//! S81, S85, S86 and S95: what is loaded beside rows that change.
//!
//! Exactly so elsewhere: S80, S82 to S84 and S87 to S90 in the tests of reads and states, S91 and
//! S94 in those of states.

use expect_test::expect;
use sessile::assert_statements;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{ADDRESSES, Address, User, users};

/// S81, RL-1: a reference is written without a look at the other side.
#[test]
fn a_reference_that_is_set_does_not_load_the_other_side() {
    let db = users();
    let mut s = db.session();
    let bob = s.get::<User>(2).unwrap().unwrap();
    let address = s.get::<Address>(4).unwrap().unwrap();
    db.forget();
    s[address].user = bob.into();
    let new = s.add(Address::of(Some(bob.into()), "b2"));
    db.assert_statements(expect![[r#""#]]);
    let addresses = s.related(bob, User::ADDRESSES).unwrap();
    assert_eq!(addresses.len(), 3);
    assert_eq!(addresses[1..], [address, new]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE addresses SET user_id ×1 WHERE id
        INSERT addresses (user_id, email) ×1 RETURNING id
        SELECT addresses ×1 WHERE user_id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(ADDRESSES),
        "1 | 1 | a1\n2 | 1 | a2\n3 | 2 | b1\n4 | 2 | a3\n5 | 2 | b2\n"
    );
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "authors", has_many(written = Article::AUTHOR, reviewed = Article::REVIEWER))]
struct Author {
    #[model(key, generated)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "articles", has_many(comments = Comment::ARTICLE, pictures = Picture::ARTICLE))]
struct Article {
    #[model(key, generated)]
    id: i64,
    author: Fk<Author>,
    reviewer: Option<Fk<Author>>,
    title: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "comments")]
struct Comment {
    #[model(key, generated)]
    id: i64,
    article: Fk<Article>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "pictures")]
struct Picture {
    #[model(key, generated)]
    id: i64,
    article: Fk<Article>,
}

/// Ann wrote an article that bob reviewed; it has two comments and a picture.
fn authors() -> TestDb {
    TestDb::with::<(Author, Article, Comment, Picture)>(
        "INSERT INTO authors (name) VALUES ('ann'), ('bob');
         INSERT INTO articles (author_id, reviewer_id, title) VALUES (1, 2, 'a1');
         INSERT INTO comments (article_id) VALUES (1), (1);
         INSERT INTO pictures (article_id) VALUES (1)",
    )
}

/// S85, LD-1
#[test]
fn a_child_that_two_paths_reach_has_what_both_ask_for() {
    let db = authors();
    let mut s = db.session();
    let query = select::<Author>()
        .order_by(Author::ID)
        .with(Author::WRITTEN.then(Article::COMMENTS))
        .with(Author::REVIEWED.then(Article::PICTURES));
    let found = s.all(query).unwrap();
    let article = s.loaded(found[0], Author::WRITTEN).unwrap()[0];
    assert_eq!(s.loaded(found[1], Author::REVIEWED).unwrap(), [article]);
    assert_eq!(s.loaded(article, Article::COMMENTS).unwrap().len(), 2);
    assert_eq!(s.loaded(article, Article::PICTURES).unwrap().len(), 1);
    db.assert_statements(expect![[r#"
        SELECT authors ORDER BY id
        BEGIN
        SELECT articles ×2 WHERE author_id
        SELECT comments ×1 WHERE article_id
        SELECT articles ×2 WHERE reviewer_id
        SELECT pictures ×1 WHERE article_id
    "#]]);
    assert_eq!(
        db.rows(
            "SELECT (SELECT count(*) FROM comments WHERE article_id = 1),
             (SELECT count(*) FROM pictures WHERE article_id = 1)"
        ),
        "2 | 1\n"
    );
}

/// S86, LD-1
#[test]
fn a_path_fills_what_is_missing_and_keeps_what_waits_for_a_flush() {
    let db = authors();
    let mut s = db.session();
    let query = select::<Author>().order_by(Author::ID);
    let found = s.all(query.clone().with(Author::WRITTEN)).unwrap();
    let article = s.loaded(found[0], Author::WRITTEN).unwrap()[0];
    s[article].title = "mine".to_owned();
    let new = s.add(Article {
        author: found[0].into(),
        title: "new".to_owned(),
        ..Article::default()
    });
    db.forget();
    s.all(query.with(Author::WRITTEN.then(Article::COMMENTS)))
        .unwrap();
    assert_eq!(s.loaded(found[0], Author::WRITTEN).unwrap(), [article, new]);
    assert_eq!(s.loaded(article, Article::COMMENTS).unwrap().len(), 2);
    assert_eq!(s.loaded(new, Article::COMMENTS).unwrap(), []);
    assert_eq!(s[article].title, "mine");
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE articles SET title ×1 WHERE id
        INSERT articles (author_id, reviewer_id, title) ×1 RETURNING id
        SELECT authors ORDER BY id
        SELECT comments ×2 WHERE article_id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT title FROM articles ORDER BY id"),
        "mine\nnew\n"
    );
}

/// S95, LD-1, LD-2: eagerly, and by a loop that nobody prepared.
#[test]
fn a_page_of_twenty_users_with_their_addresses_is_two_statements() {
    let db = TestDb::with::<(User, Address)>(
        "INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(1, 20) n;
         INSERT INTO addresses (user_id, email) SELECT 1 + n % 20, n FROM generate_series(1, 60) n",
    );
    let mut s = db.session();
    let page = select::<User>().order_by(User::ID).limit(20);
    assert_statements!(2, s, {
        for user in s.all(page.clone().with(User::ADDRESSES)).unwrap() {
            assert_eq!(s.loaded(user, User::ADDRESSES).unwrap().len(), 3);
        }
    });
    s.commit().unwrap();
    assert_statements!(2, s, {
        for user in s.all(page).unwrap() {
            assert_eq!(s.related(user, User::ADDRESSES).unwrap().len(), 3);
        }
    });
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id LIMIT $1
        BEGIN
        SELECT addresses ×20 WHERE user_id
        COMMIT
        SELECT users ORDER BY id LIMIT $1
        BEGIN
        SELECT addresses ×20 WHERE user_id
        COMMIT
    "#]]);
    let each = "SELECT DISTINCT count(*) FROM addresses GROUP BY user_id";
    assert_eq!(db.rows(each), "3\n");
}
