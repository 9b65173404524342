//! What planning costs beside executing: 100,000 rows of 10 models that refer to each other,
//! `cargo run --release -p sessile-tests --example planning`.
//!
//! Brings its own server unless `DATABASE_URL` names one. The phases before the first statement
//! are timed in sessions without a connection, whose flush ends there.
//! It must not end well when planning takes more than a tenth of the flush.

use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sessile::prelude::*;
use sessile_tests::TestDb;

/// Models that refer to themselves and to the one before.
macro_rules! chain {
    ($(($model:ident, $before:ident)),*) => {
        $(
            #[derive(Model, Clone, Debug, PartialEq, Default)]
            struct $model {
                #[model(key)]
                id: i64,
                #[model(version)]
                version: i32,
                before: Option<Fk<$before>>,
                twin: Option<Fk<$model>>,
                #[model(unique)]
                code: Option<i64>,
                text: String,
            }

            impl Linked for $model {
                fn new(id: i64) -> Self {
                    $model {
                        id,
                        before: Some(Fk::to(id)),
                        twin: (id > 0).then(|| Fk::to(id - 1)),
                        code: Some(id),
                        text: format!("row {id}"),
                        ..Default::default()
                    }
                }

                fn code(&mut self) -> &mut Option<i64> {
                    &mut self.code
                }

                fn touch(&mut self) {
                    self.text.push('!');
                }
            }
        )*

        /// Does the same for every model.
        fn each(mut run: impl FnMut(&dyn Rows)) {
            $(run(&Of::<$model>(std::marker::PhantomData));)*
        }

        type All = ($($model,)*);
    };
}

trait Linked: Model<Key = i64> {
    fn new(id: i64) -> Self;
    fn code(&mut self) -> &mut Option<i64>;
    fn touch(&mut self);
}

chain!(
    (Row0, Row0),
    (Row1, Row0),
    (Row2, Row1),
    (Row3, Row2),
    (Row4, Row3),
    (Row5, Row4),
    (Row6, Row5),
    (Row7, Row6),
    (Row8, Row7),
    (Row9, Row8)
);

/// Rows of each model.
const ROWS: i64 = 10_000;

struct Of<T>(std::marker::PhantomData<T>);

/// What is done to the rows of a model.
trait Rows {
    fn add(&self, s: &mut Session);
    fn preload(&self, s: &mut Session) -> sessile::Result<()>;
    fn edit(&self, s: &mut Session, how: How);
}

#[derive(Clone, Copy)]
enum How {
    /// Every row gets another text.
    Touch,
    /// Rows swap their codes two by two.
    Swap,
    Delete,
}

impl<T: Linked> Rows for Of<T> {
    fn add(&self, s: &mut Session) {
        s.add_all((0..ROWS).map(T::new));
    }

    fn preload(&self, s: &mut Session) -> sessile::Result<()> {
        (0..ROWS).try_for_each(|id| s.preload(T::new(id)).map(|_| ()))
    }

    fn edit(&self, s: &mut Session, how: How) {
        for id in 0..ROWS {
            let row = s.local::<T>(&id).expect("it was loaded");
            match how {
                How::Touch => s[row].touch(),
                How::Swap => *s[row].code() = Some(id ^ 1),
                How::Delete => s.delete(row).expect("it is a row"),
            }
        }
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let db = TestDb::new::<All>();
    let mut s = db.session();
    each(|rows| rows.add(&mut s));
    let planned = median(|| {
        let mut offline = Session::offline();
        each(|rows| rows.add(&mut offline));
        Ok(plan(offline))
    })?;
    let mut good = report("insert", planned, flush(&mut s)?);
    s.commit()?;
    for (name, how) in [
        ("update", How::Touch),
        ("swap", How::Swap),
        ("delete", How::Delete),
    ] {
        let (mut touched, mut used) = (0, 0);
        let planned = median(|| {
            let mut offline = Session::offline();
            let mut failed = Ok(());
            each(|rows| {
                if failed.is_ok() {
                    failed = rows.preload(&mut offline);
                }
            });
            failed?;
            let before = resident("VmRSS");
            each(|rows| rows.edit(&mut offline, how));
            // Later ones find room that the first has left.
            touched = touched.max(resident("VmRSS") - before);
            let planned = plan(offline);
            used = used.max(resident("VmHWM") - resident("VmRSS").min(resident("VmHWM")));
            Ok(planned)
        })?;
        each(|rows| rows.edit(&mut s, how));
        good &= report(name, planned, flush(&mut s)?);
        println!(
            "        {} bytes a touched row (peak {used} above what stays)",
            touched / (10 * ROWS)
        );
        s.commit()?;
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The middle of three, since the server tidies up beside it after a commit.
fn median(mut run: impl FnMut() -> sessile::Result<Duration>) -> sessile::Result<Duration> {
    let mut times = [run()?, run()?, run()?];
    times.sort();
    Ok(times[1])
}

/// The time until there is a plan; without a connection the flush ends there.
fn plan(mut s: Session) -> Duration {
    let started = Instant::now();
    s.flush().expect_err("there is no database");
    started.elapsed()
}

fn flush(s: &mut Session) -> sessile::Result<Duration> {
    let started = Instant::now();
    s.flush()?;
    Ok(started.elapsed())
}

/// Prints both, and says whether planning was less than a tenth.
fn report(name: &str, planned: Duration, flushed: Duration) -> bool {
    let share = planned.as_secs_f64() / (flushed - planned.min(flushed)).as_secs_f64();
    println!(
        "{name:>6}: planned in {planned:?}, flushed in {flushed:?}: {:.1} % of executing",
        share * 100.0
    );
    share < 0.1
}

/// A line of what Linux says of this process, in bytes; 0 elsewhere.
fn resident(name: &str) -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<i64>().ok());
    number.unwrap_or(0) * 1024
}
