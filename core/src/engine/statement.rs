//! What goes into a batch and what comes out of it.
//!
//! The wings and the session make statements and read the replies, `connection` runs them.
//! It must not own values: parameters stay borrowed from the rows that they belong to.

use std::fmt;
use std::sync::Arc;

use postgres_types::{FromSql, ToSql, Type};

use crate::error::Error;
use crate::model::{RawRow, Row, RowColumn};

/// The text of a statement, made once and shared.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// What is sent.
    pub(crate) sql: Arc<str>,
    /// A short form for people: plans, logs, tests.
    pub(crate) label: Arc<str>,
}

/// What a statement answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    /// The rows of its result.
    Rows,
    /// The number of rows that it wrote.
    Count,
    /// Rows, of a write that ends with its RETURNING list; the engine may add a column to it.
    Returning,
    /// The number of rows, of a write that has no RETURNING; the engine may add one.
    Written,
    /// Rows, of a write that has the transaction's id in its last column.
    Identified,
}

/// One statement of a batch, with its parameters.
#[derive(Clone)]
pub(crate) struct Statement<'a> {
    /// What is sent.
    pub(crate) text: Text,
    /// The values of `$1`, `$2`…
    pub(crate) params: Vec<&'a (dyn ToSql + Sync)>,
    /// One type for each parameter; [`Type::UNKNOWN`] leaves it to the server.
    pub(crate) types: Vec<Type>,
    /// What is wanted back.
    pub(crate) returns: Returns,
    /// A SELECT of our own building without locks or functions of the user's: it may run
    /// without BEGIN.
    pub(crate) plain_read: bool,
    /// How many rows are bound, shown as `×n` where the label has a `×`, or behind it; 0 shows
    /// nothing.
    pub(crate) rows: usize,
    /// Whether the text will come again, so that preparing it pays.
    pub(crate) cache: bool,
}

impl Statement<'_> {
    /// The label with the number of bound rows.
    pub(crate) fn shown(&self) -> String {
        match self.rows {
            0 => self.text.label.to_string(),
            rows if self.text.label.contains('×') => {
                self.text.label.replacen('×', &format!("×{rows}"), 1)
            }
            rows => format!("{} ×{rows}", self.text.label),
        }
    }

    /// Whether the server must be asked for a parameter's type.
    pub(super) fn needs_inference(&self) -> bool {
        self.types.contains(&Type::UNKNOWN)
    }
}

impl fmt::Debug for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Parameters are left out: they are the user's data.
        f.debug_struct("Statement")
            .field("label", &self.shown())
            .field("sql", &self.text.sql)
            .field("types", &self.types)
            .finish_non_exhaustive()
    }
}

/// The answer to one statement.
#[derive(Debug)]
pub(crate) enum Reply {
    /// Of a statement that returns rows; there may be a column more than was asked for.
    Rows(Rows),
    /// Of a statement that is counted.
    Count(u64),
}

/// How a statement of a batch failed. Those after it were not sent.
#[derive(Debug)]
pub(crate) struct BatchError {
    /// What went wrong.
    pub(crate) error: Error,
    /// The replies to those before it; their number is its position in the batch.
    pub(crate) replies: Vec<Reply>,
}

/// The rows of a result, in the driver's buffers.
pub(crate) struct Rows {
    columns: Arc<[RowColumn]>,
    rows: Vec<postgres::Row>,
}

impl Rows {
    pub(super) fn new(columns: Arc<[RowColumn]>, rows: Vec<postgres::Row>) -> Self {
        Rows { columns, rows }
    }

    /// Takes the columns from the first row: without a row there are no columns.
    pub(super) fn described_by_themselves(rows: Vec<postgres::Row>) -> Self {
        let columns = rows.first().map(|row| row_columns(row.columns()));
        Rows::new(columns.unwrap_or_default(), rows)
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The columns; may be empty when there are no rows.
    pub(crate) fn columns(&self) -> &[RowColumn] {
        &self.columns
    }

    /// The row at this position.
    ///
    /// # Panics
    /// When there is none.
    pub(crate) fn row(&self, index: usize) -> Row<'_> {
        Row::new(&self.columns, &self.rows[index])
    }

    /// All rows in the order of the result.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.rows.iter().map(|row| Row::new(&self.columns, row))
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rows({})", self.rows.len())
    }
}

/// The driver's description of a result in our words.
pub(super) fn row_columns(columns: &[postgres::Column]) -> Arc<[RowColumn]> {
    columns
        .iter()
        .map(|column| RowColumn {
            name: column.name().to_owned(),
            ty: column.type_().clone(),
        })
        .collect()
}

impl RawRow for postgres::Row {
    fn field(&self, column: usize) -> Option<&[u8]> {
        let field: Option<Untouched<'_>> = self.try_get(column).ok()?;
        field.map(|Untouched(bytes)| bytes)
    }
}

/// The bytes of a field as they came, whatever its type.
struct Untouched<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Untouched<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Untouched(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
