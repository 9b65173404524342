//! Rows as they come from the server: column types and raw fields.
//!
//! The engine makes them; models and tuples are decoded from them.
//! It must not know which driver brought the bytes.

use std::fmt;

use postgres_types::{FromSql, Type};

use super::SqlType;
use crate::error::{Error, ErrorKind};

/// A column of a result.
#[derive(Clone, Debug)]
pub struct RowColumn {
    /// The name that the statement gave it.
    pub name: String,
    /// Its type on the wire.
    pub ty: Type,
}

/// Where a row's bytes are; the engine implements it for its driver.
pub trait RawRow {
    /// The bytes of a field, or `None` for NULL.
    fn field(&self, column: usize) -> Option<&[u8]>;
}

/// One row of a result, borrowed from the driver's buffer.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [RowColumn],
    raw: &'a dyn RawRow,
}

impl<'a> Row<'a> {
    pub(crate) fn new(columns: &'a [RowColumn], raw: &'a dyn RawRow) -> Self {
        Row { columns, raw }
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether the row has no columns.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The columns.
    pub fn columns(&self) -> &'a [RowColumn] {
        self.columns
    }

    /// Whether the field is NULL, or there is none at this position.
    pub fn is_null(&self, column: usize) -> bool {
        column >= self.columns.len() || self.raw.field(column).is_none()
    }

    /// Decodes a field, counted from 0.
    ///
    /// # Errors
    /// [`Conversion`](ErrorKind::Conversion) when there is no such column, or its type or value
    /// is not one of `T`; the source says which.
    pub fn get<T: FromSql<'a>>(&self, column: usize) -> Result<T, Error> {
        self.decode(column).map_err(|source| {
            let name = self.columns.get(column).map_or("?", |c| c.name.as_str());
            Error::new(ErrorKind::Conversion {
                place: format!("result column {column} ({name})"),
            })
            .with_source(source)
        })
    }

    /// Decodes a field that belongs to a field of a model.
    #[doc(hidden)]
    pub fn get_field<T: FromSql<'a>>(
        &self,
        column: usize,
        model: &'static str,
        field: &'static str,
    ) -> Result<T, Error> {
        self.decode(column).map_err(|source| {
            Error::new(ErrorKind::Conversion {
                place: format!("{model}.{field}"),
            })
            .with_source(source)
        })
    }

    /// The bytes of a field.
    #[doc(hidden)]
    pub fn raw(&self, column: usize) -> Option<&'a [u8]> {
        self.raw.field(column)
    }

    fn decode<T: FromSql<'a>>(
        &self,
        column: usize,
    ) -> Result<T, Box<dyn std::error::Error + Sync + Send>> {
        let Some(info) = self.columns.get(column) else {
            return Err(format!("the result has {} columns", self.columns.len()).into());
        };
        if !T::accepts(&info.ty) {
            let rust = std::any::type_name::<T>();
            return Err(format!("a column of type {} does not fit {rust}", info.ty.name()).into());
        }
        match self.raw.field(column) {
            Some(bytes) => T::from_sql(&info.ty, bytes),
            None => T::from_sql_null(&info.ty)
                .map_err(|_| "the column is NULL and the field is not an Option".into()),
        }
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: a row's values are nobody's business in a log.
        f.debug_list()
            .entries(self.columns.iter().map(|c| &c.name))
            .finish()
    }
}

/// What a result row can be turned into: a scalar, or a tuple of scalars.
pub trait FromRow: Sized {
    /// Decodes the row, column by column.
    ///
    /// # Errors
    /// [`Conversion`](ErrorKind::Conversion) when a column's type or value does not fit, and
    /// [`Mapping`](ErrorKind::Mapping) when the number of columns differs.
    fn from_row(row: &Row<'_>) -> Result<Self, Error>;
}

fn expect_columns(row: &Row<'_>, wanted: usize) -> Result<(), Error> {
    if row.len() == wanted {
        return Ok(());
    }
    let got = row.len();
    Err(Error::mapping(format!(
        "the result has {got} columns where {wanted} are expected"
    )))
}

impl<T: SqlType> FromRow for T {
    fn from_row(row: &Row<'_>) -> Result<Self, Error> {
        expect_columns(row, 1)?;
        row.get(0)
    }
}

macro_rules! tuple_rows {
    ($(($n:literal $($t:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<$($t: SqlType),+> FromRow for ($($t,)+) {
                fn from_row(row: &Row<'_>) -> Result<Self, Error> {
                    expect_columns(row, $n)?;
                    Ok(($(row.get::<$t>($i)?,)+))
                }
            }
        )+
    };
}
tuple_rows!(
    (1 A 0),
    (2 A 0, B 1),
    (3 A 0, B 1, C 2),
    (4 A 0, B 1, C 2, D 3),
    (5 A 0, B 1, C 2, D 3, E 4),
    (6 A 0, B 1, C 2, D 3, E 4, F 5),
    (7 A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (8 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7),
    (9 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8),
    (10 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9),
    (11 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10),
    (12 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11),
);
