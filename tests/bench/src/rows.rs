//! The rows of the workloads as plain structs, and what every peer is given to work on.
//!
//! Hand-written peers read into the structs; `course` and `counts` make the inputs.
//! It must not know any peer: an ORM's models stand beside the ORM.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The twelve columns of W1, W2 and W4.
#[derive(Clone, Debug)]
#[expect(dead_code, reason = "every column is read, not every one is summed up")]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) shelf: i64,
    pub(crate) spare: Option<i64>,
    pub(crate) name: String,
    pub(crate) maker: String,
    pub(crate) note: Option<String>,
    pub(crate) added: Timestamp,
    pub(crate) sold: Option<Timestamp>,
    pub(crate) price: f64,
    pub(crate) weight: f64,
    pub(crate) active: bool,
    pub(crate) details: Details,
}

/// The jsonb column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Details {
    pub(crate) color: String,
    pub(crate) size: i32,
    pub(crate) tags: Vec<String>,
}

/// A parent of W3 with its children, none of which has a key yet.
#[derive(Clone, Debug)]
pub(crate) struct NewAuthor {
    pub(crate) name: String,
    pub(crate) score: i64,
    pub(crate) books: Vec<NewBook>,
}

/// A child of W3.
#[derive(Clone, Debug)]
pub(crate) struct NewBook {
    pub(crate) title: String,
    pub(crate) price: f64,
}

/// One transfer of W6.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    pub(crate) payer: i64,
    pub(crate) payee: i64,
    pub(crate) amount: i64,
}

/// How much there is of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Rows of `item`; W2 reads all of them.
    pub(crate) items: i64,
    /// Selects of W1.
    pub(crate) selects: usize,
    /// Parents of W3.
    pub(crate) authors: i64,
    /// Objects of W4.
    pub(crate) updates: usize,
    /// Roots of W5; each has 5 children with 4 children each.
    pub(crate) regions: i64,
    /// Transfers of W6 with one worker; more workers share four times as many.
    pub(crate) transfers: usize,
    /// Timed repetitions of W1 to W5.
    pub(crate) repetitions: usize,
    /// Timed repetitions of each cell of W6.
    pub(crate) storms: usize,
}

impl Sizes {
    /// As the workloads are defined.
    pub(crate) const FULL: Sizes = Sizes {
        items: 100_000,
        selects: 10_000,
        authors: 10_000,
        updates: 1_000,
        regions: 1_000,
        transfers: 2_000,
        repetitions: 9,
        storms: 7,
    };

    /// A tenth or so: enough to see a blunder, in less than a minute.
    pub(crate) const QUICK: Sizes = Sizes {
        items: 20_000,
        selects: 2_000,
        authors: 2_000,
        updates: 1_000,
        regions: 200,
        transfers: 300,
        repetitions: 5,
        storms: 3,
    };
}

/// Accounts of W6.
pub(crate) const ACCOUNTS: i64 = 1_000;

/// What each account begins with; no transfer of any run empties one.
pub(crate) const BALANCE: i64 = 1_000_000_000;

/// As many different keys of `item`, in no order.
pub(crate) fn keys(sizes: &Sizes, count: usize) -> Vec<i64> {
    let mut all: Vec<i64> = (1..=sizes.items).collect();
    let mut random = Random(7);
    for i in 0..count {
        let other = i + random.below((all.len() - i) as u64) as usize;
        all.swap(i, other);
    }
    all.truncate(count);
    all
}

/// The parents and children of W3.
pub(crate) fn authors(sizes: &Sizes) -> Vec<NewAuthor> {
    let book = |author: i64, n: i64| NewBook {
        title: format!("author {author}, volume {n}"),
        price: (author % 90 + n) as f64,
    };
    let author = |i: i64| NewAuthor {
        name: format!("author {i}"),
        score: i * 3,
        books: (1..=3).map(|n| book(i, n)).collect(),
    };
    (1..=sizes.authors).map(author).collect()
}

/// A list of transfers for each worker, the same for every peer.
pub(crate) fn transfers(count: usize, workers: usize, round: u64) -> Vec<Vec<Transfer>> {
    let worker = |number: u64| {
        let mut random = Random(1 + number + 1_000 * round);
        let mut transfer = || {
            let payer = 1 + random.below(ACCOUNTS as u64) as i64;
            let step = 1 + random.below(ACCOUNTS as u64 - 1) as i64;
            Transfer {
                payer,
                payee: 1 + (payer - 1 + step) % ACCOUNTS,
                amount: 1 + random.below(100) as i64,
            }
        };
        (0..count / workers).map(|_| transfer()).collect()
    };
    (0..workers as u64).map(worker).collect()
}

/// Knuth's generator: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
