//! Rows of associations as a set of pairs: there once, or not there.
//!
//! Called through `shaped`.
//! It must not fail because of a row that another transaction inserted or deleted (RL-5).

use super::text::{aliases, is_text, key_order, names, plain, positions, returning, source};
use super::{Lock, Param, Rows};
use crate::model::{ColumnInfo, ColumnSet, Table};
use crate::statement::names::{quote, table_name};

/// INSERT of rows that have these two references, unless they are there.
///
/// Several are inserted in the order of the references, which is the same in every session: who
/// inserts a row that another transaction has just inserted waits for it.
pub(super) fn link(
    table: &Table,
    fields: ColumnSet,
    back: bool,
    rows: Rows,
) -> (String, String, Vec<Param>) {
    let params = params(table, fields);
    let columns = names(table.columns_of(fields), "");
    let aliases = aliases('n', params.len());
    let values = match rows {
        Rows::One => {
            let values: Vec<String> = (1..=params.len()).map(|i| format!("${i}")).collect();
            format!("VALUES ({})", values.join(", "))
        }
        Rows::Arrays | Rows::Cells(_) => format!(
            "SELECT {} FROM {} ORDER BY {}",
            aliases.join(", "),
            source(table, &params, &aliases, rows),
            in_order(table.columns_of(fields), &aliases)
        ),
    };
    let all = match back {
        true => names(table.columns().iter(), ""),
        false => String::new(),
    };
    let sql = format!(
        "INSERT INTO {} ({columns}) {values} ON CONFLICT DO NOTHING{}",
        table_name(table),
        returning(&[all])
    );
    let label = format!(
        "INSERT {} ({}) × ON CONFLICT DO NOTHING{}",
        table.name(),
        plain(table.columns_of(fields)),
        if back { " RETURNING *" } else { "" }
    );
    (sql, label, params)
}

/// DELETE of the rows that have these two references, if they are there.
pub(super) fn unlink(
    table: &Table,
    fields: ColumnSet,
    ordered: bool,
    rows: Rows,
) -> (String, String, Vec<Param>) {
    let params = params(table, fields);
    let columns = names(table.columns_of(fields), "");
    let name = table_name(table);
    let these = match rows {
        Rows::One => {
            let columns = table.columns_of(fields).enumerate();
            let equal = columns.map(|(i, c)| format!("{} = ${}", quote(&c.name), i + 1));
            equal.collect::<Vec<String>>().join(" AND ")
        }
        Rows::Arrays | Rows::Cells(_) => {
            let aliases = aliases('n', params.len());
            format!(
                "({columns}) IN (SELECT {} FROM {})",
                aliases.join(", "),
                source(table, &params, &aliases, rows)
            )
        }
    };
    let sql = match ordered {
        true => {
            let key = names(table.key_columns(), "");
            format!(
                "WITH locked AS MATERIALIZED (SELECT {key} FROM {name} WHERE {these} \
                 ORDER BY {}{}) DELETE FROM {name} WHERE ({key}) IN (SELECT {key} FROM locked)",
                key_order(table, ""),
                Lock::Update.clause()
            )
        }
        false => format!("DELETE FROM {name} WHERE {these}"),
    };
    let label = format!(
        "DELETE {} × WHERE {}",
        table.name(),
        plain(table.columns_of(fields))
    );
    (sql, label, params)
}

fn params(table: &Table, fields: ColumnSet) -> Vec<Param> {
    let columns = positions(table, fields);
    columns.into_iter().map(Param::Current).collect()
}

/// The order of `key_order`, of columns that have other names.
fn in_order<'a>(columns: impl Iterator<Item = &'a ColumnInfo>, aliases: &[String]) -> String {
    let columns = columns.zip(aliases);
    let columns = columns.map(|(column, alias)| match is_text(column.ty.name) {
        true => format!("{alias} COLLATE \"C\""),
        false => alias.clone(),
    });
    columns.collect::<Vec<String>>().join(", ")
}
