//! The read wing: rows of the database become objects of the session.
//!
//! The session's reading verbs call it, after whatever they read has been flushed.
//! It must not write, nor know the write wing.

mod keys;

mod reader;

mod by_key;

mod by_query;

mod by_reference;

mod keyset;

mod related;

mod many_to_many;

mod filtered;

mod recursive;

mod joint;

mod joinable;

mod by_join;

mod joined_part;

mod path;

mod joining;

mod folding;

mod stream;

mod copy_out;

pub use by_join::ByJoin;
pub(crate) use by_key::{get, get_locked, refresh};
pub(crate) use by_query::{explain, select_all, select_rows};
pub(crate) use copy_out::copy_out;
pub use filtered::Filtered;
pub use joinable::Joinable;
pub(crate) use keyset::select_page;
pub use path::{Chain, IntoPath, Path, Then};
pub(crate) use reader::{Reader, rendered_statement};
pub use recursive::{Recurring, Recursive};
pub(crate) use related::Found;
pub use related::{Named, Related};
pub use stream::Streamed;
pub(crate) use stream::{fetch, open};
