//! SELECT of whole trees: children of children, or parents of parents, in one statement.
//!
//! Called through `shaped`.
//! It must not go on for ever where references form a circle: UNION drops what was
//! there before.

use super::text::{aliases, names, plain, positions};
use super::{Levels, Param, Towards};
use crate::model::{ColumnInfo, ColumnSet, Table};
use crate::statement::names::{quote, table_name};

/// Rows reached from keys by a reference of the table to itself, any number of steps away.
///
/// Parameters: an array for each column of the key; with a limit on the levels an array of the
/// levels at which these keys stand, and the last level.
pub(super) fn tree(
    table: &Table,
    field: usize,
    towards: Towards,
    levels: Levels,
) -> (String, String, Vec<Param>) {
    let key: Vec<&ColumnInfo> = table.key_columns().collect();
    let reference: Vec<&ColumnInfo> = table.columns_of(ColumnSet::only(field)).collect();
    let (keys, next) = (aliases('k', key.len()), aliases('n', key.len()));
    // What a row is found by, and what the next ones are found by.
    let (by, on) = match towards {
        Towards::Children => (&reference, &key),
        Towards::Parents => (&key, &reference),
    };
    let limited = levels == Levels::Limited;
    let level = |from: &str| match limited {
        true => format!(", {from}.level + 1"),
        false => String::new(),
    };
    let (also, arrays) = sources(&key, limited);
    let carried = format!(
        "{}, {}",
        names(key.iter().copied(), "r."),
        names(on.iter().copied(), "r.")
    );
    let table_name = table_name(table);
    let first = format!(
        "SELECT {carried}{} FROM UNNEST({arrays}) AS u({}{also}) JOIN {table_name} AS r ON {}",
        level("u"),
        keys.join(", "),
        equal(by, "u", &keys)
    );
    let last = match limited {
        true => format!(" WHERE tree.level < ${}", key.len() + 2),
        false => String::new(),
    };
    let further = format!(
        "SELECT {carried}{} FROM tree JOIN {table_name} AS r ON {}{last}",
        level("tree"),
        equal(by, "tree", &next)
    );
    let sql = format!(
        "WITH RECURSIVE tree({}, {}{also}) AS ({first} UNION {further}) \
         SELECT {} FROM {table_name} WHERE ({}) IN (SELECT {} FROM tree)",
        keys.join(", "),
        next.join(", "),
        names(table.columns().iter(), ""),
        names(key.iter().copied(), ""),
        keys.join(", ")
    );
    let label = format!(
        "SELECT {} × WHERE {} RECURSIVE",
        table.name(),
        plain(by.iter().copied())
    );
    let params = positions(table, table.key());
    (sql, label, params.into_iter().map(Param::Current).collect())
}

/// The name of the levels' column, and the arrays with which the search begins.
fn sources(key: &[&ColumnInfo], limited: bool) -> (&'static str, String) {
    let arrays = key.iter().enumerate();
    let mut arrays: Vec<String> = arrays
        .map(|(i, column)| format!("${}::{}[]", i + 1, column.ty.name))
        .collect();
    match limited {
        true => {
            arrays.push(format!("${}::integer[]", key.len() + 1));
            (", level", arrays.join(", "))
        }
        false => ("", arrays.join(", ")),
    }
}

fn equal(columns: &[&ColumnInfo], other: &str, aliases: &[String]) -> String {
    let pairs = columns.iter().zip(aliases);
    let pairs: Vec<String> = pairs
        .map(|(column, alias)| format!("r.{} = {other}.{alias}", quote(&column.name)))
        .collect();
    pairs.join(" AND ")
}
