//! Many rows: few statements, and every row finds its object.

use std::time::Instant;

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Address, Letter, User};

/// A row with an array, which `UNNEST` would flatten.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "scores")]
struct Score {
    #[model(key, generated)]
    id: i64,
    name: String,
    points: Vec<i64>,
}

/// A row of which nothing needs to be sent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tickets")]
struct Ticket {
    #[model(key, generated)]
    id: i64,
    #[model(default = "'open'")]
    state: String,
}

/// S05, FL-6
#[test]
fn every_one_of_many_rows_gets_its_own_key() {
    let db = TestDb::new::<User>();
    let mut s = db.session();
    let handles = s.add_all((0..2_500).map(|n| User::named(&format!("user {n}"))));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×2500 RETURNING id
        COMMIT
    "#]]);
    let mut look = db.look();
    let seen = look.rows("SELECT id, name FROM users ORDER BY id");
    let held: String = handles
        .iter()
        .map(|h| format!("{} | {}\n", s[*h].id, s[*h].name))
        .collect();
    assert_eq!(held, seen);
}

/// FL-6
#[test]
fn ten_thousand_parents_with_thirty_thousand_children_are_two_statements() {
    let db = TestDb::new::<(User, Address, Letter)>();
    let mut s = db.session();
    for n in 0..10_000 {
        let user = s.add(User::named(&format!("user {n}")));
        for m in 0..3 {
            s.add(Address::of(user, &format!("user {n} street {m}")));
        }
    }
    let started = Instant::now();
    s.flush().unwrap();
    let took = started.elapsed();
    s.commit().unwrap();
    let recorded = db.recorded();
    let micros: u64 = recorded.iter().map(|r| r.micros).sum();
    println!("10,000 + 30,000 rows in {took:?}, {micros} µs of it in the database");
    let labels: Vec<_> = recorded.iter().map(|r| r.label.as_str()).collect();
    assert_eq!(
        labels[1..3],
        [
            "INSERT users (name, email) ×10000 RETURNING id",
            "INSERT addresses (user_id, street) ×30000 RETURNING id"
        ]
    );
    assert_eq!(labels.len(), 4);
    assert_eq!(
        db.rows(
            "SELECT count(*), count(DISTINCT street), \
             count(*) FILTER (WHERE street LIKE name || ' street %') \
             FROM addresses JOIN users ON users.id = user_id"
        ),
        "30000 | 30000 | 30000\n"
    );
}

/// FL-6
#[test]
fn rows_with_arrays_go_in_chunks_of_a_thousand() {
    let db = TestDb::new::<Score>();
    let mut s = db.session();
    let handles = s.add_all((0..2_001).map(|n| Score {
        name: format!("s{n}"),
        points: (0..n % 4).collect(),
        ..Score::default()
    }));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT scores (name, points) ×1000 RETURNING id
        INSERT scores (name, points) ×1000 RETURNING id
        INSERT scores (name, points) ×1 RETURNING id
    "#]]);
    for (n, handle) in handles.iter().enumerate() {
        s[*handle].points.push(n as i64);
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE scores SET points ×1000 WHERE id
        UPDATE scores SET points ×1000 WHERE id
        UPDATE scores SET points ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT count(*), sum(cardinality(points)) FROM scores"),
        "2001 | 5001\n"
    );
    assert_eq!(
        db.rows("SELECT name, points FROM scores WHERE id IN (1, 4, 2001) ORDER BY id"),
        "s0 | {0}\ns3 | {0,1,2,3}\ns2000 | {2000}\n"
    );
    assert!(
        handles
            .iter()
            .enumerate()
            .all(|(n, h)| s[*h].name == format!("s{n}"))
    );
}

