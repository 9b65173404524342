//! Many-to-many: through association objects, which are the only truth.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;

use sessile_tests::magazine::{
    Author, Part, Post, PostTag, Tag, authors, magazine, names, posts, tags, titles,
};

/// LD-1, RL-5
#[test]
fn a_step_through_an_association_costs_two_statements() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(Post::TAGS)).unwrap();
    let of = |post: usize| tags(&s, &s.loaded(all[post], Post::TAGS).unwrap());
    assert_eq!([of(0), of(1), of(2), of(3)], ["db rust", "db", "", "rust"]);
    db.assert_statements(expect![[r#"
        SELECT post ORDER BY id
        BEGIN
        SELECT post_tag ×4 WHERE post_id
        SELECT tag ×2 WHERE name
    "#]]);
}

/// RL-6
#[test]
fn rows_on_the_other_side_that_are_at_hand_are_not_asked_for() {
    let db = magazine();
    let mut s = db.session();
    s.all(select::<Tag>()).unwrap();
    db.forget();
    let path = Post::TAGS.then(Tag::POSTS.then(Post::AUTHOR));
    let all = s.all(posts().with(path)).unwrap();
    let db_tag = s.loaded(all[1], Post::TAGS).unwrap()[0];
    assert_eq!(titles(&s, &s.loaded(db_tag, Tag::POSTS).unwrap()), "p1 p2");
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT post ORDER BY id
        SELECT post_tag ×4 WHERE post_id
        SELECT post_tag ×2 WHERE tag_name
        SELECT author ×2 WHERE id
    "#]]);
}

/// LD-2
#[test]
fn lazily_siblings_come_along() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts()).unwrap();
    db.forget();
    let found: Vec<String> = all
        .iter()
        .map(|post| {
            let found = s.related(*post, Post::TAGS).unwrap();
            tags(&s, &found)
        })
        .collect();
    assert_eq!(found, ["db rust", "db", "", "rust"]);
    assert_eq!(s.statistics().lazy_loads, 1);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT post_tag ×4 WHERE post_id
        SELECT tag ×2 WHERE name
    "#]]);
}

/// RL-1, RL-5
#[test]
fn what_is_loaded_follows_the_association_objects() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(Post::TAGS)).unwrap();
    let new = s.add(Tag {
        name: "new".to_owned(),
        rank: 0,
    });
    let link = s.add(PostTag {
        post: all[0].into(),
        tag: new.into(),
    });
    let old = s.get::<PostTag>((all[0], "db")).unwrap().unwrap();
    s.delete(old).unwrap();
    s.flush().unwrap();
    assert_eq!(tags(&s, &s.loaded(all[0], Post::TAGS).unwrap()), "rust new");
    assert_eq!(tags(&s, &s.loaded(all[1], Post::TAGS).unwrap()), "db");
    s.delete(link).unwrap();
    s.flush().unwrap();
    assert_eq!(tags(&s, &s.loaded(all[0], Post::TAGS).unwrap()), "rust");
    s.rollback().unwrap();
    let error = s.loaded(all[0], Post::TAGS).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotLoaded { .. }));
    assert_eq!(error.to_string(), "Post.tags is not loaded");
    let found = s.related_one(all[0], Post::TAGS).unwrap();
    assert_eq!(tags(&s, &found), "db rust");
}

/// RL-1: the associations and the rows behind them are the same objects on every way.
#[test]
fn loaded_associations_are_gone_on_from() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(Post::POST_TAGS)).unwrap();
    assert!(
        s.loaded(all[0], Post::TAGS).is_err(),
        "the tags are not here"
    );
    db.forget();
    s.load(&all, Post::TAGS).unwrap();
    db.assert_statements(expect![[r#"
        SELECT tag ×2 WHERE name
    "#]]);
    let link = s.loaded(all[1], Post::POST_TAGS).unwrap()[0];
    let tag = s.loaded(link, PostTag::TAG).unwrap();
    assert_eq!(s.loaded(all[1], Post::TAGS).unwrap(), [tag]);
}

#[test]
fn a_model_is_joined_with_itself_in_both_directions() {
    let db = magazine();
    let mut s = db.session();
    let all = s
        .all(authors().with((Author::FANS, Author::FOLLOWS)))
        .unwrap();
    let fans = |a: usize| names(&s, &s.loaded(all[a], Author::FANS).unwrap());
    let stars = |a: usize| names(&s, &s.loaded(all[a], Author::FOLLOWS).unwrap());
    assert_eq!([fans(0), fans(1), fans(2)], ["bob cid", "", "ann"]);
    assert_eq!([stars(0), stars(1), stars(2)], ["cid", "ann", "ann"]);
    db.assert_statements(expect![[r#"
        SELECT author ORDER BY id
        BEGIN
        SELECT follow ×3 WHERE star_id
        SELECT follow ×3 WHERE fan_id
    "#]]);
}

#[test]
fn keys_of_two_columns_are_followed_through_an_association() {
    let db = magazine();
    let mut s = db.session();
    let wheel = s.get::<Part>((2, 1)).unwrap().unwrap();
    db.forget();
    let found = s.related(wheel, Part::SPARES).unwrap();
    let found: Vec<&str> = found.iter().map(|part| s[*part].name.as_str()).collect();
    assert_eq!(found, ["disc", "tyre"]);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT spare ×1 WHERE part_maker, part_number
        SELECT part ×2 WHERE maker, number
    "#]]);
}

/// The row behind an association is gone, and its object has changes that a flush must judge.
#[test]
fn a_row_that_was_lost_on_the_other_side_is_named() {
    let db = magazine();
    let mut s = db.session();
    let tag = s.get::<Tag>("rust").unwrap().unwrap();
    s.commit().unwrap();
    s[tag].rank = 7;
    db.look().run(
        "ALTER TABLE post_tag DROP CONSTRAINT post_tag_tag_name_fkey;
         DELETE FROM tag WHERE name = 'rust'",
    );
    let post = s.get::<Post>(1).unwrap().unwrap();
    let error = s.no_autoflush().related(post, Post::TAGS).unwrap_err();
    assert_eq!(error.to_string(), "Tag that Post.tags leads to not found");
}

/// RL-5: association rows that lead nowhere are no rows on the other side.
#[test]
fn an_association_that_leads_nowhere_is_left_out() {
    let db = magazine();
    db.look().run(
        "ALTER TABLE post_tag DROP CONSTRAINT post_tag_tag_name_fkey;
         INSERT INTO post_tag VALUES (3, 'lost')",
    );
    let mut s = db.session();
    let all = s.all(posts().with(Post::TAGS)).unwrap();
    assert_eq!(s.loaded(all[2], Post::TAGS).unwrap(), []);
    db.forget();
    assert_eq!(s.related(all[2], Post::TAGS).unwrap(), []);
    db.assert_statements(expect![""]);
}
