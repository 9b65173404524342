//! The objects of a session: one store per model, one object per row.
//!
//! The session reads and writes objects through it; the loader and the unit of work bring them in
//! line with the database.
//! It must not build SQL or talk to the database.

mod apply;

mod bring_in_line;

mod collections;

mod membership;

mod any_store;

mod image;

mod keyed;

mod erased;

mod evict;

mod hydrate;

mod journal;

mod pairs;

mod pairing;

mod map;

mod scopes;

mod row_switch;

mod clock;

mod slot;

mod asked;

mod asking;

mod unwritten;

mod unsettle;

mod merge;

mod store;

pub(crate) use any_store::AnyStore;
pub(crate) use clock::StoreId;
pub(crate) use collections::Part;
pub(crate) use hydrate::{Reading, read_key};
pub(crate) use image::{Image, Place};
pub(crate) use map::{IdentityMap, handle_error, handle_error_of};
pub(crate) use pairs::{Association, Pairing, Sides, Wish};
pub(crate) use slot::Phase;
pub use slot::State;
pub(crate) use store::given_key;
