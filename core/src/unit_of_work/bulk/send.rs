//! One statement of our own building, sent.
//!
//! Called by the files beside it.
//! It must not look at the answer.

use crate::engine::{Connection, Reply, Returns, Rows, Statement, Text};
use crate::error::Error;
use crate::model::blame_model;
use crate::statement::Rendered;

/// A statement with what its label says about it.
#[derive(Debug)]
pub(crate) struct Sendable {
    pub(super) rendered: Rendered,
    /// How many rows or keys are sent; shown in the label.
    pub(super) rows: usize,
    /// Whether the text will come again.
    pub(super) cache: bool,
}

impl Sendable {
    /// Runs it and returns its rows.
    pub(super) fn rows(
        &self,
        connection: &mut Connection,
        model: &'static str,
    ) -> Result<Rows, Error> {
        match self.run(connection, model, Returns::Rows)? {
            Reply::Rows(rows) => Ok(rows),
            Reply::Count(_) => Err(Error::mapping("a statement with rows returned none")),
        }
    }

    /// Runs it and returns the number of rows that it wrote.
    pub(super) fn count(
        &self,
        connection: &mut Connection,
        model: &'static str,
    ) -> Result<u64, Error> {
        match self.run(connection, model, Returns::Count)? {
            Reply::Count(count) => Ok(count),
            Reply::Rows(rows) => Ok(rows.len() as u64),
        }
    }

    fn run(
        &self,
        connection: &mut Connection,
        model: &'static str,
        returns: Returns,
    ) -> Result<Reply, Error> {
        let query = &self.rendered;
        let statement = Statement {
            text: Text {
                sql: query.sql.clone(),
                label: query.label.clone(),
            },
            params: query.params.iter().map(|p| p.value()).collect(),
            types: query.params.iter().map(|p| p.ty().clone()).collect(),
            returns,
            plain_read: false,
            rows: self.rows,
            cache: self.cache,
        };
        let mut replies = connection
            .run(std::slice::from_ref(&statement))
            .map_err(|failed| blame_model(failed.error, model))?;
        let reply = replies.pop();
        reply.ok_or_else(|| Error::mapping("a statement without an answer"))
    }
}
