//! The floor: code written by hand on the `postgres` crate.
//!
//! Every ratio refers to it, so it is as good as it can be made without unusual means: statements
//! are prepared once for each connection, columns are read by position, batches are arrays.
//! It must not use anything of Sessile.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use postgres::types::{Json, ToSql};
use postgres::{Client, Config, NoTls, Row, Statement};
use r2d2::{ManageConnection, Pool};

use super::sql::{
    AUTHORS, BALANCES, BOOKS, ENTRY, ITEM, ITEMS, ITEMS_BY_KEY, LOCK, PRICES, REGIONS, SALES,
    SHOPS, STATEMENTS,
};
use crate::peer::{Answer, Peer, Result, Sums};
use crate::rows::{Item, NewAuthor, Transfer};

/// A connection with its statements.
struct Prepared {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Prepared {
    fn statement(&self, sql: &str) -> Statement {
        self.statements[sql].clone()
    }
}

#[derive(Debug)]
struct Manager(Config);

impl ManageConnection for Manager {
    type Connection = Prepared;
    type Error = postgres::Error;

    fn connect(&self) -> std::result::Result<Prepared, postgres::Error> {
        let mut client = self.0.connect(NoTls)?;
        let mut statements = HashMap::new();
        for sql in STATEMENTS {
            statements.insert(sql, client.prepare(sql)?);
        }
        Ok(Prepared { client, statements })
    }

    fn is_valid(&self, _: &mut Prepared) -> std::result::Result<(), postgres::Error> {
        Ok(())
    }

    fn has_broken(&self, connection: &mut Prepared) -> bool {
        connection.client.is_closed()
    }
}

struct Floor {
    pool: Pool<Manager>,
}

pub(super) fn open(url: &str, connections: usize) -> Result<Box<dyn Peer>> {
    let pool = Pool::builder()
        .max_size(connections as u32)
        // A ping at each check-out would be a round trip that nobody else pays.
        .test_on_check_out(false)
        .build(Manager(url.parse()?))?;
    Ok(Box::new(Floor { pool }))
}

impl Peer for Floor {
    fn by_key(&mut self, keys: &[i64]) -> Answer {
        let connection = &mut *self.pool.get()?;
        let statement = connection.statement(ITEM);
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            let row = connection.client.query_one(&statement, &[key])?;
            items.push(item(&row)?);
        }
        Ok(Box::new(move || sum_items(&items)))
    }

    fn all(&mut self) -> Answer {
        let connection = &mut *self.pool.get()?;
        let statement = connection.statement(ITEMS);
        let rows = connection.client.query(&statement, &[])?;
        let items: Vec<Item> = rows.iter().map(item).collect::<Result<_>>()?;
        drop(rows);
        Ok(Box::new(move || sum_items(&items)))
    }

    fn insert(&mut self, authors: Vec<NewAuthor>) -> Answer {
        let connection = &mut *self.pool.get()?;
        let (insert_authors, insert_books) =
            (connection.statement(AUTHORS), connection.statement(BOOKS));
        let mut transaction = connection.client.transaction()?;
        let names: Vec<&str> = authors.iter().map(|a| a.name.as_str()).collect();
        let scores: Vec<i64> = authors.iter().map(|a| a.score).collect();
        let author_ids = ids(transaction.query(&insert_authors, &[&names, &scores])?);
        let books = Books::of(&authors, &author_ids);
        let params: [&(dyn ToSql + Sync); 3] = [&books.authors, &books.titles, &books.prices];
        let book_ids = ids(transaction.query(&insert_books, &params)?);
        transaction.commit()?;
        let parents = books.authors;
        Ok(Box::new(move || {
            sum_inserted(&author_ids, &book_ids, &parents)
        }))
    }

    fn update(&mut self, keys: &[i64], prices: &[f64]) -> Answer {
        let connection = &mut *self.pool.get()?;
        let (load, save) = (
            connection.statement(ITEMS_BY_KEY),
            connection.statement(PRICES),
        );
        let mut transaction = connection.client.transaction()?;
        let rows = transaction.query(&load, &[&keys])?;
        let mut items: Vec<Item> = rows.iter().map(item).collect::<Result<_>>()?;
        let changed = set_prices(&mut items, keys, prices);
        transaction.execute(&save, &[&changed.0, &changed.1])?;
        transaction.commit()?;
        Ok(Box::new(move || sum_items(&items)))
    }

