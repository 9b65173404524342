//! Sessile, as its guide would have it written.
//!
//! A peer of `race`. W1 is one session in which each key is asked for once, so that the identity
//! map never answers and every object is kept; a session each is a peer of its own. W5 loads one
//! level by `with` and the next by a query of its own; `siblings` does the second by `related`.
//! It must not reach around the session.

use std::time::{Duration, Instant};

use sessile::prelude::*;

use super::models::{Author, Book, Item, Region, Shop, transfer};
use crate::peer::{Answer, Peer, Result, Sums};
use crate::rows::{NewAuthor, Transfer};

struct Sessile {
    engine: Engine,
}

pub(super) fn open(url: &str, connections: usize) -> Result<Box<dyn Peer>> {
    let engine = engine(url, connections)?;
    Ok(Box::new(Sessile { engine }))
}

pub(crate) fn engine(url: &str, connections: usize) -> Result<Engine> {
    let builder = Engine::builder(url).pool_size(connections as u32);
    Ok(builder.min_idle(connections as u32).build()?)
}

impl Peer for Sessile {
    fn by_key(&mut self, keys: &[i64]) -> Answer {
        let mut s = self.engine.session();
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            items.push(s.get::<Item>(*key)?.ok_or("no such item")?);
        }
        s.commit()?;
        Ok(Box::new(move || sum_items(&s, &items)))
    }

    fn all(&mut self) -> Answer {
        let mut s = self.engine.session();
        let items = s.all(select::<Item>())?;
        s.commit()?;
        Ok(Box::new(move || sum_items(&s, &items)))
    }

    fn insert(&mut self, authors: Vec<NewAuthor>) -> Answer {
        let mut s = self.engine.session();
        let mut added = Vec::with_capacity(authors.len());
        for author in authors {
            let handle = s.add(Author {
                id: 0,
                name: author.name,
                score: author.score,
            });
            let books = author.books.into_iter().map(|book| Book {
                id: 0,
                author: handle.into(),
                title: book.title,
                price: book.price,
            });
            let books = s.add_all(books);
            added.push((handle, books));
        }
        s.commit()?;
        Ok(Box::new(move || sum_inserted(&s, &added)))
    }

    fn update(&mut self, keys: &[i64], prices: &[f64]) -> Answer {
        let mut s = self.engine.session();
        let items = s.get_each::<Item>(keys.iter().copied())?;
        for (item, price) in items.iter().zip(prices) {
            s[*item].price = *price;
        }
        s.commit()?;
        Ok(Box::new(move || sum_items(&s, &items)))
    }

    fn graph(&mut self) -> Answer {
        let mut s = self.engine.session();
        let regions = s.all(select::<Region>().with(Region::SHOPS))?;
        s.all(select::<Shop>().with(Shop::SALES))?;
        let sums = walk(&mut s, &regions)?;
        s.commit()?;
        Ok(Box::new(move || {
            drop(s);
            sums
        }))
    }

    fn transfer(&mut self, workers: Vec<Vec<Transfer>>) -> Result<Vec<Duration>> {
        let engine = &self.engine;
        let work = |orders: Vec<Transfer>| -> Result<Vec<Duration>> {
            let mut times = Vec::with_capacity(orders.len());
            for order in orders {
                let started = Instant::now();
                engine.transaction_as(|s| transfer(s, order))?;
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

struct SessionEach {
    engine: Engine,
}

pub(super) fn open_session_each(url: &str, connections: usize) -> Result<Box<dyn Peer>> {
    let engine = engine(url, connections)?;
    Ok(Box::new(SessionEach { engine }))
}

impl Peer for SessionEach {
    fn by_key(&mut self, keys: &[i64]) -> Answer {
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            let mut s = self.engine.session();
            let item = s.get::<Item>(*key)?.ok_or("no such item")?;
            items.push(s.detach(item)?);
        }
        Ok(Box::new(move || {
            let mut sums = Sums::default();
            items.iter().for_each(|item| sum_item(&mut sums, item));
            sums
        }))
    }
}

struct Siblings {
    engine: Engine,
}

pub(super) fn open_siblings(url: &str, connections: usize) -> Result<Box<dyn Peer>> {
    let engine = engine(url, connections)?;
    Ok(Box::new(Siblings { engine }))
}

impl Peer for Siblings {
    fn graph(&mut self) -> Answer {
        let mut s = self.engine.session();
        let regions = s.all(select::<Region>().with(Region::SHOPS))?;
        let sums = walk(&mut s, &regions)?;
        s.commit()?;
        Ok(Box::new(move || {
            drop(s);
            sums
        }))
    }
}

fn sum_items(s: &Session, items: &[Handle<Item>]) -> Sums {
    let mut sums = Sums::default();
    for item in items {
        sum_item(&mut sums, &s[*item]);
    }
    sums
}

fn sum_item(sums: &mut Sums, item: &Item) {
    let key = |fk: Option<&Fk<_>>| fk.and_then(|fk| fk.key().copied()).unwrap_or(0);
    sums.rows += 1;
    sums.keys += i128::from(item.id * key(Some(&item.shelf)) + key(item.spare.as_ref()));
    sums.values += item.price + f64::from(item.details.size) + item.name.len() as f64;
}

fn sum_inserted(s: &Session, added: &[(Handle<Author>, Vec<Handle<Book>>)]) -> Sums {
    let mut sums = Sums::default();
    for (author, books) in added {
        sums.rows += 1 + books.len();
        sums.keys += i128::from(s[*author].id);
        for book in books {
            let parent = s[*book].author.key().copied().unwrap_or(0);
            sums.keys += i128::from(s[*book].id * parent);
        }
    }
    sums
}

/// From each region to its sales; loads what is not loaded yet.
fn walk(s: &mut Session, regions: &[Handle<Region>]) -> Result<Sums> {
    let mut sums = Sums::default();
    for region in regions {
        sums.rows += 1;
        for shop in s.related(*region, Region::SHOPS)? {
            sums.rows += 1;
            for sale in s.related(shop, Shop::SALES)? {
                sums.rows += 1;
                sums.keys += i128::from(s[*region].id * s[sale].id + s[shop].id);
                sums.values += s[sale].amount as f64;
            }
        }
    }
    Ok(sums)
}
