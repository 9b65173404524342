//! What a peer does: one method a workload, each as its users would write it.
//!
//! The files in `peers` implement it; `course` calls it.
//! It must not time anything: a peer's answer is looked at when the clock has stopped.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::rows::{NewAuthor, Transfer};

/// Any failure; the yardstick stops at the first.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// What is measured; the README says what each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Workload {
    W1,
    W2,
    W3,
    W4,
    W5,
    W6,
}

impl Workload {
    pub(crate) const ALL: [Workload; 6] = [
        Workload::W1,
        Workload::W2,
        Workload::W3,
        Workload::W4,
        Workload::W5,
        Workload::W6,
    ];
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A summary of a result that must be the same for every peer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    /// How many rows.
    pub(crate) rows: usize,
    /// The keys, and whatever links rows to each other.
    pub(crate) keys: i128,
    /// Something of the other columns; whole numbers, so that the order does not matter.
    pub(crate) values: f64,
}

/// The result, held until the clock has stopped, and then summed up.
pub(crate) type Answer = Result<Box<dyn FnOnce() -> Sums>>;

/// Opens a peer with so many connections.
pub(crate) type Open = fn(url: &str, connections: usize) -> Result<Box<dyn Peer>>;

/// A peer in the list: its name, where it takes part, and how it is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) takes: &'static [Workload],
    pub(crate) open: Open,
}

/// One way to do the workloads. A method is called only where the peer takes part.
pub(crate) trait Peer {
    /// W1: a select by primary key for each of these keys, one after the other, into structs.
    fn by_key(&mut self, _keys: &[i64]) -> Answer {
        absent()
    }

    /// W2: all rows of `item`, into structs.
    fn all(&mut self) -> Answer {
        absent()
    }

    /// W3: inserts authors with their books in one transaction; every key is known afterwards.
    fn insert(&mut self, _authors: Vec<NewAuthor>) -> Answer {
        absent()
    }

    /// W4: loads the items with these keys, sets each one's price, saves, commits.
    fn update(&mut self, _keys: &[i64], _prices: &[f64]) -> Answer {
        absent()
    }

    /// W5: loads regions, shops and sales, and walks from each region to its sales.
    fn graph(&mut self) -> Answer {
        absent()
    }

    /// W6: each worker does its transfers one after the other; returns how long each took.
    fn transfer(&mut self, _workers: Vec<Vec<Transfer>>) -> Result<Vec<Duration>> {
        absent()
    }
}

fn absent<T>() -> Result<T> {
    Err("the peer does not take part in this workload".into())
}
