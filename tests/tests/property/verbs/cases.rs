//! Runs the cases: edits, ends of every kind, and the comparison.
//!
//! `cargo test` runs them, for about ten seconds.
//! It must not know what an edit does.

use std::time::Instant;

use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::TestDb;

use super::editor::Editor;
use super::hooks::{Tally, Watch};
use super::models::{All, EMPTY, ROWS};
use super::world::World;
use crate::property::random::{Random, seeds};

/// How many cases run by default, which is a matter of CI's time.
const CASES: u64 = 300;

#[test]
fn what_the_verbs_come_to_is_what_the_model_says() {
    let db = TestDb::new::<All>();
    let mut look = db.look();
    let mut counts = Counts::default();
    let started = Instant::now();
    for seed in seeds(CASES) {
        look.run(EMPTY);
        let watch = Watch::default();
        let mut case = Case {
            seed,
            random: Random::new(seed),
            world: World::default(),
            tally: Tally::default(),
            watch: watch.clone(),
            log: Vec::new(),
            counts: &mut counts,
        };
        let mut s = db.session();
        s.add_hooks(watch.hooks());
        case.run(&mut s);
        case.counts.statements += s.statistics().statements;
        let mut rows: Vec<String> = look.rows(ROWS).lines().map(str::to_owned).collect();
        rows.sort();
        same(&rows, &case.world.rows());
        db.forget();
    }
    println!("{counts:?} in {:?}", started.elapsed());
    assert!(
        counts.flushes < 100 || counts.loaded > counts.flushes / 10,
        "{counts:?}"
    );
}

/// What happened.
#[derive(Debug, Default)]
struct Counts {
    edits: u64,
    flushes: u64,
    savepoints: u64,
    rollbacks: u64,
    commits: u64,
    loaded: u64,
    statements: u64,
}

struct Case<'a> {
    seed: u64,
    random: Random,
    world: World,
    tally: Tally,
    watch: Watch,
    log: Vec<&'static str>,
    counts: &'a mut Counts,
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("SESSILE_SEED={}: {:?}", self.seed, self.log);
        }
    }
}

/// A savepoint is given up.
struct GivenUp;

impl From<Error> for GivenUp {
    fn from(error: Error) -> GivenUp {
        panic!("{error:?}")
    }
}

impl Case<'_> {
    fn run(&mut self, s: &mut Session) {
        self.editor(s).populate();
        self.compare(s);
        s.commit().unwrap();
        for _ in 0..2 + self.random.below(3) {
            let before = self.world.clone();
            self.scope(s, 0);
            if self.random.once_in(4) {
                self.log.push("ROLLBACK");
                self.counts.rollbacks += 1;
                s.rollback().unwrap();
                self.world.go_back_to(before);
                self.after_rollback(s);
            } else {
                self.log.push("COMMIT");
                self.counts.commits += 1;
                s.commit().unwrap();
            }
            self.compare_memory(s);
        }
    }

    fn editor<'e>(&'e mut self, s: &'e mut Session) -> Editor<'e> {
        Editor {
            s,
            w: &mut self.world,
            r: &mut self.random,
            tally: &mut self.tally,
            watch: &self.watch,
        }
    }

    /// Edits and flushes, with savepoints among them.
    fn scope(&mut self, s: &mut Session, depth: usize) {
        for _ in 0..1 + self.random.below(3) {
            for _ in 0..1 + self.random.below(9) {
                let edit = self.editor(s).edit();
                self.log.push(edit);
                self.counts.edits += 1;
            }
            self.log.push("FLUSH");
            self.counts.flushes += 1;
            self.editor(s).flush();
            self.compare(s);
            if depth < 2 && self.random.once_in(3) {
                self.savepoint(s, depth);
            }
        }
    }

    fn savepoint(&mut self, s: &mut Session, depth: usize) {
        self.log.push("SAVEPOINT");
        self.counts.savepoints += 1;
        let before = self.world.clone();
        let done: Result<(), GivenUp> = s.savepoint(|s| {
            self.scope(s, depth + 1);
            match self.random.once_in(3) {
                true => Err(GivenUp),
                false => Ok(()),
            }
        });
        if done.is_err() {
            self.log.push("ROLLBACK TO");
            self.world.go_back_to(before);
            self.after_rollback(s);
            self.compare(s);
        }
    }

    /// Objects that left the session meanwhile are not brought back; all others are.
    fn after_rollback(&mut self, s: &mut Session) {
        let mut editor = self.editor(s);
        let lost = editor.forget_handles();
        let left = &editor.w.left;
        assert!(
            lost.iter().all(|id| left.contains(id)),
            "{lost:?} of {left:?}"
        );
    }

    /// The transaction's own view, and memory.
    fn compare(&mut self, s: &mut Session) {
        let mut rows: Vec<String> = s.rows(raw::<String>(ROWS, ())).unwrap();
        rows.sort();
        same(&rows, &self.world.rows());
        self.compare_memory(s);
    }

    fn compare_memory(&mut self, s: &Session) {
        let rows = self.world.rows();
        let objects = self.world.objects(s);
        for object in &objects {
            assert!(rows.contains(object), "{object} is none of {rows:?}");
        }
        self.counts.loaded += self.world.compare_loaded(s);
        assert_eq!(*self.watch.tally.lock().unwrap(), self.tally, "hooks");
    }
}

/// Says in what tables and model differ, and nothing else.
fn same(tables: &[String], model: &[String]) {
    let lacks = |of: &[String], row: &&String| !of.contains(row);
    let more: Vec<_> = tables.iter().filter(|row| lacks(model, row)).collect();
    let less: Vec<_> = model.iter().filter(|row| lacks(tables, row)).collect();
    assert_eq!(
        tables.len(),
        model.len(),
        "tables have {more:?} and lack {less:?}"
    );
    assert!(more.is_empty(), "tables have {more:?} and lack {less:?}");
}
