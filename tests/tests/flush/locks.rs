//! Row locks in key order, so that writers of the same rows can't deadlock (FL-7).

use std::sync::{Arc, Barrier};
use std::time::Duration;

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Note, User, save};

/// Text keys, which the database's collation would order in its own way.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "seats")]
struct Seat {
    #[model(key)]
    row: String,
    #[model(key)]
    number: i32,
    taken: bool,
    price: i64,
    tags: Vec<i64>,
}

fn db() -> TestDb {
    let db = TestDb::new::<User>();
    save(&db, (1..=20).map(|n| User::named(&format!("n{n}"))));
    db
}

fn sql_of(work: impl FnOnce(&TestDb)) -> Vec<String> {
    let db = db();
    work(&db);
    let sent = db.recorded().into_iter().map(|s| s.sql);
    sent.filter(|sql| sql.contains("UPDATE")).collect()
}

/// FL-7: one row needs no order.
#[test]
fn a_single_row_is_written_without_a_lock_before_it() {
    let sql = sql_of(|db| {
        let mut s = db.session();
        let user = s.get::<User>(1).unwrap().unwrap();
        db.forget();
        s[user].name = "x".to_owned();
        s.flush().unwrap();
    });
    assert_eq!(
        sql.last().unwrap(),
        r#"UPDATE "users" SET "name" = $1 WHERE "id" = $2 RETURNING pg_current_xact_id()"#
    );
}

/// FL-7: what the transaction has locked already is not locked again.
#[test]
fn rows_that_were_read_for_update_are_written_without_a_lock() {
    let sql = sql_of(|db| {
        let mut s = db.session();
        let users = s.get_many_for_update::<User, 2>([1, 2]).unwrap();
        db.forget();
        users.iter().for_each(|user| s[*user].name = "x".to_owned());
        s.flush().unwrap();
    });
    assert!(!sql.concat().contains("locked"), "{sql:?}");
}

/// FL-7: nor is one row beside them, whatever the statements: it has no order with them.
#[test]
fn a_row_beside_rows_that_are_locked_is_written_without_a_lock() {
    let db = db();
    let mut s = db.session();
    let [one, two] = s.get_many_for_update::<User, 2>([1, 3]).unwrap();
    let new = s.get::<User>(2).unwrap().unwrap();
    db.forget();
    s[two].name = "x".to_owned();
    s[new].email = Some("x".to_owned());
    s.delete(one).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE users SET name ×1 WHERE id
        UPDATE users SET email ×1 WHERE id
        DELETE users ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, name, email FROM users WHERE id < 4 ORDER BY id"),
        "2 | n2 | x\n3 | x | -\n"
    );
}

