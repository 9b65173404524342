//! Keys as arrays that a statement owns, a column each.
//!
//! Called by the files beside it to tell the server which rows the session has.
//! It must not send more than keys.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};

use crate::model::{EncodeResult, Model, array_element, array_header};
use crate::statement::{Bound, Parameter};

/// An array for each column of these keys; `None` where a column is an array itself, which
/// UNNEST would flatten.
pub(super) fn key_arrays<T: Model>(keys: Vec<T::Key>) -> Option<Vec<Parameter>> {
    if T::table().key_columns().any(|column| column.ty.is_array) {
        return None;
    }
    let keys: Arc<[T::Key]> = keys.into();
    let arrays = T::table().key_columns().enumerate().map(|(part, column)| {
        let wire = column.ty.wire.as_ref();
        let ty = wire.map_or(Type::UNKNOWN, |(_, array)| array.clone());
        let keys = Arc::clone(&keys);
        Bound::shared(Arc::new(KeyArray::<T> { keys, part }), ty).into()
    });
    Some(arrays.collect())
}

struct KeyArray<T: Model> {
    keys: Arc<[T::Key]>,
    part: usize,
}

impl<T: Model> fmt::Debug for KeyArray<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ×{}", T::NAME, self.keys.len())
    }
}

impl<T: Model> ToSql for KeyArray<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        let Kind::Array(element) = ty.kind() else {
            return Err(format!("{ty} is no array type").into());
        };
        array_header(element, self.keys.len(), out)?;
        for key in &*self.keys {
            array_element(out, |out| T::encode_key(key, self.part, element, out))?;
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
