//! Rows by their keys: what the session has is not asked for again.

use expect_test::expect;
use sessile::ErrorKind;

use super::models::{Favorite, Tag, User, blog};

/// IM-1, IM-3
#[test]
fn a_row_is_asked_for_once_and_has_one_handle() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    assert_eq!(s.get::<User>(1).unwrap(), Some(ann));
    assert_eq!(s.get_many::<User, 2>([1, 1]).unwrap(), [Some(ann); 2]);
    assert_eq!(s.get_each::<User>([1]).unwrap(), [ann]);
    assert_eq!(s[ann].name, "ann");
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
    "#]]);
}

#[test]
fn a_row_that_is_not_there_is_none_and_asked_for_each_time() {
    let db = blog();
    let mut s = db.session();
    assert_eq!(s.get::<User>(9).unwrap(), None);
    db.look().run("INSERT INTO users VALUES (9, 'late')");
    assert!(s.get::<User>(9).unwrap().is_some());
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        BEGIN
        SELECT users ×1 WHERE id
    "#]]);
}

/// IM-3
#[test]
fn many_keys_are_one_statement_for_those_that_are_missing() {
    let db = blog();
    let mut s = db.session();
    let bob = s.get::<User>(2).unwrap().unwrap();
    db.forget();
    let [cid, none, bob_again, ann, cid_again] = s.get_many::<User, 5>([3, 9, 2, 1, 3]).unwrap();
    assert_eq!((cid, bob_again, none), (cid_again, Some(bob), None));
    assert_eq!(s[ann.unwrap()].name, "ann");
    assert_eq!(s[cid.unwrap()].name, "cid");
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT users ×3 WHERE id
    "#]]);
}

#[test]
fn each_comes_in_the_order_of_its_key() {
    let db = blog();
    let mut s = db.session();
    let found = s.get_each::<User>(vec![3, 1, 3, 2]).unwrap();
    assert_eq!(
        super::models::names(&s, &found),
        ["cid", "ann", "cid", "bob"]
    );
    assert_eq!(found[0], found[2]);
}

#[test]
fn one_missing_key_among_many_is_named() {
    let db = blog();
    let mut s = db.session();
    let error = s.get_each::<User>([1, 8, 9]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { model: "User", key } if key == "8"));
    assert_eq!(error.to_string(), "User 8 not found");
    let error = s.get_for_update::<User>(7).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { key, .. } if key == "7"));
    let error = s.get_many_for_update::<User, 2>([1, 6]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { key, .. } if key == "6"));
    let error = s.get_each::<Favorite>([(1, 3), (3, 1)]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { key, .. } if key == "(3, 1)"));
}

#[test]
fn no_keys_are_no_statement() {
    let db = blog();
    let mut s = db.session();
    let _: [_; 0] = s.get_many::<User, 0>([0_i64; 0]).unwrap();
    let _: [_; 0] = s.get_many_for_update::<User, 0>([0_i64; 0]).unwrap();
    assert!(s.get_each::<User>(Vec::<i64>::new()).unwrap().is_empty());
    db.assert_statements(expect![[""]]);
}

