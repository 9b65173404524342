//! UPDATE of any number of rows that change the same fields.
//!
//! Called through `shaped`.
//! It must not write a field that a row did not change (CT-3).

use super::text::{
    aliases, key_in_arrays, key_order, key_params, names, plain, positions, returning,
    returning_label, source,
};
use super::{Lock, Param, Rows};
use crate::model::{ColumnSet, Table};
use crate::statement::names::{quote, table_name};

/// What an UPDATE's text depends on.
pub(super) struct Parts {
    pub(super) changed: ColumnSet,
    pub(super) made: ColumnSet,
    pub(super) guarded: bool,
    pub(super) ordered: bool,
    pub(super) rows: Rows,
}

/// UPDATE of these fields, by key, and by version or old values.
pub(super) fn update(table: &Table, parts: &Parts) -> (String, String, Vec<Param>) {
    let changed = positions(table, parts.changed);
    let version = version_column(table);
    let old = match parts.guarded {
        true => changed.clone(),
        false => Vec::new(),
    };
    let mut params: Vec<Param> = changed.iter().map(|c| Param::Current(*c)).collect();
    params.extend(key_params(table));
    params.extend(version.map(Param::Flushed));
    params.extend(old.iter().map(|c| Param::Flushed(*c)));
    let sql = match parts.rows {
        Rows::One => one(table, parts, &changed, &old),
        Rows::Arrays | Rows::Cells(_) => many(table, parts, &changed, &old, &params),
    };
    let mut conditions: Vec<&str> = table.key_columns().map(|c| c.name.as_str()).collect();
    let of_column = |c: &usize| table.columns()[*c].name.as_str();
    conditions.extend(version.iter().map(of_column));
    conditions.extend(old.iter().map(of_column));
    let label = format!(
        "UPDATE {} SET {} × WHERE {}{}",
        table.name(),
        plain(table.columns_of(parts.changed)),
        conditions.join(", "),
        returning_label(table, parts.made)
    );
    (sql, label, params)
}

/// The column that holds the version.
pub(super) fn version_column(table: &Table) -> Option<usize> {
    table.version().map(|f| table.fields()[f].columns.start)
}

fn one(table: &Table, parts: &Parts, changed: &[usize], old: &[usize]) -> String {
    let mut number = 0;
    let mut next = |column: &usize, operator: &str| {
        number += 1;
        let name = quote(&table.columns()[*column].name);
        format!("{name} {operator} ${number}")
    };
    let set: Vec<String> = changed.iter().map(|c| next(c, "=")).collect();
    let key = positions(table, table.key());
    let mut conditions: Vec<String> = key.iter().map(|c| next(c, "=")).collect();
    conditions.extend(version_column(table).iter().map(|c| next(c, "=")));
    conditions.extend(old.iter().map(|c| next(c, "IS NOT DISTINCT FROM")));
    format!(
        "UPDATE {} SET {} WHERE {}{}",
        table_name(table),
        set.join(", "),
        conditions.join(" AND "),
        returning(&[names(table.columns_of(parts.made), "")])
    )
}

fn many(
    table: &Table,
    parts: &Parts,
    changed: &[usize],
    old: &[usize],
    params: &[Param],
) -> String {
    let new = aliases('n', changed.len());
    let olds = aliases('o', old.len());
    let name_of = |c: &usize| quote(&table.columns()[*c].name);
    let set: Vec<String> = changed
        .iter()
        .zip(&new)
        .map(|(c, alias)| format!("{} = u.{alias}", name_of(c)))
        .collect();
    let Identified {
        aliases: identity,
        mut conditions,
    } = identified(table);
    for (column, alias) in old.iter().zip(&olds) {
        conditions.push(format!(
            "t.{} IS NOT DISTINCT FROM u.{alias}",
            name_of(column)
        ));
    }
    let strength = Lock::of_update(table, parts.changed);
    let with = match parts.ordered {
        true => {
            conditions.push(LOCKED_FIRST.to_owned());
            locked_first(table, changed.len() + 1, strength)
        }
        false => String::new(),
    };
    let all: Vec<String> = new.into_iter().chain(identity).chain(olds).collect();
    format!(
        "{with}UPDATE {} AS t SET {} FROM {} WHERE {}{}",
        table_name(table),
        set.join(", "),
        source(table, params, &all, parts.rows),
        conditions.join(" AND "),
        returning(&[
            "u.ordinal".into(),
            names(table.columns_of(parts.made), "t.")
        ])
    )
}

/// Which row of the table a row of the source means.
pub(super) struct Identified {
    /// The source's columns for it: the key's, then the version's.
    pub(super) aliases: Vec<String>,
    pub(super) conditions: Vec<String>,
}

/// By key, and by version where there is one.
pub(super) fn identified(table: &Table) -> Identified {
    let mut aliases = aliases('k', table.key_columns().count());
    let mut conditions: Vec<String> = table
        .key_columns()
        .zip(&aliases)
        .map(|(c, alias)| format!("t.{} = u.{alias}", quote(&c.name)))
        .collect();
    if let Some(column) = version_column(table) {
        let name = quote(&table.columns()[column].name);
        conditions.push(format!("t.{name} = u.v0"));
        aliases.push("v0".into());
    }
    Identified {
        aliases,
        conditions,
    }
}

/// True once every row is locked: the aggregate needs the whole of `locked` before the join that
/// it stands beside sees its first row.
pub(super) const LOCKED_FIRST: &str = "(SELECT count(*) FROM locked) >= 0";

/// A join promises no order, so two writers of the same rows could lock them in opposite order
/// and deadlock; this takes the locks in key order before the join runs. The arrays of the key
/// begin at `$first`.
pub(super) fn locked_first(table: &Table, first: usize, strength: Lock) -> String {
    let columns: Vec<_> = table.key_columns().collect();
    format!(
        "WITH locked AS MATERIALIZED (SELECT FROM {} WHERE {} ORDER BY {}{}) ",
        table_name(table),
        key_in_arrays(&columns, first),
        key_order(table, ""),
        strength.clause()
    )
}
