//! Cursors on the server: rows that are fetched in batches, with other statements in between.
//!
//! `session` opens them and fetches through the connection; `transaction` keeps the list, and says
//! before the next statement which of them are to be closed.
//! It must not send a name that the server no longer knows: that would abort the transaction.

use std::fmt::Write as _;
use std::sync::{Arc, Weak};

use super::connection::Connection;
use super::statement::{Reply, Returns, Rows, Statement, Text};
use crate::error::{Error, ErrorKind, Result};

/// A cursor on the server, from its owner's side. Dropping it closes the cursor, with the next
/// statement that is sent; nothing is sent when the transaction ends first.
#[derive(Debug)]
pub(crate) struct Portal {
    number: u32,
    /// Kept to be seen: the list has the weak end.
    owner: Arc<()>,
    plain_read: bool,
    /// The transaction's count of writes when it was opened.
    writes: u64,
}

/// The cursors of a transaction.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    open: Vec<Open>,
    names: u32,
}

/// A cursor that the server has.
#[derive(Debug)]
struct Open {
    number: u32,
    /// The number of savepoints around it.
    depth: usize,
    owner: Weak<()>,
}

impl Cursors {
    fn name(&mut self) -> u32 {
        self.names += 1;
        self.names
    }

    fn add(&mut self, portal: &Portal, depth: usize) {
        self.open.push(Open {
            number: portal.number,
            depth,
            owner: Arc::downgrade(&portal.owner),
        });
    }

    /// Whether the server still has it.
    fn has(&self, portal: &Portal) -> bool {
        let owner = Arc::as_ptr(&portal.owner);
        self.open.iter().any(|open| open.owner.as_ptr() == owner)
    }

    /// Nobody can fetch from any of them from here on.
    pub(super) fn abandon(&mut self) {
        self.open
            .iter_mut()
            .for_each(|open| open.owner = Weak::new());
    }

    /// Appends what closes those whose owners are gone.
    pub(super) fn write_closed(&mut self, sql: &mut String) {
        self.open.retain(|open| {
            let owned = open.owner.strong_count() > 0;
            if !owned {
                let number = open.number;
                write!(sql, "; CLOSE c{number}").expect("a string takes every write");
            }
            owned
        });
    }

    /// The innermost of so many savepoints was released: its cursors are those of the next one.
    pub(super) fn released(&mut self, depth: usize) {
        for open in &mut self.open {
            open.depth = open.depth.min(depth - 1);
        }
    }

    /// The innermost of so many savepoints is rolled back, which closes what was opened inside.
    pub(super) fn rolled_back(&mut self, depth: usize) {
        self.open.retain(|open| open.depth < depth);
    }
}

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
        let portal = Portal {
            number,
            owner: Arc::new(()),
            plain_read: query.plain_read,
            writes: transaction.writes(),
        };
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
