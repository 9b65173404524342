//! Sessile's models of the tables, and `transfer` as a function over a session.
//!
//! `sessile` and `facade` use them, and `price`.
//! `transfer` must not know where it runs.

use jiff::Timestamp;
use sessile::prelude::*;

use crate::peer::Failure;
use crate::rows::{Details, Transfer};

#[derive(Model, Clone, Debug)]
#[model(table = "shelf")]
pub(crate) struct Shelf {
    #[model(key, generated)]
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Model, Clone, Debug)]
#[model(table = "item")]
pub(crate) struct Item {
    #[model(key, generated)]
    pub(crate) id: i64,
    pub(crate) shelf: Fk<Shelf>,
    pub(crate) spare: Option<Fk<Shelf>>,
    pub(crate) name: String,
    pub(crate) maker: String,
    pub(crate) note: Option<String>,
    pub(crate) added: Timestamp,
    pub(crate) sold: Option<Timestamp>,
    pub(crate) price: f64,
    pub(crate) weight: f64,
    pub(crate) active: bool,
    #[model(json)]
    pub(crate) details: Details,
}

#[derive(Model, Clone, Debug)]
#[model(table = "author")]
pub(crate) struct Author {
    #[model(key, generated)]
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) score: i64,
}

#[derive(Model, Clone, Debug)]
#[model(table = "book")]
pub(crate) struct Book {
    #[model(key, generated)]
    pub(crate) id: i64,
    pub(crate) author: Fk<Author>,
    pub(crate) title: String,
    pub(crate) price: f64,
}

#[derive(Model, Clone, Debug)]
#[model(table = "region", has_many(shops = Shop::REGION))]
pub(crate) struct Region {
    #[model(key, generated)]
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Model, Clone, Debug)]
#[model(table = "shop", has_many(sales = Sale::SHOP))]
pub(crate) struct Shop {
    #[model(key, generated)]
    pub(crate) id: i64,
    pub(crate) region: Fk<Region>,
    pub(crate) name: String,
    pub(crate) opened: Timestamp,
}

#[derive(Model, Clone, Debug)]
#[model(table = "sale")]
pub(crate) struct Sale {
    #[model(key, generated)]
    pub(crate) id: i64,
    pub(crate) shop: Fk<Shop>,
    pub(crate) amount: i64,
    pub(crate) at: Timestamp,
}

#[derive(Model, Clone, Debug)]
#[model(table = "account")]
pub(crate) struct Account {
    #[model(key, generated)]
    pub(crate) id: i64,
    #[model(unique)]
    pub(crate) owner: String,
    pub(crate) balance: i64,
    #[model(version)]
    pub(crate) version: i32,
}

#[derive(Model, Clone, Debug, Default)]
#[model(table = "entry")]
pub(crate) struct Entry {
    #[model(key, generated)]
    pub(crate) id: i64,
    pub(crate) payer: Fk<Account>,
    pub(crate) payee: Option<Fk<Account>>,
    pub(crate) amount: i64,
}

/// Moves money, and returns the key of the entry that says so.
pub(crate) fn transfer(s: &mut Session, order: Transfer) -> std::result::Result<i64, Failure> {
    let accounts = [order.payer, order.payee];
    let [payer, payee] = s.get_many_for_update::<Account, _>(accounts)?;
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
    })?;
    Ok(s.key(entry)?)
}
