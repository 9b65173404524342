//! Relationships that are followed when they are needed: siblings come along.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;

use super::models::{Article, Profile, User, blog, crowd, names, titles};

/// LD-2
#[test]
fn a_loop_over_a_query_costs_one_statement_for_its_children() {
    let db = crowd(100);
    let mut s = db.session();
    for user in s.all(select::<User>().order_by(User::ID)).unwrap() {
        assert_eq!(s.related(user, User::ARTICLES).unwrap().len(), 2);
    }
    assert_eq!(s.statistics().lazy_loads, 1);
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id
        BEGIN
        SELECT article ×100 WHERE author_id
    "#]]);
}

/// LD-2
#[test]
fn siblings_come_256_at_a_time() {
    let db = crowd(300);
    let mut s = db.session();
    for user in s.all(select::<User>().order_by(User::ID)).unwrap() {
        assert_eq!(s.related(user, User::ARTICLES).unwrap().len(), 2);
    }
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id
        BEGIN
        SELECT article ×257 WHERE author_id
        SELECT article ×43 WHERE author_id
    "#]]);
}

/// LD-2: the nearest siblings, so that the direction of the loop does not matter.
#[test]
fn a_loop_from_the_end_costs_no_more() {
    let db = crowd(300);
    let mut s = db.session();
    let all = s.all(select::<User>().order_by(User::ID)).unwrap();
    for user in all.into_iter().rev() {
        assert_eq!(s.related(user, User::ARTICLES).unwrap().len(), 2);
    }
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id
        BEGIN
        SELECT article ×257 WHERE author_id
        SELECT article ×43 WHERE author_id
    "#]]);
}

