//! The tables that this process has met, so that a violated constraint can be named, and rows be
//! found that the session deletes with others.
//!
//! Sessions and DDL add to it; the naming of errors and flushes that delete read it.
//! It must not be asked for each row.

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

/// All of them, in the order in which they were met.
pub(crate) fn remembered_tables() -> Vec<&'static Table> {
    TABLES
        .read()
        .map_or_else(|_| Vec::new(), |tables| tables.clone())
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
