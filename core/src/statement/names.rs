//! Names as SQL text.
//!
//! Fixed statements and DDL are written with it.
//! It must not let a name through unquoted.

use crate::model::Table;

/// A name as SQL text.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name as SQL text, with its schema when the model names one.
pub(super) fn table_name(table: &Table) -> String {
    match table.schema() {
        Some(schema) => format!("{}.{}", quote(schema), quote(table.name())),
        None => quote(table.name()),
    }
}