/// LD-2
#[test]
fn a_loop_over_children_costs_one_statement_for_their_parents() {
    let db = crowd(100);
    let mut s = db.session();
    for article in s.all(select::<Article>().order_by(Article::ID)).unwrap() {
        let author = s.related(article, Article::AUTHOR).unwrap();
        assert_eq!(s[author].id, (s[article].id + 1) / 2);
    }
    db.assert_statements(expect![[r#"
        SELECT article ORDER BY id
        BEGIN
        SELECT users ×100 WHERE id
    "#]]);
}

/// LD-2
#[test]
fn parents_come_256_at_a_time_too() {
    let db = crowd(300);
    let mut s = db.session();
    for article in s.all(select::<Article>().order_by(Article::ID)).unwrap() {
        s.related(article, Article::AUTHOR).unwrap();
    }
    db.assert_statements(expect![[r#"
        SELECT article ORDER BY id
        BEGIN
        SELECT users ×129 WHERE id
        SELECT users ×129 WHERE id
        SELECT users ×42 WHERE id
    "#]]);
}

/// LD-2
#[test]
fn single_gets_of_a_transaction_are_siblings() {
    let db = blog();
    let mut s = db.session();
    let users = [1, 2, 3].map(|id| s.get::<User>(id).unwrap().unwrap());
    db.forget();
    for user in [users[1], users[0], users[2]] {
        s.related(user, User::ARTICLES).unwrap();
    }
    db.assert_statements(expect![[r#"
        SELECT article ×3 WHERE author_id
    "#]]);
}

#[test]
fn children_that_came_with_different_parents_are_siblings() {
    let db = blog();
    let mut s = db.session();
    let mut bios = Vec::new();
    for user in s.all(select::<User>().order_by(User::ID)).unwrap() {
        for article in s.related(user, User::ARTICLES).unwrap() {
            if let Some(reviewer) = s.related(article, Article::REVIEWER).unwrap() {
                let profile = s.related(reviewer, User::PROFILE).unwrap();
                bios.push(profile.map_or("-".to_owned(), |p| s[p].bio.clone()));
            }
        }
    }
    assert_eq!(bios, ["reads", "-", "writes"]);
    db.assert_statements(expect![[r#"
        SELECT users ORDER BY id
        BEGIN
        SELECT article ×3 WHERE author_id
        SELECT profile ×3 WHERE user_id
    "#]]);
}

/// RL-6, S80
#[test]
fn a_parent_at_hand_or_absent_costs_nothing() {
    let db = blog();
    let mut s = db.session();
    let users = s.all(select::<User>().order_by(User::ID)).unwrap();
    let articles = s.all(select::<Article>().order_by(Article::ID)).unwrap();
    db.forget();
    assert_eq!(s.related(articles[0], Article::AUTHOR).unwrap(), users[0]);
    assert_eq!(
        s.related(articles[0], Article::REVIEWER).unwrap(),
        Some(users[1])
    );
    assert_eq!(s.related(articles[1], Article::REVIEWER).unwrap(), None);
    assert_eq!(s.statistics().lazy_loads, 0);
    db.assert_statements(expect![[""]]);
    let mut other = db.session();
    let first = other.get::<Article>(1).unwrap().unwrap();
    db.forget();
    let author = other.related(first, Article::AUTHOR).unwrap();
    assert_eq!(other.related(first, Article::AUTHOR).unwrap(), author);
    assert_eq!(other.statistics().lazy_loads, 1);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT users ×1 WHERE id
    "#]]);
    assert_eq!(
        db.rows("SELECT author_id, reviewer_id FROM article WHERE id < 3 ORDER BY id"),
        "1 | 2\n1 | -\n"
    );
}

/// RL-6
#[test]
fn a_pending_parent_is_followed_by_its_handle() {
    let db = blog();
    let mut s = db.session();
    let dan = s.add(User {
        name: "dan".to_owned(),
        ..User::default()
    });
    let article = s.add(Article {
        author: dan.into(),
        ..Article::default()
    });
    assert_eq!(s.related(article, Article::AUTHOR).unwrap(), dan);
    assert_eq!(s.related(article, Article::REVIEWER).unwrap(), None);
    let unset = s.add(Article::default());
    let error = s.related(unset, Article::AUTHOR).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotFound { model: "User", .. }),
        "{error}"
    );
    db.assert_statements(expect![[""]]);
}

/// S81
#[test]
fn children_that_wait_for_a_flush_are_written_before_they_are_looked_for() {
    let db = blog();
    let mut s = db.session();
    let dan = s.add(User {
        name: "dan".to_owned(),
        ..User::default()
    });
    let new = s.add(Article {
        author: dan.into(),
        title: "d1".to_owned(),
        ..Article::default()
    });
    let moved = s.get::<Article>(4).unwrap().unwrap();
    s[moved].author = dan.into();
    assert_eq!(s.related(dan, User::ARTICLES).unwrap(), [moved, new]);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name) ×1 RETURNING id
        INSERT article (author_id, reviewer_id, title) ×1 RETURNING id
        SELECT article ×1 WHERE id
        UPDATE article SET author_id ×1 WHERE id
        SELECT article ×1 WHERE author_id
    "#]]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT id, title FROM article WHERE author_id = 4 ORDER BY id"),
        "4 | a3\n5 | d1\n"
    );
}

/// LD-4
#[test]
fn a_to_one_relationship_that_finds_two_rows_says_so() {
    let db = blog();
    db.look()
        .run("INSERT INTO profile (user_id, bio) VALUES (1, 'again')");
    let mut s = db.session();
    let users = s.all(select::<User>().order_by(User::ID)).unwrap();
    let error = s.related(users[0], User::PROFILE).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::TooMany { model: "Profile" }),
        "{error}"
    );
    let error = s.loaded(users[0], User::PROFILE).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::TooMany { model: "Profile" }),
        "{error}"
    );
    let profile = s.related(users[1], User::PROFILE).unwrap().unwrap();
    assert_eq!(s.related(profile, Profile::USER).unwrap(), users[1]);
    assert_eq!(s.related(users[2], User::PROFILE).unwrap(), None);
}

#[test]
fn what_is_not_loaded_is_named() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let article = s.get::<Article>(3).unwrap().unwrap();
    let errors = [
        s.loaded(ann, User::ARTICLES).unwrap_err(),
        s.loaded(ann, User::PROFILE).unwrap_err(),
        s.loaded(article, Article::AUTHOR).unwrap_err(),
    ];
    let mut messages = String::new();
    for error in errors {
        assert!(matches!(error.kind(), ErrorKind::NotLoaded { .. }));
        messages += &format!("{error}\n");
    }
    expect![[r#"
        User.articles is not loaded
        User.profile is not loaded
        Article.author is not loaded
    "#]]
    .assert_eq(&messages);
    let reviewer = s.loaded(article, Article::REVIEWER).unwrap();
    assert_eq!(reviewer, Some(ann), "at hand");
}

#[test]
fn handles_of_others_and_of_gone_objects_are_refused() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let mut other = db.session();
    let foreign = other.related(ann, User::ARTICLES).unwrap_err();
    s.detach(ann).unwrap();
    let gone = s.related(ann, User::ARTICLES).unwrap_err();
    let unloaded = s.loaded(ann, User::ARTICLES).unwrap_err();
    for error in [foreign, gone, unloaded] {
        assert!(
            matches!(error.kind(), ErrorKind::Handle { model: "User", .. }),
            "{error}"
        );
    }
}

/// S80
#[test]
fn an_expired_parent_is_read_again_when_it_is_followed() {
    let db = blog();
    let mut s = db.session();
    let article = s.get::<Article>(1).unwrap().unwrap();
    let ann = s.related(article, Article::AUTHOR).unwrap();
    s.commit().unwrap();
    db.look().run("UPDATE users SET name = 'anna' WHERE id = 1");
    s.get::<Article>(1).unwrap();
    db.forget();
    assert_eq!(s.related(article, Article::AUTHOR).unwrap(), ann);
    assert_eq!(names(&s, &[ann]), ["anna"]);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT users ×1 WHERE id
    "#]]);
    assert_eq!(db.rows("SELECT name FROM users WHERE id = 1"), "anna\n");
}

#[test]
fn children_come_in_the_order_of_their_keys() {
    let db = blog();
    db.look()
        .run("UPDATE article SET title = 'moved' WHERE id = 1");
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let written = s.related(ann, User::ARTICLES).unwrap();
    assert_eq!(titles(&s, &written), ["moved", "a2", "a3"]);
}
