//! Verbs that run queries.
//!
//! Users call them; the loader does the work.
//! It must not run a query over tables whose changes it has not flushed, unless told to.

use std::any::TypeId;

use super::get::not_found;
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::identity_map::{IdentityMap, Reading};
use crate::loader;
use crate::model::{FromRow, Handle, Model};
use crate::query::{Rows, Select};
use crate::statement::About;

impl Session {
    /// The objects of a query, in its order.
    ///
    /// 1 statement, and 1 for each relationship that the query loads along and does not join;
    /// before them a flush, if objects of the models it reads wait for one, or objects that it
    /// names by handle. Objects that the session has keep their values, unless they are expired or
    /// the query locks.
    ///
    /// # Errors
    /// Those of the connection and of the flush, [`Mapping`](ErrorKind::Mapping) for a query that
    /// does not fit its tables, [`Conversion`](ErrorKind::Conversion) for rows that don't fit the
    /// model, [`LockNotAvailable`](ErrorKind::LockNotAvailable) for locks.
    pub fn all<T: Model, S>(&mut self, query: Select<T, S>) -> Result<Vec<Handle<T>>> {
        self.usable()?;
        let reading = match query.is_locking() {
            true => {
                self.refuse_unflushed::<T>()?;
                Reading::Lock
            }
            false => Reading::Plain,
        };
        self.write_named(|map| query.names_unsaved(map))?;
        self.read(&query.models(), |reader| {
            loader::select_all(reader, &query, reading)
        })
    }

    /// The first object of a query, or `None`. Costs as [`all`](Session::all).
    ///
    /// # Errors
    /// As [`all`](Session::all).
    pub fn first<T: Model, S>(&mut self, query: Select<T, S>) -> Result<Option<Handle<T>>> {
        Ok(self.all(query.at_most(1))?.into_iter().next())
    }

    /// The only object of a query. Costs as [`all`](Session::all).
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) and [`TooMany`](ErrorKind::TooMany), and as
    /// [`all`](Session::all).
    pub fn one<T: Model, S>(&mut self, query: Select<T, S>) -> Result<Handle<T>> {
        let found = self.all(query.at_most(2))?;
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Error::new(ErrorKind::NotFound {
                model: T::NAME,
                key: "by the query".to_owned(),
            })),
            _ => Err(Error::new(ErrorKind::TooMany { model: T::NAME })),
        }
    }

    /// The number of rows of a query, also of a projection or of groups. 1 statement, after a
    /// flush as for [`all`](Session::all).
    ///
    /// # Errors
    /// As [`all`](Session::all).
    pub fn count<R>(&mut self, query: impl Into<Rows<R>>) -> Result<u64> {
        self.count_rows(query.into())
    }

    /// Whether a query has a row. 1 statement, after a flush as for [`all`](Session::all).
    ///
    /// # Errors
    /// As [`all`](Session::all).
    pub fn exists<R>(&mut self, query: impl Into<Rows<R>>) -> Result<bool> {
        let exists = self.read_rows::<bool>(&query.into().about(About::Exists))?;
        Ok(exists.first().copied().unwrap_or(false))
    }

    /// What a projection of a query reads, or raw SQL: values, tuples, structs, handles.
    ///
    /// 1 statement, and what the query loads along, after a flush as for [`all`](Session::all); raw
    /// SQL flushes everything, since what it reads is not known. Values are not objects of the
    /// session; handles are, as those that `all` gives.
    ///
    /// # Errors
    /// As [`all`](Session::all).
    pub fn rows<R: FromRow>(&mut self, query: impl Into<Rows<R>>) -> Result<Vec<R>> {
        self.usable()?;
        let query = query.into();
        self.read_rows(&query)
    }

    pub(super) fn read_rows<R: FromRow>(&mut self, query: &Rows<R>) -> Result<Vec<R>> {
        self.usable()?;
        for locked in query.locked_rows() {
            locked
                .model
                .map_or(Ok(()), |m| self.refuse_unflushed_of(m))?;
        }
        let models = query.models();
        match &models {
            Some(_) => self.write_named(|map| query.names_unsaved(map))?,
            None => {
                query.check()?;
                self.autoflush_all("raw SQL")?;
            }
        }
        self.read(&models.unwrap_or_default(), |reader| {
            loader::select_rows(reader, query)
        })
    }

    /// Writes what waits when a query names an object by its handle that has no key before that.
    pub(super) fn write_named(
        &mut self,
        names_unsaved: impl FnOnce(&IdentityMap) -> bool,
    ) -> Result<()> {
        self.usable()?;
        if self.autoflush_suspended > 0 || !self.map.has_touched() || !names_unsaved(&self.map) {
            return Ok(());
        }
        self.autoflush_all("a query that names a new object")
    }

    /// Reads an object's row again. 1 statement, after a flush of everything.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when the row is gone; the object is gone then too.
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle, and as
    /// [`get`](Session::get).
    pub fn refresh<T: Model>(&mut self, handle: Handle<T>) -> Result<()> {
        self.usable()?;
        self.map.find(handle)?;
        self.autoflush_all(&format!("refreshing {}", T::NAME))?;
        let key = self.key(handle)?;
        let found = self.read(&[TypeId::of::<T>()], |reader| {
            loader::refresh::<T>(reader, &key)
        })?;
        match found {
            true => Ok(()),
            false => Err(not_found::<T>(&key)),
        }
    }
}
