//! A magazine: posts with tags and comments, nested categories, authors who follow each other,
//! and parts whose keys have two columns.
//!
//! The tests of loading and the guide use it.
//! It must not hold what only one test needs.

use serde::Serialize;
use sessile::prelude::*;
use sessile::query::Select;

use crate::TestDb;

/// Somebody who writes, and follows others.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
#[model(has_many(posts = Post::AUTHOR), has_one(badge = Badge::AUTHOR))]
#[model(many_to_many(
    follows: Author = (Follow::FAN, Follow::STAR),
    fans: Author = (Follow::STAR, Follow::FAN),
))]
pub struct Author {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// What it is called.
    pub name: String,
}

/// One an author, though the table would take two.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
pub struct Badge {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// Whose it is.
    pub author: Fk<Author>,
    /// What it says.
    pub text: String,
}

/// Who follows whom.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
pub struct Follow {
    /// Who follows.
    #[model(key)]
    pub fan: Fk<Author>,
    /// Who is followed.
    #[model(key)]
    pub star: Fk<Author>,
}

/// Something written.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
#[model(has_many(comments = Comment::POST, post_tags = PostTag::POST))]
#[model(many_to_many(tags: Tag = (PostTag::POST, PostTag::TAG)))]
pub struct Post {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// Who wrote it.
    pub author: Fk<Author>,
    /// Where it is filed, if anywhere.
    #[model(on_delete = set_null)]
    pub category: Option<Fk<Category>>,
    /// What it is called.
    pub title: String,
}

/// What somebody says about a post.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
pub struct Comment {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// What it is about.
    pub post: Fk<Post>,
    /// Who wrote it.
    pub author: Fk<Author>,
    /// What it says.
    pub text: String,
    /// How good it is.
    pub score: i32,
    /// Whether it is kept from readers.
    pub hidden: bool,
}

/// Identified by its own name.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
#[model(many_to_many(posts: Post = (PostTag::TAG, PostTag::POST)))]
pub struct Tag {
    /// What it is called.
    #[model(key)]
    pub name: String,
    /// How important it is.
    pub rank: i32,
}

/// Which post has which tag.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
pub struct PostTag {
    /// What it is about.
    #[model(key)]
    pub post: Fk<Post>,
    /// The tag.
    #[model(key)]
    pub tag: Fk<Tag>,
}

/// In a category, or at the top.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
#[model(has_many(children = Category::PARENT, posts = Post::CATEGORY))]
pub struct Category {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// What it is in, unless it is at the top.
    pub parent: Option<Fk<Category>>,
    /// What it is called.
    pub name: String,
}

/// A part of a part, known by who made it and a number.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
#[model(has_many(parts = Part::WHOLE))]
#[model(many_to_many(spares: Part = (Spare::PART, Spare::SPARE)))]
pub struct Part {
    /// Who made it.
    #[model(key)]
    pub maker: i64,
    /// Its number among those of its maker.
    #[model(key)]
    pub number: i64,
    /// What it is a part of.
    pub whole: Option<Fk<Part>>,
    /// What it is called.
    pub name: String,
}

/// Which part can stand in for which.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
pub struct Spare {
    /// What can be replaced.
    #[model(key)]
    pub part: Fk<Part>,
    /// What replaces it.
    #[model(key)]
    pub spare: Fk<Part>,
}

/// All of them.
pub type Magazine = (
    Author,
    Badge,
    Follow,
    Post,
    Comment,
    Tag,
    PostTag,
    Category,
    Part,
    Spare,
);

/// Ann wrote p1, p2 and p3, bob p4, cid nothing. Category 1 holds 2 and 3, 2 holds 4, 4 holds 5.
const ROWS: &str = "
    INSERT INTO author (name) VALUES ('ann'), ('bob'), ('cid');
    INSERT INTO badge (author_id, text) VALUES (1, 'gold');
    INSERT INTO follow VALUES (2, 1), (3, 1), (1, 3);
    INSERT INTO category (parent_id, name) VALUES
        (NULL, 'all'), (1, 'code'), (1, 'food'), (2, 'rust'), (4, 'orm');
    INSERT INTO post (author_id, category_id, title) VALUES
        (1, 4, 'p1'), (1, NULL, 'p2'), (1, 3, 'p3'), (2, 5, 'p4');
    INSERT INTO comment (post_id, author_id, text, score, hidden) VALUES
        (1, 2, 'c1', 3, false), (1, 3, 'c2', 9, true), (1, 2, 'c3', 5, false),
        (1, 1, 'c4', 5, false), (4, 1, 'c5', 1, false);
    INSERT INTO tag VALUES ('async', 3), ('db', 2), ('rust', 1);
    INSERT INTO post_tag VALUES (1, 'rust'), (1, 'db'), (2, 'db'), (4, 'rust');
    INSERT INTO part VALUES
        (1, 1, NULL, NULL, 'car'), (1, 2, 1, 1, 'axle'), (2, 1, 1, 2, 'wheel'),
        (2, 2, 1, 2, 'disc'), (3, 1, 2, 1, 'tyre');
    INSERT INTO spare VALUES (2, 1, 2, 2), (2, 1, 3, 1), (1, 2, 2, 2)";

/// A database with these rows.
///
/// # Panics
/// As [`TestDb::new`].
pub fn magazine() -> TestDb {
    TestDb::with::<Magazine>(ROWS)
}

/// A database with the tables alone.
///
/// # Panics
/// As [`TestDb::new`].
pub fn empty() -> TestDb {
    TestDb::new::<Magazine>()
}

/// The posts, by their keys.
pub fn posts() -> Select<Post> {
    select::<Post>().order_by(Post::ID)
}

/// The authors, by their keys.
pub fn authors() -> Select<Author> {
    select::<Author>().order_by(Author::ID)
}

/// The titles of posts, one after the other.
pub fn titles(s: &Session, posts: &[Handle<Post>]) -> String {
    let titles: Vec<&str> = posts.iter().map(|p| s[*p].title.as_str()).collect();
    titles.join(" ")
}

/// The names of tags, one after the other.
pub fn tags(s: &Session, tags: &[Handle<Tag>]) -> String {
    let names: Vec<&str> = tags.iter().map(|t| s[*t].name.as_str()).collect();
    names.join(" ")
}

/// The names of authors, one after the other.
pub fn names(s: &Session, authors: &[Handle<Author>]) -> String {
    let names: Vec<&str> = authors.iter().map(|a| s[*a].name.as_str()).collect();
    names.join(" ")
}

/// The texts of comments, one after the other.
pub fn texts(s: &Session, comments: &[Handle<Comment>]) -> String {
    let texts: Vec<&str> = comments.iter().map(|c| s[*c].text.as_str()).collect();
    texts.join(" ")
}
