//! A model must be `Clone` and `Debug`.

use sessile::Model;

#[derive(Model, Debug)]
struct NoClone {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone)]
struct NoDebug {
    #[model(key)]
    id: i64,
}

fn main() {}