#[test]
fn a_text_key_is_taken_as_str_and_as_string() {
    let db = blog();
    let mut s = db.session();
    let rust = s.get::<Tag>("rust").unwrap().unwrap();
    assert_eq!(s.get::<Tag>("rust".to_owned()).unwrap(), Some(rust));
    assert_eq!(s.get::<Tag>(&"rust".to_owned()).unwrap(), Some(rust));
    let found = s.get_each::<Tag>(["sql", "rust"]).unwrap();
    assert_eq!(found[1], rust);
    assert_eq!(s.get::<Tag>("none").unwrap(), None);
    assert_eq!(s.key(rust).unwrap(), "rust");
    db.assert_statements(expect![[r#"
        SELECT tag ×1 WHERE name
        BEGIN
        SELECT tag ×1 WHERE name
        SELECT tag ×1 WHERE name
    "#]]);
}

#[test]
fn a_key_of_two_references_is_taken_as_keys_handles_and_references() {
    let db = blog();
    let mut s = db.session();
    let bob = s.get::<User>(2).unwrap().unwrap();
    let [first, second] = s.get_many::<super::models::Article, 2>([1, 2]).unwrap();
    let (first, second) = (first.unwrap(), second.unwrap());
    db.forget();
    let favorite = s.get::<Favorite>((bob, first)).unwrap().unwrap();
    assert_eq!(s[favorite].stars, 4);
    assert_eq!(s.get::<Favorite>((2, 1)).unwrap(), Some(favorite));
    let (user, article) = (s[favorite].user.clone(), s[favorite].article.clone());
    assert_eq!(s.get::<Favorite>((&user, article)).unwrap(), Some(favorite));
    let all = s
        .get_each::<Favorite>([(bob, second), (bob, first)])
        .unwrap();
    assert_eq!(all[1], favorite);
    assert_eq!(s[all[0]].stars, 3);
    let [locked, _] = s
        .get_many_for_update::<Favorite, 2>([(2, 1), (1, 3)])
        .unwrap();
    assert_eq!(locked, favorite);
    db.assert_statements(expect![[r#"
        SELECT favorite ×1 WHERE user_id, article_id
        SELECT favorite ×1 WHERE user_id, article_id
        SELECT favorite ×2 WHERE user_id, article_id FOR UPDATE
    "#]]);
}

#[test]
fn the_handle_of_an_object_without_a_key_finds_nothing() {
    let db = blog();
    let mut s = db.session();
    let new = s.add(User {
        name: "dan".to_owned(),
        ..User::default()
    });
    let error = s.get::<User>(new).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotFound { model: "User", .. }),
        "{error}"
    );
    let mut other = db.session();
    let error = other.get::<User>(new).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Handle { model: "User", .. }),
        "{error}"
    );
    db.assert_statements(expect![[""]]);
}

/// ST-3
#[test]
fn a_deleted_row_is_found_until_the_flush_and_asked_for_after_it() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("sql").unwrap().unwrap();
    s.delete(tag).unwrap();
    assert_eq!(s.get::<Tag>("sql").unwrap(), Some(tag));
    s.flush().unwrap();
    assert_eq!(s.get::<Tag>("sql").unwrap(), None);
    db.assert_statements(expect![[r#"
        SELECT tag ×1 WHERE name
        BEGIN
        DELETE tag ×1 WHERE name
        SELECT tag ×1 WHERE name
    "#]]);
}

/// IM-2, AF-1
#[test]
fn a_key_that_is_about_to_be_taken_is_written_before_it_is_looked_for() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("sql").unwrap().unwrap();
    s[tag].name = "postgres".to_owned();
    assert_eq!(s.get::<Tag>("postgres").unwrap(), Some(tag));
    assert_eq!(s.get::<Tag>("sql").unwrap(), None);
    let new = s.add(Tag {
        name: "orm".to_owned(),
        uses: 0,
    });
    assert_eq!(s.get::<Tag>("orm").unwrap(), Some(new));
    db.assert_statements(expect![[r#"
        SELECT tag ×1 WHERE name
        BEGIN
        UPDATE tag SET name ×1 WHERE name
        SELECT tag ×1 WHERE name
        INSERT tag (name, uses) ×1
    "#]]);
}

/// ST-5, S87
#[test]
fn an_expired_object_is_read_again_in_place() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    s.commit().unwrap();
    db.look().run("UPDATE users SET name = 'anna' WHERE id = 1");
    assert_eq!(s[ann].name, "ann");
    assert_eq!(s.get::<User>(1).unwrap(), Some(ann));
    assert_eq!(s[ann].name, "anna");
    s.get::<User>(1).unwrap();
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        SELECT users ×1 WHERE id
    "#]]);
    assert_eq!(db.rows("SELECT name FROM users WHERE id = 1"), "anna\n");
}

/// S89
#[test]
fn an_expired_object_whose_row_is_gone_goes_too() {
    let db = blog();
    let mut s = db.session();
    let [rust, sql] = s
        .get_many::<Tag, 2>(["rust", "sql"])
        .unwrap()
        .map(Option::unwrap);
    s.commit().unwrap();
    db.look().run("DELETE FROM tag WHERE name = 'rust'");
    assert_eq!(s[rust].uses, 2, "readable until it is looked for");
    assert_eq!(
        s.get_many::<Tag, 2>(["rust", "sql"]).unwrap(),
        [None, Some(sql)]
    );
    assert_eq!(s.peek(rust), None);
    assert_eq!(s.state(rust), sessile::State::Gone);
    assert_eq!(s.local::<Tag>(&"rust".to_owned()), None);
    db.look().run("INSERT INTO tag VALUES ('rust', 7)");
    let again = s.get::<Tag>("rust").unwrap().unwrap();
    assert_ne!(again, rust);
    assert_eq!(s[again].uses, 7);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT tag ×2 WHERE name
        SELECT tag ×2 WHERE name
        BEGIN
        SELECT tag ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, uses FROM tag ORDER BY 1"),
        "rust | 7\nsql | 1\n"
    );
}

/// ST-2
#[test]
fn what_a_rollback_left_is_read_again() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("rust").unwrap().unwrap();
    s[tag].uses = 100;
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(s[tag].uses, 2);
    db.look().run("UPDATE tag SET uses = 3 WHERE name = 'rust'");
    assert_eq!(s.get::<Tag>("rust").unwrap(), Some(tag));
    assert_eq!(s[tag].uses, 3);
}
