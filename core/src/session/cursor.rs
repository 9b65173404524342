//! Cursors: the rows of a query in batches, with other work in between.
//!
//! Users open one with `cursor` and call `next`; the loader does the work.
//! It must not borrow the session between two batches, nor hold more than one of them.

use super::session::Session;
use crate::engine::Portal;
use crate::error::{Error, ErrorKind, Result};
use crate::loader::{self, Streamed};

impl Session {
    /// Opens a cursor over a query, to read its rows in batches of this size.
    ///
    /// For results that should not be in memory at once. 1 statement, after a flush as for
    /// [`all`](Session::all), and 1 for each batch. The cursor sees the rows as they are now,
    /// whatever is written later; it ends with the transaction, or with the savepoint in which it
    /// was opened. Dropping it closes it, along with the next statement.
    ///
    /// `select::<T>()` gives handles of tracked objects, which stay in the session until
    /// [`evict_clean`](Session::evict_clean); `columns(..)` and raw SQL give plain values. Relationships
    /// that the query loads along are loaded for each batch.
    ///
    /// ```no_run
    /// # use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug)]
    /// # struct Account { #[model(key, generated)] id: i64, balance: i64 }
    /// # fn f(s: &mut Session) -> Result<()> {
    /// let mut accounts = s.cursor(select::<Account>().order_by(Account::ID), 1_000)?;
    /// while let Some(batch) = accounts.next(s)? {
    ///     for account in batch {
    ///         println!("{}", s[account].balance);
    ///     }
    ///     s.evict_clean();
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`all`](Session::all); [`Config`](ErrorKind::Config) for batches of no rows;
    /// [`Mapping`](ErrorKind::Mapping) for a query that locks, since a cursor would lock row by row
    /// for as long as it is read: read keys by a cursor, and lock a batch with
    /// [`get_many_for_update`](Session::get_many_for_update).
    pub fn cursor<Q: Streamed>(&mut self, query: Q, batch: usize) -> Result<Cursor<Q>> {
        self.usable()?;
        if batch == 0 {
            return Err(Error::config("a cursor needs batches of at least one row"));
        }
        if query.locks() {
            return Err(Error::mapping("a cursor can't lock the rows that it reads"));
        }
        let models = query.reads();
        match &models {
            Some(_) => self.write_named(|map| query.names_unsaved(map))?,
            None => {
                query.check()?;
                self.autoflush_all("raw SQL")?;
            }
        }
        let portal = self.read(&models.unwrap_or_default(), |reader| {
            loader::open(reader, &query)
        })?;
        Ok(Cursor {
            query,
            // The server counts rows in 31 bits.
            batch: batch.min(i32::MAX as usize),
            portal: Some(portal),
        })
    }
}

/// The rows of a query, batch by batch. See [`Session::cursor`].
#[derive(Debug)]
#[must_use = "a cursor reads nothing until `next` is called"]
pub struct Cursor<Q> {
    query: Q,
    batch: usize,
    /// `None` when its last row has been read.
    portal: Option<Portal>,
}

impl<Q: Streamed> Cursor<Q> {
    /// The next rows, or `None` when there are no more.
    ///
    /// 1 statement, and those of the relationships that the query loads along; none when the batch
    /// before was not full. A batch is full, but for the last.
    ///
    /// Objects that the session has keep their values. Those of rows that were read after the
    /// session wrote something are as old as the cursor, and so count as expired: `get` reads them
    /// again, and a flush that would overwrite what was written since is
    /// [`Stale`](ErrorKind::Stale).
    ///
    /// # Errors
    /// [`CursorClosed`](ErrorKind::CursorClosed) when the transaction or savepoint in which it was
    /// opened has ended, or in another session; and as [`all`](Session::all).
    pub fn next(&mut self, session: &mut Session) -> Result<Option<Vec<Q::Item>>> {
        session.usable()?;
        let Some(portal) = &self.portal else {
            return Ok(None);
        };
        if session.connection().is_none() {
            // None is borrowed for it: it would know nothing of this cursor.
            return Err(Error::new(ErrorKind::CursorClosed));
        }
        let (query, batch) = (&self.query, self.batch);
        let (items, last) = session.read(&query.loads(), |reader| {
            loader::fetch(reader, query, portal, batch)
        })?;
        if last {
            self.portal = None;
        }
        Ok(items)
    }
}
