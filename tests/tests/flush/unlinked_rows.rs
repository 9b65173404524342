//! What goes with the rows of unlinked pairs, and association objects that wait (RL-2, RL-5).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "posts")]
#[model(many_to_many(
    tags: Tag = (PostTag::POST, PostTag::TAG),
    sources: Post = (Quote::BY, Quote::OF),
))]
struct Post {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tags")]
struct Tag {
    #[model(key)]
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "post_tags")]
struct PostTag {
    #[model(key)]
    post: Fk<Post>,
    #[model(key)]
    tag: Fk<Tag>,
}

/// A child of the association, which the session deletes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "votes")]
struct Vote {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    tagging: Fk<PostTag>,
}

/// A child of the child.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "complaints")]
struct Complaint {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    vote: Fk<Vote>,
}

/// Its key is no pair, and it goes with another one.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "quotes", unique(by, of))]
struct Quote {
    #[model(key)]
    id: i64,
    by: Fk<Post>,
    of: Fk<Post>,
    #[model(on_delete = cascade(client))]
    inside: Option<Fk<Quote>>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "remarks")]
struct Remark {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    quote: Fk<Quote>,
}

/// Two tagged posts with two votes a tag and a complaint a vote; three quotes in a line.
fn db() -> TestDb {
    let db = TestDb::with::<(Post, Tag, PostTag, Vote, Complaint, Quote, Remark)>(
        "INSERT INTO posts VALUES (1), (2), (3), (4);
         INSERT INTO tags VALUES ('a'), ('b');
         INSERT INTO post_tags SELECT id, name FROM posts, tags WHERE id < 3;
         INSERT INTO votes SELECT id * 10 + n, id, 'a'
            FROM posts, generate_series(1, 2) n WHERE id < 3;
         INSERT INTO complaints SELECT id, id FROM votes;
         INSERT INTO quotes VALUES (1, 1, 2, NULL), (2, 1, 3, 1), (3, 1, 4, 2);
         INSERT INTO remarks VALUES (1, 1), (2, 2), (3, 3)",
    );
    db.forget();
    db
}

const LEFT: &str = "SELECT (SELECT count(*) FROM post_tags), (SELECT count(*) FROM votes), \
    (SELECT count(*) FROM complaints), (SELECT count(*) FROM quotes), \
    (SELECT count(*) FROM remarks)";

fn sides(s: &mut Session) -> ([Handle<Post>; 4], Handle<Tag>) {
    let posts = s.get_many([1, 2, 3, 4]).unwrap().map(Option::unwrap);
    (posts, s.get::<Tag>("a".to_owned()).unwrap().unwrap())
}

/// RL-2, RL-5: one DELETE for each table below, and no SELECT.
#[test]
fn what_refers_to_an_unlinked_row_goes_first() {
    let db = db();
    let mut s = db.session();
    let (posts, tag) = sides(&mut s);
    let vote = s.get::<Vote>(11).unwrap().unwrap();
    let far = s.get::<Complaint>(22).unwrap().unwrap();
    let link = s.get::<PostTag>((1, "a".to_owned())).unwrap().unwrap();
    db.forget();
    s.unlink(posts[0], Post::TAGS, tag).unwrap();
    s.unlink(posts[1], Post::TAGS, tag).unwrap();
    let plan = s.plan().unwrap();
    assert!(plan.to_mermaid().contains("Post 2 and Tag"));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        DELETE complaints OF post_tags ×2
        DELETE votes OF post_tags ×2
        DELETE post_tags ×2 WHERE post_id, tag_name
    "#]]);
    assert_eq!(db.rows(LEFT), "4 | 4 | 4 | 3 | 3\n", "not committed");
    for state in [s.state(vote), s.state(far), s.state(link)] {
        assert_eq!(state, State::Deleted);
    }
    s.rollback().unwrap();
    assert_eq!(s.state(far), State::Persistent);
    s.unlink(posts[0], Post::TAGS, tag).unwrap();
    s.commit().unwrap();
    assert_eq!(db.rows(LEFT), "3 | 2 | 2 | 3 | 3\n");
}

