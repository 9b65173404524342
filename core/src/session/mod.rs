//! The verbs: everything a program says to a session, and where units of work begin and end.
//!
//! Users call it; it calls the read wing and the write wing.
//! It must not build SQL, and knows nothing of asynchronous code.

// The room's namesake: `Session` itself.
#[allow(clippy::module_inception)]
mod session;

mod failure;

mod poison;

mod statistics;

mod objects;

mod link;

mod rows_mut;

mod hooks;

mod ends;

mod hooking;

mod asking;

mod merge;

mod guards;

mod offline;

mod get;

mod query;

mod page;

mod explain;

mod related;

mod view;

mod view_path;

mod view_node;

mod view_steps;

mod fields;

mod raw;

mod cursor;

mod flush;

mod set_based;

mod bulk;

mod copy;

mod transaction;

mod savepoint;

mod rehearsal;

mod rehearsing;

mod unit;

mod retrying;

mod schema;

mod canceller;

mod facade;

pub use bulk::IntoInsert;
#[doc(hidden)]
pub use canceller::Canceller;
pub use cursor::Cursor;
pub use guards::{ForbidLazy, NoAutoflush};
pub use hooks::Hooks;
pub use page::{Page, PageAfter};
pub use rows_mut::RowsMut;
pub use savepoint::Nested;
pub use schema::Models;
pub use session::Session;
pub use statistics::Statistics;
pub use view::{View, Views};
pub use view_path::IntoView;
