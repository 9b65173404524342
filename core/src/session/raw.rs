//! Statements in the caller's own words.
//!
//! Users call `execute`; raw queries with rows go through `rows`.
//! It must not guess what a statement touches: everything is flushed before it.

use super::session::Session;
use crate::engine::{Reply, Returns};
use crate::error::{Error, Result};
use crate::loader::rendered_statement;
use crate::model::blame;
use crate::query::{Params, raw};

impl Session {
    /// Runs a statement and returns the number of rows that it wrote or read.
    ///
    /// 1 statement in the transaction, after a flush of everything that waits. Objects of the
    /// session don't learn what the statement changed; [`refresh`](Session::refresh) them.
    ///
    /// ```no_run
    /// # fn f(s: &mut sessile::Session) -> sessile::Result<()> {
    /// use sessile::params;
    ///
    /// let closed = s.execute("UPDATE account SET open = false WHERE balance = $1", (0_i64,))?;
    /// let by_name = "UPDATE account SET open = true WHERE owner = :owner OR parent = :owner";
    /// let opened = s.execute(by_name, params! { owner: "ann" })?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) for names that don't fit the statement, and for a
    /// statement that begins or ends a transaction or savepoint; what the server says, those of
    /// the connection, and those of the flush.
    pub fn execute(
        &mut self,
        sql: impl Into<std::borrow::Cow<'static, str>>,
        params: impl Params,
    ) -> Result<u64> {
        self.usable()?;
        let rendered = raw::<()>(sql, params).render()?;
        self.autoflush_all("raw SQL")?;
        let (_, connection) = self.connect()?;
        let statement = rendered_statement(&rendered, Returns::Count, false);
        let result = connection.run(std::slice::from_ref(&statement));
        match result {
            Ok(mut replies) => match replies.pop() {
                Some(Reply::Count(count)) => Ok(count),
                Some(Reply::Rows(rows)) => Ok(rows.len() as u64),
                None => Err(Error::mapping("a statement without an answer")),
            },
            Err(failed) => Err(self.note_failure(blame(failed.error))),
        }
    }
}
