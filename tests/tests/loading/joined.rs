//! What a query fetches by joins, in its own statement.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::magazine::{Author, Category, Comment, Post, Tag, magazine, tags, texts, titles};

fn posts() -> sessile::query::Select<Post> {
    select::<Post>().order_by(Post::ID)
}

/// IM-5
#[test]
fn a_step_to_one_is_a_left_join() {
    let db = magazine();
    let mut s = db.session();
    let found = s
        .all(posts().with(Post::AUTHOR.joined()).with(Post::CATEGORY.joined()))
        .unwrap();
    for post in found {
        s.loaded(post, Post::AUTHOR).unwrap();
        s.loaded(post, Post::CATEGORY).unwrap();
    }
    db.assert_statements(expect![[r#"
        SELECT post LEFT JOIN author author_1 ON author_1.id = post.author_id LEFT JOIN category category_1 ON category_1.id = post.category_id ORDER BY post.id
    "#]]);
}

/// LD-3
#[test]
fn a_step_to_many_folds_the_rows() {
    let db = magazine();
    let mut s = db.session();
    let found = s.all(posts().with(Post::COMMENTS.joined())).unwrap();
    assert_eq!(titles(&s, &found), "");
    for post in &found {
        s.loaded(*post, Post::COMMENTS).unwrap();
    }
    let found = s.all(posts().limit(2).with(Post::COMMENTS.joined().then(Comment::AUTHOR.joined()))).unwrap();
    assert_eq!(titles(&s, &found), "");
    db.assert_statements(expect![[r#""#]]);
}
