//! SELECT of whole rows by key or by reference, and row locks.
//!
//! Called through `shaped`.
//! It must not leave out a column: an object is always whole.

use super::text::{key_in_arrays, key_order, key_params, names, plain, positions};
use super::{Lock, Param, Rows};
use crate::model::{ColumnInfo, ColumnSet, Table};
use crate::statement::names::{quote, table_name};

/// Rows by their keys; several locked rows in key order (L-3).
pub(super) fn get(table: &Table, rows: Rows, lock: Lock) -> (String, String, Vec<Param>) {
    let columns: Vec<&ColumnInfo> = table.key_columns().collect();
    let order = match (rows, lock) {
        (Rows::One, _) | (_, Lock::None) => String::new(),
        _ => format!(" ORDER BY {}", key_order(table, "")),
    };
    let sql = format!(
        "SELECT {} FROM {} WHERE {}{order}{}",
        names(table.columns().iter(), ""),
        table_name(table),
        condition(&columns, rows),
        lock.clause()
    );
    let label = format!(
        "SELECT {} × WHERE {}{}",
        table.name(),
        plain(table.key_columns()),
        lock.clause()
    );
    (sql, label, key_params(table))
}

/// Rows by one of their references.
pub(super) fn children(table: &Table, field: usize, rows: Rows) -> (String, String, Vec<Param>) {
    let positions = positions(table, ColumnSet::only(field));
    let columns: Vec<&ColumnInfo> = positions.iter().map(|c| &table.columns()[*c]).collect();
    let sql = format!(
        "SELECT {} FROM {} WHERE {}",
        names(table.columns().iter(), ""),
        table_name(table),
        condition(&columns, rows)
    );
    let label = format!(
        "SELECT {} × WHERE {}",
        table.name(),
        plain(columns.iter().copied())
    );
    let params = positions.into_iter().map(Param::Current).collect();
    (sql, label, params)
}

/// Row locks in key order, and nothing else.
pub(super) fn lock(table: &Table, strength: Lock) -> (String, String, Vec<Param>) {
    let columns: Vec<&ColumnInfo> = table.key_columns().collect();
    let sql = format!(
        "SELECT FROM {} WHERE {} ORDER BY {}{}",
        table_name(table),
        condition(&columns, Rows::Arrays),
        key_order(table, ""),
        strength.clause()
    );
    let label = format!("LOCK {} ×", table.name());
    (sql, label, key_params(table))
}

fn condition(columns: &[&ColumnInfo], rows: Rows) -> String {
    if rows != Rows::One {
        return key_in_arrays(columns, 1);
    }
    let equal: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, c)| format!("{} = ${}", quote(&c.name), i + 1))
        .collect();
    equal.join(" AND ")
}
