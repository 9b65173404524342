//! Values from outside: what a form or a message brought back.
//!
//! Users call it.
//! It must not read more than the row that the value is of.

use super::session::Session;
use crate::error::Result;
use crate::identity_map::{given_key, handle_error};
use crate::model::{Handle, Model};

impl Session {
    /// Brings in a value that was taken out of a session, by [`detach`](Session::detach) or as
    /// part of a message: its fields are copied onto the object of its row, or it is added when
    /// there is none.
    ///
    /// Costs a [`get`](Session::get): no statement when this transaction has read the row, and
    /// none for a value without a key, which is new. The value of a row that waits for its
    /// insertion goes onto that object, without a statement: the same key three times is one row,
    /// with what the last one said. Nothing is flushed for that, unless the session has the row
    /// from an earlier transaction and changed it since. Fields that the database makes stay as
    /// they are when the value has their default.
    ///
    /// The version goes along: the next UPDATE compares the one that the value has, so that a
    /// value which was read before somebody else wrote the row is
    /// [`Stale`](crate::ErrorKind::Stale) at the flush. A version at its default is not compared,
    /// and a value that changes nothing is not written. Without a version in the model the value
    /// overwrites what it differs in.
    ///
    /// # Errors
    /// As [`get`](Session::get), and [`Handle`](crate::ErrorKind::Handle) for an object that is
    /// marked deleted.
    pub fn merge<T: Model>(&mut self, row: T) -> Result<Handle<T>> {
        self.usable()?;
        let Some(key) = given_key(&row) else {
            return Ok(self.add(row));
        };
        let found = match self.map.store::<T>().find_unwritten(&key) {
            None => self.get_by_free_key(key)?,
            found => found,
        };
        let Some(handle) = found else {
            return Ok(self.add(row));
        };
        let clock = self.map.clock();
        let (store, _) = self.map.find_mut(handle)?;
        let merged = store.merge(handle.raw, row, clock);
        merged.map_err(handle_error::<T>)?;
        Ok(handle)
    }
}
