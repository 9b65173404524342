//! INSERT, and how the rows that come back are matched to those that were sent.
//!
//! RETURNING promises no order and can't name the input's ordinal, so each way of making keys has
//! its own way of matching.
//! It must not rely on rows coming back in the order in which they were sent.

use super::text::{aliases, names, plain, positions, returning, returning_label, source};
use super::{Param, Rows};
use crate::model::{ColumnSet, Generated, Table};
use crate::statement::names::{quote, table_name};

/// How rows that come back from an INSERT find their objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matching {
    /// Nothing comes back; the rows are counted.
    Count,
    /// The key is drawn from a sequence in the order of the rows: sorted by it, they are in order.
    /// Holds the position of its column in the result.
    Sequence(usize),
    /// The program made the key: rows are found by it. Its columns come first.
    Key,
    /// The key is drawn beside the row's ordinal, which comes back first.
    Ordinal,
}

impl Matching {
    /// The way for a table when these fields come back.
    pub(crate) fn of(table: &Table, made: ColumnSet) -> Matching {
        if made.is_empty() {
            return Matching::Count;
        }
        let drawn = made.intersection(table.key());
        if drawn.is_empty() {
            return Matching::Key;
        }
        match sequence(table, drawn) {
            Some(column) => {
                let made = positions(table, made);
                let place = made.iter().position(|c| *c == column);
                Matching::Sequence(place.expect("a drawn column comes back"))
            }
            None => Matching::Ordinal,
        }
    }

    /// Whether rows of which these fields are sent come back with their ordinals, and with the
    /// transaction's id behind them, since nothing can be added to that text.
    pub(crate) fn is_by_ordinal(table: &Table, sent: ColumnSet, made: ColumnSet) -> bool {
        !sent.is_empty() && Matching::of(table, made) == Matching::Ordinal
    }
}

/// The column of the only drawn key field, when a sequence makes it.
fn sequence(table: &Table, drawn: ColumnSet) -> Option<usize> {
    let mut fields = drawn.iter();
    let (field, None) = (&table.fields()[fields.next()?], fields.next()) else {
        return None;
    };
    let column = field.columns.start;
    let integer = matches!(
        table.columns()[column].ty.name,
        "smallint" | "integer" | "bigint"
    );
    let by_sequence = field.default.is_none_or(|sql| sql.contains("nextval("));
    (integer && by_sequence).then_some(column)
}

/// INSERT of these fields, returning those.
pub(super) fn insert(
    table: &Table,
    sent: ColumnSet,
    made: ColumnSet,
    rows: Rows,
) -> (String, String, Vec<Param>) {
    let params: Vec<Param> = positions(table, sent)
        .into_iter()
        .map(Param::Current)
        .collect();
    let sql = match rows {
        Rows::One => one(table, sent, made),
        Rows::Arrays | Rows::Cells(_) if sent.is_empty() => defaults(table, made),
        Rows::Arrays | Rows::Cells(_) => many(table, sent, made, rows, &params),
    };
    let label = format!(
        "INSERT {} ({}) ×{}",
        table.name(),
        plain(table.columns_of(sent)),
        returning_label(table, made)
    );
    (sql, label, params)
}

fn one(table: &Table, sent: ColumnSet, made: ColumnSet) -> String {
    let name = table_name(table);
    let returning = returning(&[names(table.columns_of(made), "")]);
    if sent.is_empty() {
        return format!("INSERT INTO {name} DEFAULT VALUES{returning}");
    }
    let columns = names(table.columns_of(sent), "");
    let count = table.columns_of(sent).count();
    let values: Vec<String> = (1..=count).map(|i| format!("${i}")).collect();
    let values = values.join(", ");
    format!("INSERT INTO {name} ({columns}) VALUES ({values}){returning}")
}

/// Rows of which nothing is sent; their number is the only parameter.
fn defaults(table: &Table, made: ColumnSet) -> String {
    let name = table_name(table);
    let returning = returning(&[names(table.columns_of(made), "")]);
    format!("INSERT INTO {name} SELECT FROM generate_series(1, $1::bigint){returning}")
}

fn many(table: &Table, sent: ColumnSet, made: ColumnSet, rows: Rows, params: &[Param]) -> String {
    let name = table_name(table);
    let columns = names(table.columns_of(sent), "");
    let aliases = aliases('n', params.len());
    let source = source(table, params, &aliases, rows);
    let selected = aliases.join(", ");
    let made_columns = names(table.columns_of(made), "");
    let matching = Matching::of(table, made);
    if matching == Matching::Ordinal {
        return drawn(table, sent, made, &source, &selected);
    }
    let keys = match matching {
        Matching::Key => names(table.key_columns(), ""),
        _ => String::new(),
    };
    let returning = returning(&[keys, made_columns]);
    format!(
        "INSERT INTO {name} ({columns}) SELECT {selected} FROM {source} ORDER BY ordinal{returning}"
    )
}

/// Keys that no sequence makes are drawn beside the ordinal, then joined back.
fn drawn(table: &Table, sent: ColumnSet, made: ColumnSet, source: &str, selected: &str) -> String {
    let name = table_name(table);
    let keys: Vec<_> = table.columns_of(made.intersection(table.key())).collect();
    let draws: Vec<String> = keys
        .iter()
        .enumerate()
        .map(|(i, c)| format!("{} AS d{i}", draw(table, c.field)))
        .collect();
    let drawn = aliases('d', keys.len()).join(", ");
    let columns = names(table.columns_of(sent).chain(keys.iter().copied()), "");
    let joined: Vec<String> = table
        .columns_of(made.intersection(table.key()))
        .enumerate()
        .map(|(i, c)| format!("s.d{i} = i.{}", quote(&c.name)))
        .collect();
    let returned = names(table.columns_of(made), "");
    let result = names(table.columns_of(made), "i.");
    format!(
        "WITH s AS MATERIALIZED (SELECT u.*, {} FROM {source}), \
         i AS (INSERT INTO {name} ({columns}) SELECT {selected}, {drawn} FROM s ORDER BY ordinal \
         RETURNING {returned}) \
         SELECT s.ordinal, {result}, pg_current_xact_id() FROM i JOIN s ON {}",
        draws.join(", "),
        joined.join(" AND ")
    )
}

/// The expression that makes a key.
fn draw(table: &Table, field: usize) -> String {
    let info = &table.fields()[field];
    let column = &table.columns()[info.columns.start];
    match (info.default, info.generated) {
        (Some(sql), Generated::ByDefault) => format!("({sql})"),
        _ if column.ty.name == "uuid" => "gen_random_uuid()".into(),
        // Of these two names the function takes the table's quoted, and the column's as it is.
        _ => format!(
            "nextval(pg_get_serial_sequence({}, {}))",
            literal(&table_name(table)),
            literal(&column.name)
        ),
    }
}

/// A text as SQL; the `E` keeps backslashes whole whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "''");
    format!("E'{text}'")
}
