//! Values of plain rows that a statement owns.
//!
//! Called by `rows`.
//! It must not encode early what only the server knows the type of.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};

use super::settled::encode_column;
use crate::error::Error;
use crate::model::{ColumnInfo, EncodeResult, Model, array_element, array_header};
use crate::statement::Bound;

/// Bytes that are encoded already.
pub(super) struct Ready {
    pub(super) bytes: BytesMut,
    pub(super) null: bool,
}

/// The elements of a column as one array.
pub(super) fn array(
    element: &Type,
    ty: &Type,
    count: usize,
    elements: &[u8],
) -> Result<Bound, Error> {
    let mut bytes = BytesMut::with_capacity(elements.len() + 20);
    array_header(element, count, &mut bytes)
        .map_err(|source| Error::mapping("a statement with too many rows").with_source(source))?;
    bytes.extend_from_slice(elements);
    let ready = Ready { bytes, null: false };
    Ok(Bound::shared(Arc::new(ready), ty.clone()))
}

/// A column of rows, encoded when the server has told its type.
pub(super) struct LateArray<M> {
    pub(super) rows: Arc<[M]>,
    pub(super) column: &'static ColumnInfo,
}

/// A column of one row, encoded when the server has told its type.
pub(super) struct Cell<M> {
    pub(super) rows: Arc<[M]>,
    pub(super) row: usize,
    pub(super) column: &'static ColumnInfo,
}

impl ToSql for Ready {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> EncodeResult {
        if self.null {
            return Ok(IsNull::Yes);
        }
        out.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<M: Model> ToSql for LateArray<M> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        let Kind::Array(element) = ty.kind() else {
            return Err(format!("{ty} is no array type").into());
        };
        array_header(element, self.rows.len(), out)?;
        for row in &*self.rows {
            array_element(out, |out| encode_column(row, self.column, element, out))?;
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<M: Model> ToSql for Cell<M> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        encode_column(&self.rows[self.row], self.column, ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl fmt::Debug for Ready {
    // Values are nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ready({} bytes)", self.bytes.len())
    }
}

impl<M> fmt::Debug for LateArray<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ×{}", self.column.name, self.rows.len())
    }
}

impl<M> fmt::Debug for Cell<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.column.name)
    }
}
