//! Two sessions that write several column sets of the same rows, one upwards and one downwards:
//! statements that stand in the order of their rows lock them in that order (FL-7).
//!
//! It must not depend on the clock: who waits is seen by a third connection.

use std::collections::HashMap;
use std::sync::Barrier;
use std::thread;

use sessile::prelude::*;
use sessile::{Engine, ErrorKind};
use sessile_tests::{Recorder, TestDb};

use crate::property::random::Random;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "cells")]
struct Cell {
    #[model(key)]
    id: i64,
    a: String,
    b: String,
    c: String,
    #[model(unique)]
    code: Option<String>,
}

fn cells() -> TestDb {
    TestDb::with::<Cell>("INSERT INTO cells SELECT n, '-', '-', '-' FROM generate_series(1, 8) n")
}

const ROWS: &str = "SELECT id, a, b, c FROM cells WHERE id < 4 ORDER BY id";

/// Two programs whose statements, in the order of their columns, lock rows 1, 3, 2 and rows 2, 1:
/// the first has row 1 and waits for row 3 when the second comes. What they were told, and what
/// they sent.
fn collide(db: &TestDb, engine: &Engine) -> (Vec<Result<()>>, Vec<String>) {
    type Write = fn(&mut Session, [Handle<Cell>; 3]);
    let programs: [Write; 2] = [
        |s, [one, two, three]| {
            s[one].a = "first".to_owned();
            s[three].b = "first".to_owned();
            s[two].c = "first".to_owned();
        },
        |s, [one, two, _]| {
            s[two].a = "second".to_owned();
            s[one].b = "second".to_owned();
        },
    ];
    thread::scope(|scope| {
        let (mut holder, mut watcher) = (db.look(), db.look());
        holder.run("BEGIN; SELECT FROM cells WHERE id = 3 FOR UPDATE");
        let mut threads = Vec::new();
        for (number, program) in programs.into_iter().enumerate() {
            threads.push(scope.spawn(move || {
                let recorder = Recorder::start();
                let mut s = engine.session();
                let rows = s.get_many::<Cell, 3>([1, 2, 3])?.map(Option::unwrap);
                program(&mut s, rows);
                let end = s.commit();
                let sent = recorder.take().into_iter().map(|sent| sent.label);
                Ok::<_, Error>((end, sent.collect::<Vec<_>>()))
            }));
            watcher.wait_for_blocked(number + 1);
        }
        holder.run("COMMIT");
        let ends = threads.into_iter().map(|t| t.join().unwrap().unwrap());
        let (ends, sent): (Vec<_>, Vec<_>) = ends.unzip();
        (ends, sent.concat())
    })
}

/// FL-7: without a statement that locks them first.
#[test]
fn column_sets_of_rows_that_are_locked_in_key_order_do_not_deadlock() {
    let db = cells();
    let (ends, sent) = collide(&db, db.engine());
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    assert!(
        !sent.iter().any(|label| label.starts_with("LOCK")),
        "{sent:?}"
    );
    let updates = sent.iter().filter(|label| label.starts_with("UPDATE"));
    assert_eq!(updates.count(), 5, "{sent:?}");
    assert_eq!(
        db.rows(ROWS),
        "1 | first | second | -\n2 | second | - | first\n3 | - | first | -\n"
    );
}

/// FL-7: the same programs, with the order switched off: so the tests here can fail.
#[test]
fn column_sets_of_rows_in_no_order_deadlock() {
    let db = cells();
    let plain = Engine::builder(db.url()).ordered_locks(false);
    let (ends, sent) = collide(&db, &plain.build().unwrap());
    let failed: Vec<_> = ends.into_iter().filter_map(Result::err).collect();
    let [victim] = &failed[..] else {
        panic!("one victim, {failed:?}, {sent:?}")
    };
    assert!(matches!(victim.kind(), ErrorKind::Deadlock), "{victim:?}");
    assert!(victim.is_retryable());
}

const ROUNDS: usize = 300;

