//! Keys as parameters: one key's columns, or an array for each column of many.
//!
//! Called by the files beside it.
//! It must not know which statement the parameters are for.

use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};

use crate::model::{EncodeResult, Model, array_element, array_header};
use crate::statement::Bound;

/// One column of some keys, encoded when the statement is sent.
#[derive(Debug)]
pub(super) struct KeyParameter<'a, T: Model> {
    keys: &'a [T::Key],
    part: usize,
    /// Whether it is an array; a single key may be sent as it is.
    array: bool,
    ty: Type,
}

/// The parameters for keys: as arrays, or as plain columns when there is one key.
pub(super) fn key_parameters<T: Model>(keys: &[T::Key], arrays: bool) -> Vec<KeyParameter<'_, T>> {
    T::table()
        .key_columns()
        .enumerate()
        .map(|(part, column)| {
            let ty = column
                .ty
                .wire
                .as_ref()
                .map_or(Type::UNKNOWN, |(one, many)| {
                    if arrays { many.clone() } else { one.clone() }
                });
            KeyParameter {
                keys,
                part,
                array: arrays,
                ty,
            }
        })
        .collect()
}

/// One column of some keys, as an array that goes into a query.
#[derive(Debug)]
struct KeyArray<T: Model> {
    keys: Arc<[T::Key]>,
    part: usize,
    ty: Type,
}

/// The arrays for keys, one for each column.
pub(super) fn key_arrays<T: Model>(keys: Vec<T::Key>) -> Vec<Bound> {
    let types: Vec<Type> = key_parameters::<T>(&[], true)
        .iter()
        .map(KeyParameter::ty)
        .collect();
    let keys: Arc<[T::Key]> = keys.into();
    let arrays = types.into_iter().enumerate().map(|(part, ty)| {
        let array = KeyArray::<T> {
            keys: Arc::clone(&keys),
            part,
            ty: ty.clone(),
        };
        Bound::shared(Arc::new(array), ty)
    });
    arrays.collect()
}

impl<T: Model> ToSql for KeyArray<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        let parameter = KeyParameter::<T> {
            keys: &self.keys,
            part: self.part,
            array: true,
            ty: self.ty.clone(),
        };
        parameter.to_sql(ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<T: Model> KeyParameter<'_, T> {
    pub(super) fn ty(&self) -> Type {
        self.ty.clone()
    }

    /// A one-dimensional array: its head, then each element with its length before it.
    fn encode_array(&self, element: &Type, out: &mut BytesMut) -> EncodeResult {
        array_header(element, self.keys.len(), out)?;
        for key in self.keys {
            array_element(out, |out| T::encode_key(key, self.part, element, out))?;
        }
        Ok(IsNull::No)
    }
}

impl<T: Model> ToSql for KeyParameter<'_, T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        match (self.array, ty.kind()) {
            (true, Kind::Array(element)) => self.encode_array(element, out),
            (true, _) => Err(format!("{ty} is no array type").into()),
            (false, _) => T::encode_key(&self.keys[0], self.part, ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