    fn graph(&mut self) -> Answer {
        let connection = &mut *self.pool.get()?;
        let [regions, shops, sales] = [REGIONS, SHOPS, SALES].map(|sql| connection.statement(sql));
        let client = &mut connection.client;
        let mut graph = Graph::new(&client.query(&regions, &[])?);
        let keys: Vec<i64> = graph.regions.iter().map(|r| r.id).collect();
        graph.add_shops(&client.query(&shops, &[&keys])?);
        let keys: Vec<i64> = graph.shop_keys();
        graph.add_sales(&client.query(&sales, &[&keys])?);
        let sums = graph.walk();
        Ok(Box::new(move || {
            drop(graph);
            sums
        }))
    }

    fn transfer(&mut self, workers: Vec<Vec<Transfer>>) -> Result<Vec<Duration>> {
        let pool = &self.pool;
        let work = |orders: Vec<Transfer>| -> Result<Vec<Duration>> {
            let mut times = Vec::with_capacity(orders.len());
            for order in orders {
                let started = Instant::now();
                transfer(&mut *pool.get()?, order)?;
                times.push(started.elapsed());
            }
            Ok(times)
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = workers
                .into_iter()
                .map(|orders| scope.spawn(move || work(orders)))
                .collect();
            let mut times = Vec::new();
            for thread in threads {
                times.extend(thread.join().map_err(|_| "a worker panicked")??);
            }
            Ok(times)
        })
    }
}

fn transfer(connection: &mut Prepared, order: Transfer) -> Result<i64> {
    let [lock, write, note] = [LOCK, BALANCES, ENTRY].map(|sql| connection.statement(sql));
    let mut transaction = connection.client.transaction()?;
    let accounts = [order.payer, order.payee];
    let rows = transaction.query(&lock, &[&accounts.as_slice()])?;
    let balances = new_balances(&rows, order)?;
    transaction.execute(&write, &[&accounts.as_slice(), &balances.as_slice()])?;
    let params: [&(dyn ToSql + Sync); 3] = [&order.payer, &order.payee, &order.amount];
    let entry = transaction.query_one(&note, &params)?;
    transaction.commit()?;
    Ok(entry.get(0))
}

/// The balances of payer and payee after the transfer.
pub(super) fn new_balances(rows: &[Row], order: Transfer) -> Result<[i64; 2]> {
    let balance = |id: i64| -> Result<i64> {
        let row = rows.iter().find(|row| row.get::<_, i64>(0) == id);
        Ok(row.ok_or("no such account")?.get(1))
    };
    let (payer, payee) = (balance(order.payer)?, balance(order.payee)?);
    if payer < order.amount {
        return Err("insufficient funds".into());
    }
    Ok([payer - order.amount, payee + order.amount])
}

/// A row as a struct, column by column.
pub(super) fn item(row: &Row) -> Result<Item> {
    let Json(details) = row.try_get(11)?;
    Ok(Item {
        id: row.try_get(0)?,
        shelf: row.try_get(1)?,
        spare: row.try_get(2)?,
        name: row.try_get(3)?,
        maker: row.try_get(4)?,
        note: row.try_get(5)?,
        added: row.try_get(6)?,
        sold: row.try_get(7)?,
        price: row.try_get(8)?,
        weight: row.try_get(9)?,
        active: row.try_get(10)?,
        details,
    })
}

pub(super) fn sum_items(items: &[Item]) -> Sums {
    let mut sums = Sums::default();
    for item in items {
        sums.rows += 1;
        sums.keys += i128::from(item.id * item.shelf + item.spare.unwrap_or(0));
        sums.values += item.price + f64::from(item.details.size) + item.name.len() as f64;
    }
    sums
}

/// The keys that an INSERT made, in the order of its rows: a sequence drew them in that order.
pub(super) fn ids(rows: Vec<Row>) -> Vec<i64> {
    let mut ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    ids.sort_unstable();
    ids
}

/// The columns of all books.
pub(super) struct Books<'a> {
    pub(super) authors: Vec<i64>,
    pub(super) titles: Vec<&'a str>,
    pub(super) prices: Vec<f64>,
}

