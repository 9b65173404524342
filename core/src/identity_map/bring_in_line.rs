//! Rows that a statement wrote by itself are brought in line with the objects that are there.
//!
//! Called by the unit of work after set-based statements.
//! It must not leave an object touched: what the database has is what the object has.

use super::clock::{Clock, NEVER};
use super::hydrate::read_key;
use super::journal::Was;
use super::slot::Phase;
use super::store::Store;
use crate::error::Error;
use crate::model::{Model, Row};

impl<T: Model> Store<T> {
    /// The keys of all rows that the session has.
    pub(crate) fn known_keys(&self) -> impl Iterator<Item = &T::Key> {
        self.index.keys()
    }

    /// Whether the session has a row of this model.
    pub(crate) fn has_rows(&self) -> bool {
        !self.index.is_empty()
    }

    /// A statement wrote this row; the object gets its value, and a rollback takes it back.
    pub(crate) fn overwrite(
        &mut self,
        number: u32,
        row: &Row<'_>,
        at: usize,
        clock: Clock,
    ) -> Result<(), Error> {
        let fresh = T::from_row(row, at)?;
        let slot = &mut self.slots[number as usize];
        let Some(current) = slot.row.as_mut() else {
            return Ok(());
        };
        let before = Box::new(current.clone());
        current.adopt(fresh, T::table().all_fields());
        if !self.journal.covers(slot.journaled) {
            self.log(number, Was::Value(before));
        }
        let slot = &mut self.slots[number as usize];
        slot.read_in = clock.transaction;
        slot.locked_in = clock.locks;
        Ok(())
    }

    /// A statement inserted this row, or changed it if it was there: it becomes an object, which
    /// leaves the session when that is rolled back, unless the session had it before.
    pub(crate) fn bring_written(
        &mut self,
        row: &Row<'_>,
        at: usize,
        group: usize,
        clock: Clock,
    ) -> Result<Option<u32>, Error> {
        let Some(key) = read_key::<T>(row, at)? else {
            return Ok(None);
        };
        if let Some(number) = self.find(&key) {
            self.overwrite(number, row, at, clock)?;
            return Ok(Some(number));
        }
        let number = self.place(T::from_row(row, at)?);
        let made = T::table().generated().union(T::table().generated_always());
        self.log(number, Was::Pending(made));
        let slot = &mut self.slots[number as usize];
        slot.phase = Phase::Persistent;
        slot.read_in = clock.transaction;
        slot.locked_in = clock.locks;
        self.reindex(number, Some(key));
        self.join(number, group);
        Ok(Some(number))
    }

    /// What the row is now is not known: the next read of it tells.
    pub(super) fn expire(&mut self, number: u32) {
        self.slots[number as usize].read_in = NEVER;
    }
}
