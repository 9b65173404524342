//! Pieces of SQL that several shapes are made of.
//!
//! Called by the files beside it.
//! It must not take text from outside without quoting it.

use super::{Param, Rows};
use crate::model::{ColumnInfo, ColumnSet, Table};
use crate::statement::names::quote;

/// Column names for labels, without quotes.
pub(in crate::statement) fn plain<'a>(columns: impl Iterator<Item = &'a ColumnInfo>) -> String {
    let names: Vec<&str> = columns.map(|c| c.name.as_str()).collect();
    names.join(", ")
}

/// Column names, quoted, each behind `prefix`.
pub(in crate::statement) fn names<'a>(
    columns: impl Iterator<Item = &'a ColumnInfo>,
    prefix: &str,
) -> String {
    let names: Vec<String> = columns
        .map(|c| format!("{prefix}{}", quote(&c.name)))
        .collect();
    names.join(", ")
}

/// Positions in the table of the columns of these fields.
pub(in crate::statement) fn positions(table: &Table, fields: ColumnSet) -> Vec<usize> {
    fields
        .iter()
        .flat_map(|field| table.fields()[field].columns.clone())
        .collect()
}

/// The parameters that are a row's key.
pub(in crate::statement) fn key_params(table: &Table) -> Vec<Param> {
    let columns = positions(table, table.key());
    columns
        .into_iter()
        .enumerate()
        .map(|(part, column)| Param::Key(part, column))
        .collect()
}

/// `UNNEST($1::bigint[], …) WITH ORDINALITY AS u(a, …, ordinal)` or the same rows as `VALUES`.
///
/// Parameters are numbered from 1; their types are cast, so that the server need not guess.
pub(super) fn source(table: &Table, params: &[Param], aliases: &[String], rows: Rows) -> String {
    let types: Vec<&str> = params
        .iter()
        .map(|p| table.columns()[p.column()].ty.name)
        .collect();
    let aliases = aliases.join(", ");
    match rows {
        Rows::One | Rows::Arrays => {
            let arrays: Vec<String> = types
                .iter()
                .enumerate()
                .map(|(i, ty)| format!("${}::{ty}[]", i + 1))
                .collect();
            let arrays = arrays.join(", ");
            format!("UNNEST({arrays}) WITH ORDINALITY AS u({aliases}, ordinal)")
        }
        Rows::Cells(count) => {
            let row = |ordinal: usize| {
                let cells = types.iter().enumerate().map(|(i, ty)| {
                    let number = ordinal * types.len() + i + 1;
                    format!("${number}::{ty}")
                });
                let cells: Vec<String> = cells.collect();
                format!("({}, {})", cells.join(", "), ordinal + 1)
            };
            let rows: Vec<String> = (0..count).map(row).collect();
            format!("(VALUES {}) AS u({aliases}, ordinal)", rows.join(", "))
        }
    }
}

/// `n0, n1, …`
pub(in crate::statement) fn aliases(letter: char, count: usize) -> Vec<String> {
    (0..count).map(|i| format!("{letter}{i}")).collect()
}

/// The key's columns in the order in which rows are locked.
///
/// Text is compared by bytes: databases with different collations agree on that, and so do the
/// statements of different sessions.
pub(in crate::statement) fn key_order(table: &Table, prefix: &str) -> String {
    let columns: Vec<String> = table
        .key_columns()
        .map(|c| {
            let name = format!("{prefix}{}", quote(&c.name));
            match is_text(c.ty.name) {
                true => format!("{name} COLLATE \"C\""),
                false => name,
            }
        })
        .collect();
    columns.join(", ")
}

pub(in crate::statement) fn is_text(ty: &str) -> bool {
    ty == "text" || ty == "citext" || ty.starts_with("varchar") || ty.starts_with("character")
}

/// The condition that a row is one of those whose key columns are the arrays from `$first` on.
pub(in crate::statement) fn key_in_arrays(columns: &[&ColumnInfo], first: usize) -> String {
    if let [column] = columns {
        return format!(
            "{} = ANY(${first}::{}[])",
            quote(&column.name),
            column.ty.name
        );
    }
    let names = names(columns.iter().copied(), "");
    let arrays: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, c)| format!("${}::{}[]", first + i, c.ty.name))
        .collect();
    let arrays = arrays.join(", ");
    format!("({names}) IN (SELECT * FROM UNNEST({arrays}))")
}

/// ` RETURNING …` with these pieces, or nothing.
pub(super) fn returning(pieces: &[String]) -> String {
    let pieces: Vec<&str> = pieces
        .iter()
        .map(String::as_str)
        .filter(|piece| !piece.is_empty())
        .collect();
    match pieces.is_empty() {
        true => String::new(),
        false => format!(" RETURNING {}", pieces.join(", ")),
    }
}

/// The same for labels.
pub(super) fn returning_label(table: &Table, fields: ColumnSet) -> String {
    match fields.is_empty() {
        true => String::new(),
        false => format!(" RETURNING {}", plain(table.columns_of(fields))),
    }
}
