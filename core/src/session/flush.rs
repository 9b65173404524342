//! Flush: what changed in the objects is written to the database.
//!
//! Users call `flush`; `commit`, savepoints and queries do so by themselves.
//! It must not begin anything when there is nothing to write.

use std::any::TypeId;

use super::hooks::Moment;
use super::session::Session;
use crate::error::{Error, Result};
use crate::model::{Handle, Model};
use crate::unit_of_work::{self as work, Plan};

impl Session {
    /// Writes what changed: new objects are inserted, touched ones updated, marked ones deleted.
    ///
    /// One statement per table, operation and set of columns, whatever the number of rows; more
    /// only where rows need each other's keys or give up what others take ([`plan`](Session::plan)
    /// shows them). Only touched objects are looked at. Nothing to write: no statement. Afterwards
    /// keys and other generated fields are in the objects.
    ///
    /// # Errors
    /// The violated constraint with its model and field; [`Stale`](crate::ErrorKind::Stale) with
    /// the keys of rows that were gone or had another version;
    /// [`Identity`](crate::ErrorKind::Identity); [`Cycle`](crate::ErrorKind::Cycle);
    /// [`Handle`](crate::ErrorKind::Handle) for a reference to an object that has left; what a hook
    /// says, and [`Reentrant`](crate::ErrorKind::Reentrant) inside one. A flush
    /// that fails loses the transaction, back to the enclosing savepoint or to its beginning;
    /// until the [`rollback`](Session::rollback) every verb answers
    /// [`TransactionFailed`](crate::ErrorKind::TransactionFailed).
    pub fn flush(&mut self) -> Result<()> {
        self.usable()?;
        self.refuse_in_hook()?;
        if !self.map.has_touched() {
            return Ok(());
        }
        self.flush_touched().inspect_err(|error| {
            let broken = self.connection().is_some_and(|c| c.is_broken());
            self.poison(error, broken);
        })
    }

    /// The phases of a flush, on one screen.
    fn flush_touched(&mut self) -> Result<()> {
        self.map.drop_leftovers();
        self.statistics.flushes += 1;
        self.run_flush_hooks(Moment::Before)?;
        let mut changes = work::changes(&mut self.map)?;
        if self.run_row_hooks(Moment::Before, &changes)? {
            changes = work::changes(&mut self.map)?;
        }
        self.statistics.compared += changes.compared as u64;
        let plan = work::plan(&self.map, &changes, self.habits().ordered_locks)?;
        if plan.is_empty() {
            work::finish(&mut self.map, &changes);
            return Ok(());
        }
        let (map, connection) = self.connect()?;
        work::execute(map, connection, &plan, &changes)?;
        self.run_row_hooks(Moment::After, &changes)?;
        self.run_flush_hooks(Moment::After)
    }

    /// What a flush would do now, as a value that prints. No I/O.
    ///
    /// As a flush does first, it turns handles in references into keys where there are keys, and
    /// cuts values to what the database keeps.
    ///
    /// # Errors
    /// Those of a [`flush`](Session::flush) that need no database; the session stays usable.
    pub fn plan(&mut self) -> Result<Plan> {
        self.usable()?;
        let ordered_locks = self.habits().ordered_locks;
        work::preview(&mut self.map, ordered_locks)
    }

    /// Adds an object and flushes, so that its key is known. Costs as [`flush`](Session::flush).
    ///
    /// # Errors
    /// As [`flush`](Session::flush).
    pub fn insert<T: Model>(&mut self, row: T) -> Result<Handle<T>> {
        self.usable()?;
        let handle = self.add(row);
        self.flush()?;
        Ok(handle)
    }

    /// Flushes before something that reads these models, if objects of theirs were touched.
    pub(super) fn autoflush(&mut self, models: &[TypeId]) -> Result<()> {
        if self.autoflush_suspended > 0 || !models.iter().any(|m| self.map.has_touched_of(*m)) {
            return Ok(());
        }
        let names: Vec<&str> = models
            .iter()
            .filter_map(|m| Some(self.map.any(self.map.id_of(*m)?).table().model()))
            .collect();
        self.flush_before(&format!("reading {}", names.join(", ")))
    }

    /// Flushes before something that may read anything.
    pub(super) fn autoflush_all(&mut self, before: &str) -> Result<()> {
        match self.autoflush_suspended {
            0 => self.flush_before(before),
            _ => Ok(()),
        }
    }

    fn flush_before(&mut self, what: &str) -> Result<()> {
        self.flush()
            .map_err(|error: Error| error.while_doing(format!("flushing before {what}")))
    }
}
