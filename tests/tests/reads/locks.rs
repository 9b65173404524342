//! Locking reads: they refresh, lock in key order, and say when a lock is not to be had.

use std::sync::Barrier;

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::sql::table;
use sessile_tests::{Look, TestDb};

use super::models::{Favorite, Tag, User, blog};

/// Another transaction that holds the lock of one tag.
fn holding(db: &TestDb, tag: &str) -> Look {
    let mut other = db.look();
    other.run(&format!(
        "BEGIN; SELECT FROM tag WHERE name = '{tag}' FOR UPDATE"
    ));
    other
}

/// L-1
#[test]
fn a_locking_get_reads_the_row_again() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("rust").unwrap().unwrap();
    db.look().run("UPDATE tag SET uses = 50");
    assert_eq!(s.get::<Tag>("rust").unwrap(), Some(tag));
    assert_eq!(s[tag].uses, 2);
    assert_eq!(s.get_for_update::<Tag>("rust").unwrap(), tag);
    assert_eq!(s[tag].uses, 50);
    s.get_for_update::<Tag>("rust").unwrap();
    db.assert_statements(expect![[r#"
        SELECT tag ×1 WHERE name
        BEGIN
        SELECT tag ×1 WHERE name FOR UPDATE
        SELECT tag ×1 WHERE name FOR UPDATE
    "#]]);
}

/// L-1
#[test]
fn a_locking_query_reads_its_rows_again() {
    let db = blog();
    for lock in [
        select::<Tag>().for_update(),
        select::<Tag>().for_no_key_update(),
        select::<Tag>().for_share(),
        select::<Tag>().nowait(),
        select::<Tag>().skip_locked(),
    ] {
        let mut s = db.session();
        let tag = s.get::<Tag>("rust").unwrap().unwrap();
        db.look().run("UPDATE tag SET uses = uses + 1");
        let before = s[tag].uses;
        assert_eq!(s.all(select::<Tag>()).unwrap().len(), 2);
        assert_eq!(s[tag].uses, before, "a plain query leaves the object alone");
        let locked = s.all(lock.order_by(Tag::NAME)).unwrap();
        assert_eq!(locked[0], tag);
        assert_eq!(s[tag].uses, before + 1);
    }
}

/// L-1
#[test]
fn unflushed_changes_are_written_before_the_row_is_locked() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("rust").unwrap().unwrap();
    s[tag].uses = 9;
    db.forget();
    s.get_for_update::<Tag>("rust").unwrap();
    assert_eq!(s[tag].uses, 9);
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE tag SET uses ×1 WHERE name
        SELECT tag ×1 WHERE name FOR UPDATE
    "#]]);
    s[tag].uses = 10;
    let s = &mut *s.no_autoflush();
    let by_key = s.get_for_update::<Tag>("rust").unwrap_err();
    let by_query = s.all(select::<Tag>().for_update()).unwrap_err();
    for error in [by_key, by_query] {
        assert!(matches!(error.kind(), ErrorKind::Config { .. }), "{error}");
    }
    db.assert_statements(expect![[""]]);
}

/// L-2, S66
#[test]
fn a_lock_that_is_held_elsewhere_is_not_waited_for() {
    let db = blog();
    let other = holding(&db, "rust");
    let mut s = db.session();
    let error = s.all(select::<Tag>().for_update().nowait()).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::LockNotAvailable),
        "{error}"
    );
    let next = s.all(select::<Tag>()).unwrap_err();
    assert!(
        matches!(next.kind(), ErrorKind::TransactionFailed),
        "{next}"
    );
    s.rollback().unwrap();
    let failed = s.savepoint(|s| s.all(select::<Tag>().nowait()).map(drop));
    assert!(matches!(
        failed.unwrap_err().kind(),
        ErrorKind::LockNotAvailable
    ));
    assert_eq!(
        s.count(select::<Tag>()).unwrap(),
        2,
        "usable after the savepoint"
    );
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT tag FOR UPDATE NOWAIT
        ROLLBACK
        BEGIN; SAVEPOINT sp1
        SELECT tag FOR UPDATE NOWAIT
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        COUNT tag
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, uses FROM tag ORDER BY 1"),
        "rust | 2\nsql | 1\n"
    );
    drop(other);
}

