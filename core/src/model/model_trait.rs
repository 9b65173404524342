//! The trait that `#[derive(Model)]` implements.
//!
//! The identity map, the loader and the unit of work reach a model's fields through it, so data
//! stays typed from the struct to the wire.
//! It must not be implemented by hand: its hidden methods change without notice.

use std::any::Any;
use std::fmt::Debug;

use bytes::BytesMut;
use postgres_types::Type;

use super::{ColumnSet, EncodeResult, Key, KeyColumn, KeyLookup, RawHandle, Reference, Row, Table};
use crate::error::Error;

/// A struct that is a row of a table. Derive it.
///
/// The derive also needs `Clone` and `Debug` on the struct, and `PartialEq` of each field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    note = "derive it: `#[derive(Model, Clone, Debug)]`"
)]
pub trait Model: Clone + Debug + Send + Sync + Sized + 'static {
    /// The key's type: the key field's, or a tuple of them.
    type Key: Key;

    /// The types of the key's fields, as a tuple.
    #[doc(hidden)]
    type KeyParts;

    /// The struct's name.
    const NAME: &'static str;

    /// The number of columns of the key.
    #[doc(hidden)]
    const KEY_COLUMNS: usize = 1;

    /// The table it is mapped to.
    fn table() -> &'static Table;

    /// Name and type of each column of the key. Unlike [`table`](Self::table) it may be asked
    /// while another table, or this one, is being described.
    #[doc(hidden)]
    fn key_columns() -> Vec<KeyColumn>;

    /// The key, or `None` while a reference that is part of it has none.
    #[doc(hidden)]
    fn key(&self) -> Option<Self::Key>;

    /// Sends one column of a key.
    #[doc(hidden)]
    fn encode_key(key: &Self::Key, part: usize, ty: &Type, out: &mut BytesMut) -> EncodeResult;

    /// Decodes a key whose columns begin at `at`; `None` when one of them is NULL.
    #[doc(hidden)]
    fn decode_key(row: &Row<'_>, at: usize) -> Result<Option<Self::Key>, Error>;

    /// Decodes a whole row whose columns, in table order, begin at `at`.
    #[doc(hidden)]
    fn from_row(row: &Row<'_>, at: usize) -> Result<Self, Error>;

    /// Decodes the columns of these fields, in table order from `at`, into the object.
    #[doc(hidden)]
    fn read_fields(&mut self, fields: ColumnSet, row: &Row<'_>, at: usize) -> Result<(), Error>;

    /// Takes these fields from another value of the same row.
    #[doc(hidden)]
    fn adopt(&mut self, fresh: Self, fields: ColumnSet);

    /// The fields that differ from the other value's.
    #[doc(hidden)]
    fn changed(&self, original: &Self) -> ColumnSet;

    /// Those of these fields that equal their type's default.
    #[doc(hidden)]
    fn defaulted(&self, fields: ColumnSet) -> ColumnSet;

    /// Sets these fields to their type's default.
    #[doc(hidden)]
    fn reset(&mut self, fields: ColumnSet);

    /// Cuts off what the database would not keep.
    #[doc(hidden)]
    fn normalize(&mut self);

    /// Sends one column of a field; `keys` resolves references to objects.
    #[doc(hidden)]
    fn encode(
        &self,
        field: usize,
        part: usize,
        ty: &Type,
        out: &mut BytesMut,
        keys: &dyn KeyLookup,
    ) -> EncodeResult;

    /// Sends a value of a field that is no reference; the value is one of the field's type.
    #[doc(hidden)]
    fn encode_field(field: usize, value: &dyn Any, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        let _ = (field, value, ty, out);
        super::value_field::no_such_column(Self::NAME)
    }

    /// What a reference field holds: its key as `&dyn Any` of the parent's `Key`.
    /// An absent `Option<Fk<_>>` is `None`. Never called for a field that is no reference.
    #[doc(hidden)]
    fn reference(&self, field: usize) -> Option<Reference<'_, dyn Any>>;

    /// Makes a reference field hold this key, which is the parent's `Key`.
    #[doc(hidden)]
    fn set_reference_key(&mut self, field: usize, key: &dyn Any);

    /// Makes a reference field hold this handle.
    #[doc(hidden)]
    fn set_reference_handle(&mut self, field: usize, handle: RawHandle);

    /// Makes a reference field absent, or unset when it is required.
    #[doc(hidden)]
    fn clear_reference(&mut self, field: usize);

    /// Counts the version up, for models that have one.
    #[doc(hidden)]
    fn bump_version(&mut self);

    /// Gives the version its first value, for models that have one.
    #[doc(hidden)]
    fn start_version(&mut self);

    /// The version for people, for models that have one.
    #[doc(hidden)]
    fn version_text(&self) -> Option<String> {
        None
    }
}