/// FL-7
#[test]
fn several_rows_are_locked_in_key_order_by_the_statement_that_writes_them() {
    let sql = sql_of(|db| {
        let mut s = db.session();
        let users = s.get_many::<User, 2>([1, 2]).unwrap().map(Option::unwrap);
        db.forget();
        users.iter().for_each(|user| s[*user].name = "x".to_owned());
        s.flush().unwrap();
    });
    expect![[r#"WITH locked AS MATERIALIZED (SELECT FROM "users" WHERE "id" = ANY($2::bigint[]) ORDER BY "id" FOR NO KEY UPDATE) UPDATE "users" AS t SET "name" = u.n0 FROM UNNEST($1::text[], $2::bigint[]) WITH ORDINALITY AS u(n0, k0, ordinal) WHERE t."id" = u.k0 AND (SELECT count(*) FROM locked) >= 0 RETURNING u.ordinal, pg_current_xact_id()"#]].assert_eq(sql.last().unwrap());
}

/// FL-7: a value that others may refer to is locked against references from the start.
#[test]
fn a_unique_column_takes_the_stronger_lock_at_once() {
    let sql = sql_of(|db| {
        let mut s = db.session();
        let users = s.get_many::<User, 2>([1, 2]).unwrap().map(Option::unwrap);
        db.forget();
        for user in users {
            s[user].email = Some(format!("{}", s[user].id));
        }
        s.flush().unwrap();
    });
    assert!(sql.last().unwrap().contains(" FOR UPDATE"), "{sql:?}");
}

/// FL-7: a table that several statements write is locked before the first of them.
#[test]
fn rows_of_several_column_sets_are_locked_by_a_statement_before_them() {
    let db = db();
    let mut s = db.session();
    let users = s
        .get_many::<User, 4>([4, 3, 2, 1])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    s[users[0]].name = "x".to_owned();
    s[users[1]].email = Some("x".to_owned());
    s.delete(users[2]).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK users ×3
        UPDATE users SET name ×1 WHERE id
        UPDATE users SET email ×1 WHERE id
        DELETE users ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, name, email FROM users WHERE id < 5 ORDER BY id"),
        "1 | n1 | -\n3 | n3 | x\n4 | x | -\n"
    );
}

/// FL-7: text is ordered by its bytes, and rows with arrays are locked by a statement of their own.
#[test]
fn composite_keys_with_text_are_locked_in_the_order_of_their_bytes() {
    let db = TestDb::new::<Seat>();
    let seat = |row: &str| Seat {
        row: row.to_owned(),
        number: 1,
        ..Seat::default()
    };
    save(&db, ["b", "A", "a"].map(seat));
    let mut s = db.session();
    let seats = s.all(select::<Seat>()).unwrap();
    db.forget();
    seats.iter().for_each(|h| s[*h].taken = true);
    s.flush().unwrap();
    seats.iter().for_each(|h| s[*h].tags.push(1));
    s.commit().unwrap();
    seats.iter().for_each(|h| s[*h].tags.push(2));
    s.commit().unwrap();
    let recorded = db.recorded();
    let labels: Vec<_> = recorded.iter().map(|r| r.label.as_str()).collect();
    expect![[r#"
        [
            "BEGIN",
            "UPDATE seats SET taken ×3 WHERE row, number",
            "UPDATE seats SET tags ×3 WHERE row, number",
            "COMMIT",
            "BEGIN",
            "LOCK seats ×3",
            "UPDATE seats SET tags ×3 WHERE row, number, tags",
            "COMMIT",
        ]
    "#]]
    .assert_debug_eq(&labels);
    let locks: Vec<_> = recorded.iter().filter(|r| r.sql.contains("FOR ")).collect();
    assert!(
        locks.iter().all(|r| r
            .sql
            .contains(r#"ORDER BY "row" COLLATE "C", "number" FOR"#)),
        "{locks:?}"
    );
}

/// FL-7: it really takes them in that order: while another transaction holds row 2, row 1 is
/// locked and row 3 is not.
#[test]
fn locks_are_taken_in_key_order() {
    let db = db();
    let mut holder = db.look();
    holder.run("BEGIN; UPDATE users SET name = name WHERE id = 2");
    let engine = db.engine().clone();
    let writer = std::thread::spawn(move || {
        engine.transaction(|s| {
            for user in s.get_each::<User>([3, 2, 1])? {
                s[user].name = "written".to_owned();
            }
            Ok(())
        })
    });
    let mut look = db.look();
    let waiting = "SELECT count(*) FROM pg_stat_activity \
        WHERE wait_event_type = 'Lock' AND datname = current_database()";
    for _ in 0..500 {
        if look.rows(waiting) == "1\n" {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(
        look.rows("SELECT id FROM users WHERE id < 4 ORDER BY id FOR UPDATE SKIP LOCKED"),
        "3\n"
    );
    holder.run("COMMIT");
    writer.join().unwrap().unwrap();
    assert_eq!(
        db.rows("SELECT count(*) FROM users WHERE name = 'written'"),
        "3\n"
    );
}

/// FL-7: writers that touch the same rows in opposite order, with several column sets.
#[test]
fn writers_in_opposite_order_never_deadlock() {
    let db = db();
    let barrier = Arc::new(Barrier::new(2));
    let writers: Vec<_> = [false, true]
        .map(|backwards| {
            let (engine, barrier) = (db.engine().clone(), barrier.clone());
            std::thread::spawn(move || {
                (0..50).try_for_each(|round| {
                    barrier.wait();
                    engine.transaction(|s| write_some(s, backwards, round))
                })
            })
        })
        .into();
    for writer in writers {
        writer.join().unwrap().unwrap();
    }
    assert_eq!(
        db.rows("SELECT count(*) FROM users WHERE name LIKE 'round 49%'"),
        "20\n"
    );
}

fn write_some(s: &mut Session, backwards: bool, round: i64) -> sessile::Result<()> {
    let mut users = s.all(select::<User>())?;
    users.sort_by_key(|user| s[*user].id);
    if backwards {
        users.reverse();
    }
    for (n, user) in users.into_iter().enumerate() {
        s[user].name = format!("round {round} {backwards}");
        if n % 3 == 0 {
            s[user].email = Some(format!("{round} {backwards} {n}"));
        }
    }
    Ok(())
}

/// FL-7: deletes and updates of versioned rows; the loser is stale, never a deadlock.
#[test]
fn deleters_and_updaters_in_opposite_order_never_deadlock() {
    let db = TestDb::new::<Note>();
    let barrier = Arc::new(Barrier::new(2));
    for round in 0..15 {
        db.look().run("DELETE FROM notes");
        save(&db, (1..=10).map(|id| Note::new(id, "old")));
        let results = [true, false].map(|deletes| {
            let (engine, barrier) = (db.engine().clone(), barrier.clone());
            std::thread::spawn(move || {
                let mut s = engine.session();
                let mut notes = s.all(select::<Note>())?;
                notes.sort_by_key(|h| s[*h].id);
                barrier.wait();
                match deletes {
                    true => notes.iter().for_each(|h| s.delete(*h).unwrap()),
                    false => notes.iter().rev().for_each(|h| s[*h].stars += 1),
                }
                s.commit()
            })
        });
        let results = results.map(|r| r.join().unwrap());
        let stale = results.iter().filter_map(|r| r.as_ref().err());
        for error in stale {
            assert!(
                matches!(error.kind(), ErrorKind::Stale { .. }),
                "{round}: {error:?}"
            );
        }
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    }
}

/// FL-7: statements that stand together and change neither references nor unique values are put in
/// the order of their rows.
#[test]
fn rows_of_several_column_sets_are_locked_by_the_statements_in_key_order() {
    for seats in [
        [("a", 1), ("a", 2), ("b", 1)],
        [("b", 1), ("a", 2), ("a", -1)],
    ] {
        let db = TestDb::new::<Seat>();
        let seat = |(row, number): (&str, i32)| Seat {
            row: row.to_owned(),
            number,
            ..Seat::default()
        };
        save(&db, seats.map(seat));
        let mut s = db.session();
        let keys = seats.map(|(row, number)| (row.to_owned(), number));
        let [first, second, third] = s.get_many::<Seat, 3>(keys).unwrap().map(Option::unwrap);
        db.forget();
        s[first].taken = true;
        s[second].price = 5;
        s[third].price = 5;
        let plan = s.plan().unwrap().to_string();
        s.commit().unwrap();
        let sent = db.recorded();
        assert!(!plan.contains("LOCK"), "{plan}");
        let texts: Vec<_> = sent.iter().map(|sent| sent.sql.as_str()).collect();
        let place = |what: &str| texts.iter().position(|sql| sql.contains(what)).unwrap();
        assert_eq!(
            place("\"taken\" =") < place("\"price\" ="),
            seats[0].0 == "a",
            "{texts:?}"
        );
        assert!(texts[place("\"price\" =")].contains("locked"), "{texts:?}");
        assert_eq!(
            db.rows("SELECT count(*) FROM seats WHERE taken <> (price = 5)"),
            "3\n"
        );
    }
}

/// FL-7: rows between each other's can't be.
#[test]
fn rows_that_lie_between_each_other_are_locked_by_a_statement_before_them() {
    let db = db();
    let mut s = db.session();
    let users = s.get_each::<User>([1, 2, 3]).unwrap();
    db.forget();
    for user in &users {
        s[*user].name = "x".to_owned();
    }
    s[users[1]].email = Some("x".to_owned());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK users ×3
        UPDATE users SET name ×2 WHERE id
        UPDATE users SET name, email ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, name, email FROM users WHERE id < 4 ORDER BY id"),
        "1 | x | -\n2 | x | x\n3 | x | -\n"
    );
}

/// FL-7: a unique value may have to be waited for, so such a statement comes last or not at all
/// without a lock.
#[test]
fn a_unique_value_comes_last_or_behind_a_lock() {
    let db = db();
    for (name, email) in [(1, 2), (2, 1)] {
        let mut s = db.session();
        let [name, email] = s
            .get_many::<User, 2>([name, email])
            .unwrap()
            .map(Option::unwrap);
        db.forget();
        s[name].name = "x".to_owned();
        s[email].email = Some(format!("{}", s[email].id));
        s.commit().unwrap();
        db.assert_statements(match s[name].id {
            1 => expect![[r#"
                BEGIN
                UPDATE users SET name ×1 WHERE id
                UPDATE users SET email ×1 WHERE id
                COMMIT
            "#]],
            _ => expect![[r#"
                BEGIN
                LOCK users ×2
                UPDATE users SET name ×1 WHERE id
                UPDATE users SET email ×1 WHERE id
                COMMIT
            "#]],
        });
    }
    assert_eq!(
        db.rows("SELECT id, name, email FROM users WHERE id < 3 ORDER BY id"),
        "1 | x | 1\n2 | x | 2\n"
    );
}
