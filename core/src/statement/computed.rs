//! A value that the database computes when a flush writes a row.
//!
//! The session makes it of an expression; the identity map keeps it until the flush.
//! It must not do I/O. Its text is the same whatever the values in it are, so that rows whose
//! values are computed alike are written together.

use std::fmt;
use std::sync::Arc;

use postgres_types::Type;
use sea_query::{PostgresQueryBuilder, Query as Builder};

use super::marker::Markers;
use super::names::quote;
use super::writer::Writer;
use super::{Node, Parameter, Source, label};
use crate::error::Error;
use crate::model::Table;

/// What the row that is written is called in the texts.
pub(crate) const ROW: &str = "t";

/// What the rows are called that hold the values of the texts.
pub(crate) const VALUES: &str = "u";

/// A column's value, as an expression with its values.
#[derive(Clone)]
pub(crate) struct Computed {
    pub(crate) text: Arc<ComputedText>,
    pub(crate) params: Vec<Parameter>,
}

/// The expression, with the names of columns where its values are.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct ComputedText {
    /// The position of the column that is computed.
    pub(crate) column: usize,
    pub(crate) sql: String,
    /// The same for people.
    pub(crate) label: String,
    /// The types of its values.
    pub(crate) types: Vec<Type>,
}

impl Computed {
    /// A value for this column, computed from the row as the database has it.
    ///
    /// # Errors
    /// `Mapping` when the expression can't be written.
    pub(crate) fn from_row(source: &Source, column: usize, node: &Node) -> Result<Self, Error> {
        let mut markers = Markers::new();
        markers.frames.enter();
        markers.frames.add_as(source, ROW);
        Computed::render(markers, column, node)
    }

    /// A value for this column of a row that is new, so that it has no columns to compute from.
    ///
    /// # Errors
    /// `Mapping` when the expression names a column of the row, or can't be written.
    pub(crate) fn from_nothing(table: &Table, column: usize, node: &Node) -> Result<Self, Error> {
        let mut markers = Markers::new();
        markers.frames.enter();
        Computed::render(markers, column, node).map_err(|_| {
            let field = table.fields()[table.columns()[column].field].name;
            let model = table.model();
            Error::mapping(format!(
                "{model}.{field} of a row that is new can't be computed from its columns"
            ))
        })
    }

    fn render(mut markers: Markers, column: usize, node: &Node) -> Result<Self, Error> {
        let mut query = Builder::select();
        query.expr(markers.expr(node)?);
        let mut out = Writer::naming(format!("{VALUES}.c{column}_"));
        query.build_collect_into(PostgresQueryBuilder, &mut out);
        let text = markers.finish(out);
        let sql = text.sql.strip_prefix("SELECT ").unwrap_or(&text.sql);
        let text_of = ComputedText {
            column,
            sql: sql.to_owned(),
            label: label::expression(node),
            types: text.params.iter().map(|p| p.ty().clone()).collect(),
        };
        Ok(Computed {
            text: Arc::new(text_of),
            params: text.params,
        })
    }
}

impl ComputedText {
    /// A column of the row as it is, for a row that is to be written and not to be changed.
    pub(crate) fn unchanged(table: &Table) -> ComputedText {
        let plain = |column: &usize| {
            let field = table.columns()[*column].field;
            !table.key().contains(field) && !table.generated_always().contains(field)
        };
        let column = (0..table.columns().len()).find(plain);
        let column = column.unwrap_or(table.key_positions()[0]);
        let name = &table.columns()[column].name;
        ComputedText {
            column,
            sql: format!("{ROW}.{}", quote(name)),
            label: name.clone(),
            types: Vec::new(),
        }
    }

    /// The names of the columns where its values are.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        (1..=self.types.len()).map(|number| format!("c{}_{number}", self.column))
    }
}

impl fmt::Debug for Computed {
    // Values are nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Computed").field(&self.text.label).finish()
    }
}
