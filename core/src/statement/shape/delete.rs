//! DELETE of any number of rows.
//!
//! Called through `shaped`.
//! It must not delete a row whose version is another than the object's.

use super::text::{key_params, positions, returning, source};
use super::update::{Identified, LOCKED_FIRST, identified, locked_first, version_column};
use super::{Lock, Param, Rows};
use crate::model::Table;
use crate::statement::names::{quote, table_name};

/// DELETE by key, and by version where there is one.
pub(super) fn delete(table: &Table, ordered: bool, rows: Rows) -> (String, String, Vec<Param>) {
    let mut params = key_params(table);
    let version = version_column(table);
    params.extend(version.map(Param::Flushed));
    let sql = match rows {
        Rows::One => one(table),
        Rows::Arrays | Rows::Cells(_) => many(table, ordered, rows, &params),
    };
    let columns: Vec<&str> = params
        .iter()
        .map(|p| table.columns()[p.column()].name.as_str())
        .collect();
    let label = format!("DELETE {} × WHERE {}", table.name(), columns.join(", "));
    (sql, label, params)
}

fn one(table: &Table) -> String {
    let columns = positions(table, table.key())
        .into_iter()
        .chain(version_column(table));
    let conditions: Vec<String> = columns
        .enumerate()
        .map(|(i, c)| format!("{} = ${}", quote(&table.columns()[c].name), i + 1))
        .collect();
    format!(
        "DELETE FROM {} WHERE {}",
        table_name(table),
        conditions.join(" AND ")
    )
}

fn many(table: &Table, ordered: bool, rows: Rows, params: &[Param]) -> String {
    let Identified {
        aliases,
        mut conditions,
    } = identified(table);
    let with = match ordered {
        true => {
            conditions.push(LOCKED_FIRST.to_owned());
            locked_first(table, 1, Lock::Update)
        }
        false => String::new(),
    };
    format!(
        "{with}DELETE FROM {} AS t USING {} WHERE {}{}",
        table_name(table),
        source(table, params, &aliases, rows),
        conditions.join(" AND "),
        returning(&["u.ordinal".into()])
    )
}
