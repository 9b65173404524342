//! Tables as DDL.
//!
//! Called by the engine's `create_tables` and `drop_tables`, which send the statements in order.
//! It must not choose names: constraints are named by their table, so that errors lead back.
//!
//! The text is our own: sea-query neither escapes the names of constraints nor knows
//! `GENERATED ALWAYS AS IDENTITY`.

use super::ddl_order::{Plan, in_order};
use super::names::{quote, table_name};
use crate::model::{ColumnInfo, ForeignKey, Generated, OnDelete, Table};

/// The statements that make these tables, in an order in which they succeed.
///
/// Schemas come first (only if they do not exist), then each table after those that it refers to,
/// with its constraints and its own indexes. Where tables refer to each other in a cycle, the
/// reference that closes it is added at the end. A table that is not in the list is taken to
/// exist; one that is there twice is made once. The columns of a reference get an index, because
/// children are looked up through them, unless a key, unique constraint or index begins with
/// them already; PostgreSQL names it.
pub(crate) fn create_tables(tables: &[&'static Table]) -> Vec<String> {
    let plan = in_order(tables);
    let mut out = create_schemas(&plan);
    for table in &plan.tables {
        out.push(create_table(table, &plan));
        for index in table.indexes() {
            let columns = field_columns(table, &index.fields);
            let name = quote(&index.name);
            out.push(format!(
                "CREATE INDEX {name} ON {} ({columns})",
                table_name(table)
            ));
        }
    }
    for (table, fk) in &plan.closing {
        let table_name = table_name(table);
        out.push(format!(
            "ALTER TABLE {table_name} ADD {}",
            foreign_key(table, fk)
        ));
    }
    // Last, because PostgreSQL makes their names up and avoids those that are taken by then.
    for table in &plan.tables {
        for fk in table.foreign_keys() {
            if !has_index(table, fk) {
                let columns = field_columns(table, &[fk.field]);
                out.push(format!("CREATE INDEX ON {} ({columns})", table_name(table)));
            }
        }
    }
    out
}

/// The statements that drop these tables, as far as they exist, in an order in which they succeed.
///
/// Each table goes before those that it refers to; references that close a cycle go first.
/// Schemas stay. A table outside the list that refers to one of these makes it fail.
pub(crate) fn drop_tables(tables: &[&'static Table]) -> Vec<String> {
    let plan = in_order(tables);
    let constraints = plan.closing.iter().map(|(table, fk)| {
        format!(
            "ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}",
            table_name(table),
            quote(&fk.name)
        )
    });
    let tables = plan.tables.iter().rev();
    let tables = tables.map(|table| format!("DROP TABLE IF EXISTS {}", table_name(table)));
    constraints.chain(tables).collect()
}

fn create_schemas(plan: &Plan) -> Vec<String> {
    let mut schemas: Vec<&str> = Vec::new();
    for schema in plan.tables.iter().filter_map(|table| table.schema()) {
        // Every database has this one, and not everybody may create schemas.
        if schema != "public" && !schemas.contains(&schema) {
            schemas.push(schema);
        }
    }
    let create = |schema: &&str| format!("CREATE SCHEMA IF NOT EXISTS {}", quote(schema));
    schemas.iter().map(create).collect()
}

fn create_table(table: &'static Table, plan: &Plan) -> String {
    let mut lines: Vec<String> = table
        .columns()
        .iter()
        .filter(|c| !c.is_system())
        .map(|c| column(table, c))
        .collect();
    if !table.key().is_empty() {
        lines.push(format!(
            "CONSTRAINT {} PRIMARY KEY ({})",
            quote(&table.key_constraint()),
            names(table.key_columns())
        ));
    }
    for unique in table.uniques() {
        let columns = field_columns(table, &unique.fields);
        lines.push(format!(
            "CONSTRAINT {} UNIQUE ({columns}){}",
            quote(&unique.name),
            deferred(unique.deferrable)
        ));
    }
    for check in table.checks() {
        lines.push(format!(
            "CONSTRAINT {} CHECK ({})",
            quote(&check.name),
            check.sql
        ));
    }
    for fk in table.foreign_keys() {
        if !plan.closes(table, fk) {
            lines.push(foreign_key(table, fk));
        }
    }
    format!(
        "CREATE TABLE {} (\n    {}\n)",
        table_name(table),
        lines.join(",\n    ")
    )
}

fn column(table: &Table, column: &ColumnInfo) -> String {
    let null = if column.nullable { "" } else { " NOT NULL" };
    let made = made_by(table, column);
    format!("{} {}{null}{made}", quote(&column.name), column.ty.name)
}

/// What the database does to make the column's value.
fn made_by(table: &Table, column: &ColumnInfo) -> String {
    let field = &table.fields()[column.field];
    // An identity column can't be NULL, and the key of a reference is made by its own table.
    let counts = matches!(column.ty.name, "smallint" | "integer" | "bigint")
        && !column.nullable
        && !is_reference(table, column.field);
    match (field.generated, field.default) {
        (Generated::Always, Some(sql)) => format!(" GENERATED ALWAYS AS ({sql}) STORED"),
        (_, Some(sql)) => format!(" DEFAULT {sql}"),
        (Generated::Always, None) if counts => " GENERATED ALWAYS AS IDENTITY".to_owned(),
        (Generated::ByDefault, None) if counts => " GENERATED BY DEFAULT AS IDENTITY".to_owned(),
        (Generated::ByDefault, None) if column.ty.name == "uuid" => {
            " DEFAULT gen_random_uuid()".to_owned()
        }
        _ => String::new(),
    }
}

fn is_reference(table: &Table, field: usize) -> bool {
    table.foreign_keys().iter().any(|fk| fk.field == field)
}

fn foreign_key(table: &Table, fk: &ForeignKey) -> String {
    let action = match fk.on_delete {
        // The session does it, one statement after the other: the database only watches.
        _ if fk.client => "NO ACTION",
        // RESTRICT is checked at once, whatever is said about deferring.
        OnDelete::Restrict if fk.deferrable => "NO ACTION",
        OnDelete::Restrict => "RESTRICT",
        OnDelete::Cascade => "CASCADE",
        OnDelete::SetNull => "SET NULL",
    };
    format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {action} ON UPDATE CASCADE{}",
        quote(&fk.name),
        field_columns(table, &[fk.field]),
        table_name(fk.target()),
        names(fk.target().key_columns()),
        deferred(fk.deferrable)
    )
}

/// When the constraint is checked: by default at the end of each statement.
fn deferred(deferrable: bool) -> &'static str {
    match deferrable {
        true => " DEFERRABLE INITIALLY DEFERRED",
        false => "",
    }
}

/// Whether a key, unique constraint or index begins with the columns of the reference.
fn has_index(table: &Table, fk: &ForeignKey) -> bool {
    let groups = table.uniques().iter().chain(table.indexes());
    let key = table.key().iter().collect::<Vec<_>>();
    groups
        .map(|group| group.fields.as_slice())
        .chain([key.as_slice()])
        .any(|fields| fields.first() == Some(&fk.field))
}

/// The columns of these fields, in the order in which the fields are listed.
fn field_columns(table: &Table, fields: &[usize]) -> String {
    let columns = |field: &usize| table.fields()[*field].columns.clone();
    names(
        fields
            .iter()
            .flat_map(columns)
            .map(|column| &table.columns()[column]),
    )
}

fn names<'a>(columns: impl Iterator<Item = &'a ColumnInfo>) -> String {
    let names: Vec<String> = columns.map(|column| quote(&column.name)).collect();
    names.join(", ")
}
