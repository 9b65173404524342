//! What queries look like to the server, clause by clause.
//!
//! Tests only.
//! They must not need a server: that the text runs is checked where there is one.

mod conditions;
mod expressions;
mod references;
mod shapes;
mod statements;
mod windows;

use super::Rows;
use crate::query::Select;
use crate::statement::Projection;
use crate::statement::bank::NoObjects;

/// The text that reads whole rows, from WHERE on, then the label.
fn clauses<M: crate::model::Model>(query: &Select<M>) -> String {
    let rendered = query.render(&NoObjects, &Projection::Whole).unwrap();
    match rendered.sql.split_once(" FROM ") {
        Some((_, clauses)) => clauses.to_owned(),
        None => rendered.sql.to_string(),
    }
}

fn label<M: crate::model::Model>(query: &Select<M>) -> String {
    let rendered = query.render(&NoObjects, &Projection::Whole).unwrap();
    rendered.label.to_string()
}

fn sql<R>(rows: &Rows<R>) -> String {
    rows.render(&NoObjects).unwrap().sql.to_string()
}
