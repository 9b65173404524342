//! Parts of what a relationship leads to: filtered, ordered, and limited for each object.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;

use sessile_tests::magazine::{
    Author, Badge, Category, Comment, Part, Post, PostTag, Tag, authors, empty, magazine, names,
    posts, tags, texts, titles,
};

fn seen() -> sessile::Filtered<HasMany<Post, Comment>> {
    Post::COMMENTS.filter(Comment::HIDDEN.eq(false))
}

fn best(limit: u64) -> sessile::Filtered<HasMany<Post, Comment>> {
    seen().order_by(Comment::SCORE.desc()).limit(limit)
}

/// LD-1
#[test]
fn a_filter_costs_one_statement_for_all_objects() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(seen().then(Comment::AUTHOR))).unwrap();
    let comments = s.loaded(all[0], seen()).unwrap();
    assert_eq!(texts(&s, &comments), "c1 c3 c4");
    let writers: Vec<_> = comments
        .iter()
        .map(|c| s.loaded(*c, Comment::AUTHOR).unwrap())
        .collect();
    assert_eq!(names(&s, &writers), "bob bob ann");
    assert_eq!(s.loaded(all[1], seen()).unwrap(), []);
    db.assert_statements(expect![[r#"
        SELECT post ORDER BY id
        BEGIN
        SELECT comment ×4 WHERE post_id = ANY($1) AND hidden = $2
        SELECT author ×2 WHERE id
    "#]]);
}

/// LD-1, LD-3: the limit counts for each object.
#[test]
fn a_limit_counts_for_each_object_and_costs_one_statement() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(best(2))).unwrap();
    let of = |post: usize| texts(&s, &s.loaded(all[post], best(2)).unwrap());
    assert_eq!([of(0), of(1), of(3)], ["c3 c4", "", "c5"], "equal by key");
    db.assert_statements(expect![[r#"
        SELECT post ORDER BY id
        BEGIN
        SELECT comment ×4 WHERE post_id = each.k0 AND hidden = $1 ORDER BY score DESC, id LIMIT $2
    "#]]);
    let first = Post::COMMENTS.limit(1);
    let found = s.related(all[0], first).unwrap();
    assert_eq!(texts(&s, &found), "c1");
}

/// LD-1
#[test]
fn a_part_is_not_the_whole_and_the_whole_is_no_part() {
    let db = magazine();
    let mut s = db.session();
    let post = s.get::<Post>(1).unwrap().unwrap();
    s.load(post, seen()).unwrap();
    let error = s.loaded(post, Post::COMMENTS).unwrap_err();
    assert_eq!(error.to_string(), "Post.comments is not loaded");
    assert_eq!(s.related(post, Post::COMMENTS).unwrap().len(), 4);
    let error = s.loaded(post, best(2)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotLoaded { .. }));
    assert_eq!(
        error.to_string(),
        "Post.comments WHERE hidden = $1 ORDER BY score DESC LIMIT $2 is not loaded"
    );
    let hidden = Post::COMMENTS.filter(Comment::HIDDEN.eq(true));
    assert!(s.loaded(post, hidden.clone()).is_err(), "another value");
    assert!(s.loaded(post, best(1)).is_err());
    s.load(post, (hidden.clone(), best(1), best(2))).unwrap();
    db.forget();
    assert_eq!(texts(&s, &s.loaded(post, hidden).unwrap()), "c2");
    assert_eq!(texts(&s, &s.loaded(post, best(1)).unwrap()), "c3");
    assert_eq!(texts(&s, &s.loaded(post, best(2)).unwrap()), "c3 c4");
    let found = s.related(post, seen()).unwrap();
    assert_eq!(texts(&s, &found), "c1 c3 c4");
    db.assert_statements(expect![""]);
}

/// LD-2
#[test]
fn a_part_is_loaded_lazily_for_siblings_too() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts()).unwrap();
    db.forget();
    for post in &all {
        s.related(*post, best(1)).unwrap();
    }
    s.related_one(all[0], seen()).unwrap();
    assert!(s.loaded(all[1], seen()).is_err());
    assert_eq!(s.statistics().lazy_loads, 2);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT comment ×4 WHERE post_id = each.k0 AND hidden = $1 ORDER BY score DESC, id LIMIT $2
        SELECT comment ×1 WHERE post_id = ANY($1) AND hidden = $2
    "#]]);
}

