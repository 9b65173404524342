//! What can't be a model at all; uses of it are no further errors.

use sessile::Model;
use sessile::model::{Column, Fk};

#[derive(Model, Clone, Debug)]
enum Enum {
    A,
}

#[derive(Model, Clone, Debug)]
struct Tuple(i64);

#[derive(Model, Clone, Debug)]
struct Unit;

#[derive(Model, Clone, Debug)]
struct Generic<T> {
    #[model(key)]
    id: T,
}

#[derive(Model, Clone, Debug)]
struct Borrowed<'a> {
    #[model(key)]
    name: &'a str,
}

#[derive(Model, Clone, Debug)]
struct NoKey {
    name: String,
}

struct User {
    tuple: Fk<Tuple>,
    no_key: Fk<NoKey>,
}

fn main() {
    let _: Column<NoKey, String> = NoKey::NAME;
}
