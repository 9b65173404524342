//! DELETE of all rows that go with other rows, whether or not they are loaded.
//!
//! The unit of work makes one for each table below rows that are deleted, or below those of pairs.
//! It must not read rows first: which rows go is a condition on the tables above.

use std::sync::Arc;

use super::names::table_name;
use super::shape::text::{key_in_arrays, key_order, key_params, names, plain, positions};
use super::shape::{Lock, Param, Shaped};
use crate::engine::Text;
use crate::model::{ColumnInfo, ColumnSet, Table};

/// By which fields the rows at the top are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// By their keys: they are objects, with versions.
    Keys,
    /// By these references of theirs: they are rows of pairs.
    Pairs(ColumnSet),
}

impl Roots {
    fn fields(self, table: &Table) -> ColumnSet {
        match self {
            Roots::Keys => table.key(),
            Roots::Pairs(fields) => fields,
        }
    }

    fn params(self, table: &Table) -> Vec<Param> {
        match self {
            Roots::Keys => key_params(table),
            Roots::Pairs(fields) => {
                let columns = positions(table, fields);
                columns.into_iter().map(Param::Current).collect()
            }
        }
    }
}

/// A table some of whose rows go with rows of the tables before it; the first has the rows that
/// are named by what is sent.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) table: &'static Table,
    /// The references by which its rows go, and the positions of the tables referred to.
    pub(crate) by: Vec<(usize, usize)>,
    /// The references to itself by which its rows go.
    pub(crate) own: Vec<usize>,
}

/// The tables from which rows go, from the top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Falling<'a> {
    pub(crate) levels: &'a [Level],
    pub(crate) roots: Roots,
}

/// The DELETE of one table's rows. Its parameters name the first table's rows, with their versions
/// in that table itself if they are objects; the keys of what was deleted may come back.
pub(crate) fn sweep(falling: Falling<'_>, number: usize, ordered: bool, back: bool) -> Shaped {
    let Falling { levels, roots } = falling;
    let table = levels[number].table;
    let name = table_name(table);
    let key = names(table.key_columns(), "");
    let mut these = rows_of(falling, number);
    let mut params = roots.params(levels[0].table);
    if let (0, Roots::Keys, Some(version)) = (number, roots, table.version()) {
        let version = &table.columns()[table.fields()[version].columns.start];
        these = format!("{these} AND {}", same_version(table, version));
        params.push(Param::Flushed(table.fields()[version.field].columns.start));
    }
    let returning = match back {
        true => format!(" RETURNING {key}"),
        false => String::new(),
    };
    let sql = match ordered {
        true => format!(
            "WITH locked AS MATERIALIZED (SELECT {key} FROM {name} WHERE {these} ORDER BY {}{}) \
             DELETE FROM {name} WHERE ({key}) IN (SELECT {key} FROM locked){returning}",
            key_order(table, ""),
            Lock::Update.clause()
        ),
        false => format!("DELETE FROM {name} WHERE {these}{returning}"),
    };
    let label = match number {
        0 => format!(
            "DELETE {} × WHERE {} RECURSIVE",
            table.name(),
            plain(table.columns_of(roots.fields(table)))
        ),
        _ => format!("DELETE {} OF {} ×", table.name(), levels[0].table.name()),
    };
    Shaped {
        text: Text {
            sql: Arc::from(sql),
            label: Arc::from(label),
        },
        params: Arc::from(params),
    }
}

/// A row whose version is not the object's stays, so that it is missed.
fn same_version(table: &Table, version: &ColumnInfo) -> String {
    let key: Vec<&ColumnInfo> = table.key_columns().collect();
    let mut arrays: Vec<String> = key
        .iter()
        .enumerate()
        .map(|(i, column)| format!("${}::{}[]", i + 1, column.ty.name))
        .collect();
    arrays.push(format!("${}::{}[]", key.len() + 1, version.ty.name));
    let aliases: Vec<String> = (0..key.len()).map(|i| format!("k{i}")).collect();
    let aliases = aliases.join(", ");
    let name = super::names::quote(&version.name);
    format!(
        "NOT EXISTS (SELECT FROM UNNEST({}) AS u({aliases}, v) WHERE ({aliases}) = ({}) \
         AND v <> {}.{name})",
        arrays.join(", "),
        names(key.iter().copied(), &format!("{}.", table_name(table))),
        table_name(table),
    )
}

/// The condition that a row of a table goes.
fn rows_of(falling: Falling<'_>, number: usize) -> String {
    let level = &falling.levels[number];
    let key: Vec<&ColumnInfo> = level.table.key_columns().collect();
    let first = match number {
        0 => {
            let named = level.table.columns_of(falling.roots.fields(level.table));
            key_in_arrays(&named.collect::<Vec<_>>(), 1)
        }
        _ => {
            let ways = level.by.iter();
            let ways = ways.map(|(field, parent)| refers(falling, level.table, *field, *parent));
            ways.collect::<Vec<String>>().join(" OR ")
        }
    };
    match level.own.is_empty() {
        true if level.by.len() > 1 => format!("({first})"),
        true => first,
        false => in_tree(level, &key, &first),
    }
}

/// The condition that a reference leads to a row that goes.
fn refers(falling: Falling<'_>, table: &Table, field: usize, parent: usize) -> String {
    let Falling { levels, roots } = falling;
    let reference: Vec<&ColumnInfo> = table.columns_of(ColumnSet::only(field)).collect();
    let by_key = roots.fields(levels[0].table) == levels[0].table.key();
    if parent == 0 && by_key && levels[0].own.is_empty() {
        return key_in_arrays(&reference, 1);
    }
    let parents = levels[parent].table;
    format!(
        "({}) IN (SELECT {} FROM {} WHERE {})",
        names(reference.into_iter(), ""),
        names(parents.key_columns(), ""),
        table_name(parents),
        rows_of(falling, parent)
    )
}

/// The condition that a row is one of the first, or below one. UNION drops what was there before,
/// so a circle ends.
fn in_tree(level: &Level, key: &[&ColumnInfo], first: &str) -> String {
    let name = table_name(level.table);
    let columns = names(key.iter().copied(), "");
    let aliases: Vec<String> = (0..key.len()).map(|i| format!("k{i}")).collect();
    let aliases = aliases.join(", ");
    let below = level.own.iter().map(|field| {
        let reference = level.table.columns_of(ColumnSet::only(*field));
        format!("({}) = ({})", names(reference, "r."), prefixed(key.len()))
    });
    let below: Vec<String> = below.collect();
    format!(
        "({columns}) IN (WITH RECURSIVE tree({aliases}) AS (\
         SELECT {columns} FROM {name} WHERE {first} UNION \
         SELECT {} FROM {name} AS r JOIN tree ON {}) SELECT {aliases} FROM tree)",
        names(key.iter().copied(), "r."),
        below.join(" OR ")
    )
}

fn prefixed(columns: usize) -> String {
    let columns: Vec<String> = (0..columns).map(|i| format!("tree.k{i}")).collect();
    columns.join(", ")
}