/// RL-1: deleted and moved rows leave; what comes in or changes is seen at the next load.
#[test]
fn a_flush_takes_rows_out_of_a_part() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(seen())).unwrap();
    let [c1, c3, c4] = s.loaded(all[0], seen()).unwrap()[..] else {
        panic!()
    };
    s.delete(c1).unwrap();
    s[c3].post = all[1].into();
    s[c4].hidden = true;
    s.add(Comment {
        post: all[0].into(),
        author: Fk::to(1),
        text: "new".to_owned(),
        ..Comment::default()
    });
    s.flush().unwrap();
    let of = |s: &Session, post: usize| texts(s, &s.loaded(all[post], seen()).unwrap());
    assert_eq!([of(&s, 0), of(&s, 1)], ["c4", ""]);
    s.commit().unwrap();
    assert!(s.loaded(all[0], seen()).is_err());
    s.load(&all, seen()).unwrap();
    assert_eq!([of(&s, 0), of(&s, 1)], ["new", "c3"]);
}

/// TX-2
#[test]
fn a_savepoint_that_is_rolled_back_forgets_parts() {
    let db = magazine();
    let mut s = db.session();
    let post = s.get::<Post>(1).unwrap().unwrap();
    s.load(post, best(2)).unwrap();
    let refused: Result<()> = s.savepoint(|s| {
        let best = s.loaded(post, best(2))?;
        s.delete(best[0])?;
        Err(sessile::Error::other("no"))
    });
    assert!(refused.is_err());
    assert!(s.loaded(post, best(2)).is_err());
    let found = s.related(post, best(2)).unwrap();
    assert_eq!(texts(&s, &found), "c3 c4");
}

/// RL-1: as the whole, a part loses an object that leaves the session while its row stays.
#[test]
fn a_part_whose_object_was_detached_is_loaded_again() {
    let db = magazine();
    let mut s = db.session();
    let post = s.get::<Post>(4).unwrap().unwrap();
    let c5 = s.related(post, seen()).unwrap()[0];
    s.detach(c5).unwrap();
    assert!(s.loaded(post, seen()).is_err());
    assert_eq!(s.related(post, seen()).unwrap().len(), 1);
}

/// IM-4
#[test]
fn a_part_whose_object_was_evicted_is_loaded_again() {
    let db = magazine();
    let mut s = db.session();
    let post = s.get::<Post>(1).unwrap().unwrap();
    let all = s.related(post, seen()).unwrap();
    s[post].title = "kept".to_owned();
    s[all[0]].text = "kept".to_owned();
    s.evict_clean();
    assert!(s.loaded(post, seen()).is_err());
    s.load(post, seen()).unwrap();
    let found = s.loaded(post, seen()).unwrap();
    assert_eq!(texts(&s, &found), "kept c3 c4");
}

