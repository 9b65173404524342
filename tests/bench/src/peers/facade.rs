//! Sessile from asynchronous tasks: one hop for a whole unit of work, or one for each verb.
//!
//! Peers of `race` on W6. The runtime has two threads for tasks; the blocking threads are tokio's.
//! It must not have a `transfer` of its own where the synchronous one can be called.

use std::time::{Duration, Instant};

use sessile_async::AsyncEngine;
use tokio::runtime::{Builder, Runtime};

use super::models::{Account, Entry, transfer};
use super::sessile::engine;
use crate::peer::{Failure, Peer, Result};
use crate::rows::Transfer;

struct OneHop {
    engine: AsyncEngine<Failure>,
    runtime: Runtime,
}

struct CallByCall {
    engine: AsyncEngine<Failure>,
    runtime: Runtime,
}

pub(super) fn open_one_hop(url: &str, connections: usize) -> Result<Box<dyn Peer>> {
    let (engine, runtime) = connect(url, connections)?;
    Ok(Box::new(OneHop { engine, runtime }))
}

pub(super) fn open_calls(url: &str, connections: usize) -> Result<Box<dyn Peer>> {
    let (engine, runtime) = connect(url, connections)?;
    Ok(Box::new(CallByCall { engine, runtime }))
}

fn connect(url: &str, connections: usize) -> Result<(AsyncEngine<Failure>, Runtime)> {
    let engine = AsyncEngine::from_engine(&engine(url, connections)?)?.errors::<Failure>();
    Ok((engine, runtime()?))
}

/// A runtime like a web server's.
pub(crate) fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

impl Peer for OneHop {
    fn transfer(&mut self, workers: Vec<Vec<Transfer>>) -> Result<Vec<Duration>> {
        run(&self.runtime, workers, |orders| {
            let engine = self.engine.clone();
            async move {
                let mut times = Vec::with_capacity(orders.len());
                for order in orders {
                    let started = Instant::now();
                    engine.transaction(move |s| transfer(s, order)).await?;
                    times.push(started.elapsed());
                }
                Ok(times)
            }
        })
    }
}

impl Peer for CallByCall {
    fn transfer(&mut self, workers: Vec<Vec<Transfer>>) -> Result<Vec<Duration>> {
        run(&self.runtime, workers, |orders| {
            let engine = self.engine.clone();
            async move {
                let mut times = Vec::with_capacity(orders.len());
                for order in orders {
                    let started = Instant::now();
                    transfer_by_calls(&engine, order).await?;
                    times.push(started.elapsed());
                }
                Ok(times)
            }
        })
    }
}

/// A task for each worker.
fn run<F>(
    runtime: &Runtime,
    workers: Vec<Vec<Transfer>>,
    work: impl Fn(Vec<Transfer>) -> F,
) -> Result<Vec<Duration>>
where
    F: Future<Output = Result<Vec<Duration>>> + Send + 'static,
{
    let tasks: Vec<_> = workers
        .into_iter()
        .map(|orders| runtime.spawn(work(orders)))
        .collect();
    runtime.block_on(async {
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await??);
        }
        Ok(times)
    })
}

/// Three hops: the lock, the flush, the commit.
async fn transfer_by_calls(engine: &AsyncEngine<Failure>, order: Transfer) -> Result<i64> {
    let mut s = engine.session();
    let accounts = [order.payer, order.payee];
    let [payer, payee] = s.get_many_for_update::<Account, 2>(accounts).await?;
    if s[payer].balance < order.amount {
        return Err("insufficient funds".into());
    }
    s[payer].balance -= order.amount;
    s[payee].balance += order.amount;
    let entry = s.insert(Entry {
        payer: payer.into(),
        payee: payee.into(),
        amount: order.amount,
        ..Entry::default()
    });
    let entry = entry.await?;
    let key = s.key(entry)?;
    s.commit().await?;
    Ok(key)
}