/// RL-2: rows of the association itself go in the statement of the pairs.
#[test]
fn unlinked_rows_take_rows_of_their_own_table_along() {
    let db = db();
    let mut s = db.session();
    let (posts, _) = sides(&mut s);
    let last = s.get::<Quote>(3).unwrap().unwrap();
    db.forget();
    s.unlink(posts[0], Post::SOURCES, posts[2]).unwrap();
    // A pair that is no row is fine.
    s.unlink(posts[2], Post::SOURCES, posts[0]).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE remarks OF quotes ×2
        DELETE quotes ×2 WHERE by_id, of_id RECURSIVE
        COMMIT
    "#]]);
    assert_eq!(s.state(last), State::Gone);
    assert_eq!(db.rows(LEFT), "4 | 4 | 4 | 1 | 1\n");
}

fn pair(post: Handle<Post>, tag: Handle<Tag>) -> PostTag {
    PostTag {
        post: post.into(),
        tag: tag.into(),
    }
}

/// RL-5, ST-3: the last word counts, and nothing has been written.
#[test]
fn an_added_association_object_that_is_unlinked_leaves() {
    let db = db();
    let mut s = db.session();
    let (posts, tag) = sides(&mut s);
    let new = s.add(Tag {
        name: "new".to_owned(),
    });
    db.forget();
    let by_handle = s.add(pair(posts[2], new));
    let by_key = s.add(PostTag {
        post: Fk::to(4),
        tag: Fk::to("a"),
    });
    let other = s.add(pair(posts[2], tag));
    s.unlink(posts[2], Post::TAGS, new).unwrap();
    s.unlink(posts[3], Post::TAGS, tag).unwrap();
    assert_eq!(s.state(by_handle), State::Gone);
    assert_eq!(s.state(by_key), State::Gone);
    assert_eq!(s.state(other), State::Pending);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT post_tags (post_id, tag_name) ×1
        INSERT tags (name) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT * FROM post_tags WHERE post_id > 2"),
        "3 | a\n"
    );
}

/// RL-5: in the other order it is a row that goes and one that comes.
#[test]
fn an_association_object_that_is_added_after_an_unlink_stays() {
    let db = db();
    let mut s = db.session();
    let (posts, tag) = sides(&mut s);
    db.forget();
    s.unlink(posts[1], Post::TAGS, tag).unwrap();
    let first = s.add(pair(posts[1], tag));
    s.unlink(posts[1], Post::TAGS, tag).unwrap();
    assert_eq!(s.state(first), State::Gone);
    s.add(pair(posts[1], tag));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE complaints OF post_tags ×1
        DELETE votes OF post_tags ×1
        DELETE post_tags ×1 WHERE post_id, tag_name
        INSERT post_tags (post_id, tag_name) ×1
        COMMIT
    "#]]);
    assert_eq!(db.rows(LEFT), "4 | 2 | 2 | 3 | 3\n");
}

/// RL-5: what was written before is a row, and unlinked as such.
#[test]
fn an_association_object_that_was_flushed_is_unlinked_in_the_database() {
    let db = db();
    let mut s = db.session();
    let (posts, tag) = sides(&mut s);
    db.forget();
    let written = s.add(pair(posts[2], tag));
    s.flush().unwrap();
    s.unlink(posts[2], Post::TAGS, tag).unwrap();
    s.flush().unwrap();
    assert_eq!(s.state(written), State::Deleted);
    db.assert_statements(expect![[r#"
        INSERT post_tags (post_id, tag_name) ×1
        DELETE complaints OF post_tags ×1
        DELETE votes OF post_tags ×1
        DELETE post_tags ×1 WHERE post_id, tag_name
    "#]]);
}
