//! Reports on a music store: queries of many shapes, each beside its SQL.
//!
//! A report is right when raw SQL, written by hand beside it, has the same answer.

use std::fmt::Debug;

use sessile::model::FromRow;
use sessile::query::Rows;
use sessile::sql::raw;
use sessile_tests::TestDb;

mod models;
mod music;
mod people;
mod sales;
mod trends;

/// Compares what a query answers with what this SQL answers, which must be something.
#[track_caller]
fn same<R: FromRow + PartialEq + Debug>(db: &TestDb, query: Rows<R>, sql: &'static str) {
    let mut s = db.session();
    let built = s.rows(query).unwrap();
    let by_hand = s.rows(raw::<R>(sql, ())).unwrap();
    assert!(!by_hand.is_empty(), "the report is empty");
    assert_eq!(built, by_hand);
}
