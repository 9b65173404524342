//! What a query fetches by joins: one statement, and the same objects as by statements.
//!
//! The random tests beside it compare many paths; here is what they cost, and what they leave alone.
//! A test must not ask for more than `with` promises of a path without joins.

use expect_test::expect;
use sessile::prelude::*;
use sessile::query::Explain;
use sessile::sql::{alias, row};
use sessile_tests::TestDb;
use sessile_tests::magazine::{
    Author, Category, Comment, Magazine, Part, Post, Tag, authors, magazine, names, posts, tags,
    texts, titles,
};

/// IM-5: no row is no object.
#[test]
fn a_step_to_one_comes_in_the_querys_own_row() {
    let db = magazine();
    let mut s = db.session();
    let path = (Post::AUTHOR.joined(), Post::CATEGORY.joined());
    let found = s.all(posts().with(path)).unwrap();
    let author = |post: &Handle<Post>| s.loaded(*post, Post::AUTHOR).unwrap();
    let written: Vec<_> = found.iter().map(author).collect();
    assert_eq!(names(&s, &written), "ann ann ann bob");
    let filed = s.loaded(found[0], Post::CATEGORY).unwrap().unwrap();
    assert_eq!(s[filed].name, "rust");
    assert_eq!(s.loaded(found[1], Post::CATEGORY).unwrap(), None);
    db.assert_statements(expect![[r#"
        SELECT post LEFT JOIN author author_1 ON author_1.id = post.author_id LEFT JOIN category category_1 ON category_1.id = post.category_id ORDER BY post.id
    "#]]);
}

#[test]
fn a_step_to_many_is_folded_into_the_rows_that_the_query_finds() {
    let db = magazine();
    let mut s = db.session();
    let found = s.all(posts().with(Post::COMMENTS.joined())).unwrap();
    assert_eq!(titles(&s, &found), "p1 p2 p3 p4");
    let of = |post| texts(&s, &s.loaded(post, Post::COMMENTS).unwrap());
    assert_eq!(
        found.iter().map(|p| of(*p)).collect::<Vec<_>>(),
        ["c1 c2 c3 c4", "", "", "c5"]
    );
    db.assert_statements(expect![[r#"
        SELECT post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
    "#]]);
}

/// LD-3
#[test]
fn a_limit_is_kept_in_a_subquery_and_its_order_outside_of_it() {
    let db = magazine();
    let mut s = db.session();
    let query = select::<Post>().order_by(Post::TITLE).limit(2).offset(2);
    let path = Post::COMMENTS.joined().then(Comment::AUTHOR.joined());
    let found = s.all(query.with(path)).unwrap();
    assert_eq!(titles(&s, &found), "p3 p4");
    let comments = s.loaded(found[1], Post::COMMENTS).unwrap();
    let writer = s.loaded(comments[0], Comment::AUTHOR).unwrap();
    assert_eq!(s[writer].name, "ann");
    // An order by what is not a column of the row is read along.
    let longest = select::<Post>()
        .order_by(Post::COMMENTS.count().desc())
        .order_by(Post::ID);
    let found = s.all(
        longest
            .limit(2)
            .with(Post::AUTHOR)
            .with(Post::COMMENTS.joined()),
    );
    assert_eq!(titles(&s, &found.unwrap()), "p1 p4");
    db.assert_statements(expect![[r#"
        SELECT (SELECT post ORDER BY post.title LIMIT $1 OFFSET $2) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id LEFT JOIN author author_1 ON author_1.id = comments_1.author_id ORDER BY post.title
        BEGIN
        SELECT (SELECT post (post.*, (SELECT comment (count(*)) WHERE comment.post_id = post.id)) ORDER BY (SELECT comment (count(*)) WHERE comment.post_id = post.id) DESC, post.id LIMIT $1) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.column_2 DESC, post.id
        SELECT author ×1 WHERE id
    "#]]);
}

#[test]
fn associations_and_the_only_child_come_by_joins_too() {
    let db = magazine();
    let mut s = db.session();
    let found = s.all(posts().with(Post::TAGS.joined())).unwrap();
    let of = |post| tags(&s, &s.loaded(post, Post::TAGS).unwrap());
    assert_eq!(
        found.iter().map(|p| of(*p)).collect::<Vec<_>>(),
        ["db rust", "db", "", "rust"]
    );
    let found = s
        .all(
            authors()
                .with(Author::BADGE.joined())
                .with(Author::FANS.joined()),
        )
        .unwrap();
    assert!(s.loaded(found[0], Author::BADGE).unwrap().is_some());
    assert_eq!(s.loaded(found[1], Author::BADGE).unwrap(), None);
    assert_eq!(
        names(&s, &s.loaded(found[0], Author::FANS).unwrap()),
        "bob cid"
    );
    db.assert_statements(expect![[r#"
        SELECT post LEFT JOIN post_tag tags_1_link ON tags_1_link.post_id = post.id LEFT JOIN tag tags_1 ON tags_1.name = tags_1_link.tag_name ORDER BY post.id
        BEGIN
        SELECT author LEFT JOIN badge badge_1 ON badge_1.author_id = author.id LEFT JOIN follow fans_1_link ON fans_1_link.star_id = author.id LEFT JOIN author fans_1 ON fans_1.id = fans_1_link.fan_id ORDER BY author.id
    "#]]);
}

#[test]
fn a_path_goes_on_from_a_joined_step_by_statements() {
    let db = magazine();
    let mut s = db.session();
    let path = Post::AUTHOR.joined().then(Author::BADGE);
    s.all(posts().with((path, Post::COMMENTS.joined().then(Comment::AUTHOR))))
        .unwrap();
    db.assert_statements(expect![[r#"
        SELECT post LEFT JOIN author author_1 ON author_1.id = post.author_id LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
        BEGIN
        SELECT badge ×2 WHERE author_id
        SELECT author ×1 WHERE id
    "#]]);
}

/// Behind a statement of its own, or with no query at all, there is nothing to join to.
#[test]
fn what_can_not_be_joined_is_fetched_by_statements() {
    let db = magazine();
    let mut s = db.session();
    let found = s
        .all(authors().with(Author::POSTS.then(Post::COMMENTS.joined())))
        .unwrap();
    s.load(found[0], Author::BADGE.joined()).unwrap();
    s.related(found[0], Author::FANS.joined()).unwrap();
    db.assert_statements(expect![[r#"
        SELECT author ORDER BY id
        BEGIN
        SELECT post ×3 WHERE author_id
        SELECT comment ×4 WHERE post_id
        SELECT badge ×1 WHERE author_id
        SELECT follow ×3 WHERE star_id
    "#]]);
}

/// Joined side by side, each would repeat the rows of the other.
#[test]
fn of_two_steps_to_many_side_by_side_one_is_joined() {
    let db = magazine();
    let mut s = db.session();
    let path = (
        Post::COMMENTS.joined(),
        Post::TAGS.joined(),
        Post::AUTHOR.joined(),
    );
    let found = s.all(posts().with(path)).unwrap();
    assert_eq!(
        tags(&s, &s.loaded(found[0], Post::TAGS).unwrap()),
        "db rust"
    );
    // One behind the other they repeat nothing that must not be repeated.
    let path = Author::POSTS
        .joined()
        .then((Post::COMMENTS.joined(), Post::TAGS.joined()));
    s.all(authors().with(path)).unwrap();
    s.rollback().unwrap();
    let path = Author::POSTS
        .joined()
        .then((Post::COMMENTS.joined(), Post::TAGS.joined()));
    s.all(authors().with(path)).unwrap();
    db.assert_statements(expect![[r#"
        SELECT post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id LEFT JOIN author author_1 ON author_1.id = post.author_id ORDER BY post.id
        BEGIN
        SELECT post_tag ×4 WHERE post_id
        SELECT tag ×2 WHERE name
        SELECT author LEFT JOIN post posts_1 ON posts_1.author_id = author.id LEFT JOIN comment comments_1 ON comments_1.post_id = posts_1.id ORDER BY author.id
        ROLLBACK
        SELECT author LEFT JOIN post posts_1 ON posts_1.author_id = author.id LEFT JOIN comment comments_1 ON comments_1.post_id = posts_1.id ORDER BY author.id
        BEGIN
        SELECT post_tag ×4 WHERE post_id
        SELECT tag ×2 WHERE name
    "#]]);
}

/// A join of the caller's own finds rows several times, with joined paths as without.
#[test]
fn rows_that_the_query_itself_repeats_stay_repeated() {
    let db = magazine();
    let query = || {
        posts()
            .join(Post::COMMENTS)
            .filter(Comment::HIDDEN.eq(false))
    };
    let mut s = db.session();
    let plain = s.all(query().with(Post::COMMENTS)).unwrap();
    assert_eq!(titles(&s, &plain), "p1 p1 p1 p4");
    let mut s = db.session();
    let found = s.all(query().with(Post::COMMENTS.joined())).unwrap();
    assert_eq!(titles(&s, &found), "p1 p1 p1 p4");
    assert_eq!(
        texts(&s, &s.loaded(found[0], Post::COMMENTS).unwrap()),
        "c1 c2 c3 c4"
    );
    let found = s
        .all(query().distinct().with(Post::COMMENTS.joined()))
        .unwrap();
    assert_eq!(titles(&s, &found), "p1 p4");
    let path = Post::AUTHOR.joined();
    assert_eq!(s.all(query().limit(3).with(path)).unwrap().len(), 3);
    db.assert_statements(expect![[r#"
        SELECT post JOIN comment ON comment.post_id = post.id WHERE comment.hidden = $1 ORDER BY post.id
        BEGIN
        SELECT comment ×2 WHERE post_id
        SELECT (SELECT post (post.*, row_number() OVER ()) JOIN comment ON comment.post_id = post.id WHERE comment.hidden = $1) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
        BEGIN
        SELECT (SELECT DISTINCT post JOIN comment ON comment.post_id = post.id WHERE comment.hidden = $1 ORDER BY post.id) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
        SELECT post JOIN comment ON comment.post_id = post.id LEFT JOIN author author_1 ON author_1.id = post.author_id WHERE comment.hidden = $1 ORDER BY post.id LIMIT $2
    "#]]);
}

/// A part is joined by a query for each row; its order is said again outside.
#[test]
fn a_part_is_joined_by_a_query_for_each_row() {
    let db = magazine();
    let mut s = db.session();
    let best = || {
        let seen = Post::COMMENTS.filter(Comment::HIDDEN.eq(false));
        seen.order_by(Comment::SCORE.desc()).limit(2)
    };
    let path = best().joined().then(Comment::AUTHOR.joined());
    let found = s.all(posts().limit(2).with(path)).unwrap();
    let first = s.loaded(found[0], best()).unwrap();
    assert_eq!(texts(&s, &first), "c3 c4");
    assert_eq!(s.loaded(found[1], best()).unwrap(), []);
    assert!(
        s.loaded(found[0], Post::COMMENTS).is_err(),
        "a part is not the whole"
    );
    // Without an order of the query its rows stay together, and the part is in its own.
    let tagged = Post::TAGS.order_by(Tag::RANK);
    let found = s
        .all(select::<Post>().with(tagged.clone().joined()))
        .unwrap();
    assert_eq!(tags(&s, &s.loaded(found[0], tagged).unwrap()), "rust db");
    // The same table inside and outside.
    let above = Category::CHILDREN.filter(Category::NAME.ne("food"));
    let all = select::<Category>().order_by(Category::ID);
    let found = s.all(all.with(above.clone().joined())).unwrap();
    assert_eq!(s.loaded(found[0], above).unwrap(), [found[1]]);
    db.assert_statements(expect![[r#"
        SELECT (SELECT post ORDER BY post.id LIMIT $1) post LEFT JOIN LATERAL (SELECT comment (comment.*, comment.score, comment.id) WHERE comment.post_id = post.id AND comment.hidden = $2 ORDER BY comment.score DESC, comment.id LIMIT $3) comments_1 LEFT JOIN author author_1 ON author_1.id = comments_1.author_id ORDER BY post.id, comments_1.score_2 DESC, comments_1.id_2
        BEGIN
        SELECT (SELECT post) post LEFT JOIN LATERAL (SELECT tag (post_tag.*, tag.*, tag.rank, tag.name) JOIN post_tag ON tag.name = post_tag.tag_name WHERE post_tag.post_id = post.id ORDER BY tag.rank, tag.name) tags_1 ORDER BY post.id, tags_1.rank_2, tags_1.name_2
        SELECT (SELECT category) category LEFT JOIN LATERAL (SELECT category (category.*) WHERE category.parent_id = category.id AND category.name <> $1) children_1 ORDER BY category.id
    "#]]);
}

/// The names of joined tables are nobody's: an alias of the caller's may look like one.
#[test]
fn a_table_that_the_query_names_is_another_one() {
    let db = magazine();
    let mut s = db.session();
    let author = alias::<Author>("author_1");
    let query = posts()
        .join(Post::AUTHOR.to(&author))
        .filter(author.column(Author::NAME).eq("bob"));
    let found = s.all(query.with(Post::AUTHOR.joined())).unwrap();
    assert_eq!(titles(&s, &found), "p4");
    db.assert_statements(expect![[r#"
        SELECT post JOIN author author_1 ON author_1.id = post.author_id LEFT JOIN author author_2 ON author_2.id = post.author_id WHERE author_1.name = $1 ORDER BY post.id
    "#]]);
}

#[test]
fn a_model_is_joined_to_itself_and_by_keys_of_two_columns() {
    let db = magazine();
    let mut s = db.session();
    let path = (Category::PARENT.joined(), Category::CHILDREN.joined());
    let found = s
        .all(select::<Category>().order_by(Category::ID).with(path))
        .unwrap();
    assert_eq!(s.loaded(found[0], Category::PARENT).unwrap(), None);
    assert_eq!(s.loaded(found[0], Category::CHILDREN).unwrap(), found[1..3]);
    assert_eq!(
        s.loaded(found[3], Category::PARENT).unwrap(),
        Some(found[1])
    );
    let parts = select::<Part>()
        .order_by((Part::MAKER, Part::NUMBER))
        .limit(2);
    let path = (
        Part::WHOLE.joined(),
        Part::PARTS.joined(),
        Part::SPARES.joined(),
    );
    let found = s.all(parts.with(path)).unwrap();
    let below = s.loaded(found[1], Part::PARTS).unwrap();
    let below: Vec<_> = below.iter().map(|part| s[*part].name.as_str()).collect();
    assert_eq!(below, ["wheel", "disc"]);
    assert_eq!(s.loaded(found[1], Part::WHOLE).unwrap(), Some(found[0]));
    db.assert_statements(expect![[r#"
        SELECT category LEFT JOIN category parent_1 ON parent_1.id = category.parent_id LEFT JOIN category children_1 ON children_1.parent_id = category.id ORDER BY category.id
        BEGIN
        SELECT (SELECT part ORDER BY part.maker, part.number LIMIT $1) part LEFT JOIN part whole_1 ON whole_1.maker = part.whole_maker AND whole_1.number = part.whole_number LEFT JOIN part parts_1 ON parts_1.whole_maker = part.maker AND parts_1.whole_number = part.number ORDER BY part.maker, part.number
        SELECT spare ×2 WHERE part_maker, part_number
    "#]]);
}

/// LD-1, IM-2, S86
#[test]
fn what_is_loaded_changed_or_added_is_left_as_it_is() {
    let db = magazine();
    let mut s = db.session();
    let post = s.get::<Post>(1).unwrap().unwrap();
    let comments = s.related(post, Post::COMMENTS).unwrap();
    let other = s.get::<Post>(4).unwrap().unwrap();
    s.flush().unwrap();
    db.look().run(
        "UPDATE comment SET text = 'theirs';
         UPDATE post SET title = 'theirs';
         INSERT INTO comment (post_id, author_id, text, score, hidden) VALUES (1, 1, 'new', 0, false)",
    );
    s[comments[0]].text = "mine".to_owned();
    s[comments[1]].post = other.into();
    let added = s.add(Comment {
        post: post.into(),
        author: Fk::to(1),
        text: "added".to_owned(),
        ..Comment::default()
    });
    db.forget();
    let mut quiet = s.no_autoflush();
    let path = Post::COMMENTS.joined().then(Comment::AUTHOR.joined());
    let found = quiet.all(posts().with(path)).unwrap();
    assert_eq!(titles(&quiet, &found), "p1 theirs theirs p4");
    assert_eq!(quiet.loaded(post, Post::COMMENTS).unwrap(), comments);
    drop(quiet);
    s.flush().unwrap();
    let kept = s.loaded(post, Post::COMMENTS).unwrap();
    assert_eq!(kept, [comments[0], comments[2], comments[3], added]);
    assert_eq!(texts(&s, &kept), "mine c3 c4 added");
    let of_other = s.loaded(other, Post::COMMENTS).unwrap();
    assert_eq!(texts(&s, &of_other), "theirs c2");
    db.assert_statements(expect![[r#"
        SELECT post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id LEFT JOIN author author_1 ON author_1.id = comments_1.author_id ORDER BY post.id
        UPDATE comment SET text ×1 WHERE id
        UPDATE comment SET post_id ×1 WHERE id
        INSERT comment (post_id, author_id, text, score, hidden) ×1 RETURNING id
    "#]]);
}

/// S83: the statement looks once more, since a row that was locked may have changed meanwhile.
#[test]
fn a_reference_that_leads_nowhere_is_looked_for_once_more() {
    let db = TestDb::with::<Magazine>(
        "ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;
         INSERT INTO post (author_id, title) VALUES (7, 'x')",
    );
    let mut s = db.session();
    let found = s.all(posts().with(Post::AUTHOR.joined())).unwrap();
    assert!(s.loaded(found[0], Post::AUTHOR).is_err());
    db.assert_statements(expect![[r#"
        SELECT post LEFT JOIN author author_1 ON author_1.id = post.author_id ORDER BY post.id
        BEGIN
        SELECT author ×1 WHERE id
    "#]]);
}

/// A view takes the path with which it was loaded.
#[test]
fn a_view_shows_what_was_joined() {
    let db = magazine();
    let mut s = db.session();
    let path = || {
        let comments = Post::COMMENTS.joined().named("said");
        (
            Post::AUTHOR.joined(),
            comments.then(Comment::AUTHOR.joined()),
        )
    };
    let found = s.all(posts().limit(1).with(path())).unwrap();
    let json = serde_json::to_value(s.views(&found, path()).unwrap()).unwrap();
    assert_eq!(json[0]["author"]["name"], "ann");
    assert_eq!(json[0]["said"][1]["author"]["name"], "cid");
    db.assert_statements(expect![[r#"
        SELECT (SELECT post ORDER BY post.id LIMIT $1) post LEFT JOIN author author_1 ON author_1.id = post.author_id LEFT JOIN comment comments_1 ON comments_1.post_id = post.id LEFT JOIN author author_2 ON author_2.id = comments_1.author_id ORDER BY post.id
    "#]]);
}

/// A projection is read once for each row of the query, and computed once.
#[test]
fn projections_and_pages_take_joined_paths() {
    let db = magazine();
    let mut s = db.session();
    let rows = s
        .rows(
            posts()
                .with((Post::AUTHOR.joined(), Post::COMMENTS.joined()))
                .columns((Post::COMMENTS.count(), row::<Post>())),
        )
        .unwrap();
    let counts: Vec<i64> = rows.iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [4, 0, 0, 1]);
    assert_eq!(s.loaded(rows[0].1, Post::COMMENTS).unwrap().len(), 4);
    let only = posts()
        .with(Post::AUTHOR.joined())
        .columns((row::<Post>(), Post::TITLE));
    assert_eq!(s.rows(only).unwrap().len(), 4);
    db.assert_statements(expect![[r#"
        SELECT (SELECT post ((SELECT comment (count(*)) WHERE comment.post_id = post.id), post.*)) post LEFT JOIN author author_1 ON author_1.id = post.author_id LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
        BEGIN
        SELECT post (post.*, post.title) LEFT JOIN author author_1 ON author_1.id = post.author_id ORDER BY post.id
    "#]]);

    let page = s.page(posts().with(Post::COMMENTS.joined()), 3, 0).unwrap();
    assert_eq!((page.items.len(), page.total), (3, 4));
    let best = || posts().with(Post::COMMENTS.joined());
    let page = s.page_after(best(), 1, None).unwrap();
    assert_eq!(titles(&s, &page.items), "p1");
    let page = s.page_after(best(), 3, page.next).unwrap();
    assert_eq!(titles(&s, &page.items), "p2 p3 p4");
    assert_eq!(page.next, None);
    let first = s.first(posts().with(Post::COMMENTS.joined())).unwrap();
    assert_eq!(first, Some(rows[0].1));
    assert_eq!(s.count(posts().with(Post::COMMENTS.joined())).unwrap(), 4);
    db.assert_statements(expect![[r#"
        SELECT (SELECT post ORDER BY post.id LIMIT $1) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
        COUNT post
        SELECT (SELECT post (post.*, post.id) ORDER BY post.id LIMIT $1) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
        SELECT (SELECT post (post.*, post.id) WHERE post.id > $1 ORDER BY post.id LIMIT $2) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
        SELECT (SELECT post ORDER BY post.id LIMIT $1) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
        COUNT post
    "#]]);
}

/// A batch would cut the rows of a post apart, so a cursor joins steps to one only.
#[test]
fn a_cursor_joins_what_leads_to_one() {
    let db = magazine();
    let mut s = db.session();
    let query = posts().with((Post::AUTHOR.joined(), Post::COMMENTS.joined()));
    let mut cursor = s.cursor(query, 3).unwrap();
    let mut shown = Vec::new();
    while let Some(batch) = cursor.next(&mut s).unwrap() {
        for post in batch {
            let author = s.loaded(post, Post::AUTHOR).unwrap();
            let comments = s.loaded(post, Post::COMMENTS).unwrap();
            shown.push(format!("{} {}", s[author].name, comments.len()));
        }
    }
    assert_eq!(shown, ["ann 4", "ann 0", "ann 0", "bob 1"]);
    db.assert_statements(expect![[r#"
        BEGIN
        DECLARE c1 FOR SELECT post LEFT JOIN author author_1 ON author_1.id = post.author_id ORDER BY post.id
        FETCH 3 FROM c1
        SELECT comment ×3 WHERE post_id
        FETCH 3 FROM c1
        SELECT comment ×1 WHERE post_id
    "#]]);
}

#[test]
fn an_explanation_is_of_the_joined_statement() {
    let db = magazine();
    let mut s = db.session();
    let query = posts().with(Post::AUTHOR.joined());
    let plan = s.explain(query, Explain::Plan).unwrap();
    assert!(plan.text().contains("author_1"), "{}", plan.text());
    db.assert_statements(expect![[r#"
        EXPLAIN (FORMAT JSON) SELECT post LEFT JOIN author author_1 ON author_1.id = post.author_id ORDER BY post.id
    "#]]);
}

/// LD-4
#[test]
fn an_only_child_that_is_two_is_too_many() {
    let db = TestDb::with::<Magazine>(
        "INSERT INTO author (name) VALUES ('ann'), ('bob');
         INSERT INTO badge (author_id, text) VALUES (1, 'x'), (1, 'y'), (2, 'z')",
    );
    let mut s = db.session();
    let found = s
        .all(authors().limit(2).with(Author::BADGE.joined()))
        .unwrap();
    let error = s.loaded(found[0], Author::BADGE).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooMany { .. }), "{error}");
    assert!(s.loaded(found[1], Author::BADGE).unwrap().is_some());
}