impl<'a> Books<'a> {
    pub(super) fn of(authors: &'a [NewAuthor], ids: &[i64]) -> Self {
        let mut columns = Books {
            authors: Vec::new(),
            titles: Vec::new(),
            prices: Vec::new(),
        };
        for (author, id) in authors.iter().zip(ids) {
            for book in &author.books {
                columns.authors.push(*id);
                columns.titles.push(&book.title);
                columns.prices.push(book.price);
            }
        }
        columns
    }
}

pub(super) fn sum_inserted(authors: &[i64], books: &[i64], parents: &[i64]) -> Sums {
    let linked = books.iter().zip(parents);
    let linked: i128 = linked.map(|(b, a)| i128::from(b * a)).sum();
    Sums {
        rows: authors.len() + books.len(),
        keys: linked + authors.iter().copied().map(i128::from).sum::<i128>(),
        values: 0.0,
    }
}

/// Sets the new prices, and returns the keys and prices of what changed.
pub(super) fn set_prices(items: &mut [Item], keys: &[i64], prices: &[f64]) -> (Vec<i64>, Vec<f64>) {
    let new: HashMap<i64, f64> = keys.iter().copied().zip(prices.iter().copied()).collect();
    let mut changed = (Vec::new(), Vec::new());
    for item in items {
        let price = new[&item.id];
        if item.price != price {
            item.price = price;
            changed.0.push(item.id);
            changed.1.push(price);
        }
    }
    changed
}

/// The three levels of W5, each row beside its parent.
pub(super) struct Graph {
    pub(super) regions: Vec<Region>,
    region_of: HashMap<i64, usize>,
    /// Position of the region and of the shop in it.
    shop_of: HashMap<i64, (usize, usize)>,
}

#[expect(dead_code, reason = "every column is read, not every one is summed up")]
pub(super) struct Region {
    pub(super) id: i64,
    name: String,
    shops: Vec<Shop>,
}

#[expect(dead_code, reason = "every column is read, not every one is summed up")]
struct Shop {
    id: i64,
    region: i64,
    name: String,
    opened: jiff::Timestamp,
    sales: Vec<Sale>,
}

#[expect(dead_code, reason = "every column is read, not every one is summed up")]
struct Sale {
    id: i64,
    shop: i64,
    amount: i64,
    at: jiff::Timestamp,
}

impl Graph {
    pub(super) fn new(rows: &[Row]) -> Graph {
        let region = |row: &Row| Region {
            id: row.get(0),
            name: row.get(1),
            shops: Vec::new(),
        };
        let regions: Vec<Region> = rows.iter().map(region).collect();
        Graph {
            region_of: regions.iter().map(|r| r.id).zip(0..).collect(),
            shop_of: HashMap::new(),
            regions,
        }
    }

    pub(super) fn add_shops(&mut self, rows: &[Row]) {
        for row in rows {
            let shop = Shop {
                id: row.get(0),
                region: row.get(1),
                name: row.get(2),
                opened: row.get(3),
                sales: Vec::new(),
            };
            let region = self.region_of[&shop.region];
            let shops = &mut self.regions[region].shops;
            self.shop_of.insert(shop.id, (region, shops.len()));
            shops.push(shop);
        }
    }

    pub(super) fn shop_keys(&self) -> Vec<i64> {
        let shops = self.regions.iter().flat_map(|r| &r.shops);
        shops.map(|shop| shop.id).collect()
    }

    pub(super) fn add_sales(&mut self, rows: &[Row]) {
        for row in rows {
            let sale = Sale {
                id: row.get(0),
                shop: row.get(1),
                amount: row.get(2),
                at: row.get(3),
            };
            let (region, shop) = self.shop_of[&sale.shop];
            self.regions[region].shops[shop].sales.push(sale);
        }
    }

    pub(super) fn walk(&self) -> Sums {
        let mut sums = Sums::default();
        for region in &self.regions {
            sums.rows += 1;
            for shop in &region.shops {
                sums.rows += 1;
                for sale in &shop.sales {
                    sums.rows += 1;
                    sums.keys += i128::from(region.id * sale.id + shop.id);
                    sums.values += sale.amount as f64;
                }
            }
        }
        sums
    }
}
