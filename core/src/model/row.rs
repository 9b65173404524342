//! Rows as they come from the server: column types and raw fields.
//!
//! The engine makes them; models and tuples are decoded from them.
//! It must not know which driver brought the bytes.

use std::fmt;

use postgres_types::{FromSql, Type};

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
    /// For each column the position at which the server sent it, where that differs.
    order: Option<&'a [usize]>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(columns: &'a [RowColumn], raw: &'a dyn RawRow) -> Self {
        Row {
            columns,
            raw,
            order: None,
        }
    }

    /// The same row with its columns in another order.
    pub(crate) fn in_order(self, order: &'a [usize]) -> Self {
        Row {
            order: Some(order),
            ..self
        }
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.order.map_or(self.columns.len(), <[usize]>::len)
    }

    /// Whether the row has no columns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The columns, as the server sent them.
    pub fn columns(&self) -> &'a [RowColumn] {
        self.columns
    }

    /// Whether the field is NULL, or there is none at this position.
    pub fn is_null(&self, column: usize) -> bool {
        self.raw(column).is_none()
    }

    /// Decodes a field, counted from 0.
    ///
    /// # Errors
    /// [`Conversion`](ErrorKind::Conversion) when there is no such column, or its type or value
    /// is not one of `T`; the source says which.
    pub fn get<T: FromSql<'a>>(&self, column: usize) -> Result<T, Error> {
        self.decode(column).map_err(|source| {
            let sent = self.sent(column).and_then(|at| self.columns.get(at));
            let name = sent.map_or("?", |c| c.name.as_str());
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
        let sent = self.sent(column).filter(|at| *at < self.columns.len())?;
        self.raw.field(sent)
    }

    /// Where the server sent a column.
    fn sent(&self, column: usize) -> Option<usize> {
        match self.order {
            Some(order) => order.get(column).copied(),
            None => Some(column),
        }
    }

    fn decode<T: FromSql<'a>>(
        &self,
        column: usize,
    ) -> Result<T, Box<dyn std::error::Error + Sync + Send>> {
        let sent = self.sent(column);
        let Some((at, info)) = sent.and_then(|at| Some((at, self.columns.get(at)?))) else {
            return Err(format!("the result has {} columns", self.len()).into());
        };
        if !T::accepts(&info.ty) {
            let rust = std::any::type_name::<T>();
            return Err(format!("a column of type {} does not fit {rust}", info.ty.name()).into());
        }
        match self.raw.field(at) {
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
