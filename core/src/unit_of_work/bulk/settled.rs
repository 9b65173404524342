//! Columns of rows that hold no handles any more, for the wire.
//!
//! Called by `rows` and `values`.
//! It must not look for keys: references were turned into keys before.

use std::any::Any;

use bytes::BytesMut;
use postgres_types::Type;

use crate::error::{Error, ErrorKind, HandleProblem};
use crate::model::{ColumnInfo, EncodeResult, KeyLookup, Model, RawHandle};

/// Sends a column of a row that is settled.
pub(super) fn encode_column<M: Model>(
    row: &M,
    column: &ColumnInfo,
    ty: &Type,
    out: &mut BytesMut,
) -> EncodeResult {
    row.encode(column.field, column.part, ty, out, &Settled)
}

/// The error for a value that can't be sent, naming its field.
pub(super) fn conversion<M: Model>(
    column: &ColumnInfo,
    source: Box<dyn std::error::Error + Sync + Send>,
) -> Error {
    let field = M::table().fields()[column.field].name;
    let place = format!("{}.{field}", M::NAME);
    Error::new(ErrorKind::Conversion { place }).with_source(source)
}

/// Rows that are settled hold no handles.
struct Settled;

impl KeyLookup for Settled {
    fn key_of(&self, _: RawHandle) -> Result<Option<&dyn Any>, HandleProblem> {
        Ok(None)
    }
}
