//! Fields to wire bytes and back, for the code that the derive writes.
//!
//! Called by derived impls only, which keeps those short.
//! It must not choose types: the server's type comes with each call.

use bytes::BytesMut;
use postgres_types::{IsNull, Json, ToSql, Type};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Row;
use crate::error::Error;

/// Whether a NULL was encoded, or why the value can't be sent.
pub type EncodeResult = Result<IsNull, Box<dyn std::error::Error + Sync + Send>>;

/// Encodes a field for a parameter of the server's type `ty`.
///
/// # Errors
/// When the value does not fit that type.
pub fn encode_value<T: ToSql>(value: &T, ty: &Type, out: &mut BytesMut) -> EncodeResult {
    if !T::accepts(ty) {
        let rust = std::any::type_name::<T>();
        return Err(format!("{rust} does not fit a parameter of type {}", ty.name()).into());
    }
    value.to_sql(ty, out)
}

/// Encodes a serialisable field as jsonb or json.
///
/// # Errors
/// When serde can't serialise it, or the server's type is neither.
pub fn encode_json<T: Serialize + std::fmt::Debug>(
    value: &T,
    ty: &Type,
    out: &mut BytesMut,
) -> EncodeResult {
    encode_value(&Json(value), ty, out)
}

/// Decodes a jsonb or json column; NULL is `None`.
///
/// # Errors
/// [`Conversion`](crate::ErrorKind::Conversion) naming model and field.
pub fn decode_json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
    model: &'static str,
    field: &'static str,
) -> Result<Option<T>, Error> {
    let json = row.get_field::<Option<Json<T>>>(column, model, field)?;
    Ok(json.map(|Json(value)| value))
}
