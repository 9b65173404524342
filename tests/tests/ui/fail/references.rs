//! References to what is no model. The compiler adds its own messages, about the derives of
//! `Clone` and `Debug` and about `Send` and `Sync`, that a macro can't keep back.

use sessile::Model;
use sessile::model::Fk;

#[derive(Clone, Debug)]
struct NoModel;

#[derive(Model, Clone, Debug)]
struct Car {
    #[model(key)]
    id: i64,
    owner: Fk<NoModel>,
}

fn main() {}
