//! Versions as the server writes them, of rows that nobody has read.
//!
//! Called by the files beside it.
//! It must not write one that PostgreSQL keeps itself, nor give two states of a row the same.

use postgres_types::Type;

use super::back::own;
use super::draft::Draft;
use crate::model::{ColumnInfo, Table};
use crate::statement::names::quote;

/// The version that a row begins with.
pub(super) fn first(column: &ColumnInfo) -> &'static str {
    match kind(column) {
        Kind::Counter | Kind::SmallCounter => "1",
        Kind::Random => "gen_random_uuid()",
        Kind::Time => "clock_timestamp()",
    }
}

/// `, version = version + 1`, or what makes the next one of its kind.
pub(super) fn move_on(table: &Table, column: usize, draft: &mut Draft) {
    let column = &table.columns()[column];
    let name = &column.name;
    let quoted = quote(name);
    let old = format!("{}{quoted}", own(table));
    let (next, label) = match kind(column) {
        Kind::Counter => (format!("{old} + 1"), format!("{name} + 1")),
        // It is at its end after so few writes that a row may live to see it; it goes on from
        // the other one, as in a flush.
        Kind::SmallCounter => (
            format!("({old} + 32769) % 65536 - 32768"),
            format!("{name} + 1"),
        ),
        // Volatile, so that each row has one of its own.
        Kind::Random => (
            "gen_random_uuid()".to_owned(),
            "gen_random_uuid()".to_owned(),
        ),
        // The server's clock may be behind the one that wrote the row before.
        Kind::Time => (
            format!("greatest(clock_timestamp(), {old} + interval '1 microsecond')"),
            "clock_timestamp()".to_owned(),
        ),
    };
    draft.sql(&format!(", {quoted} = {next}"));
    draft.label(&format!(", {name} = {label}"));
}

enum Kind {
    Counter,
    SmallCounter,
    Random,
    Time,
}

/// A version's type is always one that is known here: `sql_type` is refused for it.
fn kind(column: &ColumnInfo) -> Kind {
    match column.ty.wire.as_ref().map(|(ty, _)| ty) {
        Some(&Type::INT2) => Kind::SmallCounter,
        Some(&Type::UUID) => Kind::Random,
        Some(&Type::TIMESTAMPTZ) => Kind::Time,
        _ => Kind::Counter,
    }
}
