//! Structs that rows become.

// Fields are read by the derived code; these only stand for what a user would do with them.
#![allow(dead_code)]

use sessile::prelude::*;
use sessile::sql::{count, raw, row};
use sessile::{params, query::Rows};

#[derive(Model, Clone, Debug)]
struct Account {
    #[model(key)]
    id: i64,
    owner: String,
    nickname: Option<String>,
}

#[derive(FromRow)]
struct Owner {
    owner: String,
    #[row(rename = "nickname")]
    called: Option<String>,
    #[row(skip)]
    seen: bool,
}

#[derive(FromRow)]
pub struct One {
    #[row(rename = "count(*)")]
    pub r#type: i64,
}

#[derive(FromRow)]
struct WithObject {
    account: Handle<Account>,
    id: i64,
}

#[derive(FromRow)]
struct Wide {
    a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64,
    h: i64, i: i64, j: i64, k: i64, l: i64, m: i64,
}

fn main() {
    let columns = (Account::OWNER, Account::NICKNAME);
    let _: Rows<Owner> = select::<Account>().columns(columns).as_struct();
    let _: Rows<One> = select::<Account>().columns(count()).as_struct();
    let _ = select::<Account>().columns((count(),)).as_struct::<One>();
    let _ = select::<Account>()
        .columns((row::<Account>(), Account::ID))
        .as_struct::<WithObject>();
    let _ = raw::<Wide>("SELECT :a", params! { a: 1_i64, });
    let _ = raw::<(i64, Owner)>("SELECT 1", params! {});
    let _ = raw::<One>("SELECT :type", params! { r#type: vec![1_i64], type: "x" });
}
