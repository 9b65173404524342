//! A read in progress: the objects, and the connection that the rows come by.
//!
//! The session makes one for each reading verb; the files beside it work on it.
//! It must not begin or end transactions.

use crate::engine::{Connection, Reply, Returns, Rows, Statement, Text};
use crate::error::{Error, ErrorKind};
use crate::identity_map::IdentityMap;
use crate::model::{Table, blame, blame_model};
use crate::statement::Rendered;

/// What a read works on.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) map: &'a mut IdentityMap,
    pub(crate) connection: &'a mut Connection,
}

impl Reader<'_> {
    /// Runs one statement that was built from a model and returns its rows.
    pub(super) fn rows(
        &mut self,
        statement: &Statement<'_>,
        model: &'static str,
    ) -> Result<Rows, Error> {
        self.run(statement)
            .map_err(|error| blame_model(error, model))
    }

    fn run(&mut self, statement: &Statement<'_>) -> Result<Rows, Error> {
        let mut replies = self
            .connection
            .run(std::slice::from_ref(statement))
            .map_err(|failed| failed.error)?;
        match replies.pop() {
            Some(Reply::Rows(rows)) => Ok(rows),
            Some(Reply::Count(_)) | None => Err(Error::new(ErrorKind::Connection)
                .while_doing("reading rows from a statement that returned none")),
        }
    }

    /// Runs a rendered query and returns its rows.
    pub(crate) fn rendered(&mut self, query: &Rendered, plain_read: bool) -> Result<Rows, Error> {
        let statement = rendered_statement(query, Returns::Rows, plain_read);
        match query.model {
            Some(model) => self.rows(&statement, model),
            None => self.run(&statement).map_err(blame),
        }
    }
}

/// A rendered query as the engine takes it.
pub(crate) fn rendered_statement(
    query: &Rendered,
    returns: Returns,
    plain_read: bool,
) -> Statement<'_> {
    Statement {
        text: Text {
            sql: query.sql.clone(),
            label: query.label.clone(),
        },
        params: query.params.iter().map(|p| p.value()).collect(),
        types: query.params.iter().map(|p| p.ty().clone()).collect(),
        returns,
        plain_read,
        rows: 0,
        cache: true,
    }
}

/// Checks that a result has the columns of a model, so that decoding by position is right.
pub(super) fn expect_columns(rows: &Rows, table: &Table) -> Result<(), Error> {
    let (got, wanted) = (rows.columns().len(), table.columns().len());
    match rows.is_empty() || got >= wanted {
        true => Ok(()),
        false => Err(Error::mapping(format!(
            "{} has {wanted} columns and the result {got}",
            table.model()
        ))),
    }
}
