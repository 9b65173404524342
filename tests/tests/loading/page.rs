//! One page of a blog: 20 posts with author, tags, the 3 newest comments of each, and the number of
//! comments, planned in the query and loaded by and by.

use expect_test::expect;
use sessile::Filtered;
use sessile::prelude::*;
use sessile::sql::row;
use sessile_tests::TestDb;
use sessile_tests::magazine::{Author, Comment, Magazine, Post, tags, texts};

/// 60 posts of 7 authors, with none to 2 tags and none to 8 comments each.
const ROWS: &str = "
    INSERT INTO author (name) SELECT 'author ' || i FROM generate_series(1, 7) i;
    INSERT INTO tag SELECT 'tag ' || i, i FROM generate_series(1, 5) i;
    INSERT INTO post (author_id, title)
        SELECT 1 + i % 7, 'post ' || i FROM generate_series(1, 60) i;
    INSERT INTO post_tag SELECT i, 'tag ' || 1 + (i + t) % 5
        FROM generate_series(1, 60) i, generate_series(1, 2) t WHERE t <= i % 3;
    INSERT INTO comment (post_id, author_id, text, score, hidden)
        SELECT i, 1 + c % 7, i || '.' || c, 0, false
        FROM generate_series(1, 60) i, generate_series(1, 8) c WHERE c <= i % 9";

fn newest() -> Filtered<HasMany<Post, Comment>> {
    Post::COMMENTS.order_by(Comment::ID.desc()).limit(3)
}

/// What a reader sees of a post.
type Shown = (String, String, String, String, i64);

/// The same page in raw SQL.
const PAGE: &str = "
    SELECT title, name,
        coalesce((SELECT string_agg(tag_name, ' ' ORDER BY tag_name) FROM post_tag WHERE post_id = p.id), ''),
        coalesce((SELECT string_agg(text, ' ' ORDER BY id DESC) FROM (
            SELECT * FROM comment WHERE post_id = p.id ORDER BY id DESC LIMIT 3) c), ''),
        (SELECT count(*) FROM comment WHERE post_id = p.id)
    FROM post p JOIN author a ON a.id = author_id ORDER BY p.id DESC LIMIT 20";

fn by_hand(s: &mut Session) -> Vec<Shown> {
    s.rows(sessile::sql::raw(PAGE, ())).unwrap()
}

/// LD-1, LD-3
#[test]
fn a_page_that_is_planned_costs_four_statements() {
    let db = TestDb::with::<Magazine>(ROWS);
    let mut s = db.session();
    let page = s
        .rows(
            select::<Post>()
                .join(Post::AUTHOR)
                .order_by(Post::ID.desc())
                .limit(20)
                .with((Post::TAGS, newest()))
                .columns((row::<Post>(), row::<Author>(), Post::COMMENTS.count())),
        )
        .unwrap();
    let shown: Vec<Shown> = page
        .into_iter()
        .map(|(post, author, count)| {
            let post_tags = tags(&s, &s.loaded(post, Post::TAGS).unwrap());
            let comments = texts(&s, &s.loaded(post, newest()).unwrap());
            (
                s[post].title.clone(),
                s[author].name.clone(),
                post_tags,
                comments,
                count,
            )
        })
        .collect();
    db.assert_statements(expect![[r#"
        SELECT post (post.*, author.*, (SELECT comment (count(*)) WHERE comment.post_id = post.id)) JOIN author ON author.id = post.author_id ORDER BY post.id DESC LIMIT $1
        BEGIN
        SELECT post_tag ×20 WHERE post_id
        SELECT tag ×5 WHERE name
        SELECT comment ×20 WHERE post_id = each.k0 ORDER BY id DESC LIMIT $1
    "#]]);
    assert_eq!(shown, by_hand(&mut s));
}

/// LD-2
#[test]
fn a_page_that_is_loaded_by_and_by_costs_five() {
    let db = TestDb::with::<Magazine>(ROWS);
    let mut s = db.session();
    let page = s
        .rows(
            select::<Post>()
                .order_by(Post::ID.desc())
                .limit(20)
                .columns((row::<Post>(), Post::COMMENTS.count())),
        )
        .unwrap();
    let mut shown: Vec<Shown> = Vec::new();
    for (post, count) in page {
        let author = s.related(post, Post::AUTHOR).unwrap();
        let found = s.related(post, Post::TAGS).unwrap();
        let post_tags = tags(&s, &found);
        let found = s.related(post, newest()).unwrap();
        let comments = texts(&s, &found);
        let (title, name) = (s[post].title.clone(), s[author].name.clone());
        shown.push((title, name, post_tags, comments, count));
    }
    db.assert_statements(expect![[r#"
        SELECT post (post.*, (SELECT comment (count(*)) WHERE comment.post_id = post.id)) ORDER BY id DESC LIMIT $1
        BEGIN
        SELECT author ×7 WHERE id
        SELECT post_tag ×20 WHERE post_id
        SELECT tag ×5 WHERE name
        SELECT comment ×20 WHERE post_id = each.k0 ORDER BY id DESC LIMIT $1
    "#]]);
    assert_eq!(shown, by_hand(&mut s));
}
