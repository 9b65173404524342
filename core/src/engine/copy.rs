//! COPY: rows that stream to the server, or from it.
//!
//! The wings call it with what feeds or takes the bytes.
//! It must not hold more than a piece of the stream.

use std::io::{self, BufRead, Write as _};
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;

use super::connection::Connection;
use super::driver::Driver;
use super::sqlstate::Failure;
use super::statement::{Reply, Returns, Statement, Text, row_columns};
use super::trace::Trace;
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};
use crate::model::RowColumn;

/// Fills the buffer with the next piece; false when it was the last.
pub(crate) type Feed<'a> = dyn FnMut(&mut BytesMut) -> Result<bool> + 'a;

/// Takes the stream.
pub(crate) type Take<'a> = dyn FnMut(&mut dyn BufRead) -> Result<(), Stop> + 'a;

/// Why a stream was not read to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It broke off.
    Broken(io::Error),
    /// Whoever takes it does not want more.
    Refused(Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Broken(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Refused(error)
    }
}

impl Connection {
    /// The columns of a query, without running it; `None` where nothing may be prepared.
    ///
    /// # Errors
    /// What the server says of the text.
    pub(crate) fn describe(&mut self, text: &Text) -> Result<Option<Arc<[RowColumn]>>> {
        self.stream(text, |driver| driver.describe(text))
    }

    /// Sends rows by `COPY .. FROM STDIN`; the number of them.
    ///
    /// # Errors
    /// What the server says, and what the feed says: the transaction has failed then.
    pub(crate) fn copy_in(&mut self, text: &Text, feed: &mut Feed<'_>) -> Result<u64> {
        self.stream(text, |driver| driver.copy_in(text, feed))
    }

    /// Reads rows by `COPY .. TO STDOUT`.
    ///
    /// # Errors
    /// What the server says, and what the taker says: that costs the transaction nothing.
    pub(crate) fn copy_out(&mut self, text: &Text, take: &mut Take<'_>) -> Result<()> {
        self.stream(text, |driver| driver.copy_out(text, take))?
    }

    fn stream<T>(
        &mut self,
        text: &Text,
        run: impl FnOnce(&mut Driver) -> Result<T, Failure>,
    ) -> Result<T> {
        if let Some(refusal) = self.transaction.as_ref().and_then(Transaction::refusal) {
            return Err(refusal);
        }
        let started = Instant::now();
        let result = self.begin_stream(text, run);
        result.map_err(|failure| self.note_failure(failure, &shown(text), started))
    }

    fn begin_stream<T>(
        &mut self,
        text: &Text,
        run: impl FnOnce(&mut Driver) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Some(lease) = &mut self.lease else {
            return Err(Failure::fatal(Error::new(ErrorKind::Connection)));
        };
        lease.dirty = true;
        if let Some(transaction) = &mut self.transaction {
            if let Some(sql) = transaction.prefix(Instant::now()).map_err(Failure::local)? {
                lease.control(&sql)?;
                transaction.confirm();
            }
            let result = run(lease)?;
            transaction.used(&shown(text));
            return Ok(result);
        }
        run(lease)
    }
}

impl Driver {
    fn describe(&mut self, text: &Text) -> Result<Option<Arc<[RowColumn]>>, Failure> {
        if !self.prepares() {
            return Ok(None);
        }
        self.note(|sent| sent.note_statement(&shown(text)));
        let trace = Trace::start();
        let prepared = self.call(|client| client.prepare(&text.sql));
        trace.control(&text.label, &text.sql);
        Ok(Some(row_columns(prepared?.columns())))
    }

    fn copy_in(&mut self, text: &Text, feed: &mut Feed<'_>) -> Result<u64, Failure> {
        self.note(|sent| sent.note_statement(&shown(text)));
        let trace = Trace::start();
        let result = self.call(|client| {
            let mut writer = client.copy_in(&*text.sql)?;
            let mut piece = BytesMut::new();
            loop {
                piece.clear();
                let more = match feed(&mut piece) {
                    Ok(more) => more,
                    // Dropped without its end, the writer makes the server forget the rows.
                    Err(error) => return Ok(Err(error)),
                };
                // The writer only says that the server has stopped to listen; the end says why.
                let written = writer.write_all(&piece);
                if written.is_err() || !more {
                    return writer.finish().map(Ok);
                }
            }
        });
        let result = result.and_then(|fed| fed.map_err(Failure::local));
        let reply = result.map(Reply::Count);
        trace.statement(&shown(text), &reply, false);
        match reply? {
            Reply::Count(count) => Ok(count),
            Reply::Rows(_) => Ok(0),
        }
    }

    fn copy_out(&mut self, text: &Text, take: &mut Take<'_>) -> Result<Result<()>, Failure> {
        self.note(|sent| sent.note_statement(&shown(text)));
        let trace = Trace::start();
        let result = self.call(|client| {
            let mut reader = client.copy_out(&*text.sql)?;
            match take(&mut reader) {
                Ok(()) => Ok(Ok(())),
                Err(Stop::Refused(error)) => Ok(Err(error)),
                Err(Stop::Broken(error)) => match downcast(error) {
                    Ok(error) => Err(error),
                    Err(error) => Ok(Err(malformed(error))),
                },
            }
        });
        trace.control(&text.label, &text.sql);
        result
    }
}

fn downcast(error: io::Error) -> Result<postgres::Error, io::Error> {
    error.downcast()
}

/// The stream is not what the manual says a COPY looks like.
fn malformed(error: io::Error) -> Error {
    Error::new(ErrorKind::Conversion {
        place: "the stream of a COPY".to_owned(),
    })
    .with_source(error)
}

/// The statement, as errors and traces show it.
fn shown(text: &Text) -> Statement<'static> {
    Statement {
        text: text.clone(),
        params: Vec::new(),
        types: Vec::new(),
        returns: Returns::Count,
        plain_read: false,
        rows: 0,
        cache: false,
    }
}
