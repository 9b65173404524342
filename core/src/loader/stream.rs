//! Rows by a cursor: a query's rows in batches, as objects or as plain values.
//!
//! The session's cursors call it.
//! It must not hold more than one batch.

use std::any::TypeId;

use super::by_query::{joining, joining_of, objects, read};
use super::joining::Folding;
use super::reader::{Reader, rendered_statement};
use crate::engine::{Portal, Returns, Rows};
use crate::error::Result;
use crate::identity_map::{IdentityMap, Reading};
use crate::model::{FromRow, Handle, Model, blame};
use crate::query::{self, Raw, Select};
use crate::statement::{Projection, Rendered};

/// What a cursor reads: a query for objects, or one for plain values.
///
/// A [`Select`] gives handles of tracked objects; [`Rows`](query::Rows) and raw SQL give values
/// that the session does not keep.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no query that a cursor could read",
    label = "expected `select::<Model>()`, its `columns(..)`, or `raw(..)`"
)]
pub trait Streamed: Send + 'static {
    /// What each row becomes.
    type Item;

    /// The statement, with the values of this session.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn statement(&self, map: &IdentityMap) -> Result<Rendered>;

    /// Whether it names an object that has no key yet.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn names_unsaved(&self, map: &IdentityMap) -> bool;

    /// Refuses raw SQL whose parameters don't fit it.
    #[doc(hidden)]
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The models that it reads, or `None` when that can't be told.
    #[doc(hidden)]
    fn reads(&self) -> Option<Vec<TypeId>>;

    /// The models that are loaded along with each batch.
    #[doc(hidden)]
    fn loads(&self) -> Vec<TypeId>;

    #[doc(hidden)]
    fn locks(&self) -> bool;

    /// Whether it is known to change nothing in the database.
    #[doc(hidden)]
    fn plain_read(&self) -> bool;

    /// What a batch of rows becomes.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn take(
        &self,
        reader: &mut Reader<'_>,
        rows: &Rows,
        reading: Reading,
    ) -> Result<Vec<Self::Item>>;
}

impl<T: Model, S: 'static> Streamed for Select<T, S> {
    type Item = Handle<T>;

    #[allow(private_interfaces)]
    fn statement(&self, map: &IdentityMap) -> Result<Rendered> {
        match joining(self, &Projection::Whole, Folding::Never) {
            Some(joining) => Ok(self.tagged(joining.render(map)?)),
            None => self.render(map, &Projection::Whole),
        }
    }

    #[allow(private_interfaces)]
    fn names_unsaved(&self, map: &IdentityMap) -> bool {
        Select::names_unsaved(self, map)
    }

    fn reads(&self) -> Option<Vec<TypeId>> {
        Some(self.models())
    }

    fn loads(&self) -> Vec<TypeId> {
        match self.paths() {
            [] => Vec::new(),
            _ => self.models(),
        }
    }

    fn locks(&self) -> bool {
        self.is_locking()
    }

    fn plain_read(&self) -> bool {
        self.is_plain_read()
    }

    #[allow(private_interfaces)]
    fn take(
        &self,
        reader: &mut Reader<'_>,
        rows: &Rows,
        reading: Reading,
    ) -> Result<Vec<Handle<T>>> {
        let joining = joining(self, &Projection::Whole, Folding::Never);
        objects(reader, self, rows, joining.as_ref(), reading)
    }
}

impl<R: FromRow + Send + 'static> Streamed for query::Rows<R> {
    type Item = R;

    #[allow(private_interfaces)]
    fn statement(&self, map: &IdentityMap) -> Result<Rendered> {
        match joining_of(self, Folding::Never) {
            Some(joining) => Ok(self.tagged(joining.render(map)?)),
            None => self.render(map),
        }
    }

    #[allow(private_interfaces)]
    fn names_unsaved(&self, map: &IdentityMap) -> bool {
        query::Rows::names_unsaved(self, map)
    }

    fn check(&self) -> Result<()> {
        query::Rows::check(self)
    }

    fn reads(&self) -> Option<Vec<TypeId>> {
        self.models()
    }

    fn loads(&self) -> Vec<TypeId> {
        match self.paths() {
            [] => Vec::new(),
            _ => self.models().unwrap_or_default(),
        }
    }

    fn locks(&self) -> bool {
        self.is_locking()
    }

    fn plain_read(&self) -> bool {
        self.is_plain_read()
    }

    #[allow(private_interfaces)]
    fn take(&self, reader: &mut Reader<'_>, rows: &Rows, _: Reading) -> Result<Vec<R>> {
        let joining = joining_of(self, Folding::Never);
        read(reader, self, rows, joining.as_ref())
    }
}

impl<R: FromRow + Send + 'static> Streamed for Raw<R> {
    type Item = R;

    #[allow(private_interfaces)]
    fn statement(&self, map: &IdentityMap) -> Result<Rendered> {
        query::Rows::from(self.clone()).statement(map)
    }

    #[allow(private_interfaces)]
    fn names_unsaved(&self, _: &IdentityMap) -> bool {
        false
    }

    fn check(&self) -> Result<()> {
        Raw::check(self)
    }

    fn reads(&self) -> Option<Vec<TypeId>> {
        None
    }

    fn loads(&self) -> Vec<TypeId> {
        Vec::new()
    }

    fn locks(&self) -> bool {
        false
    }

    fn plain_read(&self) -> bool {
        false
    }

    #[allow(private_interfaces)]
    fn take(&self, reader: &mut Reader<'_>, rows: &Rows, reading: Reading) -> Result<Vec<R>> {
        query::Rows::from(self.clone()).take(reader, rows, reading)
    }
}

/// Opens a cursor over a query. 1 statement.
pub(crate) fn open<Q: Streamed>(reader: &mut Reader<'_>, query: &Q) -> Result<Portal> {
    let rendered = query.statement(reader.map)?;
    let statement = rendered_statement(&rendered, Returns::Count, query.plain_read());
    let opened = reader.connection.open_cursor(&statement);
    opened.map_err(blame)
}

/// The next batch of a cursor, if there is one, and whether it was the last. 1 statement, and those of the paths.
///
/// What the transaction may have written since the cursor was opened is not in its rows, so their
/// objects count as expired then: their UPDATE compares what it overwrites, and is `Stale` rather
/// than a lost update (ST-6).
pub(crate) fn fetch<Q: Streamed>(
    reader: &mut Reader<'_>,
    query: &Q,
    portal: &Portal,
    batch: usize,
) -> Result<(Option<Vec<Q::Item>>, bool)> {
    let reading = match reader.connection.is_behind(portal) {
        true => Reading::Behind,
        false => Reading::Plain,
    };
    let rows = reader.connection.fetch(portal, batch).map_err(blame)?;
    let last = rows.len() < batch;
    let items = match rows.is_empty() {
        true => None,
        false => Some(query.take(reader, &rows, reading)?),
    };
    Ok((items, last))
}
