//! Columns as values, so that queries can name a model's fields.
//!
//! The derive makes one constant a field; the query room gives it operators.
//! It must not hold more than the field's position: the table is asked for the rest.

use std::fmt;
use std::marker::PhantomData;

use super::{Model, Table};
use crate::error::FieldName;

/// A column of model `M` with values of type `V`.
///
/// The derive makes them: `Account::BALANCE` is a `Column<Account, i64>`.
pub struct Column<M, V> {
    field: u16,
    types: PhantomData<fn() -> (M, V)>,
}

impl<M: Model, V> Column<M, V> {
    #[doc(hidden)]
    pub const fn new(field: u16) -> Self {
        Column {
            field,
            types: PhantomData,
        }
    }

    /// The position of its field among the mapped fields of the model.
    pub fn field(self) -> usize {
        usize::from(self.field)
    }

    /// The name of its field in the struct.
    pub fn field_name(self) -> &'static str {
        M::table().fields()[self.field()].name
    }

    /// The table it belongs to.
    pub fn table(self) -> &'static Table {
        M::table()
    }
}

impl<M, V> Clone for Column<M, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, V> Copy for Column<M, V> {}

impl<M: Model, V> fmt::Debug for Column<M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", M::NAME, self.field_name())
    }
}

impl<M: Model, V> From<Column<M, V>> for FieldName {
    fn from(column: Column<M, V>) -> Self {
        FieldName {
            model: M::NAME,
            field: column.field_name(),
        }
    }
}
