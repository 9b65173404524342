//! A small blog: the models and rows that the reading tests share.
//!
//! The tests beside it use it.
//! It must not hold what only one test needs.

use sessile::prelude::*;
use sessile_tests::TestDb;

/// Somebody who writes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "users", has_many(articles = Article::AUTHOR, reviews = Article::REVIEWER))]
#[model(has_many(favorites = Favorite::USER), has_one(profile = Profile::USER))]
pub(super) struct User {
    #[model(key, generated)]
    pub id: i64,
    pub name: String,
}

/// Something written, perhaps reviewed.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "article", has_many(favorites = Favorite::ARTICLE))]
pub(super) struct Article {
    #[model(key, generated)]
    pub id: i64,
    pub author: Fk<User>,
    #[model(on_delete = set_null)]
    pub reviewer: Option<Fk<User>>,
    pub title: String,
}

/// One a user, though the table would take two.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "profile")]
pub(super) struct Profile {
    #[model(key, generated)]
    pub id: i64,
    pub user: Fk<User>,
    pub bio: String,
}

/// Identified by what it joins.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "favorite")]
pub(super) struct Favorite {
    #[model(key)]
    pub user: Fk<User>,
    #[model(key)]
    pub article: Fk<Article>,
    pub stars: i32,
}

/// Identified by its own name.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tag")]
pub(super) struct Tag {
    #[model(key)]
    pub name: String,
    pub uses: i32,
}

/// All of them.
pub(super) type Blog = (User, Article, Profile, Favorite, Tag);

/// Three users, of whom ann has three articles, bob one and cid none; ann and bob have profiles.
const ROWS: &str = "
    INSERT INTO users (name) VALUES ('ann'), ('bob'), ('cid');
    INSERT INTO article (author_id, reviewer_id, title) VALUES
        (1, 2, 'a1'), (1, NULL, 'a2'), (2, 1, 'b1'), (1, 3, 'a3');
    INSERT INTO profile (user_id, bio) VALUES (1, 'writes'), (2, 'reads');
    INSERT INTO favorite VALUES (1, 3, 5), (2, 1, 4), (2, 2, 3);
    INSERT INTO tag VALUES ('rust', 2), ('sql', 1)";

/// A database with these rows.
pub(super) fn blog() -> TestDb {
    TestDb::with::<Blog>(ROWS)
}

/// A database with this many users, named by their number, and two articles for each.
pub(super) fn crowd(users: u32) -> TestDb {
    let db = TestDb::new::<Blog>();
    db.look().run(&format!(
        "INSERT INTO users (name) SELECT i::text FROM generate_series(1, {users}) i;
         INSERT INTO article (author_id, title)
         SELECT 1 + (i - 1) / 2, i::text FROM generate_series(1, 2 * {users}) i"
    ));
    db
}

/// The names of some users.
pub(super) fn names(s: &Session, users: &[Handle<User>]) -> Vec<String> {
    users.iter().map(|user| s[*user].name.clone()).collect()
}

/// The titles of some articles.
pub(super) fn titles(s: &Session, articles: &[Handle<Article>]) -> Vec<String> {
    let title = |article: &Handle<Article>| s[*article].title.clone();
    articles.iter().map(title).collect()
}
