//! Set-based statements: one for many rows, and the session in line with it afterwards (BK-1).
//!
//! The session's verbs flush and call it.
//! It must not write what objects changed; the flush before it has.

mod answer;

mod keys;

mod send;

mod follow;

mod update;

mod delete;

mod rows;
mod settled;

mod values;

mod target;

mod insert;

mod upsert;

mod ensure;

mod copy_in;

pub use answer::{Answer, Done, Wants};
pub(crate) use copy_in::copy_in;
pub(crate) use delete::{delete_where, prepare as prepare_delete};
pub(crate) use ensure::{ensure, prepare as prepare_ensure};
pub(crate) use insert::{Inserting, insert_rows, insert_selected};
pub(crate) use update::{prepare as prepare_update, update_where};
pub(crate) use upsert::{prepare as prepare_upsert, upsert};
