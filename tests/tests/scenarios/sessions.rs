//! S69, S72, S74, S75, S78 and S96: what happens between flushes.
//!
//! Exactly so elsewhere: S68, S70, S71, S73, S76, S77, S97, S98 and S99 in the tests of
//! transactions, S79 in those of states, S101 in those of flushes.

use std::time::Duration;

use expect_test::expect;
use sessile::prelude::*;
use sessile::{Engine, Hooks};
use sessile_tests::TestDb;

use super::models::{Address, Item, Keyword, TAGGINGS, Tagging, User, users};

/// S69, CT-5: nothing is looked at, however often.
#[test]
fn a_thousand_queries_of_a_clean_session_look_at_no_object() {
    let db = TestDb::with::<(User, Address)>(
        "INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(1, 1000) n",
    );
    let mut s = db.session();
    let all = s.all(select::<User>()).unwrap();
    assert_eq!(all.len(), 1000);
    for _ in 0..1000 {
        s.count(select::<User>()).unwrap();
    }
    assert_eq!(s.statistics().compared, 0);
    assert_eq!(db.statements().lines().count(), 1002);
    assert_eq!(db.rows("SELECT count(*) FROM users"), "1000\n");
}

/// S74, TX-2
#[test]
fn an_object_of_a_released_savepoint_leaves_with_the_outer_rollback() {
    let db = users();
    let mut s = db.session();
    let cid = s.savepoint(|s| s.insert(User::named("cid"))).unwrap();
    assert_eq!((s.state(cid), s[cid].id), (State::Persistent, 3));
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN; SAVEPOINT sp1
        INSERT users (name, email) ×1 RETURNING id
        ROLLBACK
    "#]]);
    assert_eq!(s.state(cid), State::Gone);
    assert_eq!(s.detach(cid).unwrap(), User::named("cid"));
    assert_eq!(db.rows("SELECT name FROM users ORDER BY id"), "ann\nbob\n");
}

/// S75, TX-2: with the value that it had, so nothing is read again.
#[test]
fn a_delete_is_taken_back_with_its_savepoint_without_a_read() {
    let db = users();
    let mut s = db.session();
    let bob = s.get::<User>(2).unwrap().unwrap();
    s[bob].name = "rob".to_owned();
    let taken_back: Result<()> = s.savepoint(|s| {
        s.delete(bob)?;
        s.flush()?;
        assert_eq!(s.get::<User>(2)?, None);
        Err(Error::other("no"))
    });
    assert!(taken_back.is_err());
    db.assert_statements(expect![[r#"
        SELECT users ×1 WHERE id
        BEGIN
        UPDATE users SET name ×1 WHERE id
        SAVEPOINT sp1
        DELETE users ×1 WHERE id
        SELECT users ×1 WHERE id
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
    "#]]);
    assert_eq!(s.state(bob), State::Persistent);
    assert_eq!(s.local::<User>(&2), Some(bob));
    assert_eq!(s[bob].name, "rob");
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT name FROM users ORDER BY id"), "ann\nrob\n");
}

/// S78, TX-1: what ends a transaction gives the connection back, and the session goes on; `close`
/// is for good.
#[test]
fn a_session_begins_anew_after_a_rollback_and_never_after_close() {
    let db = users();
    let engine = Engine::builder(db.url())
        .pool_size(1)
        .acquire_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let (mut s, mut other) = (engine.session(), engine.session());
    let names = |s: &mut Session| s.count(select::<User>());
    s.insert(User::named("cid")).unwrap();
    let error = names(&mut other).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::PoolTimeout { .. }),
        "{error}"
    );
    other.rollback().unwrap();
    s.rollback().unwrap();
    assert_eq!(names(&mut other).unwrap(), 2);
    other.rollback().unwrap();
    let ann = s.get::<User>(1).unwrap().unwrap();
    s.insert(User::named("dan")).unwrap();
    s.close().unwrap();
    assert_eq!(names(&mut other).unwrap(), 2);
    assert_eq!((s.peek(ann), s.state(ann)), (None, State::Gone));
    let error = names(&mut s).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SessionClosed), "{error}");
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×1 RETURNING id
        ROLLBACK
        COUNT users
        SELECT users ×1 WHERE id
        BEGIN
        INSERT users (name, email) ×1 RETURNING id
        ROLLBACK
        COUNT users
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM users"), "2\n");
}

/// Adds rows of five tables, in the order in which they will be inserted.
fn five_tables(s: &mut Session, email: &str) -> Result<()> {
    let tea = s.add(Item::named("tea"));
    let word = s.add(Keyword::of("green"));
    let cid = s.add(User {
        email: Some(email.to_owned()),
        ..User::named("cid")
    });
    s.add(Tagging::of(tea, word));
    s.add(Address::of(Some(cid.into()), email));
    Ok(())
}

/// S96, FL-11: a flush of five statements fails in its third.
#[test]
fn a_failed_flush_in_a_savepoint_is_done_again_and_committed() {
    let db = TestDb::with::<(User, Address, Item, Keyword, Tagging)>(
        "INSERT INTO users (name, email) VALUES ('ann', 'ann@x')",
    );
    let mut s = db.session();
    s.insert(User::named("before")).unwrap();
    let error = s.savepoint(|s| five_tables(s, "ann@x")).unwrap_err();
    assert!(error.violates(User::EMAIL), "{error}");
    s.savepoint(|s| five_tables(s, "cid@x")).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×1 RETURNING id
        SAVEPOINT sp1
        INSERT items (name) ×1 RETURNING id
        INSERT keywords (word) ×1 RETURNING id
        INSERT users (name, email) ×1 RETURNING id
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        SAVEPOINT sp2
        INSERT items (name) ×1 RETURNING id
        INSERT keywords (word) ×1 RETURNING id
        INSERT users (name, email) ×1 RETURNING id
        INSERT addresses (user_id, email) ×1 RETURNING id
        INSERT taggings (item_id, keyword_id) ×1
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGGINGS), "tea | green\n");
    assert_eq!(
        db.rows(
            "SELECT name, a.email FROM users u LEFT JOIN addresses a ON u.id = user_id ORDER BY 1"
        ),
        "ann | -\nbefore | -\ncid | cid@x\n"
    );
}

/// S72, FL-10: an audit row for each new object.
#[test]
fn a_hook_adds_a_row_for_each_new_object_to_the_same_flush() {
    let db = users();
    let mut s = db.session();
    let new = s.add_all(["cid", "dan"].map(User::named));
    let audited = new.clone();
    s.add_hooks(Hooks::new().before_flush(move |s| {
        for user in &audited {
            s.add(Address::of(Some((*user).into()), "welcome"));
        }
        Ok(())
    }));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×2 RETURNING id
        INSERT addresses (user_id, email) ×2 RETURNING id
    "#]]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT user_id FROM addresses WHERE email = 'welcome' ORDER BY id"),
        "3\n4\n"
    );
}