/// RL-5
#[test]
fn a_part_of_a_many_to_many_is_one_statement() {
    let db = magazine();
    let mut s = db.session();
    let top = || Post::TAGS.order_by(Tag::RANK).limit(1);
    let high = || Post::TAGS.filter(Tag::RANK.ge(2));
    let all = s.all(posts().with((top(), high()))).unwrap();
    let tops = |post: usize| tags(&s, &s.loaded(all[post], top()).unwrap());
    let highs = |post: usize| tags(&s, &s.loaded(all[post], high()).unwrap());
    assert_eq!(
        [tops(0), tops(1), tops(2), tops(3)],
        ["rust", "db", "", "rust"]
    );
    assert_eq!(
        [highs(0), highs(1), highs(2), highs(3)],
        ["db", "db", "", ""]
    );
    assert!(s.loaded(all[0], Post::TAGS).is_err());
    db.assert_statements(expect![[r#"
        SELECT post ORDER BY id
        BEGIN
        SELECT tag ×4 JOIN post_tag ON tag.name = post_tag.tag_name WHERE post_tag.post_id = each.k0 ORDER BY tag.rank, tag.name LIMIT $1
        SELECT tag ×4 JOIN post_tag ON tag.name = post_tag.tag_name WHERE post_tag.post_id = ANY($1) AND tag.rank >= $2
    "#]]);
    let link = s.get::<PostTag>((all[0], "rust")).unwrap().unwrap();
    s.delete(link).unwrap();
    s.flush().unwrap();
    assert_eq!(s.loaded(all[0], top()).unwrap(), []);
    assert_eq!(tags(&s, &s.loaded(all[3], top()).unwrap()), "rust");
}

/// LD-4
#[test]
fn a_to_one_part_finds_the_one_or_says_so() {
    let db = magazine();
    db.look()
        .run("INSERT INTO badge (author_id, text) VALUES (1, 'tin')");
    let mut s = db.session();
    let all = s.all(authors()).unwrap();
    let latest = || Author::BADGE.order_by(Badge::ID.desc()).limit(1);
    let found = s.related(all[0], latest()).unwrap().unwrap();
    assert_eq!(s[found].text, "tin");
    assert_eq!(s.related(all[1], latest()).unwrap(), None);
    let two = Author::BADGE.filter(Badge::TEXT.ne("none"));
    let error = s.related(all[0], two).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::TooMany { model: "Badge" });
}

#[test]
fn a_relationship_is_made_where_it_is_needed() {
    fn written_by(author: Handle<Author>) -> sessile::Filtered<HasMany<Category, Post>> {
        HasMany::from(Post::CATEGORY).filter(Post::AUTHOR.is(author))
    }
    let db = magazine();
    let mut s = db.session();
    let [ann, bob] = s.get_many::<Author, 2>([1, 2]).unwrap().map(Option::unwrap);
    let all = s.all(select::<Category>().order_by(Category::ID)).unwrap();
    db.forget();
    s.load(&all, written_by(ann)).unwrap();
    let found = s.loaded(all[2], written_by(ann)).unwrap();
    assert_eq!(titles(&s, &found), "p3");
    assert!(s.loaded(all[2], written_by(bob)).is_err());
    let made: HasMany<Author, Post> = HasMany::from(Post::AUTHOR);
    s.load(ann, Author::POSTS).unwrap();
    assert_eq!(
        s.loaded(ann, made).unwrap().len(),
        3,
        "the same relationship"
    );
    db.assert_statements(expect![[r#"
        SELECT post ×5 WHERE category_id = ANY($1) AND author_id = $2
        SELECT post ×1 WHERE author_id
    "#]]);
}

/// AF-1: what the condition looks at is flushed too.
#[test]
fn what_a_condition_reads_is_written_first() {
    let db = magazine();
    let mut s = db.session();
    let post = s.get::<Post>(1).unwrap().unwrap();
    let bob = s.get::<Author>(2).unwrap().unwrap();
    s[bob].name = "robert".to_owned();
    let by_robert = Post::COMMENTS.filter(Comment::AUTHOR.has(Author::NAME.eq("robert")));
    db.forget();
    let found = s.related(post, by_robert).unwrap();
    assert_eq!(texts(&s, &found), "c1 c3");
    db.assert_statements(expect![[r#"
        UPDATE author SET name ×1 WHERE id
        SELECT comment ×1 WHERE post_id = ANY($1) AND (EXISTS author WHERE author.name = $2 AND author.id = comment.author_id)
    "#]]);
    let new = s.add(Author::default());
    let by_new = Post::COMMENTS.filter(Comment::AUTHOR.is(new));
    assert_eq!(s.related(post, by_new).unwrap(), []);
}

#[test]
fn keys_of_two_columns_are_told_apart() {
    let db = magazine();
    let mut s = db.session();
    let car = s.get::<Part>((1, 1)).unwrap().unwrap();
    let path = || Part::PARTS.order_by(Part::NAME).limit(1);
    s.load(car, Part::PARTS.recursive()).unwrap();
    let parts = s.loaded(car, Part::PARTS.recursive()).unwrap();
    db.forget();
    s.load(&parts, (path(), Part::PARTS.filter(Part::NAME.ne("disc"))))
        .unwrap();
    s.load(&parts, Part::SPARES.order_by(Part::NAME.desc()).limit(1))
        .unwrap();
    let axle = parts[0];
    let name = |part: Handle<Part>| s[part].name.clone();
    assert_eq!(name(s.loaded(axle, path()).unwrap()[0]), "disc");
    db.assert_statements(expect![[r#"
        SELECT part ×4 WHERE whole_maker = each.k0 AND whole_number = each.k1 ORDER BY name, maker, number LIMIT $1
        SELECT part ×4 WHERE (whole_maker, whole_number) = ANY($1, $2) AND name <> $3
        SELECT part ×4 JOIN spare ON part.maker = spare.spare_maker AND part.number = spare.spare_number WHERE spare.part_maker = each.k0 AND spare.part_number = each.k1 ORDER BY part.name DESC, part.maker, part.number LIMIT $1
    "#]]);
}

#[test]
fn parts_are_shown_by_views_under_names_of_their_own() {
    let db = magazine();
    let mut s = db.session();
    let path = || (best(1).named("best"), Post::TAGS.limit(1).named("tag"));
    let post = s.all(posts().with(path())).unwrap()[3];
    let view = s.view(post, path()).unwrap();
    assert_eq!(
        serde_json::to_string(&view).unwrap(),
        "{\"id\":4,\"author\":2,\"category\":5,\"title\":\"p4\",\
         \"best\":[{\"id\":5,\"post\":4,\"author\":1,\"text\":\"c5\",\"score\":1,\
         \"hidden\":false}],\"tag\":[{\"name\":\"rust\",\"rank\":1}]}"
    );
    let error = s.view(post, Post::COMMENTS).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotLoaded { .. }));
}

/// LD-3, IM-4: with an index the limit is met for each object without reading the rest.
#[test]
fn three_of_a_hundred_thousand_children_are_all_that_is_brought() {
    let db = empty();
    db.look().run(
        "INSERT INTO author (name) VALUES ('ann');
         INSERT INTO post (author_id, title) SELECT 1, i::text FROM generate_series(1, 1000) i;
         INSERT INTO comment (post_id, author_id, text, score, hidden)
         SELECT 1 + i % 1000, 1, '', i, false FROM generate_series(1, 100000) i;
         CREATE INDEX ON comment (post_id, score)",
    );
    let mut s = db.session();
    let all = s.all(posts().with(best(3))).unwrap();
    let scores = s.loaded(all[0], best(3)).unwrap();
    let scores: Vec<i32> = scores.iter().map(|c| s[*c].score).collect();
    assert_eq!(scores, [100_000, 99_000, 98_000]);
    let brought: u64 = db.recorded().iter().map(|statement| statement.rows).sum();
    assert_eq!(brought, 4_000);
}

/// Queries look through an association as well.
#[test]
fn a_many_to_many_is_a_condition_and_a_join() {
    let db = magazine();
    let mut s = db.session();
    let with_rust = posts().filter(Post::TAGS.any(Tag::NAME.eq("rust")));
    let found = s.all(with_rust).unwrap();
    assert_eq!(titles(&s, &found), "p1 p4");
    let counts = s.rows(posts().columns(Post::TAGS.count())).unwrap();
    assert_eq!(counts, [2, 1, 0, 1]);
    let pairs: Vec<(String, String)> = s
        .rows(
            select::<Post>()
                .join(Post::TAGS)
                .order_by((Post::ID, Tag::NAME))
                .columns((Post::TITLE, Tag::NAME)),
        )
        .unwrap();
    assert_eq!(pairs.len(), 4);
    assert_eq!(pairs[1], ("p1".to_owned(), "rust".to_owned()));
}

/// IM-4
#[test]
fn a_part_that_had_an_evicted_object_is_not_loaded_any_more() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(seen())).unwrap();
    for post in &all[..2] {
        s[*post].title.push('!');
    }
    s.evict_clean();
    let refused = s.loaded(all[0], seen()).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::NotLoaded { .. }));
    assert_eq!(s.loaded(all[1], seen()).unwrap(), [], "it had none");
    let again = s.related(all[0], seen()).unwrap();
    assert_eq!(texts(&s, &again), "c1 c3 c4");
}