/// L-2, S66
#[test]
fn rows_that_are_locked_elsewhere_are_left_out() {
    let db = blog();
    let other = holding(&db, "rust");
    let mut s = db.session();
    let all = s.all(select::<Tag>()).unwrap();
    assert_eq!(all.len(), 2);
    let free = s.all(select::<Tag>().for_update().skip_locked()).unwrap();
    assert_eq!(free.len(), 1);
    assert_eq!(s[free[0]].name, "sql");
    assert_eq!(s.count(select::<Tag>().skip_locked()).unwrap(), 1);
    assert!(
        !s.exists(select::<Tag>().filter(Tag::NAME.eq("rust")).skip_locked())
            .unwrap()
    );
    assert!(
        s.peek(all[0]).is_some(),
        "what is locked elsewhere is not gone"
    );
    drop(other);
    db.assert_statements(expect![[r#"
        SELECT tag
        BEGIN
        SELECT tag FOR UPDATE SKIP LOCKED
        COUNT tag FOR UPDATE SKIP LOCKED
        EXISTS tag WHERE name = $1 FOR UPDATE SKIP LOCKED
    "#]]);
}

/// L-3
#[test]
fn keys_are_locked_in_their_order_whatever_the_order_of_the_call() {
    let db = blog();
    let mut s = db.session();
    let [sql, rust] = s.get_many_for_update::<Tag, 2>(["sql", "rust"]).unwrap();
    assert_eq!((&*s[sql].name, &*s[rust].name), ("sql", "rust"));
    let [again, _, twice] = s
        .get_many_for_update::<Tag, 3>(["sql", "rust", "sql"])
        .unwrap();
    assert_eq!((again, twice), (sql, sql));
    s.get_many_for_update::<Favorite, 2>([(2, 2), (1, 3)])
        .unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT tag ×2 WHERE name FOR UPDATE
        SELECT tag ×2 WHERE name FOR UPDATE
        SELECT favorite ×2 WHERE user_id, article_id FOR UPDATE
    "#]]);
}

/// L-3
#[test]
fn two_threads_that_lock_the_same_rows_in_opposite_order_do_not_deadlock() {
    let db = blog();
    let (engine, barrier) = (db.engine(), Barrier::new(2));
    let lock = |keys: [&str; 2]| {
        for _ in 0..50 {
            barrier.wait();
            engine.transaction(|s| s.get_many_for_update::<Tag, 2>(keys).map(drop))?;
        }
        Ok::<(), Error>(())
    };
    std::thread::scope(|scope| {
        let there = scope.spawn(|| lock(["rust", "sql"]));
        let back = scope.spawn(|| lock(["sql", "rust"]));
        there.join().unwrap().unwrap();
        back.join().unwrap().unwrap();
    });
}

/// S89
#[test]
fn a_row_that_is_gone_can_not_be_locked_and_its_object_goes() {
    let db = blog();
    let mut s = db.session();
    let tag = s.get::<Tag>("rust").unwrap().unwrap();
    db.look().run("DELETE FROM tag WHERE name = 'rust'");
    let error = s.get_for_update::<Tag>("rust").unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotFound { .. }),
        "{error}"
    );
    assert_eq!(s.peek(tag), None);
    assert_eq!(s.get::<Tag>("sql").unwrap().map(|tag| s[tag].uses), Some(1));
    db.assert_statements(expect![[r#"
        SELECT tag ×1 WHERE name
        BEGIN
        SELECT tag ×1 WHERE name FOR UPDATE
        SELECT tag ×1 WHERE name
    "#]]);
    assert_eq!(db.rows("SELECT name FROM tag"), "sql\n");
}

#[test]
fn rows_that_can_not_be_locked_are_refused_before_anything_is_sent() {
    let db = blog();
    let mut s = db.session();
    let outer = select::<Favorite>()
        .left_join(Favorite::USER)
        .for_update()
        .of::<User>();
    expect!["rows of User come from an outer join and can't be locked"]
        .assert_eq(&s.all(outer).unwrap_err().to_string());
    let right = select::<Favorite>()
        .right_join_on(table::<User>(), Favorite::USER.key().eq(User::ID))
        .for_update();
    expect!["rows of Favorite come from an outer join and can't be locked"]
        .assert_eq(&s.all(right).unwrap_err().to_string());
    let distinct = select::<Tag>().distinct().for_update();
    let error = s.all(distinct).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    expect!["the query on Tag locks rows that DISTINCT or GROUP BY puts together"]
        .assert_eq(&error.to_string());
    let groups = select::<Tag>().for_share().group_by(Tag::USES);
    assert!(s.rows(groups.columns(Tag::USES)).is_err());
    db.assert_statements(expect![""]);
}
