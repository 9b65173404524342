//! Expressions: each answers what the same SQL answers, in rows with and without values.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod aggregates;
mod conditions;
mod functions;
mod nulls;
mod times;
mod windows;

use serde::{Deserialize, Serialize};
use sessile::model::FromRow;
use sessile::prelude::*;
use sessile::query::Columns;
use sessile::sql::*;
use sessile_tests::TestDb;

/// Something measured, with a value and perhaps none in each type.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "sample")]
struct Sample {
    #[model(key)]
    id: i32,
    name: String,
    nick: Option<String>,
    size: i32,
    spare: Option<i32>,
    big: i64,
    rate: f64,
    drift: Option<f64>,
    good: bool,
    checked: Option<bool>,
    marks: Vec<i32>,
    labels: Option<Vec<String>>,
    price: rust_decimal::Decimal,
    seen: jiff::Timestamp,
    left_at: Option<jiff::Timestamp>,
    day: jiff::civil::Date,
    wait: Option<Interval>,
    data: serde_json::Value,
    extra: Option<serde_json::Value>,
    #[model(json)]
    memo: Memo,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Memo {
    words: Vec<String>,
}

const ROWS: &str = r#"INSERT INTO sample VALUES
    (1, 'ann', 'A_1', 10, 3, 100, 1.5, 0.25, true, true, '{1,2}', '{x,y}', 1.125,
     '2024-01-31 10:20:30Z', '2024-03-01 00:00:00Z', '2024-01-31', '1 day 02:00:00',
     '{"a": {"b": [1, 2]}, "t": "one"}', '{"t": null}', '{"words": ["hello", "you"]}'),
    (2, 'Bob', NULL, -7, NULL, 200, -2.5, NULL, false, NULL, '{}', NULL, 2.5,
     '2024-06-15 23:59:59.5Z', NULL, '2024-06-15', NULL,
     '[1, "t"]', NULL, '{"words": []}'),
    (3, 'a%b ', 'ann', 10, 0, 300, 0, -1, true, false, '{1,2,3}', '{}', 3.495,
     '2025-01-01 00:00:00Z', '2024-12-31 00:00:00Z', '2025-01-01', '-1 mon',
     '"t"', '{"k": 1}', '{"words": ["you"]}'),
    (4, 'x-y-z', '', 3, 12, 200, 4, NULL, false, NULL, '{7}', '{NULL}', -4,
     '2024-06-15 01:00:00Z', NULL, '2024-02-29', '00:00:01',
     '{}', '[]', '{"words": ["so", "long"]}')"#;

fn samples() -> TestDb {
    TestDb::with::<Sample>(ROWS)
}

/// The column is in each row what the SQL is.
#[track_caller]
fn same<C>(s: &mut Session, column: C, sql: &'static str)
where
    C: Columns<Sample, Row: FromRow + PartialEq + std::fmt::Debug + Send + 'static>,
{
    let query = select::<Sample>().order_by(Sample::ID).columns(column);
    let label = format!("{query:?}");
    let found = s.rows(query).unwrap_or_else(|e| panic!("{label}: {e:?}"));
    let wanted = raw::<C::Row>(format!("SELECT {sql} FROM sample ORDER BY id"), ());
    let wanted = s.rows(wanted).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    assert_eq!(found, wanted, "{label} is not {sql}");
    assert_eq!(found.len(), 4);
}

/// The aggregate of all rows is what the SQL is.
#[track_caller]
fn same_of_all<C>(s: &mut Session, column: C, sql: &'static str)
where
    C: Columns<Sample, Row: FromRow + PartialEq + std::fmt::Debug + Send + 'static>,
{
    let query = select::<Sample>().columns(column);
    let label = format!("{query:?}");
    let found = s.rows(query).unwrap_or_else(|e| panic!("{label}: {e:?}"));
    let wanted = raw::<C::Row>(format!("SELECT {sql} FROM sample"), ());
    let wanted = s.rows(wanted).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    assert_eq!(found, wanted, "{label} is not {sql}");
    assert_eq!(found.len(), 1);
}
