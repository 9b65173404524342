//! Sessile.

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

pub use engine::{Engine, EngineBuilder, Metrics, StatementMode, TransactionOptions};
pub use error::{Error, ErrorKind, HandleProblem, Result};
pub use identity_map::State;
pub use loader::{IntoPath, Path};
pub use model::{Fk, Handle, Model};
pub use sessile_derive::Model;
#[doc(hidden)]
pub use session::Canceller;
pub use session::{Models, Nested, NoAutoflush, Related, RowsMut, Session, Statistics};
pub use unit_of_work::{Operation, Plan, PlannedStatement, Rank};

/// Everything that a file with models and units of work needs: `use sessile::prelude::*;`.
pub mod prelude {
    pub use crate::model::{
        BelongsTo, Column, Fk, Handle, HasMany, HasOne, IntoKey, Model, SqlType,
    };
    pub use crate::query::select;
    pub use crate::{Engine, Error, ErrorKind, Result, Session, State, TransactionOptions};
    pub use sessile_derive::Model;
}

/// Functions to build queries with: `use sessile::sql::*;`.
pub mod sql {
    pub use crate::query::{all, any, count, lower, max, min, raw, select, sum, value};
}

/// What derived code names.
#[doc(hidden)]
pub mod __private {
    pub use crate::error::Error;
    pub use crate::model::reference_field::{ReferenceAccess, ReferenceField, reference};
    pub use crate::model::value_field::{
        Counter, ValueField, counter, default_of, json, named, no_such_column, optional_json, value,
    };
    pub use crate::model::{
        BelongsTo, CheckSpec, Column, ColumnSet, EncodeResult, FieldSpec, Generated, HasMany,
        HasOne, KeyColumn, KeyLookup, Model, NamedFields, OnDelete, Optional, RawHandle, Reference,
        Required, Row, Table, TableSpec,
    };
    pub use bytes::BytesMut;
    pub use postgres_types::Type;

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
