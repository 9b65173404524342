//! What happens to objects: from `add` to the commit or rollback that ends them.

mod deleting;
mod detaching;
mod editing;
mod evicting;
mod expired;
mod handles;
mod keys;
mod life;
mod locking;
mod merging;
mod offline;
mod rollback;
mod rolled_back_inserts;
