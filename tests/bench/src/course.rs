//! One run of one workload by one peer: the tables put back, the clock around the peer alone, the
//! result checked.
//!
//! `race`, `counts` and `alone` call it.
//! It must not choose peers or repeat anything.

use std::time::{Duration, Instant};

use crate::cpu::{Cpu, Threads};
use crate::database::Database;
use crate::peer::{Peer, Result, Sums, Workload};
use crate::rows::{NewAuthor, Sizes, authors, keys, transfers};

/// Transfers of each connection of W6 that are not timed: Sessile prepares a statement when it
/// meets it for the second time, and the server settles on a plan after five executions.
const WARM_UPS: usize = 10;

/// The database and what the peers are given.
pub(crate) struct Course {
    pub(crate) database: Database,
    pub(crate) sizes: Sizes,
    selects: Vec<i64>,
    updates: Vec<i64>,
    authors: Vec<NewAuthor>,
    /// Counts runs of W4, so that each sets other prices than the one before.
    run: i32,
}

/// What a run of W1 to W5 came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) took: Duration,
    /// Time on a CPU, where the system tells it.
    pub(crate) cpu: Option<Cpu>,
    pub(crate) sums: Sums,
}

/// What a run of W6 came to.
#[derive(Clone, Debug)]
pub(crate) struct Storm {
    pub(crate) took: Duration,
    pub(crate) cpu: Option<Cpu>,
    /// Of each transfer.
    pub(crate) times: Vec<Duration>,
}

impl Course {
    pub(crate) fn new(sizes: Sizes) -> Result<Course> {
        Ok(Course {
            database: Database::open(&sizes)?,
            selects: keys(&sizes, sizes.selects),
            updates: keys(&sizes, sizes.updates),
            authors: authors(&sizes),
            run: 0,
            sizes,
        })
    }

    /// One run of W1 to W5.
    pub(crate) fn run(&mut self, peer: &mut dyn Peer, workload: Workload) -> Result<Run> {
        self.database.reset(workload)?;
        self.run += 1;
        let prices = self.prices();
        let new = match workload {
            Workload::W3 => self.authors.clone(),
            _ => Vec::new(),
        };
        let before = self.database.cpu(Threads::Living);
        let started = Instant::now();
        let answer = match workload {
            Workload::W1 => peer.by_key(&self.selects),
            Workload::W2 => peer.all(),
            Workload::W3 => peer.insert(new),
            Workload::W4 => peer.update(&self.updates, &prices),
            Workload::W5 => peer.graph(),
            Workload::W6 => return Err("W6 is run by `storm`".into()),
        };
        let took = started.elapsed();
        let after = self.database.cpu(Threads::Living);
        let cpu = before.zip(after).map(|(before, after)| after.since(before));
        let mut sums = answer?();
        self.check(workload, &prices, &mut sums)?;
        Ok(Run { took, cpu, sums })
    }

    /// One run of W6.
    pub(crate) fn storm(
        &mut self,
        peer: &mut dyn Peer,
        workers: usize,
        round: u64,
    ) -> Result<Storm> {
        let count = match workers {
            1 => self.sizes.transfers,
            _ => self.sizes.transfers * 4,
        };
        for _ in 0..WARM_UPS {
            let together = self.database.gather(workers)?;
            peer.transfer(transfers(workers, workers, 0))?;
            together.join().map_err(|_| "the gate panicked")??;
        }
        self.database.reset(Workload::W6)?;
        let orders = transfers(count, workers, round);
        let work = orders.clone();
        let before = self.database.cpu(Threads::All);
        let started = Instant::now();
        let times = peer.transfer(work)?;
        let took = started.elapsed();
        let after = self.database.cpu(Threads::All);
        let cpu = before.zip(after).map(|(before, after)| after.since(before));
        self.database.check_accounts(&orders)?;
        Ok(Storm { took, cpu, times })
    }

    fn prices(&self) -> Vec<f64> {
        let price = |id: &i64| (id % 1_000) as f64 + f64::from(self.run);
        self.updates.iter().map(price).collect()
    }

    fn check(&mut self, workload: Workload, prices: &[f64], sums: &mut Sums) -> Result<()> {
        match workload {
            Workload::W3 => self.database.check_books(&self.sizes),
            Workload::W4 => {
                // Without what this run added, so that runs can be compared.
                sums.values -= f64::from(self.run) * prices.len() as f64;
                self.database.check_prices(&self.updates, prices)
            }
            _ => Ok(()),
        }
    }
}
