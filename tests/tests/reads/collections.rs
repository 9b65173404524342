//! Loaded collections: a flush keeps them right, the end of a transaction forgets them.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Article, User, blog, titles};

/// The users, with their articles and reviews loaded.
fn loaded(db: &TestDb) -> (Session, [Handle<User>; 3]) {
    let mut s = db.session();
    let users = select::<User>().order_by(User::ID);
    let users = s
        .all(users.with(User::ARTICLES).with(User::REVIEWS))
        .unwrap();
    db.forget();
    (s, users.try_into().unwrap())
}

fn articles(s: &Session, user: Handle<User>) -> String {
    titles(s, &s.loaded(user, User::ARTICLES).unwrap()).join(" ")
}

fn reviews(s: &Session, user: Handle<User>) -> String {
    titles(s, &s.loaded(user, User::REVIEWS).unwrap()).join(" ")
}

fn article(author: Handle<User>, title: &str) -> Article {
    Article {
        author: author.into(),
        title: title.to_owned(),
        ..Article::default()
    }
}

/// RL-1
#[test]
fn a_new_child_joins_at_the_flush() {
    let db = blog();
    let (mut s, [_, bob, cid]) = loaded(&db);
    s.add(article(cid, "c1"));
    s.add(Article {
        reviewer: bob.into(),
        ..article(cid, "c2")
    });
    assert_eq!(articles(&s, cid), "", "not before the flush");
    s.flush().unwrap();
    assert_eq!(articles(&s, cid), "c1 c2");
    assert_eq!(reviews(&s, bob), "a1 c2");
    s.add(Article {
        author: Fk::to(3),
        ..article(cid, "c3")
    });
    s.flush().unwrap();
    assert_eq!(articles(&s, cid), "c1 c2 c3", "by key as well as by handle");
    db.assert_statements(expect![[r#"
        INSERT article (author_id, reviewer_id, title) ×2 RETURNING id
        INSERT article (author_id, reviewer_id, title) ×1 RETURNING id
    "#]]);
}

/// RL-1, S36
#[test]
fn a_moved_child_leaves_one_parent_and_joins_the_other() {
    let db = blog();
    let (mut s, [ann, bob, cid]) = loaded(&db);
    let child = s.loaded(bob, User::ARTICLES).unwrap()[0];
    s[child].author = cid.into();
    s[child].reviewer = bob.into();
    s.flush().unwrap();
    assert_eq!(
        (articles(&s, bob), articles(&s, cid)),
        (String::new(), "b1".to_owned())
    );
    assert_eq!(
        (reviews(&s, ann), reviews(&s, bob)),
        (String::new(), "a1 b1".to_owned())
    );
    s[child].author = Fk::to(1);
    s.flush().unwrap();
    assert_eq!(articles(&s, ann), "a1 a2 a3 b1");
    assert_eq!(articles(&s, cid), "");
}

/// RL-1
#[test]
fn a_child_whose_reference_is_set_to_none_leaves() {
    let db = blog();
    let (mut s, [_, bob, _]) = loaded(&db);
    let child = s.loaded(bob, User::REVIEWS).unwrap()[0];
    s[child].reviewer = None;
    assert_eq!(reviews(&s, bob), "a1");
    s.flush().unwrap();
    assert_eq!(reviews(&s, bob), "");
    assert_eq!(s.related(bob, User::REVIEWS).unwrap(), []);
    db.assert_statements(expect![[r#"
        UPDATE article SET reviewer_id ×1 WHERE id
    "#]]);
}

/// RL-1
#[test]
fn a_deleted_child_leaves() {
    let db = blog();
    let (mut s, [ann, bob, _]) = loaded(&db);
    let child = s.loaded(bob, User::ARTICLES).unwrap()[0];
    let none = "DELETE FROM favorite WHERE article_id = 3";
    s.execute(none, ()).unwrap();
    s.delete(child).unwrap();
    assert_eq!(articles(&s, bob), "b1", "until the flush");
    s.flush().unwrap();
    assert_eq!(
        (articles(&s, bob), reviews(&s, ann)),
        (String::new(), String::new())
    );
}

/// RL-1: the collection of the moment, whatever was done in between.
#[test]
fn a_child_that_moves_and_is_deleted_in_one_flush_is_in_no_collection() {
    let db = blog();
    let (mut s, [ann, bob, _]) = loaded(&db);
    let child = s.loaded(ann, User::ARTICLES).unwrap()[2];
    s[child].author = bob.into();
    s.delete(child).unwrap();
    s.flush().unwrap();
    assert_eq!(
        (articles(&s, ann), articles(&s, bob)),
        ("a1 a2".to_owned(), "b1".to_owned())
    );
}

/// RL-2
#[test]
fn the_reviews_of_a_deleted_reviewer_stay_without_one() {
    let db = blog();
    let (mut s, [_, _, cid]) = loaded(&db);
    let reviewed = s.loaded(cid, User::REVIEWS).unwrap()[0];
    s.delete(cid).unwrap();
    s.flush().unwrap();
    assert_eq!(s[reviewed].reviewer, None);
    assert_eq!(s.loaded(reviewed, Article::REVIEWER).unwrap(), None);
    let error = s.loaded(cid, User::REVIEWS).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Handle { .. }), "{error}");
}

/// ST-5
#[test]
fn collections_expire_with_the_transaction() {
    let db = blog();
    let (mut s, [_, bob, _]) = loaded(&db);
    s.commit().unwrap();
    db.look()
        .run("INSERT INTO article (author_id, title) VALUES (2, 'b2')");
    let error = s.loaded(bob, User::ARTICLES).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotLoaded { .. }),
        "{error}"
    );
    s.related(bob, User::ARTICLES).unwrap();
    assert_eq!(articles(&s, bob), "b1 b2");
    s.rollback().unwrap();
    assert!(s.loaded(bob, User::ARTICLES).is_err());
}

/// TX-2
#[test]
fn collections_are_read_again_after_a_savepoint_was_taken_back() {
    let db = blog();
    let (mut s, [ann, bob, _]) = loaded(&db);
    let moved = s.loaded(bob, User::ARTICLES).unwrap()[0];
    let nested = s.savepoint(|s| {
        s[moved].author = ann.into();
        s.add(article(ann, "a4"));
        s.flush()?;
        assert_eq!(articles(s, ann), "a1 a2 a3 b1 a4");
        Err::<(), _>(Error::other("no"))
    });
    assert!(nested.is_err());
    s.related(ann, User::ARTICLES).unwrap();
    s.related(bob, User::ARTICLES).unwrap();
    assert_eq!(
        (articles(&s, ann), articles(&s, bob)),
        ("a1 a2 a3".to_owned(), "b1".to_owned())
    );
}

/// TX-2
#[test]
fn collections_outlive_a_savepoint_that_is_kept() {
    let db = blog();
    let (mut s, [ann, ..]) = loaded(&db);
    s.savepoint(|s| {
        s.add(article(ann, "a4"));
        Ok::<(), Error>(())
    })
    .unwrap();
    assert_eq!(articles(&s, ann), "a1 a2 a3 a4");
}

#[test]
fn the_children_of_a_pending_parent_are_known_after_its_flush() {
    let db = blog();
    let mut s = db.session();
    let dan = s.add(User::default());
    assert!(s.loaded(dan, User::ARTICLES).is_err());
    let first = s.add(article(dan, "d1"));
    assert_eq!(s.related(dan, User::ARTICLES).unwrap(), [first]);
    let second = s.add(article(dan, "d2"));
    s.flush().unwrap();
    assert_eq!(s.loaded(dan, User::ARTICLES).unwrap(), [first, second]);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name) ×1 RETURNING id
        INSERT article (author_id, reviewer_id, title) ×1 RETURNING id
        SELECT article ×1 WHERE author_id
        INSERT article (author_id, reviewer_id, title) ×1 RETURNING id
    "#]]);
}

#[test]
fn a_pending_parent_without_autoflush_has_the_children_of_its_flush() {
    let db = blog();
    let mut s = db.session();
    let dan = s.add(User::default());
    let first = s.add(article(dan, "d1"));
    {
        let s = &mut *s.no_autoflush();
        assert_eq!(s.related(dan, User::ARTICLES).unwrap(), []);
    }
    s.flush().unwrap();
    assert_eq!(s.related(dan, User::ARTICLES).unwrap(), [first]);
}

/// A collection that lost one of its members to `detach` is not the whole truth any more.
#[test]
fn a_collection_is_read_again_after_a_child_was_detached() {
    let db = blog();
    let (mut s, [ann, ..]) = loaded(&db);
    let child = s.loaded(ann, User::ARTICLES).unwrap()[1];
    s.detach(child).unwrap();
    let again = s.get::<Article>(2).unwrap().unwrap();
    assert_ne!(again, child);
    let written = s.related(ann, User::ARTICLES).unwrap();
    assert_eq!(titles(&s, &written), ["a1", "a2", "a3"]);
    assert_eq!(written[1], again);
}

#[test]
fn a_child_whose_row_is_gone_leaves_when_that_is_noticed() {
    let db = blog();
    let (mut s, [ann, ..]) = loaded(&db);
    let child = s.loaded(ann, User::ARTICLES).unwrap()[2];
    db.look().run("DELETE FROM article WHERE id = 4");
    assert!(s.refresh(child).is_err());
    assert_eq!(s.related(ann, User::ARTICLES).unwrap().len(), 2);
}

/// RL-1: as quick for many children as for few.
#[test]
fn ten_thousand_children_join_move_and_leave_in_linear_time() {
    let db = blog();
    let (mut s, [ann, _, cid]) = loaded(&db);
    let mut times = Vec::new();
    let mut timed = |what: &str, s: &mut Session| {
        let started = std::time::Instant::now();
        s.flush().unwrap();
        times.push(format!("{what}: {:?}", started.elapsed()));
    };
    let children = s.add_all((0..10_000).map(|i| article(cid, &i.to_string())));
    timed("join", &mut s);
    assert_eq!(s.loaded(cid, User::ARTICLES).unwrap(), children);
    for child in &children {
        s[*child].author = ann.into();
    }
    timed("move", &mut s);
    assert_eq!(s.loaded(ann, User::ARTICLES).unwrap().len(), 10_003);
    assert_eq!(s.loaded(cid, User::ARTICLES).unwrap(), []);
    for child in &children {
        s.delete(*child).unwrap();
    }
    timed("leave", &mut s);
    println!("{}", times.join("\n"));
    assert_eq!(articles(&s, ann), "a1 a2 a3");
}
