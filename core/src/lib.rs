//! Sessile.

mod engine;
pub mod error;
mod identity_map;
pub mod model;
mod statement;

#[cfg(feature = "test-support")]
mod engine;
#[cfg(feature = "test-support")]
pub mod test_support;

pub use engine::{Engine, EngineBuilder, Metrics, StatementMode, TransactionOptions};
pub use error::{Error, ErrorKind, Result};
pub use model::Model;
pub use sessile_derive::Model;

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
