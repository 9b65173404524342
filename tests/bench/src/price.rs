//! The price of the facade: one unit of work of six statements by hand, on this thread, in one
//! hop and in six.
//!
//! `main` calls it after W6.
//! It must not run units of work side by side: what is asked is how long one takes.

use std::time::{Duration, Instant};

use postgres::{Client, NoTls, Statement};
use sessile::prelude::*;
use sessile_async::AsyncEngine;
use tokio::runtime::Runtime;

use crate::course::Course;
use crate::peer::{Failure, Result, Workload};
use crate::peers::facade::runtime;
use crate::peers::models::Account;
use crate::peers::sessile::engine;

/// Units of work of each way in each repetition.
const UNITS: usize = 200;

/// The ways, in the order of the table.
pub(crate) const WAYS: [&str; 5] = [
    "by hand, no session",
    "session on this thread",
    "facade, one hop",
    "facade, six hops",
    "a hop that does nothing",
];

/// The time of one unit of work in each way: a list of medians, one for each repetition.
pub(crate) fn price(course: &mut Course, repetitions: usize) -> Result<Vec<Vec<Duration>>> {
    course.database.reset(Workload::W6)?;
    let mut ways = Ways::open(course.database.url())?;
    let mut medians = vec![Vec::new(); WAYS.len()];
    for repetition in 0..=repetitions {
        for place in 0..WAYS.len() {
            let way = (repetition + place) % WAYS.len();
            let mut times = Vec::with_capacity(UNITS);
            for unit in 0..UNITS {
                times.push(ways.run(way, unit as i64)?);
            }
            times.sort_unstable();
            // The first repetition warms the caches of all ways.
            if repetition > 0 {
                medians[way].push(times[UNITS / 2]);
            }
        }
    }
    Ok(medians)
}

struct Ways {
    client: Client,
    select: Statement,
    update: Statement,
    engine: Engine<Failure>,
    facade: AsyncEngine<Failure>,
    runtime: Runtime,
}

impl Ways {
    fn open(url: &str) -> Result<Ways> {
        let mut client = Client::connect(url, NoTls)?;
        let select = "SELECT id, owner, balance, version FROM account WHERE id = $1";
        let update = "UPDATE account SET balance = $1, version = version + 1 \
                      WHERE id = $2 AND version = $3";
        Ok(Ways {
            select: client.prepare(select)?,
            update: client.prepare(update)?,
            client,
            engine: engine(url, 1)?.errors(),
            facade: AsyncEngine::from_engine(&engine(url, 1)?)?.errors(),
            runtime: runtime()?,
        })
    }

    fn run(&mut self, way: usize, unit: i64) -> Result<Duration> {
        let first = 1 + unit * 4;
        let started = Instant::now();
        match way {
            0 => self.by_hand(first)?,
            1 => self.engine.transaction(|s| work(s, first))?,
            2 => {
                let facade = self.facade.clone();
                let unit = async move { timed(facade.transaction(move |s| work(s, first))).await };
                return self.runtime.block_on(self.runtime.spawn(unit))?;
            }
            3 => {
                let unit = timed(by_calls(self.facade.clone(), first));
                return self.runtime.block_on(self.runtime.spawn(unit))?;
            }
            _ => {
                let unit = timed(async { Ok(tokio::task::spawn_blocking(|| ()).await?) });
                return self.runtime.block_on(self.runtime.spawn(unit))?;
            }
        }
        Ok(started.elapsed())
    }

    fn by_hand(&mut self, first: i64) -> Result<()> {
        let mut transaction = self.client.transaction()?;
        let mut account = None;
        for id in first..first + 4 {
            let row = transaction.query_one(&self.select, &[&id])?;
            let _owner: String = row.try_get(1)?;
            account = Some((row.try_get::<_, i64>(2)?, row.try_get::<_, i32>(3)?));
        }
        let (balance, version) = account.ok_or("four accounts were read")?;
        let params: [&(dyn postgres::types::ToSql + Sync); 3] =
            [&(balance + 1), &(first + 3), &version];
        transaction.execute(&self.update, &params)?;
        Ok(transaction.commit()?)
    }
}

/// On the task itself: waking the thread that waits for the task is not the facade's doing.
async fn timed(unit: impl Future<Output = Result<()>>) -> Result<Duration> {
    let started = Instant::now();
    unit.await?;
    Ok(started.elapsed())
}

/// Four reads and a flush; the commit is the sixth statement.
fn work(s: &mut Session, first: i64) -> Result<()> {
    let mut last = None;
    for id in first..first + 4 {
        last = s.get::<Account>(id)?;
    }
    let account = last.ok_or("no such account")?;
    s[account].balance += 1;
    Ok(s.flush()?)
}

/// The same, each verb by itself.
async fn by_calls(engine: AsyncEngine<Failure>, first: i64) -> Result<()> {
    let mut s = engine.session();
    let mut last = None;
    for id in first..first + 4 {
        last = s.get::<Account>(id).await?;
    }
    let account = last.ok_or("no such account")?;
    s[account].balance += 1;
    s.flush().await?;
    Ok(s.commit().await?)
}
