//! Verbs on objects in memory: they never talk to the database.
//!
//! Users call them.
//! It must not flush; what is changed here waits for a flush.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::identity_map::{Phase, State, handle_error};
use crate::model::{Fk, Handle, Model, Reference};

impl Session {
    /// Takes in a new object; the next flush inserts it. No I/O.
    ///
    /// Its generated fields keep their defaults until then.
    pub fn add<T: Model>(&mut self, row: T) -> Handle<T> {
        self.map.store::<T>().add(row)
    }

    /// Takes in new objects, to be inserted in this order. No I/O.
    pub fn add_all<T: Model>(&mut self, rows: impl IntoIterator<Item = T>) -> Vec<Handle<T>> {
        let store = self.map.store::<T>();
        rows.into_iter().map(|row| store.add(row)).collect()
    }

    /// The object, or `None` when the handle is foreign or the object has left or is deleted.
    /// No I/O.
    pub fn peek<T: Model>(&self, handle: Handle<T>) -> Option<&T> {
        self.peek_or(handle).ok()
    }

    /// The object to write, or `None` as for [`peek`](Session::peek) and when it is marked
    /// deleted. No I/O.
    pub fn peek_mut<T: Model>(&mut self, handle: Handle<T>) -> Option<&mut T> {
        self.map.write(handle).ok()
    }

    /// Writes an object while reading others: `edit(a, |row, s| row.money += s[b].money)`. No I/O.
    ///
    /// For operators that are methods, where `s[a].money += s[b].money` would borrow the session
    /// twice. Within the closure the object itself is not there to be read.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for an object that can't be written.
    pub fn edit<T: Model, R>(
        &mut self,
        handle: Handle<T>,
        write: impl FnOnce(&mut T, &Session) -> R,
    ) -> Result<R> {
        let clock = self.map.clock();
        let (store, _) = self.map.find_mut(handle)?;
        let mut row = store.take(handle.raw, clock).map_err(handle_error::<T>)?;
        let result = catch_unwind(AssertUnwindSafe(|| write(&mut row, self)));
        let (store, _) = self.map.find_mut(handle)?;
        store.put_back(handle.raw, row);
        result.or_else(|panic| resume_unwind(panic))
    }

    /// Marks an object for deletion; the next flush deletes its row. No I/O.
    ///
    /// An object that was only added just leaves. Doing it twice does nothing. What refers to the
    /// row is treated as the references' `on_delete` says, at the flush.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle.
    pub fn delete<T: Model>(&mut self, handle: Handle<T>) -> Result<()> {
        let clock = self.map.clock();
        let (store, _) = self.map.find_mut(handle)?;
        store.mark(handle.raw, clock).map_err(handle_error::<T>)
    }

    /// Takes an object out of the session and returns it; the database is left as it is. No I/O.
    ///
    /// Also returns, until the next flush or commit, an object whose insertion was rolled back,
    /// with its generated fields back at their defaults.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle.
    pub fn detach<T: Model>(&mut self, handle: Handle<T>) -> Result<T> {
        self.map.forget_collections_of(handle.raw);
        let (store, _) = self.map.find_mut(handle)?;
        store.detach(handle.raw).map_err(handle_error::<T>)
    }

    /// Drops every clean object from the session and returns how many there were. No I/O.
    ///
    /// Their handles are gone, and collections that had one of them are not loaded any more; the
    /// rows stay. Clean is what nothing was done to: touched objects stay, marked ones, those that
    /// wait for their insertion and the objects that they refer to by handle, and whatever this
    /// transaction has written, whose values a rollback would need.
    pub fn evict_clean(&mut self) -> usize {
        self.map.evict_clean()
    }

    /// The key of an object. No I/O.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle, and
    /// [`NotFound`](ErrorKind::NotFound) while the database has not made the key.
    pub fn key<T: Model>(&self, handle: Handle<T>) -> Result<T::Key> {
        let (store, slot) = self.map.find(handle)?;
        store.key_of(slot).ok_or_else(|| {
            Error::new(ErrorKind::NotFound {
                model: T::NAME,
                key: "without a key: it is not inserted yet".to_owned(),
            })
        })
    }

    /// Whether a reference points at an object. No I/O.
    ///
    /// Takes `&fk` of a required or an optional reference. True for the object's key as well as
    /// for its handle; false for a handle that can't be used.
    pub fn refers_to<'a, T: Model>(
        &self,
        reference: impl Into<Option<&'a Fk<T>>>,
        handle: Handle<T>,
    ) -> bool {
        let (Some(fk), Ok((store, slot))) = (reference.into(), self.map.find(handle)) else {
            return false;
        };
        match fk.reference() {
            Reference::Unset => false,
            Reference::Handle(raw) => raw == handle.raw,
            Reference::Key(key) => store.key_of(slot).as_ref() == Some(key),
        }
    }

    /// The state of an object. No I/O.
    pub fn state<T: Model>(&self, handle: Handle<T>) -> State {
        self.map.state(handle.raw)
    }

    /// The names of the fields that changed since the last flush. No I/O.
    ///
    /// Empty for an object that is pending: all of it is new.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle.
    pub fn changes<T: Model>(&self, handle: Handle<T>) -> Result<Vec<&'static str>> {
        let (_, slot) = self.map.find(handle)?;
        let fields = T::table().fields();
        let computed = self.map.computed(handle.raw.store, slot);
        let changed = self.map.changed(handle.raw.store, slot).union(computed);
        Ok(changed.iter().map(|field| fields[field].name).collect())
    }

    /// Whether a flush would have something to do. Looks at touched objects only. No I/O.
    pub fn has_changes(&self) -> bool {
        !self.map.pairs.is_empty()
            || self.map.stores().any(|(id, store)| {
                store
                    .touched()
                    .into_iter()
                    .any(|slot| match store.phase(slot) {
                        Phase::Pending | Phase::Marked => true,
                        _ => store.asked(slot).is_some() || !self.map.changed(id, slot).is_empty(),
                    })
            })
    }

    /// The object with this key, if the session has it, expired or not. No I/O.
    ///
    /// The key is that of the last flush: a new object is found after it, and
    /// [`get`](Session::get), which flushes, finds it at once.
    pub fn local<T: Model>(&self, key: &T::Key) -> Option<Handle<T>> {
        let store = self.map.store_ref::<T>()?;
        Some(store.typed(store.find(key)?))
    }
}
