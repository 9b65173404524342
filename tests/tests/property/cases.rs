//! Runs the cases: edits, ends of every kind, and the comparison.

use std::time::Instant;

use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::TestDb;

use super::edits::{Editor, ids};
use super::models::{All, EMPTY, FIRM, ROWS};
use super::random::{Random, seeds};
use super::world::World;

/// How many cases run by default, which is a matter of CI's time.
const CASES: u64 = 500;

#[test]
fn tables_and_objects_are_what_the_model_says() {
    let db = TestDb::new::<All>();
    let mut look = db.look();
    let mut counts = Counts::default();
    let started = Instant::now();
    for seed in seeds(CASES) {
        look.run(EMPTY);
        let mut case = Case {
            seed,
            random: Random::new(seed),
            world: World::default(),
            log: Vec::new(),
            counts: &mut counts,
        };
        let mut s = db.session();
        case.run(&mut s);
        let mut rows: Vec<String> = look.rows(ROWS).lines().map(str::to_owned).collect();
        rows.sort();
        assert_eq!(rows, case.world.rows(&s), "after the last commit");
        db.forget();
    }
    println!("{counts:?} in {:?}", started.elapsed());
    assert!(counts.flushes > 10 * counts.cycles, "{counts:?}");
}

/// What happened.
#[derive(Debug, Default)]
struct Counts {
    edits: u64,
    flushes: u64,
    statements: u64,
    cycles: u64,
    savepoints: u64,
    rollbacks: u64,
    commits: u64,
}

struct Case<'a> {
    seed: u64,
    random: Random,
    world: World,
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

/// A flush could not be planned; the work since the last scope began is given up.
struct GivenUp;

impl From<Error> for GivenUp {
    fn from(error: Error) -> GivenUp {
        panic!("{error:?}")
    }
}

impl Case<'_> {
    fn run(&mut self, s: &mut Session) {
        for _ in 0..2 + self.random.below(3) {
            let before = self.world.clone();
            if self.scope(s, 0).is_err() || self.random.once_in(5) {
                self.log.push("ROLLBACK");
                self.counts.rollbacks += 1;
                s.rollback().unwrap();
                self.world.go_back_to(before);
                assert_eq!(self.world.objects(s), self.world.rows(s));
            } else {
                self.log.push("COMMIT");
                self.counts.commits += 1;
                s.commit().unwrap();
            }
        }
    }

    /// Edits and flushes, with savepoints among them.
    fn scope(&mut self, s: &mut Session, depth: usize) -> Result<(), GivenUp> {
        for _ in 0..1 + self.random.below(3) {
            for _ in 0..1 + self.random.below(7) {
                let edit = Editor {
                    s,
                    w: &mut self.world,
                    r: &mut self.random,
                }
                .edit();
                self.log.push(edit);
                self.counts.edits += 1;
            }
            self.flush(s)?;
            if depth < 2 && self.random.once_in(3) {
                self.savepoint(s, depth)?;
            }
        }
        Ok(())
    }

    fn savepoint(&mut self, s: &mut Session, depth: usize) -> Result<(), GivenUp> {
        self.log.push("SAVEPOINT");
        self.counts.savepoints += 1;
        let before = self.world.clone();
        let done: Result<(), GivenUp> = s.savepoint(|s| {
            self.scope(s, depth + 1)?;
            match self.random.once_in(3) {
                true => Err(GivenUp),
                false => Ok(()),
            }
        });
        if done.is_err() {
            self.log.push("ROLLBACK TO");
            self.world.go_back_to(before);
            self.compare(s);
        }
        Ok(())
    }

    /// Makes the end legal, plans, flushes and compares.
    fn flush(&mut self, s: &mut Session) -> Result<(), GivenUp> {
        let mut editor = Editor {
            s,
            w: &mut self.world,
            r: &mut self.random,
        };
        editor.make_unique();
        match s.plan() {
            Ok(plan) => self.counts.statements += plan.statements().count() as u64,
            Err(error) => {
                let ErrorKind::Cycle { rows } = error.kind() else {
                    panic!("{error:?}");
                };
                assert!(FIRM.iter().any(|firm| rows.contains(firm)), "{rows}");
                self.log.push("CYCLE");
                self.counts.cycles += 1;
                return Err(GivenUp);
            }
        }
        self.log.push("FLUSH");
        self.counts.flushes += 1;
        s.flush().unwrap();
        self.world.flushed();
        self.compare(s);
        assert!(!s.has_changes());
        Ok(())
    }

    /// The transaction's own view, the objects and the model.
    fn compare(&mut self, s: &mut Session) {
        let mut rows: Vec<String> = s.rows(raw::<String>(ROWS, ())).unwrap();
        rows.sort();
        assert_eq!(rows, self.world.rows(s), "tables");
        assert_eq!(self.world.objects(s), rows, "objects");
    }
}

impl Editor<'_> {
    /// Gives values of their own to rows that would share one, and every knot a code.
    fn make_unique(&mut self) {
        let mut tags = Vec::new();
        let mut codes = Vec::new();
        for knot in ids!(self.w.knots) {
            let row = self.w.knots[&knot].clone();
            if row.tag.is_some() && tags.contains(&row.tag) {
                self.tag_as(knot, None);
            }
            if codes.contains(&row.code) {
                let code = self.w.fresh() as i32;
                self.code_as(knot, code);
            }
            tags.push(row.tag);
            codes.push(row.code);
        }
        let mut places = Vec::new();
        for leaf in ids!(self.w.leaves) {
            let row = self.w.leaves[&leaf].clone();
            if row.place.is_some() && places.contains(&(row.knot, row.place)) {
                self.put(leaf, None);
            }
            places.push((row.knot, row.place));
        }
        let mut slots = Vec::new();
        for row in self.w.pairs.values_mut() {
            if row.slot.is_some() && slots.contains(&row.slot) {
                row.slot = None;
                self.s[row.handle].slot = None;
            }
            slots.push(row.slot);
        }
        let mut late = Vec::new();
        for id in ids!(self.w.lates) {
            if late.contains(&self.w.lates[&id].place) {
                let place = self.w.fresh() as i32;
                let row = self.w.lates.get_mut(&id).unwrap();
                row.place = place;
                self.s[row.handle].place = place;
            }
            late.push(self.w.lates[&id].place);
        }
    }
}
