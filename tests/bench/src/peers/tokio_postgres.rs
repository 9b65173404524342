//! tokio-postgres by hand: the floor's statements, awaited one after the other.
//!
//! A peer of `race`. One connection runs on a runtime of one thread, which is its best; a pool on
//! one with two threads, with deadpool-postgres and its statement cache.
//! It must not pipeline: no library of this kind does it for its users.

use std::time::{Duration, Instant};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use postgres::types::ToSql;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::NoTls;

use super::floor::{Books, Graph, ids, item, new_balances, set_prices, sum_inserted, sum_items};
use super::sql::{
    AUTHORS, BALANCES, BOOKS, ENTRY, ITEM, ITEMS, ITEMS_BY_KEY, LOCK, PRICES, REGIONS, SALES, SHOPS,
};
use crate::peer::{Answer, Peer, Result};
use crate::rows::{Item, NewAuthor, Transfer};

struct TokioPostgres {
    /// Dropped before the runtime.
    pool: Pool,
    runtime: Runtime,
}

pub(super) fn open(url: &str, connections: usize) -> Result<Box<dyn Peer>> {
    let runtime = match connections {
        1 => Builder::new_current_thread().enable_all().build()?,
        _ => Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?,
    };
    let config = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = Manager::from_config(url.parse()?, NoTls, config);
    let pool = Pool::builder(manager).max_size(connections).build()?;
    Ok(Box::new(TokioPostgres { pool, runtime }))
}

impl Peer for TokioPostgres {
    fn by_key(&mut self, keys: &[i64]) -> Answer {
        let items = self.runtime.block_on(by_key(&self.pool, keys))?;
        Ok(Box::new(move || sum_items(&items)))
    }

    fn all(&mut self) -> Answer {
        let items = self.runtime.block_on(all(&self.pool))?;
        Ok(Box::new(move || sum_items(&items)))
    }

    fn insert(&mut self, authors: Vec<NewAuthor>) -> Answer {
        let inserted = insert(&self.pool, &authors);
        let (authors, books, parents) = self.runtime.block_on(inserted)?;
        Ok(Box::new(move || sum_inserted(&authors, &books, &parents)))
    }

    fn update(&mut self, keys: &[i64], prices: &[f64]) -> Answer {
        let updated = update(&self.pool, keys, prices);
        let items = self.runtime.block_on(updated)?;
        Ok(Box::new(move || sum_items(&items)))
    }

    fn graph(&mut self) -> Answer {
        let graph = self.runtime.block_on(graph(&self.pool))?;
        let sums = graph.walk();
        Ok(Box::new(move || {
            drop(graph);
            sums
        }))
    }

    fn transfer(&mut self, workers: Vec<Vec<Transfer>>) -> Result<Vec<Duration>> {
        let tasks: Vec<_> = workers
            .into_iter()
            .map(|orders| self.runtime.spawn(work(self.pool.clone(), orders)))
            .collect();
        self.runtime.block_on(async {
            let mut times = Vec::new();
            for task in tasks {
                times.extend(task.await??);
            }
            Ok(times)
        })
    }
}

async fn by_key(pool: &Pool, keys: &[i64]) -> Result<Vec<Item>> {
    let client = pool.get().await?;
    let statement = client.prepare_cached(ITEM).await?;
    let mut items = Vec::with_capacity(keys.len());
    for key in keys {
        items.push(item(&client.query_one(&statement, &[key]).await?)?);
    }
    Ok(items)
}

async fn all(pool: &Pool) -> Result<Vec<Item>> {
    let client = pool.get().await?;
    let statement = client.prepare_cached(ITEMS).await?;
    let rows = client.query(&statement, &[]).await?;
    rows.iter().map(item).collect()
}

async fn insert(pool: &Pool, authors: &[NewAuthor]) -> Result<(Vec<i64>, Vec<i64>, Vec<i64>)> {
    let mut client = pool.get().await?;
    let insert_authors = client.prepare_cached(AUTHORS).await?;
    let insert_books = client.prepare_cached(BOOKS).await?;
    let transaction = client.transaction().await?;
    let names: Vec<&str> = authors.iter().map(|a| a.name.as_str()).collect();
    let scores: Vec<i64> = authors.iter().map(|a| a.score).collect();
    let rows = transaction
        .query(&insert_authors, &[&names, &scores])
        .await?;
    let author_ids = ids(rows);
    let books = Books::of(authors, &author_ids);
    let params: [&(dyn ToSql + Sync); 3] = [&books.authors, &books.titles, &books.prices];
    let book_ids = ids(transaction.query(&insert_books, &params).await?);
    transaction.commit().await?;
    Ok((author_ids, book_ids, books.authors))
}

async fn update(pool: &Pool, keys: &[i64], prices: &[f64]) -> Result<Vec<Item>> {
    let mut client = pool.get().await?;
    let load = client.prepare_cached(ITEMS_BY_KEY).await?;
    let save = client.prepare_cached(PRICES).await?;
    let transaction = client.transaction().await?;
    let rows = transaction.query(&load, &[&keys]).await?;
    let mut items: Vec<Item> = rows.iter().map(item).collect::<Result<_>>()?;
    let changed = set_prices(&mut items, keys, prices);
    transaction
        .execute(&save, &[&changed.0, &changed.1])
        .await?;
    transaction.commit().await?;
    Ok(items)
}

async fn graph(pool: &Pool) -> Result<Graph> {
    let client = pool.get().await?;
    let regions = client.prepare_cached(REGIONS).await?;
    let shops = client.prepare_cached(SHOPS).await?;
    let sales = client.prepare_cached(SALES).await?;
    let mut graph = Graph::new(&client.query(&regions, &[]).await?);
    let keys: Vec<i64> = graph.regions.iter().map(|r| r.id).collect();
    graph.add_shops(&client.query(&shops, &[&keys]).await?);
    let keys = graph.shop_keys();
    graph.add_sales(&client.query(&sales, &[&keys]).await?);
    Ok(graph)
}

async fn work(pool: Pool, orders: Vec<Transfer>) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(orders.len());
    for order in orders {
        let started = Instant::now();
        transfer(&mut pool.get().await?, order).await?;
        times.push(started.elapsed());
    }
    Ok(times)
}

async fn transfer(client: &mut Object, order: Transfer) -> Result<i64> {
    let lock = client.prepare_cached(LOCK).await?;
    let write = client.prepare_cached(BALANCES).await?;
    let note = client.prepare_cached(ENTRY).await?;
    let transaction = client.transaction().await?;
    let accounts = [order.payer, order.payee];
    let rows = transaction.query(&lock, &[&accounts.as_slice()]).await?;
    let balances = new_balances(&rows, order)?;
    let params: [&(dyn ToSql + Sync); 2] = [&accounts.as_slice(), &balances.as_slice()];
    transaction.execute(&write, &params).await?;
    let params: [&(dyn ToSql + Sync); 3] = [&order.payer, &order.payee, &order.amount];
    let entry = transaction.query_one(&note, &params).await?;
    transaction.commit().await?;
    Ok(entry.get(0))
}
