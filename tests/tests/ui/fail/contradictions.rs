//! Attributes that contradict each other or the field's type; all are shown at once.

use serde::{Deserialize, Serialize};
use sessile::Model;
use sessile::model::Fk;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Memo;

#[derive(Model, Clone, Debug)]
struct User {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
struct Everything {
    #[model(key)]
    id: Option<i64>,
    #[model(key, json)]
    memo_key: Memo,
    #[model(key)]
    parent: Fk<Everything>,
    #[model(key, skip)]
    skipped_key: i64,
    #[model(version)]
    version: Option<i32>,
    #[model(version)]
    second_version: i32,
    #[model(json, sql_type = "xml")]
    memo: Memo,
    #[model(skip, unique, rename = "other")]
    skipped: i64,
    #[model(on_delete = cascade, orphan = delete)]
    amount: i64,
    #[model(on_delete = set_null, orphan = delete)]
    owner: Fk<User>,
    #[model(generated, json, sql_type = "int", default = "1", version)]
    editor: Option<Fk<User>>,
    readers: Vec<Fk<User>>,
    #[model(deferrable)]
    place: i32,
    #[model(skip, deferrable)]
    late: i32,
    #[model(unique, deferrable = true)]
    rank: i32,
    #[model(orphan = keep)]
    guest: Option<Fk<User>>,
}

#[derive(Model, Clone, Debug)]
#[model(index(a, deferrable), unique(deferrable))]
struct Late {
    #[model(key, deferrable)]
    a: i64,
}

#[derive(Model, Clone, Debug)]
struct Versions {
    #[model(key, version)]
    id: i64,
    #[model(version, generated, default = "1", sql_type = "int")]
    version: i32,
}

fn main() {}