/// What a round writes: rows with the columns that change in each.
type Round = Vec<(i64, Vec<&'static str>)>;

fn round(random: &mut Random) -> Round {
    let columns = ["a", "b", "c", "code"];
    let mut rows = random.some(&[1, 2, 3, 4, 5, 6, 7, 8], 4);
    rows.sort_unstable();
    let mut round: Round = Vec::new();
    for row in rows {
        // Unique values are locked by a statement of their own, so they come seldom.
        let among = 3 + usize::from(random.once_in(8));
        round.push((row, random.some(&columns[..among], 2)));
    }
    round.retain(|(_, columns)| !columns.is_empty());
    round
}

fn write(cell: &mut Cell, column: &str, text: &str) {
    let text = text.to_owned();
    match column {
        "a" => cell.a = text,
        "b" => cell.b = text,
        "c" => cell.c = text,
        _ => cell.code = Some(format!("{text} {}", cell.id)),
    }
}

/// One of the two: what it wrote, and how often it sent several UPDATEs without and with a LOCK.
fn run(engine: &Engine, barrier: &Barrier, backwards: bool) -> Result<(Vec<Round>, [usize; 2])> {
    let mut random = Random::new(7 + u64::from(backwards));
    let recorder = Recorder::start();
    let (mut rounds, mut ways) = (Vec::new(), [0, 0]);
    for number in 0..ROUNDS {
        let mut rows = round(&mut random);
        rounds.push(rows.clone());
        if backwards {
            rows.reverse();
        }
        let mut s = engine.session();
        let handles = s.get_each::<Cell>(rows.iter().map(|(id, _)| *id));
        for (handle, (_, columns)) in handles.iter().flatten().zip(&rows) {
            for column in columns {
                write(&mut s[*handle], column, &format!("{number} {backwards}"));
            }
        }
        recorder.take();
        barrier.wait();
        // Both must come to the barrier, whatever became of this round.
        let end = handles.and(s.commit());
        barrier.wait();
        end?;
        let sent = recorder.take();
        let of = |verb| sent.iter().filter(|s| s.label.starts_with(verb)).count();
        if of("UPDATE") > 1 {
            ways[of("LOCK")] += 1;
        }
    }
    Ok((rounds, ways))
}

/// FL-7: random sets of columns of random rows, three hundred times.
#[test]
fn random_column_sets_in_opposite_order_never_deadlock() {
    let db = cells();
    let (engine, barrier) = (db.engine(), Barrier::new(2));
    let run = |backwards| run(engine, &barrier, backwards);
    let [up, down] = thread::scope(|scope| {
        let threads = [false, true].map(|backwards| scope.spawn(move || run(backwards)));
        threads.map(|thread| thread.join().unwrap().unwrap())
    });
    let ways = [up.1[0] + down.1[0], up.1[1] + down.1[1]];
    println!(
        "{} flushes in key order without a LOCK, {} with one",
        ways[0], ways[1]
    );
    assert!(ways[0] > 100 && ways[1] > 20, "{ways:?}");

    // A column has what one of the two wrote in the last round in which anybody wrote it.
    let mut last: HashMap<(i64, &str), (usize, Vec<bool>)> = HashMap::new();
    for (backwards, rounds) in [(false, &up.0), (true, &down.0)] {
        for (number, rows) in rounds.iter().enumerate() {
            for (row, column) in rows
                .iter()
                .flat_map(|(r, cs)| cs.iter().map(move |c| (*r, *c)))
            {
                let (latest, writers) = last.entry((row, column)).or_default();
                if *latest < number {
                    writers.clear();
                }
                if *latest <= number {
                    (*latest, _) = (number, writers.push(backwards));
                }
            }
        }
    }
    let mut look = db.look();
    for ((row, column), (number, writers)) in last {
        let found = look.rows(&format!("SELECT {column} FROM cells WHERE id = {row}"));
        let known = writers
            .iter()
            .any(|w| found.starts_with(&format!("{number} {w}")));
        assert!(known, "{column} of {row} is {found}, not of round {number}");
    }
}