/// FL-6, FL-9
#[test]
fn rows_of_which_nothing_is_sent_are_one_statement() {
    let db = TestDb::new::<Ticket>();
    let mut s = db.session();
    let handles = s.add_all((0..1_500).map(|_| Ticket::default()));
    let one = handles[0];
    s.commit().unwrap();
    s.add(Ticket::default());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tickets () ×1500 RETURNING id, state
        COMMIT
        BEGIN
        INSERT tickets () ×1 RETURNING id, state
        COMMIT
    "#]]);
    let mut keys: Vec<i64> = handles.iter().map(|h| s[*h].id).collect();
    keys.sort_unstable();
    assert!(keys.into_iter().eq(1..=1_500));
    assert_eq!(s[one].state, "open");
    assert_eq!(
        db.rows("SELECT count(*), min(state) FROM tickets"),
        "1501 | open\n"
    );
}

/// FL-6: 64 MiB a statement.
#[test]
fn a_statement_is_cut_before_it_holds_more_than_64_mib() {
    let db = TestDb::new::<User>();
    let mut s = db.session();
    let large = |letter: &str| User::named(&letter.repeat(30 << 20));
    let handles = s.add_all(["a", "b", "c"].map(large));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×2 RETURNING id
        INSERT users (name, email) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(handles.map_keys(&s), [1, 2, 3]);
    assert_eq!(
        db.rows("SELECT id, left(name, 1), length(name) FROM users ORDER BY id"),
        "1 | a | 31457280\n2 | b | 31457280\n3 | c | 31457280\n"
    );
}

/// FL-6: rows with arrays too, whose cells are parameters of their own.
#[test]
fn rows_with_arrays_are_cut_at_64_mib_as_well() {
    let db = TestDb::new::<Score>();
    let mut s = db.session();
    let large = |letter: &str| Score {
        name: letter.repeat(30 << 20),
        points: vec![1],
        ..Score::default()
    };
    let handles = s.add_all(["a", "b", "c"].map(large));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT scores (name, points) ×2 RETURNING id
        INSERT scores (name, points) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(handles.map_keys(&s), [1, 2, 3]);
    assert_eq!(
        db.rows("SELECT id, left(name, 1), length(name), points FROM scores ORDER BY id"),
        "1 | a | 31457280 | {1}\n2 | b | 31457280 | {1}\n3 | c | 31457280 | {1}\n"
    );
}

/// A row larger than the cut goes alone.
#[test]
fn a_row_that_is_larger_than_the_cut_is_a_statement_of_its_own() {
    let db = TestDb::new::<User>();
    let mut s = db.session();
    s.add_all([
        User::named("small"),
        User::named(&"x".repeat(65 << 20)),
        User::named("tiny"),
    ]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT users (name, email) ×1 RETURNING id
        INSERT users (name, email) ×1 RETURNING id
        INSERT users (name, email) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, length(name) FROM users ORDER BY id"),
        "1 | 5\n2 | 68157440\n3 | 4\n"
    );
}

/// CT-5: a flush compares what was touched, whatever the session has loaded.
#[test]
fn a_flush_compares_only_what_was_touched() {
    let db = TestDb::with::<User>(
        "INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(1, 100000) n",
    );
    let mut s = db.session();
    let all = s.all(select::<User>()).unwrap();
    assert_eq!(all.len(), 100_000);
    let before = s.statistics();
    s[all[50_000]].name = "touched".to_owned();
    let started = Instant::now();
    s.flush().unwrap();
    println!(
        "a flush of 1 of 100,000 objects took {:?}",
        started.elapsed()
    );
    let started = Instant::now();
    s.flush().unwrap();
    println!("a flush of a clean session took {:?}", started.elapsed());
    assert_eq!(s.statistics().compared - before.compared, 1);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT count(*) FROM users WHERE name = 'touched'"),
        "1\n"
    );
}

trait MapKeys {
    fn map_keys(&self, s: &Session) -> Vec<i64>;
}

impl<T: Model<Key = i64>> MapKeys for Vec<Handle<T>> {
    fn map_keys(&self, s: &Session) -> Vec<i64> {
        self.iter().map(|h| s.key(*h).unwrap()).collect()
    }
}
