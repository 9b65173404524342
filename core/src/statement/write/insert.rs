//! INSERT of many rows: from arrays, cell by cell, or from a query.
//!
//! Filled in by the unit of work, which knows the rows.
//! It must not rely on the order in which rows come back: where that matters, each carries the
//! ordinal of the row that was sent.

use std::sync::Arc;

use super::Conflict;
use super::back::own;
use super::draft::{Draft, table};
use super::version::first;
use crate::error::Error;
use crate::model::{ColumnSet, KeyLookup, Table};
use crate::statement::names::{quote, table_name};
use crate::statement::shape::text::{aliases, is_text, names};
use crate::statement::{Item, Parameter, Rendered, Source as From, closed};

/// An INSERT.
pub(crate) struct Insert {
    pub(crate) table: From,
    /// The positions of the columns that are sent.
    pub(crate) columns: Vec<usize>,
    /// Whether the last of them is a version that begins, beside the rows of a query.
    pub(crate) starts_version: bool,
    pub(crate) source: Source,
    pub(crate) conflict: Option<Conflict>,
    pub(crate) ways: Ways,
}

/// Where the rows come from.
pub(crate) enum Source {
    /// An array for each column.
    Arrays(Vec<Parameter>),
    /// So many rows, each cell a parameter, row by row.
    Cells(Vec<Parameter>, usize),
    /// Rows of which nothing is sent; their number.
    Defaults(Parameter),
    /// The rows of a query, in the order of the columns.
    Query(Selected),
}

/// A query as a part of another statement, which numbers its values from 1.
pub(crate) struct Selected {
    pub(crate) sql: Arc<str>,
    pub(crate) label: Arc<str>,
    pub(crate) params: Vec<Parameter>,
}

/// What comes back.
pub(crate) enum Ways {
    /// The number of rows.
    Count,
    /// Of each row that was written these expressions, and then these fields.
    Each {
        columns: Vec<Item>,
        fields: ColumnSet,
    },
    /// Each row that was written, behind the ordinal of the row that was sent; found by the
    /// target of the conflict.
    Matched,
    /// Each row that was written or there already, behind the ordinal of the row that was sent
    /// and whether it is new.
    Ensured,
}

impl Insert {
    /// The statement, with the values of this session.
    ///
    /// # Errors
    /// `Mapping` when a column of another table is named; what the lookup says of handles.
    pub(crate) fn render(self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        self.draft()?.finish(lookup)
    }

    /// The same as a part of another statement.
    ///
    /// # Errors
    /// As [`render`](Self::render), but for handles.
    pub(crate) fn parts(self) -> Result<(String, Vec<Parameter>), Error> {
        Ok(self.draft()?.into_parts())
    }

    fn draft(self) -> Result<Draft, Error> {
        let first = match &self.source {
            Source::Arrays(values) | Source::Cells(values, _) => values.clone(),
            Source::Defaults(count) => vec![count.clone()],
            Source::Query(query) => query.params.clone(),
        };
        let mut draft = Draft::new(&self.table, first)?;
        let table = table(&self.table);
        let all = names(table.columns().iter(), &own(table));
        match &self.ways {
            Ways::Count => self.insert(&self.selected(), &mut draft)?,
            Ways::Each { columns, fields } => {
                self.insert(&self.selected(), &mut draft)?;
                returning(table, columns, *fields, &mut draft)?;
            }
            Ways::Matched => {
                draft.sql(&self.sent());
                draft.sql("_i AS (");
                let columns = aliases('n', self.columns.len()).join(", ");
                let order = self.target_order();
                let selected = format!("SELECT {columns} FROM _s ORDER BY {order}");
                self.insert(&selected, &mut draft)?;
                draft.sql(&format!(
                    " RETURNING {all}) SELECT _s.ordinal, _i.* FROM _s JOIN _i ON {}",
                    self.same_target("_i.")
                ));
                draft.label(&format!(" RETURNING {}", table.name()));
            }
            Ways::Ensured => {
                let there = self.same_target(&own(table));
                draft.sql(&self.sent());
                draft.sql("_i AS (");
                let selected = format!(
                    "SELECT {} FROM _s WHERE NOT EXISTS (SELECT FROM {} WHERE {there}) \
                     ORDER BY {}",
                    aliases('n', self.columns.len()).join(", "),
                    table_name(table),
                    self.target_order()
                );
                self.insert(&selected, &mut draft)?;
                draft.sql(&format!(
                    " RETURNING {all}) SELECT _s.ordinal, true AS made, _i.* FROM _s JOIN _i ON {} \
                     UNION ALL SELECT _s.ordinal, false, {all} FROM _s JOIN {} ON {there}",
                    self.same_target("_i."),
                    table_name(table)
                ));
                draft.label(&format!(" RETURNING {}", table.name()));
            }
        }
        Ok(draft)
    }

    /// Whether the same text will do for other rows.
    pub(crate) fn keeps_its_text(&self) -> bool {
        !matches!(self.source, Source::Cells(..))
    }

