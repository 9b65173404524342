//! The tables that this process has met, so that a violated constraint can be named.
//!
//! Sessions and DDL add to it; only the naming of errors reads it.
//! It must not be asked on a path that is not already an error.

use std::sync::RwLock;

use super::Table;

static TABLES: RwLock<Vec<&'static Table>> = RwLock::new(Vec::new());

/// Remembers a table.
pub(crate) fn remember_table(table: &'static Table) {
    let known = |tables: &[&Table]| tables.iter().any(|t| std::ptr::eq(*t, table));
    if let Ok(tables) = TABLES.read()
        && known(&tables)
    {
        return;
    }
    if let Ok(mut tables) = TABLES.write()
        && !known(&tables)
    {
        tables.push(table);
    }
}

/// The tables of this name that are remembered.
pub(crate) fn tables_named(name: &str) -> Vec<&'static Table> {
    TABLES.read().map_or_else(
        |_| Vec::new(),
        |tables| {
            tables
                .iter()
                .filter(|t| t.name() == name)
                .copied()
                .collect()
        },
    )
}
