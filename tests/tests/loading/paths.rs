//! Paths: any depth, any number of branches; the number of statements depends on the path alone.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::sql::row;

use sessile_tests::magazine::{
    Author, Badge, Category, Comment, Part, Post, PostTag, authors, empty, magazine, names, posts,
    titles,
};

/// LD-1
#[test]
fn a_path_goes_as_deep_as_it_is_written() {
    let db = magazine();
    let mut s = db.session();
    let path = Author::POSTS.then(Post::COMMENTS).then(Comment::AUTHOR);
    let found = s.all(authors().with(path)).unwrap();
    let posts = s.loaded(found[0], Author::POSTS).unwrap();
    let comments = s.loaded(posts[0], Post::COMMENTS).unwrap();
    let writers: Vec<_> = comments
        .iter()
        .map(|c| s.loaded(*c, Comment::AUTHOR).unwrap())
        .collect();
    assert_eq!(names(&s, &writers), "bob cid bob ann");
    let none = s.loaded(posts[1], Post::COMMENTS).unwrap();
    assert_eq!(none, [], "loaded, and empty");
    db.assert_statements(expect![[r#"
        SELECT author ORDER BY id
        BEGIN
        SELECT post ×3 WHERE author_id
        SELECT comment ×4 WHERE post_id
    "#]]);
}

/// LD-1
#[test]
fn both_ways_of_writing_depth_mean_the_same() {
    let db = magazine();
    let outside = Author::POSTS.then(Post::COMMENTS).then(Comment::AUTHOR);
    let inside = Author::POSTS.then(Post::COMMENTS.then(Comment::AUTHOR));
    assert_eq!(format!("{outside:?}"), format!("{inside:?}"));
    expect!["Author.posts then Post.comments then Comment.author"]
        .assert_eq(&format!("{inside:?}"));
    for path in [
        sessile::IntoPath::<Author>::into_path(outside),
        sessile::IntoPath::<Author>::into_path(inside),
    ] {
        db.forget();
        db.session().all(authors().with(path)).unwrap();
        assert_eq!(
            db.statements().lines().count(),
            5,
            "with BEGIN and ROLLBACK"
        );
    }
}

/// LD-1
#[test]
fn branches_share_what_they_have_in_common() {
    let db = magazine();
    let mut s = db.session();
    let deep = Author::POSTS.then((Post::COMMENTS, Post::CATEGORY.then(Category::PARENT)));
    let again = Author::POSTS.then(Post::POST_TAGS.then(PostTag::TAG));
    let found = s.all(authors().with((deep, again, Author::BADGE))).unwrap();
    let posts = s.loaded(found[1], Author::POSTS).unwrap();
    let category = s.loaded(posts[0], Post::CATEGORY).unwrap().unwrap();
    let parent = s.loaded(category, Category::PARENT).unwrap().unwrap();
    assert_eq!(s[parent].name, "rust", "which came as a category of a post");
    let badge = s.loaded(found[0], Author::BADGE).unwrap().unwrap();
    assert_eq!(s.loaded(badge, Badge::AUTHOR).unwrap(), found[0]);
    db.assert_statements(expect![[r#"
        SELECT author ORDER BY id
        BEGIN
        SELECT post ×3 WHERE author_id
        SELECT comment ×4 WHERE post_id
        SELECT category ×3 WHERE id
        SELECT category ×2 WHERE id
        SELECT post_tag ×4 WHERE post_id
        SELECT tag ×2 WHERE name
        SELECT badge ×3 WHERE author_id
    "#]]);
}

/// LD-1: the steps, whatever the number of rows.
#[test]
fn rows_do_not_add_statements() {
    for rows in [1, 30, 400] {
        let db = empty();
        db.look().run(&format!(
            "INSERT INTO author (name) SELECT i::text FROM generate_series(1, {rows}) i;
             INSERT INTO post (author_id, title) SELECT 1 + (i - 1) / 3, i::text
             FROM generate_series(1, 3 * {rows}) i;
             INSERT INTO comment (post_id, author_id, text, score, hidden)
             SELECT i, 1 + i % {rows}, '', 0, false FROM generate_series(1, 3 * {rows}) i"
        ));
        let mut s = db.session();
        let path = Author::POSTS.then(Post::COMMENTS.then(Comment::AUTHOR));
        let found = s.all(authors().with(path)).unwrap();
        for author in found {
            for post in s.loaded(author, Author::POSTS).unwrap() {
                let comments = s.loaded(post, Post::COMMENTS).unwrap();
                assert!(s.loaded(comments[0], Comment::AUTHOR).is_ok());
            }
        }
        let statements = db.statements();
        let reads = statements.lines().filter(|line| line.starts_with("SELECT"));
        assert_eq!(reads.count(), 3, "with {rows} authors");
    }
}

/// LD-1
#[test]
fn a_step_that_starts_from_nothing_costs_nothing() {
    let db = magazine();
    let mut s = db.session();
    let cid = s.all(
        authors()
            .filter(Author::ID.eq(3))
            .with(Author::POSTS.then((Post::COMMENTS.then(Comment::AUTHOR), Post::CATEGORY))),
    );
    assert_eq!(s.loaded(cid.unwrap()[0], Author::POSTS).unwrap(), []);
    db.assert_statements(expect![[r#"
        SELECT author WHERE id = $1 ORDER BY id
        BEGIN
        SELECT post ×1 WHERE author_id
    "#]]);
}

/// LD-1
#[test]
fn a_path_is_loaded_onto_objects_that_are_here() {
    let db = magazine();
    let mut s = db.session();
    let [ann, bob] = s.get_many::<Author, 2>([1, 2]).unwrap().map(Option::unwrap);
    s.load(ann, Author::POSTS).unwrap();
    db.forget();
    s.load([ann, bob], Author::POSTS.then(Post::COMMENTS))
        .unwrap();
    db.assert_statements(expect![[r#"
        SELECT post ×1 WHERE author_id
        SELECT comment ×4 WHERE post_id
    "#]]);
    s.load(vec![bob, ann], Author::POSTS.then(Post::COMMENTS))
        .unwrap();
    s.load(&[ann, bob][..], Author::POSTS).unwrap();
    s.load::<Author>([], Author::BADGE).unwrap();
    db.assert_statements(expect![""]);
}

/// LD-1
#[test]
fn what_is_loaded_is_not_overwritten() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts()).unwrap();
    s.load(all[0], Post::COMMENTS).unwrap();
    let first = s.loaded(all[0], Post::COMMENTS).unwrap();
    s[first[0]].text = "mine".to_owned();
    s.flush().unwrap();
    db.look().run(
        "DELETE FROM comment WHERE id = 2;
         INSERT INTO comment (post_id, author_id, text, score, hidden)
         VALUES (1, 1, 'unseen', 0, false), (2, 1, 'seen', 0, false)",
    );
    s.load(&all, Post::COMMENTS).unwrap();
    assert_eq!(s.loaded(all[0], Post::COMMENTS).unwrap(), first);
    assert_eq!(s[first[0]].text, "mine");
    let second = s.loaded(all[1], Post::COMMENTS).unwrap();
    assert_eq!(s[second[0]].text, "seen");
}

/// LD-1, AF-1
#[test]
fn what_waits_is_written_before_a_path_is_followed() {
    let db = magazine();
    let mut s = db.session();
    let bob = s.get::<Author>(2).unwrap().unwrap();
    let new = s.add(Post {
        author: bob.into(),
        title: "new".to_owned(),
        ..Post::default()
    });
    s.add(Comment {
        post: new.into(),
        author: bob.into(),
        ..Comment::default()
    });
    db.forget();
    s.load(bob, Author::POSTS.then(Post::COMMENTS)).unwrap();
    assert_eq!(titles(&s, &s.loaded(bob, Author::POSTS).unwrap()), "p4 new");
    assert_eq!(s.loaded(new, Post::COMMENTS).unwrap().len(), 1);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT post (author_id, category_id, title) ×1 RETURNING id
        INSERT comment (post_id, author_id, text, score, hidden) ×1 RETURNING id
        SELECT post ×1 WHERE author_id
        SELECT comment ×2 WHERE post_id
    "#]]);
}

#[test]
fn a_path_from_a_foreign_or_gone_object_is_refused() {
    let db = magazine();
    let mut s = db.session();
    let [ann, bob] = s.get_many::<Author, 2>([1, 2]).unwrap().map(Option::unwrap);
    let mut other = db.session();
    let foreign = other.load(ann, Author::POSTS).unwrap_err();
    s.detach(bob).unwrap();
    db.forget();
    let gone = s.load([ann, bob], Author::POSTS).unwrap_err();
    for error in [foreign, gone] {
        let problem = matches!(
            error.kind(),
            ErrorKind::Handle {
                model: "Author",
                ..
            }
        );
        assert!(problem, "{error}");
    }
    db.assert_statements(expect![""]);
}

/// LD-1: with keys of two columns, from a model to itself.
#[test]
fn a_path_follows_keys_of_two_columns_and_returns_to_its_model() {
    let db = magazine();
    let mut s = db.session();
    let car = s.get::<Part>((1, 1)).unwrap().unwrap();
    db.forget();
    s.load(car, Part::PARTS.then(Part::PARTS).then(Part::PARTS))
        .unwrap();
    let axle = s.loaded(car, Part::PARTS).unwrap()[0];
    let names: Vec<_> = s.loaded(axle, Part::PARTS).unwrap();
    let names: Vec<&str> = names.iter().map(|part| s[*part].name.as_str()).collect();
    assert_eq!(names, ["wheel", "disc"]);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT part ×1 WHERE whole_maker, whole_number
        SELECT part ×1 WHERE whole_maker, whole_number
        SELECT part ×2 WHERE whole_maker, whole_number
    "#]]);
}

/// LD-4: whoever asks for the one is told; what comes along with it does not fail.
#[test]
fn a_path_over_two_rows_where_one_should_be_loads_and_says_so_later() {
    let db = magazine();
    db.look()
        .run("INSERT INTO badge (author_id, text) VALUES (1, 'tin')");
    let mut s = db.session();
    let path = Author::BADGE.then(Badge::AUTHOR);
    let found = s.all(authors().with(path)).unwrap();
    let error = s.loaded(found[0], Author::BADGE).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::TooMany { model: "Badge" });
    assert_eq!(s.loaded(found[1], Author::BADGE).unwrap(), None);
}

/// ST-5
#[test]
fn loaded_collections_expire_with_the_transaction_and_come_back() {
    let db = magazine();
    let mut s = db.session();
    let path = || Author::POSTS.then(Post::COMMENTS);
    let ann = s.all(authors().with(path())).unwrap()[0];
    let first = s.loaded(ann, Author::POSTS).unwrap();
    s.commit().unwrap();
    assert!(s.loaded(ann, Author::POSTS).is_err());
    db.look().run("UPDATE post SET title = 'new' WHERE id = 1");
    db.forget();
    s.load(ann, path()).unwrap();
    assert_eq!(
        s.loaded(ann, Author::POSTS).unwrap(),
        first,
        "the same handles"
    );
    assert_eq!(titles(&s, &first), "new p2 p3");
    db.assert_statements(expect![[r#"
        SELECT post ×1 WHERE author_id
        BEGIN
        SELECT comment ×3 WHERE post_id
    "#]]);
}

/// TX-2
#[test]
fn a_savepoint_that_is_rolled_back_takes_loaded_collections_along() {
    let db = magazine();
    let mut s = db.session();
    let ann = s.all(authors().with(Author::POSTS)).unwrap()[0];
    let refused: Result<()> = s.savepoint(|s| {
        let posts = s.loaded(ann, Author::POSTS)?;
        s.delete(posts[1])?;
        s.execute("DELETE FROM post_tag WHERE post_id = 2", ())?;
        s.flush()?;
        assert_eq!(titles(s, &s.loaded(ann, Author::POSTS)?), "p1 p3");
        Err(sessile::Error::other("no"))
    });
    assert!(refused.is_err());
    s.load(ann, Author::POSTS).unwrap();
    assert_eq!(
        titles(&s, &s.loaded(ann, Author::POSTS).unwrap()),
        "p1 p2 p3"
    );
}

/// IM-1: one row is one object, whichever path leads to it.
#[test]
fn every_path_leads_to_the_same_objects() {
    let db = magazine();
    let mut s = db.session();
    let best = Post::COMMENTS.order_by(Comment::SCORE.desc()).limit(1);
    let first = Post::TAGS.limit(1);
    let up = Category::PARENT.recursive();
    let path = (Post::COMMENTS, best.clone(), Post::TAGS, first.clone());
    let post = s
        .all(posts().with((path, Post::CATEGORY.then(up.clone()))))
        .unwrap()[0];
    let comments = s.loaded(post, Post::COMMENTS).unwrap();
    assert_eq!(s.loaded(post, best).unwrap(), [comments[1]]);
    let tags = s.loaded(post, Post::TAGS).unwrap();
    assert_eq!(s.loaded(post, first).unwrap(), tags[..1]);
    let category = s.loaded(post, Post::CATEGORY).unwrap().unwrap();
    let above = s.loaded(category, up).unwrap();
    assert_eq!(s.get::<Category>(1).unwrap(), Some(above[1]));
    assert_eq!(s.get::<Comment>(2).unwrap(), Some(comments[1]));
}

/// IM-5: a row that an outer join leaves out is no object, and no second one either.
#[test]
fn the_absent_row_of_an_outer_join_is_no_object() {
    let db = magazine();
    let mut s = db.session();
    let pairs = posts()
        .left_join(Post::CATEGORY)
        .columns((row::<Post>(), row::<Category>().nullable()));
    let pairs = s.rows(pairs).unwrap();
    let category = |post: usize| pairs[post].1;
    assert_eq!(category(1), None);
    db.forget();
    for (post, found) in &pairs {
        assert_eq!(s.related(*post, Post::CATEGORY).unwrap(), *found);
    }
    db.assert_statements(expect![""]);
}

/// IM-4: a hundred thousand children are sorted out in one pass.
#[test]
fn a_hundred_thousand_children_come_along_in_two_statements() {
    let db = empty();
    db.look().run(
        "INSERT INTO author (name) VALUES ('ann');
         INSERT INTO post (author_id, title) SELECT 1, i::text FROM generate_series(1, 1000) i;
         INSERT INTO comment (post_id, author_id, text, score, hidden)
         SELECT 1 + i % 1000, 1, '', i, false FROM generate_series(1, 100000) i",
    );
    let mut s = db.session();
    let started = std::time::Instant::now();
    let path = Post::COMMENTS.then(Comment::AUTHOR);
    let found = s.all(posts().with(path)).unwrap();
    println!("loaded in {:?}", started.elapsed());
    let count = |post: &Handle<Post>| s.loaded(*post, Post::COMMENTS).unwrap().len();
    assert_eq!(found.iter().map(count).sum::<usize>(), 100_000);
    db.assert_statements(expect![[r#"
        SELECT post ORDER BY id
        BEGIN
        SELECT comment ×1000 WHERE post_id
        SELECT author ×1 WHERE id
    "#]]);
}
