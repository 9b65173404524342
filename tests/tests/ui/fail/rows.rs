//! What can't be made of a row.

use sessile::prelude::*;
use sessile::sql::{count, raw};

#[derive(Model, Clone, Debug)]
struct Account {
    #[model(key)]
    id: i64,
    owner: String,
}

#[derive(FromRow)]
struct Summary {
    owner: String,
    total: i64,
}

#[derive(FromRow)]
enum Enum {
    A,
}

#[derive(FromRow)]
struct Tuple(i64);

#[derive(FromRow)]
struct Borrowed<'a> {
    owner: &'a str,
}

#[derive(FromRow)]
struct Nothing {
    #[row(skip)]
    owner: String,
}

#[derive(FromRow)]
#[row(rename = "x")]
struct Attributes {
    #[row(renamed = "x")]
    a: i64,
    #[row(skip, json)]
    b: i64,
    #[row(rename = "owner")]
    c: i64,
    owner: String,
    #[row(json, json)]
    d: i64,
    #[row]
    e: i64,
}

struct Unknown;

#[derive(FromRow)]
struct WrongType {
    unknown: Unknown,
}

struct NotDerived;

fn main() {
    let owners = select::<Account>().group_by(Account::OWNER);
    let _ = owners.clone().columns((count(), Account::OWNER)).as_struct::<Summary>();
    let _ = owners.clone().columns(Account::OWNER).as_struct::<Summary>();
    let _ = owners.columns(Account::OWNER).as_struct::<NotDerived>();
    // Their mistakes are their derive's.
    let _ = select::<Account>().columns(Account::ID).as_struct::<Nothing>();
    let _ = raw::<Attributes>("SELECT 1", ());
}
