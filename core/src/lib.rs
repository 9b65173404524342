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

/// What derived code names.
#[doc(hidden)]
pub mod __private {
    pub use crate::error::Error;
    pub use crate::model::{
        CheckSpec, ColumnSet, EncodeResult, FieldKind, FieldSpec, ForeignKeySpec, Generated,
        KeyColumn, KeyLookup, NamedFields, OnDelete, RawHandle, Reference, Row, SqlType, Table,
        TableSpec, TypeInfo, Version, decode_json, encode_json, encode_value,
    };
    pub use bytes::BytesMut;
    pub use postgres_types::Type;
}
