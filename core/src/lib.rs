//! A PostgreSQL ORM with a blocking unit of work and an identity map.
//!
//! Programs open a [`Session`] on an [`Engine`], read and change structs in it, and the session
//! writes what changed: one statement for each table, operation and set of columns, however many
//! rows there are. This file is the map of the house; it must not hold code of its own.
//!
//! ```
//! use sessile::prelude::*;
//!
//! #[derive(Model, Clone, Debug, Default)]
//! #[model(table = "account")]
//! struct Account {
//!     #[model(key, generated)]
//!     id: i64,
//!     owner: String,
//!     balance: i64,
//! }
//!
//! # #[cfg(not(feature = "test-support"))]
//! # fn main() {}
//! # #[cfg(feature = "test-support")]
//! fn main() -> Result<()> {
//!     # let database = sessile::test_support::TestDatabase::new().expect("there is a server");
//!     # let url = database.url();
//!     let engine = Engine::connect(url)?;
//!     engine.create_tables::<Account>()?;
//!
//!     let ann = engine.transaction(|s| {
//!         let ann = s.add(Account { owner: "ann".into(), balance: 100, ..Account::default() });
//!         s.flush()?; // for the key, which the database makes
//!         s.key(ann)
//!     })?;
//!
//!     engine.transaction(|s| {
//!         let account = s.get_for_update::<Account>(ann)?;
//!         s[account].balance -= 30;
//!         assert_eq!(s.changes(account)?, ["balance"]);
//!         Ok(())
//!     })?; // UPDATE account SET balance, and COMMIT
//!
//!     let rich = select::<Account>().filter(Account::BALANCE.ge(70));
//!     assert_eq!(engine.transaction(|s| s.count(rich))?, 1);
//!     Ok(())
//! }
//! ```
//!
//! # What to know
//!
//! - The session owns the objects and gives out handles. A [`Handle`] is `Copy`; `s[handle]` reads
//!   an object, `&mut s[handle]` writes it, and neither talks to the database. What may do so
//!   takes `&mut Session` and returns a [`Result`].
//! - One row is one object: whichever query finds it, the handle is the same.
//! - A reference is a field, [`Fk`]; what refers to a row is a query through that field. There are
//!   no two sides to keep in step.
//! - [`Session::plan`] shows what a flush is going to do, as a value that prints.
//! - [`Engine::transaction`] commits on `Ok` and rolls back on `Err` and on a panic; a rollback
//!   also gives the objects back the values they had.
//! - Each [`Error`] has a [`kind`](Error::kind) that says which constraint, model, field or keys it
//!   is about, and whether it helps to try again ([`Engine::retrying`]).
//! - Every call blocks its thread. In asynchronous programs a whole unit of work belongs on a
//!   thread that may block.
//!
//! # Where things are
//!
//! | | |
//! |---|---|
//! | [`prelude`] | what a file with models and units of work imports |
//! | [`Engine`], [`EngineBuilder`] | a database, its pool of connections, and all their limits |
//! | [`Session`] | the verbs |
//! | [`derive@Model`] | how a struct becomes a table: all attributes |
//! | [`derive@FromRow`] | how a struct becomes what a query or raw SQL reads |
//! | [`model`] | keys, references, columns, relationships, and which Rust type is which SQL type |
//! | [`query`], [`sql`] | queries, and the functions to write them with |
//! | [`error`] | what can go wrong |
//! | `test_support` | a PostgreSQL server, databases and budgets for tests, with the feature `test-support` |
//!
//! # Features
//!
//! None is on by default. `tls-rustls` encrypts connections; `chrono`, `jiff`, `time`, `uuid` and
//! `decimal` bring the types of those crates; `test-support` brings a throw-away server (Unix).

pub mod error;

pub mod model;

mod engine;

mod statement;

mod identity_map;
pub mod query;

mod loader;
mod unit_of_work;

mod session;

#[cfg(feature = "test-support")]
pub mod test_support;

