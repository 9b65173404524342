//! Verbs that stream rows.
//!
//! Users call them; the wings do the work.
//! It must not hold the rows: they pass one at a time.

use super::session::Session;
use crate::error::Result;
use crate::loader;
use crate::model::Model;
use crate::query::Select;
use crate::unit_of_work as work;

impl Session {
    /// Streams plain rows into their table, in the binary format of COPY; their number.
    ///
    /// The quickest way to load many rows, in constant memory: rows are pulled as they are sent.
    /// 2 statements, one of which asks for the types of the columns; 2 more each time that a row
    /// sends other columns than the one before it (a generated field at its default is not sent).
    /// None without rows. Before them everything that waits is flushed, so that rows may refer to
    /// new objects by their handles. The rows become no objects; loaded collections to which they
    /// may have come are forgotten. COPY converts nothing: the columns must have the types of the
    /// fields.
    ///
    /// ```no_run
    /// # use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Tag { #[model(key, generated)] id: i64, name: String }
    /// # fn f(s: &mut Session) -> Result<()> {
    /// let rows = (0..1_000_000).map(|n| Tag { name: format!("tag {n}"), ..Tag::default() });
    /// assert_eq!(s.copy_in(rows)?, 1_000_000);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Conversion`](crate::ErrorKind::Conversion),
    /// [`NotNullViolation`](crate::ErrorKind::NotNullViolation) and
    /// [`Handle`](crate::ErrorKind::Handle) for a row that can't be sent, with its number and
    /// field; the violated constraint; those of the flush. An error after the flush loses the
    /// transaction.
    pub fn copy_in<M: Model>(&mut self, rows: impl IntoIterator<Item = M>) -> Result<u64> {
        self.flush_for::<M>("copying")?;
        // The session knows the model's table from here on, so that a violation is named.
        self.map.id::<M>();
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return Ok(0);
        }
        self.write(|map, connection| work::copy_in(map, connection, &mut rows))
    }

    /// Streams the rows of a query as plain values, in the binary format of COPY; their number.
    ///
    /// In constant memory: each row is handed over as it comes, and becomes no object. 2
    /// statements, one of which asks for the types of the columns, and 1 more when the query has
    /// values, since COPY takes none: they become settings of the transaction. Before them a
    /// flush, as for [`all`](Session::all).
    ///
    /// An error of the closure ends the stream and costs the transaction nothing; what the server
    /// has sent by then is thrown away.
    ///
    /// ```no_run
    /// # use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Tag { #[model(key, generated)] id: i64, name: String }
    /// # fn f(s: &mut Session) -> Result<()> {
    /// let mut longest = 0;
    /// s.copy_out(select::<Tag>().filter(Tag::ID.gt(7)), |tag| {
    ///     longest = longest.max(tag.name.len());
    ///     Ok(())
    /// })?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What the closure says; [`Conversion`](crate::ErrorKind::Conversion) for rows that don't
    /// fit the model; [`Mapping`](crate::ErrorKind::Mapping) for a query that loads something
    /// along; otherwise as [`all`](Session::all).
    pub fn copy_out<M: Model, S>(
        &mut self,
        query: Select<M, S>,
        mut each: impl FnMut(M) -> Result<()>,
    ) -> Result<u64> {
        self.write_named(|map| query.names_unsaved(map))?;
        self.read(&query.models(), |reader| {
            loader::copy_out(reader, &query, &mut each)
        })
    }
}