    /// From `INSERT` to the end of what is done about conflicts.
    fn insert(&self, selected: &str, draft: &mut Draft) -> Result<(), Error> {
        let table = table(&self.table);
        let columns: Vec<&str> = self.columns.iter().map(|c| name(table, *c)).collect();
        let quoted: Vec<String> = columns.iter().map(|c| quote(c)).collect();
        let quoted = match quoted.is_empty() {
            true => String::new(),
            false => format!(" ({})", quoted.join(", ")),
        };
        draft.sql(&format!(
            "INSERT INTO {}{quoted} {selected}",
            table_name(table)
        ));
        draft.label(&format!("INSERT {} ({})", table.name(), columns.join(", ")));
        match &self.source {
            Source::Query(query) => draft.label(&format!(" FROM {}", query.label)),
            _ => draft.label(" ×"),
        };
        match &self.conflict {
            Some(conflict) => conflict.write(table, draft),
            None => Ok(()),
        }
    }

    /// The rows, as the INSERT takes them.
    fn selected(&self) -> String {
        match &self.source {
            Source::Query(query) => self.selected_from_query(&query.sql),
            Source::Defaults(_) => "SELECT FROM generate_series(1, $1::bigint)".to_owned(),
            Source::Arrays(_) | Source::Cells(..) => self.selected_of(&self.rows()),
        }
    }

    fn selected_of(&self, rows: &str) -> String {
        let columns = aliases('n', self.columns.len()).join(", ");
        format!("SELECT {columns} FROM {rows} ORDER BY ordinal")
    }

    /// A query says nothing about versions, so the first is added.
    fn selected_from_query(&self, sql: &str) -> String {
        let count = self.columns.len() - usize::from(self.starts_version);
        let named = aliases('n', count).join(", ");
        let version = match self.columns.last() {
            Some(column) if self.starts_version => {
                format!(", {}", first(&table(&self.table).columns()[*column]))
            }
            _ => String::new(),
        };
        format!(
            "SELECT {named}{version} FROM ({}) AS _q({named})",
            closed(sql)
        )
    }

    /// The rows that are sent, each with its ordinal.
    fn rows(&self) -> String {
        let table = table(&self.table);
        let types = self.columns.iter().map(|c| table.columns()[*c].ty.name);
        let names = aliases('n', self.columns.len()).join(", ");
        if let Source::Cells(_, count) = self.source {
            let types: Vec<&str> = types.collect();
            let row = |ordinal: usize| {
                let cell = |(i, ty): (usize, &&str)| {
                    let number = ordinal * types.len() + i + 1;
                    format!("${number}::{ty}")
                };
                let cells: Vec<String> = types.iter().enumerate().map(cell).collect();
                format!("({}, {}::bigint)", cells.join(", "), ordinal + 1)
            };
            let rows: Vec<String> = (0..count).map(row).collect();
            return format!("(VALUES {}) AS _u({names}, ordinal)", rows.join(", "));
        }
        let arrays: Vec<String> = types
            .enumerate()
            .map(|(i, ty)| format!("${}::{ty}[]", i + 1))
            .collect();
        format!(
            "UNNEST({}) WITH ORDINALITY AS _u({names}, ordinal)",
            arrays.join(", ")
        )
    }

    /// `WITH _s`: the rows under a name.
    fn sent(&self) -> String {
        format!("WITH _s AS MATERIALIZED (SELECT * FROM {}), ", self.rows())
    }

    /// Rows are inserted in the order of the target, so that two sessions that insert the same
    /// ones wait for each other and don't deadlock.
    fn target_order(&self) -> String {
        let order: Vec<String> = self
            .targeted()
            .map(|(i, column)| ordered(table(&self.table), column, &format!("n{i}")))
            .collect();
        order.join(", ") + ", ordinal"
    }

    /// Whether a row is the one that was sent, by the target of the conflict.
    fn same_target(&self, prefix: &str) -> String {
        let table = table(&self.table);
        let same: Vec<String> = self
            .targeted()
            .map(|(i, column)| format!("{prefix}{} = _s.n{i}", quote(name(table, column))))
            .collect();
        same.join(" AND ")
    }

    /// The columns of the target: their places among those sent, and in the table.
    fn targeted(&self) -> impl Iterator<Item = (usize, usize)> {
        let columns = table(&self.table).columns();
        let target = self.conflict.as_ref().map(|c| c.target);
        let target = target.unwrap_or(ColumnSet::EMPTY);
        let sent = self.columns.iter().copied().enumerate();
        sent.filter(move |(_, column)| target.contains(columns[*column].field))
    }
}

/// How a column is compared when rows are put into an order that all sessions agree on.
fn ordered(table: &Table, column: usize, alias: &str) -> String {
    match is_text(table.columns()[column].ty.name) {
        true => format!("{alias} COLLATE \"C\""),
        false => alias.to_owned(),
    }
}

fn name(table: &'static Table, column: usize) -> &'static str {
    &table.columns()[column].name
}

fn returning(
    table: &Table,
    columns: &[Item],
    fields: ColumnSet,
    draft: &mut Draft,
) -> Result<(), Error> {
    draft.both(" RETURNING ");
    draft.items(columns)?;
    let separator = match columns.is_empty() || fields.is_empty() {
        true => "",
        false => ", ",
    };
    draft.sql(separator);
    draft.sql(&names(table.columns_of(fields), &own(table)));
    if columns.is_empty() {
        draft.label(table.name());
    }
    Ok(())
}
