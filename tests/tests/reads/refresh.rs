//! Reading an object's row again on demand.

use expect_test::expect;
use sessile::prelude::*;

use super::models::{Article, Tag, User, blog};

#[test]
fn a_refreshed_object_has_the_values_of_its_row() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("rust").unwrap().unwrap();
    db.look().run("UPDATE tag SET uses = 8");
    assert_eq!(s[tag].uses, 2);
    s.refresh(tag).unwrap();
    assert_eq!(s[tag].uses, 8);
    assert!(!s.has_changes());
    db.assert_statements(expect![[r#"
        SELECT tag ×1 WHERE name
        BEGIN
        SELECT tag ×1 WHERE name
    "#]]);
}

/// S89
#[test]
fn a_refreshed_object_whose_row_is_gone_is_gone() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("rust").unwrap().unwrap();
    db.look().run("DELETE FROM tag");
    let error = s.refresh(tag).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { model: "Tag", key } if key == "\"rust\""));
    assert_eq!(s.state(tag), State::Gone);
    let error = s.refresh(tag).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Handle { model: "Tag", .. }),
        "{error}"
    );
    db.assert_statements(expect![[r#"
        SELECT tag ×1 WHERE name
        BEGIN
        SELECT tag ×1 WHERE name
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM tag"), "0\n");
}

/// S90
#[test]
fn unflushed_changes_are_written_before_the_refresh() {
    let db = blog();
    let mut s = db.session();
    let article = s.get::<Article>(1).unwrap().unwrap();
    let dan = s.add(User {
        name: "dan".to_owned(),
        ..User::default()
    });
    s[article].author = dan.into();
    db.forget();
    s.refresh(article).unwrap();
    assert!(s.refers_to(&s[article].author, dan));
    assert_eq!(s[article].author.key(), Some(&4));
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name) ×1 RETURNING id
        UPDATE article SET author_id ×1 WHERE id
        SELECT article ×1 WHERE id
    "#]]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT name FROM article JOIN users u ON u.id = author_id WHERE article.id = 1"),
        "dan\n"
    );
}

#[test]
fn a_pending_object_is_inserted_and_read() {
    let db = blog();
    let mut s = db.session();
    let tag = s.add(Tag {
        name: "orm".to_owned(),
        uses: 1,
    });
    s.refresh(tag).unwrap();
    assert_eq!(s[tag].uses, 1);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tag (name, uses) ×1
        SELECT tag ×1 WHERE name
    "#]]);
}

/// AF-2, ST-6
#[test]
fn without_autoflush_a_refresh_keeps_what_was_changed() {
    let db = blog();
    let mut s = db.session();
    let user = s.get::<User>(1).unwrap().unwrap();
    let article = s.get::<Article>(1).unwrap().unwrap();
    s[article].title = "mine".to_owned();
    db.look()
        .run("UPDATE article SET title = 'theirs', reviewer_id = 3 WHERE id = 1");
    s.no_autoflush().refresh(article).unwrap();
    assert_eq!(s[article].title, "mine");
    assert_eq!(s[article].reviewer, Some(Fk::to(3)));
    assert_eq!(s.changes(article).unwrap(), ["title"]);
    let pending = s.add(Article {
        author: user.into(),
        ..Article::default()
    });
    let error = s.no_autoflush().refresh(pending).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotFound { .. }),
        "{error}"
    );
}

#[test]
fn a_deleted_object_can_not_be_refreshed() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("rust").unwrap().unwrap();
    s.delete(tag).unwrap();
    let error = s.refresh(tag).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Handle { model: "Tag", .. }),
        "{error}"
    );
    let mut other = db.session();
    let error = other.refresh(tag).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Handle { model: "Tag", .. }),
        "{error}"
    );
}
