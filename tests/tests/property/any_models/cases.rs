//! Runs the cases: schemas, edits, ends of every kind, and the comparison.

use std::time::Instant;

use sessile::Models;
use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::{Look, TestDb};

use super::super::models;
use super::super::random::{Random, seeds};
use super::any::AnyHandle;
use super::edits::Editor;
use super::oracle;
use super::row::Row;
use super::schema::{MODELS, Schema};
use super::world::World;

/// How many cases run by default, which is a matter of CI's time.
const CASES: u64 = 1_000;

/// How many of them share a schema.
const TOGETHER: u64 = 25;

type All = (Row<0>, Row<1>, Row<2>, Row<3>, Row<4>);

#[test]
fn random_models_are_what_the_model_in_memory_says() {
    let db = TestDb::new::<models::All>();
    let mut look = db.look();
    let mut counts = Counts::default();
    let started = Instant::now();
    let mut schema: Option<(u64, &Schema)> = None;
    for seed in seeds(CASES) {
        let of = seed / TOGETHER;
        if schema.is_none_or(|(number, _)| number != of) {
            if schema.is_some() {
                db.engine().drop_tables::<All>().unwrap();
            }
            schema = Some((of, Schema::set_up(of)));
            db.engine().create_tables::<All>().unwrap();
        }
        let schema = schema.expect("it was set up").1;
        let mut case = Case {
            seed,
            random: Random::new(seed),
            world: World::new(schema),
            rows_sql: schema.rows_sql(),
            log: Vec::new(),
            counts: &mut counts,
        };
        case.run(&mut db.session());
        case.look(&mut look);
        empty(&mut look, schema);
        db.forget();
    }
    println!("{counts:?} in {:?}", started.elapsed());
    assert!(counts.flushes > 4 * counts.cycles, "{counts:?}");
}

/// Empties the tables without looking at references.
fn empty(look: &mut Look, schema: &Schema) {
    let tables = (0..MODELS).map(|model| format!("DELETE FROM {};", schema.table_name(model)));
    look.run("SET session_replication_role = replica");
    look.run(&tables.collect::<String>());
}

/// What happened.
#[derive(Debug, Default)]
struct Counts {
    edits: u64,
    flushes: u64,
    statements: u64,
    cycles: u64,
    given_up: u64,
    rollbacks: u64,
    commits: u64,
    rows: u64,
}

struct Case<'a> {
    seed: u64,
    random: Random,
    world: World,
    rows_sql: String,
    log: Vec<String>,
    counts: &'a mut Counts,
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", All::create_sql());
            println!("SESSILE_SEED={}: {:#?}", self.seed, self.log);
        }
    }
}

/// A state that can't be, or work that is to be undone.
struct GivenUp;

impl From<Error> for GivenUp {
    fn from(error: Error) -> GivenUp {
        panic!("{error:?}")
    }
}

impl Case<'_> {
    fn run(&mut self, s: &mut Session) {
        self.populate(s);
        for _ in 0..1 + self.random.below(3) {
            let before = self.world.clone();
            for _ in 0..1 + self.random.below(3) {
                self.step(s);
            }
            if self.random.once_in(6) {
                self.note("ROLLBACK");
                self.counts.rollbacks += 1;
                s.rollback().unwrap();
                self.world.go_back_to(before);
                self.compare(s);
            } else {
                self.note("COMMIT");
                self.counts.commits += 1;
                s.commit().unwrap();
                self.unload(s);
            }
        }
        s.commit().unwrap();
    }

    /// Rows to begin with, some of which the session does not know.
    fn populate(&mut self, s: &mut Session) {
        self.attempt(s, |editor| {
            let adds = 4 + editor.r.below(12);
            (0..adds).map(|_| editor.add()).collect()
        });
        s.commit().unwrap();
        self.unload(s);
    }

    fn step(&mut self, s: &mut Session) {
        self.attempt(s, |editor| {
            let edits = 1 + editor.r.below(9);
            (0..edits).map(|_| editor.edit()).collect()
        });
    }

    /// Edits and a flush, in a savepoint.
    fn attempt(&mut self, s: &mut Session, edit: impl Fn(&mut Editor<'_>) -> Vec<String>) {
        let before = self.world.clone();
        let done: Result<(), GivenUp> = s.savepoint(|s| {
            let edits = edit(&mut self.editor(s));
            self.counts.edits += edits.len() as u64;
            self.log.extend(edits);
            if !self.editor(s).make_legal() {
                self.counts.given_up += 1;
                return Err(GivenUp);
            }
            self.flush(s)?;
            match self.random.once_in(8) {
                true => Err(GivenUp),
                false => Ok(()),
            }
        });
        if done.is_err() {
            self.note("ROLLBACK TO");
            self.world.go_back_to(before);
            self.compare(s);
        }
    }

    fn flush(&mut self, s: &mut Session) -> Result<(), GivenUp> {
        match s.plan() {
            Ok(plan) => {
                self.counts.statements += plan.statements().count() as u64;
                let again = s.plan().unwrap();
                assert_eq!(plan.to_string(), again.to_string(), "planned twice");
                self.log.push(format!("{plan}"));
            }
            Err(error) => {
                let ErrorKind::Cycle { rows } = error.kind() else {
                    panic!("{error:?}");
                };
                self.log.push(format!("CYCLE {rows}"));
                self.counts.cycles += 1;
                let order = oracle::order(&self.world);
                assert_eq!(order, None, "an order that the planner did not find");
                return Err(GivenUp);
            }
        }
        self.note("FLUSH");
        self.counts.flushes += 1;
        s.flush().unwrap();
        self.world.flush(s);
        self.compare(s);
        assert!(!s.has_changes());
        Ok(())
    }

    /// The transaction's own view, the objects and the model.
    fn compare(&mut self, s: &mut Session) {
        let lines: Vec<String> = s.rows(raw::<String>(self.rows_sql.clone(), ())).unwrap();
        self.counts.rows += lines.len() as u64;
        assert_eq!(without_version(&lines), self.world.lines(), "tables");
        for object in self.world.objects(s) {
            assert!(lines.contains(&object), "object {object} in {lines:#?}");
        }
    }

    /// What others see after the last commit.
    fn look(&mut self, look: &mut Look) {
        let lines: Vec<String> = look
            .rows(&self.rows_sql)
            .lines()
            .map(str::to_owned)
            .collect();
        assert_eq!(
            without_version(&lines),
            self.world.lines(),
            "after the last commit"
        );
    }

    /// Lets go of some objects, and reads others again.
    fn unload(&mut self, s: &mut Session) {
        for id in self.world.ids() {
            let key = self.world.key(id).expect("it was flushed");
            let row = self.world.rows.get_mut(&id).unwrap();
            match row.handle {
                Some(handle) if self.random.once_in(6) => {
                    handle.detach(s);
                    row.handle = None;
                }
                None if self.random.once_in(3) => {
                    row.handle = Some(AnyHandle::load(s, row.model, key));
                }
                _ => {}
            }
        }
        self.world.flushed = self.world.rows.clone();
    }

    fn editor<'a>(&'a mut self, s: &'a mut Session) -> Editor<'a> {
        Editor {
            s,
            w: &mut self.world,
            r: &mut self.random,
        }
    }

    fn note(&mut self, what: &str) {
        self.log.push(what.to_owned());
    }
}

fn without_version(lines: &[String]) -> Vec<String> {
    let cut = |line: &String| line.rsplit_once(' ').map(|(row, _)| row.to_owned());
    let mut lines: Vec<String> = lines.iter().filter_map(cut).collect();
    lines.sort();
    lines
}
