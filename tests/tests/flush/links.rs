//! Pairs of objects that are linked and unlinked without association objects (RL-5).

use expect_test::expect;
use sessile::prelude::*;
use sessile::{ErrorKind, State};
use sessile_tests::magazine::{
    Author, Part, Post, PostTag, Tag, magazine, names, posts, tags, titles,
};

const PAIRS: &str = "SELECT post_id, tag_name FROM post_tag ORDER BY 1, 2";

fn tag(name: &str) -> Tag {
    Tag {
        name: name.to_owned(),
        rank: 0,
    }
}

/// The four posts and the three tags, by their keys.
fn load(s: &mut Session) -> (Vec<Handle<Post>>, Vec<Handle<Tag>>) {
    let all = s.all(posts()).unwrap();
    let tags = s.all(select::<Tag>().order_by(Tag::NAME)).unwrap();
    (all, tags)
}

/// RL-5: one INSERT and one DELETE, whatever the number of pairs.
#[test]
fn pairs_of_an_association_are_one_insert_and_one_delete() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    db.forget();
    for post in &post[1..] {
        s.link(*post, Post::TAGS, tag[0]).unwrap();
    }
    s.unlink(post[0], Post::TAGS, tag[2]).unwrap();
    s.unlink(tag[1], Tag::POSTS, post[0]).unwrap();
    assert!(s.has_changes());
    let plan = s.plan().unwrap();
    expect![[r#"
        rank 1
          INSERT post_tag (post_id, tag_name) ×3 ON CONFLICT DO NOTHING
          DELETE post_tag ×2 WHERE post_id, tag_name
    "#]]
    .assert_eq(&plan.to_string());
    assert!(
        plan.to_mermaid()
            .contains("Post 2 and Tag #quot;async#quot;")
    );
    s.commit().unwrap();
    assert!(!s.has_changes());
    db.assert_statements(expect![[r#"
        INSERT post_tag (post_id, tag_name) ×3 ON CONFLICT DO NOTHING
        DELETE post_tag ×2 WHERE post_id, tag_name
        COMMIT
    "#]]);
    expect![[r#"
        2 | async
        2 | db
        3 | async
        4 | async
        4 | rust
    "#]]
    .assert_eq(&db.rows(PAIRS));
}

/// RL-5: by slot while keys are unknown; the pairs wait for the keys.
#[test]
fn new_objects_are_linked_when_they_have_their_keys() {
    let db = magazine();
    let mut s = db.session();
    let ann = s.get::<Author>(1).unwrap().unwrap();
    let old = s.get::<Tag>("db").unwrap().unwrap();
    db.forget();
    let post = s.add(Post {
        author: ann.into(),
        title: "p5".to_owned(),
        ..Post::default()
    });
    let new = s.add(tag("new"));
    s.link(post, Post::TAGS, new).unwrap();
    s.link(old, Tag::POSTS, post).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT post (author_id, category_id, title) ×1 RETURNING id
        INSERT tag (name, rank) ×1
        INSERT post_tag (post_id, tag_name) ×2 ON CONFLICT DO NOTHING
        COMMIT
    "#]]);
    expect![[r#"
        1 | db
        1 | rust
        2 | db
        4 | rust
        5 | db
        5 | new
    "#]]
    .assert_eq(&db.rows(PAIRS));
}

/// RL-5: twice is once, from whichever side.
#[test]
fn a_pair_that_is_linked_twice_is_linked_once() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    db.forget();
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    s.link(tag[0], Tag::POSTS, post[2]).unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        INSERT post_tag (post_id, tag_name) ×1 ON CONFLICT DO NOTHING
    "#]]);
    s.unlink(post[2], Post::TAGS, tag[0]).unwrap();
    s.unlink(tag[0], Tag::POSTS, post[2]).unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        DELETE post_tag ×1 WHERE post_id, tag_name
    "#]]);
}

/// RL-5
#[test]
fn a_pair_that_is_linked_and_unlinked_costs_nothing() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    db.forget();
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    s.unlink(tag[0], Tag::POSTS, post[2]).unwrap();
    assert!(!s.has_changes());
    let new = s.add(self::tag("new"));
    s.unlink(post[0], Post::TAGS, new).unwrap();
    s.delete(new).unwrap();
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    s.unlink(post[2], Post::TAGS, tag[0]).unwrap();
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    s.unlink(post[2], Post::TAGS, tag[0]).unwrap();
    assert!(s.flush().is_err(), "a pair names an object that has left");
    s.rollback().unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
}

/// RL-5: what is known to be there is not forgotten by linking it again.
#[test]
fn a_pair_that_is_loaded_is_unlinked_though_it_was_linked_again() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(Post::TAGS)).unwrap();
    let rust = s.get::<Tag>("rust").unwrap().unwrap();
    db.forget();
    s.link(all[0], Post::TAGS, rust).unwrap();
    s.unlink(rust, Tag::POSTS, all[0]).unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        DELETE post_tag ×1 WHERE post_id, tag_name
    "#]]);
    assert_eq!(tags(&s, &s.loaded(all[0], Post::TAGS).unwrap()), "db");
    s.unlink(all[1], Post::TAGS, rust).unwrap();
    s.link(all[1], Post::TAGS, rust).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT post_tag (post_id, tag_name) ×1 ON CONFLICT DO NOTHING RETURNING *
        COMMIT
    "#]]);
    expect![[r#"
        1 | db
        2 | db
        2 | rust
        4 | rust
    "#]]
    .assert_eq(&db.rows(PAIRS));
}

/// RL-5: rows that another transaction inserted or deleted meanwhile are fine.
#[test]
fn what_another_transaction_did_to_the_pairs_is_no_failure() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(Post::TAGS)).unwrap();
    let (_, tag) = load(&mut s);
    db.look().run(
        "INSERT INTO post_tag VALUES (3, 'async'), (4, 'db');
         DELETE FROM post_tag WHERE post_id = 1",
    );
    db.forget();
    s.link(all[2], Post::TAGS, tag[0]).unwrap();
    s.link(all[2], Post::TAGS, tag[1]).unwrap();
    s.unlink(all[0], Post::TAGS, tag[1]).unwrap();
    s.unlink(all[3], Post::TAGS, tag[1]).unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        INSERT post_tag (post_id, tag_name) ×2 ON CONFLICT DO NOTHING RETURNING *
        DELETE post_tag ×2 WHERE post_id, tag_name
    "#]]);
    assert_eq!(tags(&s, &s.loaded(all[0], Post::TAGS).unwrap()), "rust");
    assert_eq!(tags(&s, &s.loaded(all[3], Post::TAGS).unwrap()), "rust");
    let error = s.loaded(all[2], Post::TAGS).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotLoaded { .. }),
        "{error:?}"
    );
    let found = s.related(all[2], Post::TAGS).unwrap();
    assert_eq!(tags(&s, &found), "async db");
    s.commit().unwrap();
    expect![[r#"
        2 | db
        3 | async
        3 | db
        4 | rust
    "#]]
    .assert_eq(&db.rows(PAIRS));
}

/// RL-1, RL-5
#[test]
fn loaded_collections_of_both_directions_follow() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with(Post::TAGS)).unwrap();
    let tag = s
        .all(select::<Tag>().order_by(Tag::NAME).with(Tag::POSTS))
        .unwrap();
    let gone = s.get::<PostTag>((all[0], "rust")).unwrap().unwrap();
    let both = |s: &Session| {
        let of = |post: usize| tags(s, &s.loaded(all[post], Post::TAGS).unwrap());
        let with = |tag: Handle<Tag>| titles(s, &s.loaded(tag, Tag::POSTS).unwrap());
        [of(0), of(2), with(tag[0]), with(tag[2])]
    };
    assert_eq!(both(&s), ["db rust", "", "", "p1 p4"]);
    s.link(all[2], Post::TAGS, tag[0]).unwrap();
    s.link(all[2], Post::TAGS, tag[2]).unwrap();
    s.unlink(all[0], Post::TAGS, tag[2]).unwrap();
    assert_eq!(
        both(&s),
        ["db rust", "", "", "p1 p4"],
        "as of the last flush"
    );
    s.flush().unwrap();
    assert_eq!(both(&s), ["db", "async rust", "p3", "p4 p3"]);
    assert_eq!(s.state(gone), State::Deleted);
    s.rollback().unwrap();
    assert!(s.loaded(all[0], Post::TAGS).is_err());
    assert_eq!(s.state(gone), State::Persistent);
    let found = s.related(all[2], Post::TAGS).unwrap();
    assert_eq!(tags(&s, &found), "");
}

/// TX-2, RL-5
#[test]
fn a_savepoint_that_is_taken_back_takes_its_pairs_along() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    db.forget();
    let failed = s.savepoint(|s| -> Result<()> {
        s.link(post[2], Post::TAGS, tag[1])?;
        s.flush()?;
        s.link(post[2], Post::TAGS, tag[2])?;
        Err(Error::other("never mind"))
    });
    failed.unwrap_err();
    assert!(!s.has_changes());
    let found = s.related_one(post[2], Post::TAGS).unwrap();
    assert_eq!(tags(&s, &found), "async");
    s.commit().unwrap();
    expect![[r#"
        1 | db
        1 | rust
        2 | db
        3 | async
        4 | rust
    "#]]
    .assert_eq(&db.rows(PAIRS));
}

/// AF-1: pairs are changes of their association.
#[test]
fn a_query_on_the_association_writes_the_pairs_first() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    db.forget();
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    s.all(posts()).unwrap();
    db.assert_statements(expect![[r#"
        SELECT post ORDER BY id
    "#]]);
    let found = s.related_one(post[2], Post::TAGS).unwrap();
    assert_eq!(tags(&s, &found), "async");
    db.assert_statements(expect![[r#"
        INSERT post_tag (post_id, tag_name) ×1 ON CONFLICT DO NOTHING
        SELECT post_tag ×1 WHERE post_id
    "#]]);
}

/// RL-5: pairs and association objects of one flush.
#[test]
fn association_objects_stay_strict_beside_pairs() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    let link = s.get::<PostTag>((post[0], "db")).unwrap().unwrap();
    db.forget();
    s.add(PostTag {
        post: post[2].into(),
        tag: tag[0].into(),
    });
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    s.delete(link).unwrap();
    s.link(post[0], Post::TAGS, tag[1]).unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        INSERT post_tag (post_id, tag_name) ×1
        DELETE post_tag ×1 WHERE post_id, tag_name
        INSERT post_tag (post_id, tag_name) ×2 ON CONFLICT DO NOTHING
    "#]]);
    s.add(PostTag {
        post: post[3].into(),
        tag: tag[2].into(),
    });
    let error = s.commit().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::UniqueViolation { .. }),
        "{error:?}"
    );
}

/// RL-2, RL-5: pairs go before their objects do, and are not made with what goes.
#[test]
fn pairs_of_deleted_objects_go_first_or_are_not_made() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    db.forget();
    s.unlink(post[0], Post::TAGS, tag[2]).unwrap();
    s.unlink(post[3], Post::TAGS, tag[2]).unwrap();
    s.link(post[1], Post::TAGS, tag[2]).unwrap();
    s.delete(tag[2]).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE post_tag ×2 WHERE post_id, tag_name
        DELETE tag ×1 WHERE name
        COMMIT
    "#]]);
    expect![[r#"
        1 | db
        2 | db
    "#]]
    .assert_eq(&db.rows(PAIRS));
}

/// PK-1: rows follow the keys of their objects.
#[test]
fn pairs_meet_the_keys_that_objects_have_at_that_time() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    db.forget();
    s[tag[2]].name = "crab".to_owned();
    s.unlink(post[0], Post::TAGS, tag[2]).unwrap();
    s.link(post[2], Post::TAGS, tag[2]).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE post_tag ×1 WHERE post_id, tag_name
        UPDATE tag SET name ×1 WHERE name
        INSERT post_tag (post_id, tag_name) ×1 ON CONFLICT DO NOTHING
        COMMIT
    "#]]);
    expect![[r#"
        1 | db
        2 | db
        3 | crab
        4 | crab
    "#]]
    .assert_eq(&db.rows(PAIRS));
}

#[test]
fn a_model_is_linked_with_itself_and_by_keys_of_two_columns() {
    let db = magazine();
    let mut s = db.session();
    let ann = s.get::<Author>(1).unwrap().unwrap();
    let bob = s.get::<Author>(2).unwrap().unwrap();
    s.load([ann, bob], (Author::FANS, Author::FOLLOWS)).unwrap();
    let car = s.get::<Part>((1, 1)).unwrap().unwrap();
    let wheel = s.get::<Part>((2, 1)).unwrap().unwrap();
    db.forget();
    s.link(ann, Author::FOLLOWS, bob).unwrap();
    s.unlink(ann, Author::FANS, bob).unwrap();
    s.link(car, Part::SPARES, wheel).unwrap();
    s.link(car, Part::SPARES, car).unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        INSERT follow (fan_id, star_id) ×1 ON CONFLICT DO NOTHING RETURNING *
        INSERT spare (part_maker, part_number, spare_maker, spare_number) ×2 ON CONFLICT DO NOTHING
        DELETE follow ×1 WHERE fan_id, star_id
    "#]]);
    assert_eq!(
        names(&s, &s.loaded(ann, Author::FOLLOWS).unwrap()),
        "cid bob"
    );
    assert_eq!(names(&s, &s.loaded(bob, Author::FOLLOWS).unwrap()), "");
    assert_eq!(names(&s, &s.loaded(bob, Author::FANS).unwrap()), "ann");
    s.commit().unwrap();
    expect![[r#"
        1 | 1 | 1 | 1
        1 | 1 | 2 | 1
        1 | 2 | 2 | 2
        2 | 1 | 2 | 2
        2 | 1 | 3 | 1
    "#]]
    .assert_eq(&db.rows("SELECT * FROM spare ORDER BY 1, 2, 3, 4"));
    expect![[r#"
        1 | 2
        1 | 3
        3 | 1
    "#]]
    .assert_eq(&db.rows("SELECT * FROM follow ORDER BY 1, 2"));
}

/// RL-4, RL-5
#[test]
fn objects_that_have_left_are_told_with_the_relationship() {
    let db = magazine();
    let mut s = db.session();
    let (post, tag) = load(&mut s);
    let other = db.session().add(self::tag("foreign"));
    let error = s.link(post[0], Post::TAGS, other).unwrap_err();
    expect!["linking by Post.tags: foreign handle of Tag"].assert_eq(&error.to_string());
    s.link(post[2], Post::TAGS, tag[0]).unwrap();
    s.detach(tag[0]).unwrap();
    let error = s.plan().unwrap_err();
    expect!["linking by Post.tags: gone handle of Tag"].assert_eq(&error.to_string());
    s.rollback().unwrap();
    s.delete(tag[1]).unwrap();
    let error = s.link(tag[1], Tag::POSTS, post[2]).unwrap_err();
    expect!["linking by Tag.posts: deleted handle of Tag"].assert_eq(&error.to_string());
    s.unlink(tag[1], Tag::POSTS, post[0]).unwrap();
}
