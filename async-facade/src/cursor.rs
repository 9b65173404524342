//! Cursors, batch by batch.
//!
//! Asynchronous handlers open one with `AsyncSession::cursor` and await its `next`.
//! It must not hold a connection: the session has it.

use sessile::{Cursor, Error, ErrorKind, Streamed};

use crate::session::AsyncSession;

impl AsyncSession {
    /// As [`Session::cursor`](sessile::Session::cursor); one hop, and one for each batch.
    ///
    /// # Errors
    /// As there, and those of [`run`](AsyncSession::run).
    pub async fn cursor<Q: Streamed>(
        &mut self,
        query: Q,
        batch: usize,
    ) -> Result<AsyncCursor<Q>, Error> {
        let cursor = self.run(move |s| s.cursor(query, batch)).await?;
        Ok(AsyncCursor {
            cursor: Some(cursor),
        })
    }
}

/// The rows of a query, batch by batch. See [`AsyncSession::cursor`].
#[derive(Debug)]
#[must_use = "a cursor reads nothing until `next` is called"]
pub struct AsyncCursor<Q> {
    /// Away while a call is, and lost with a call that was dropped.
    cursor: Option<Cursor<Q>>,
}

impl<Q: Streamed> AsyncCursor<Q> {
    /// As [`Cursor::next`]; one hop.
    ///
    /// A call whose future is dropped is cancelled, which closes the session and so the cursor.
    ///
    /// # Errors
    /// As there, and those of [`run`](AsyncSession::run).
    pub async fn next(&mut self, session: &mut AsyncSession) -> Result<Option<Vec<Q::Item>>, Error>
    where
        Q::Item: Send + 'static,
    {
        if session.is_closed() {
            return Err(Error::new(ErrorKind::SessionClosed));
        }
        let Some(mut cursor) = self.cursor.take() else {
            return Err(Error::new(ErrorKind::CursorClosed));
        };
        let (cursor, batch) = session
            .run(move |s| {
                let batch = cursor.next(s);
                Ok::<_, Error>((cursor, batch))
            })
            .await?;
        self.cursor = Some(cursor);
        batch
    }
}
