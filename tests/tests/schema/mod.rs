//! Tables made from models, as the catalog of the database shows them.

mod catalog;

mod cycles;

mod creation;

mod names;

use sessile::Models;
use sessile::model::Table;
use sessile_tests::TestDb;

/// No model.
struct Nothing;

impl Models for Nothing {
    fn tables() -> Vec<&'static Table> {
        Vec::new()
    }
}

/// A database without tables.
fn empty() -> TestDb {
    let db = TestDb::new::<Nothing>();
    db.forget();
    db
}

/// The columns of a table: name, type, whether NOT NULL, identity, generated, default.
fn columns(db: &TestDb, table: &str) -> String {
    db.rows(&format!(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
                attgenerated, pg_get_expr(adbin, adrelid)
         FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum"
    ))
}

/// The constraints of a table, by name.
fn constraints(db: &TestDb, table: &str) -> String {
    db.rows(&format!(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = '{table}'::regclass ORDER BY conname COLLATE \"C\""
    ))
}

/// The indexes of a table that are no constraints, by name.
fn indexes(db: &TestDb, table: &str) -> String {
    db.rows(&format!(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index
         WHERE indrelid = '{table}'::regclass
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
         ORDER BY indexrelid::regclass::text COLLATE \"C\""
    ))
}

/// The tables of the database, but for the system's.
fn tables(db: &TestDb) -> String {
    db.rows(
        "SELECT schemaname, tablename FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2",
    )
}
