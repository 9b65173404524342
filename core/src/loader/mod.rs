//! The read wing: rows of the database become objects of the session.
//!
//! The session's reading verbs call it, after whatever they read has been flushed.
//! It must not write, nor know the write wing.

mod keys;

mod reader;

mod by_key;

mod by_query;

mod related;

mod path;

pub(crate) use by_key::{get, get_locked, refresh};
pub(crate) use by_query::{select_all, select_rows, select_value};
pub use path::{IntoPath, Path};
pub(crate) use reader::{Reader, rendered_statement};
pub(crate) use related::{children, load_children, load_parents};
