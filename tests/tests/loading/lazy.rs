//! Lazy loads: for one object alone, forbidden, and heard of.

use std::sync::{Arc, Mutex};

use expect_test::expect;
use sessile::prelude::*;
use sessile::{ErrorKind, LazyLoad};

use sessile_tests::magazine::{Author, Comment, Post, authors, magazine, posts, titles};

/// LD-2
#[test]
fn related_one_leaves_siblings_alone() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(authors()).unwrap();
    db.forget();
    let found = s.related_one(all[0], Author::POSTS).unwrap();
    assert_eq!(titles(&s, &found), "p1 p2 p3");
    assert!(s.loaded(all[1], Author::POSTS).is_err());
    let author = s.related_one(found[0], Post::AUTHOR).unwrap();
    assert_eq!(author, all[0], "at hand");
    s.related(all[1], Author::POSTS).unwrap();
    s.related_one(all[2], Author::POSTS).unwrap();
    assert_eq!(s.statistics().lazy_loads, 2);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT post ×1 WHERE author_id
        SELECT post ×2 WHERE author_id
    "#]]);
}

/// LD-2
#[test]
fn lazy_loads_can_be_forbidden() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(authors().with(Author::POSTS)).unwrap();
    db.forget();
    {
        let mut s = s.forbid_lazy();
        let posts = s.related(all[0], Author::POSTS).unwrap();
        let author = s.related(posts[0], Post::AUTHOR).unwrap();
        assert_eq!(author, all[0], "what is at hand is found");
        let error = s.related(posts[0], Post::COMMENTS).unwrap_err();
        assert_eq!(error.to_string(), "Post.comments is not loaded");
        assert!(matches!(error.kind(), ErrorKind::NotLoaded { .. }));
        let one = s.related_one(posts[0], Post::CATEGORY).unwrap_err();
        assert!(matches!(one.kind(), ErrorKind::NotLoaded { .. }));
        db.assert_statements(expect![""]);

        // What says that it loads does so.
        s.load(&posts, Post::COMMENTS).unwrap();
        assert_eq!(s.related(posts[0], Post::COMMENTS).unwrap().len(), 4);
        let inner = s.forbid_lazy();
        drop(inner);
        assert!(s.related(posts[0], Post::TAGS).is_err(), "guards nest");
    }
    let post = s.loaded(all[0], Author::POSTS).unwrap()[0];
    assert_eq!(s.related(post, Post::TAGS).unwrap().len(), 2);
    assert_eq!(s.statistics().lazy_loads, 1);
}

/// LD-2
#[test]
fn a_hook_hears_of_each_lazy_load() {
    let db = magazine();
    let heard: Arc<Mutex<Vec<LazyLoad>>> = Arc::default();
    let engine = Engine::builder(db.url())
        .on_lazy_load({
            let heard = heard.clone();
            move |load| heard.lock().unwrap().push(load.clone())
        })
        .build()
        .unwrap();
    let mut s = engine.session();
    let all = s.all(posts().with(Post::AUTHOR)).unwrap();
    for post in &all {
        for comment in s.related(*post, Post::COMMENTS).unwrap() {
            s.related(comment, Comment::AUTHOR).unwrap();
        }
        s.related(*post, Post::TAGS).unwrap();
    }
    let lines: Vec<String> = heard
        .lock()
        .unwrap()
        .iter()
        .map(|load| format!("{} of {} {}", load.relationship, load.objects, load.model))
        .collect();
    expect![[r#"
        Post.comments of 4 Post
        Comment.author of 1 Comment
        Post.tags of 4 Post"#]]
    .assert_eq(&lines.join("\n"));
    assert_eq!(s.statistics().lazy_loads, 3);
}

/// LD-2: siblings are those that came by the same load, however it was asked for.
#[test]
fn objects_that_a_path_brought_are_siblings() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(authors().with(Author::POSTS)).unwrap();
    db.forget();
    for author in all {
        for post in s.loaded(author, Author::POSTS).unwrap() {
            s.related(post, Post::COMMENTS).unwrap();
        }
    }
    db.assert_statements(expect![[r#"
        SELECT comment ×4 WHERE post_id
    "#]]);
}