#[doc(hidden)]
pub use engine::Sent;
pub use engine::{Engine, EngineBuilder, LazyLoad, Metrics, StatementMode, TransactionOptions};
pub use error::{Error, ErrorKind, HandleProblem, Result, StaleRow};
pub use identity_map::State;
pub use loader::{
    ByJoin, Chain, Filtered, IntoPath, Joinable, Named, Path, Recurring, Recursive, Related,
    Streamed, Then,
};
pub use model::{Fk, Handle, Model, Xmin};
pub use sessile_derive::{FromRow, Model};
#[doc(hidden)]
pub use session::Canceller;
pub use session::{
    Cursor, ForbidLazy, Hooks, IntoInsert, IntoView, Models, Nested, NoAutoflush, Page, PageAfter,
    RowsMut, Session, Statistics, View, Views,
};
pub use unit_of_work::{
    Answer, Operation, Plan, PlannedEdge, PlannedRow, PlannedStatement, Rank, Reason,
};
#[doc(hidden)]
pub use unit_of_work::{Done, Wants};

/// Everything that a file with models and units of work needs: `use sessile::prelude::*;`.
pub mod prelude {
    pub use crate::model::{
        BelongsTo, Column, Fk, Handle, HasMany, HasOne, IntoKey, ManyToMany, Model, SqlType,
    };
    pub use crate::query::{delete, insert, select, update};
    pub use crate::{Engine, Error, ErrorKind, Result, Session, State, TransactionOptions};
    pub use sessile_derive::{FromRow, Model};
}

/// Functions to build queries with: `use sessile::sql::*;`.
pub mod sql {
    pub use crate::model::Interval;
    pub use crate::params;
    pub use crate::query::{
        DatePart, TimeUnit, abs, aggregate, alias, all, any, array, array_agg, avg, bool_and,
        bool_or, cardinality, case, ceil, coalesce, column_named, columns_named, count,
        count_distinct, count_of, cte, cume_dist, current_date, current_row, date_trunc,
        date_trunc_in, delete, dense_rank, excluded, exists, extract, first_value, floor,
        following, following_by, fragment, from, function, greatest, grouping, insert, jsonb_agg,
        jsonb_object_agg, lag, lag_by, last_value, lead, lead_by, least, left, length, lower,
        ltrim, max, min, named, now, nth_value, ntile, nullif, percent_rank, power, preceding,
        preceding_by, rank, raw, recursive, recursive_all, replace, right, round, round_to, row,
        row_number, rtrim, scalar, select, split_part, sqrt, stddev, string_agg, subquery,
        substring, sum, table, trim, tuple, update, upper, upsert, value, values, variance, window,
    };
    pub use crate::sql_function;
}

/// What derived code names.
#[doc(hidden)]
pub mod __private {
    pub use crate::error::Error;
    pub use crate::model::from_row::{find_model, read_model};
    pub use crate::model::reference_field::{ReferenceAccess, ReferenceField, reference};
    pub use crate::model::value_field::{
        Counter, ValueField, counter, default_of, json, named, no_such_column, optional_json,
        read_json, read_optional_json, value,
    };
    pub use crate::model::{
        BelongsTo, CheckSpec, Column, ColumnFinder, ColumnSet, EncodeResult, FieldSpec, Fk,
        FromColumns, FromRow, Generated, Handle, HasMany, HasOne, IntoKey, KeyColumn, KeyLookup,
        ManyToMany, Model, NamedFields, Objects, OnDelete, Optional, RawHandle, Reference,
        Required, Row, Table, TableSpec,
    };
    pub use bytes::BytesMut;
    pub use postgres_types::Type;
    pub use serde_json::Value as JsonDocument;

    /// A row for tests of derived code.
    #[cfg(feature = "test-support")]
    pub fn row<'a>(
        columns: &'a [crate::model::RowColumn],
        raw: &'a dyn crate::model::RawRow,
    ) -> Row<'a> {
        Row::new(columns, raw)
    }

    /// A handle of no session, for tests of derived code.
    #[cfg(feature = "test-support")]
    pub fn handle(slot: u32) -> RawHandle {
        RawHandle {
            session: 0,
            store: 0,
            slot,
            generation: 0,
        }
    }
}
