//! Opening cursors on the server and fetching from them.
//!
//! `session` calls it through the connection.
//! It must not send a name that the server no longer knows: that would abort the transaction.

use std::sync::Arc;

use super::connection::Connection;
use super::cursors::Portal;
use super::statement::{Reply, Returns, Rows, Statement, Text};
use crate::error::{Error, ErrorKind, Result};

impl Connection {
    /// Opens a cursor over the rows of a query. 1 statement, inside the transaction.
    ///
    /// It reads what the query would read now, whatever is written later.
    ///
    /// # Errors
    /// As [`run`](Connection::run).
    ///
    /// # Panics
    /// Without a transaction.
    pub(crate) fn open_cursor(&mut self, query: &Statement<'_>) -> Result<Portal> {
        let transaction = self.expect_transaction();
        let number = transaction.cursors.name();
        let text = &query.text;
        // The plan of a FETCH belongs to its cursor, so neither of the two comes again.
        let declare = Statement {
            text: Text {
                sql: format!("DECLARE c{number} NO SCROLL CURSOR FOR {}", text.sql).into(),
                label: format!("DECLARE c{number} FOR {}", text.label).into(),
            },
            returns: Returns::Count,
            // A cursor lives in a transaction, so BEGIN must go before it.
            plain_read: false,
            cache: false,
            ..query.clone()
        };
        self.run(std::slice::from_ref(&declare))
            .map_err(|failed| failed.error)?;
        let transaction = self.expect_transaction();
        transaction.opened_cursor();
        let portal = Portal::new(number, query.plain_read, transaction.writes());
        let depth = transaction.depth();
        transaction.cursors.add(&portal, depth);
        Ok(portal)
    }

    /// The next rows of a cursor, fewer than asked for at its end. 1 statement.
    ///
    /// # Errors
    /// `CursorClosed`, without I/O, when the transaction or savepoint in which it was opened has
    /// ended, or it is another connection's; and as [`run`](Connection::run).
    pub(crate) fn fetch(&mut self, portal: &Portal, rows: usize) -> Result<Rows> {
        let transaction = self.transaction.as_ref();
        if !transaction.is_some_and(|transaction| transaction.cursors.has(portal)) {
            return Err(Error::new(ErrorKind::CursorClosed));
        }
        let sql: Arc<str> = format!("FETCH FORWARD {rows} FROM c{}", portal.number).into();
        let statement = Statement {
            text: Text {
                label: format!("FETCH {rows} FROM c{}", portal.number).into(),
                sql,
            },
            params: Vec::new(),
            types: Vec::new(),
            returns: Returns::Rows,
            plain_read: portal.plain_read,
            rows: 0,
            cache: false,
        };
        let mut replies = self
            .run(std::slice::from_ref(&statement))
            .map_err(|failed| failed.error)?;
        match replies.pop() {
            Some(Reply::Rows(rows)) => Ok(rows),
            Some(Reply::Count(_)) | None => Err(Error::new(ErrorKind::Connection)
                .while_doing("reading rows from a FETCH that returned none")),
        }
    }

    /// Whether something may have been written since the cursor was opened, so that its rows are
    /// older than what the transaction would read now.
    pub(crate) fn is_behind(&self, portal: &Portal) -> bool {
        let writes = self.transaction.as_ref().map(|t| t.writes());
        writes != Some(portal.writes)
    }
}
