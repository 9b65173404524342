//! Verbs that find rows by their keys.
//!
//! Users call them; the loader does the work.
//! It must not ask the database for what the session has (IM-3), unless a lock is wanted.

use std::any::TypeId;

use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::loader;
use crate::model::{Handle, IntoKey, Model};

impl Session {
    /// The row with this key, or `None`.
    ///
    /// No statement when the session has it from this transaction, else 1; before it a flush, if
    /// objects of the model wait for one.
    ///
    /// # Errors
    /// Those of the connection and of the flush, [`Conversion`](ErrorKind::Conversion) when the row
    /// does not fit the model, and [`Handle`](ErrorKind::Handle) for a handle in the key that can't
    /// be used.
    pub fn get<T: Model>(&mut self, key: impl IntoKey<T>) -> Result<Option<Handle<T>>> {
        self.usable()?;
        let key = key.into_key(&self.map)?;
        self.get_by_key(key)
    }

    /// The rows with these keys, each at the place of its key.
    ///
    /// At most 1 statement, which asks for what the session does not have.
    ///
    /// # Errors
    /// As [`get`](Session::get).
    pub fn get_many<T: Model, const N: usize>(
        &mut self,
        keys: [impl IntoKey<T>; N],
    ) -> Result<[Option<Handle<T>>; N]> {
        self.usable()?;
        let keys = self.keys_of::<T>(keys)?;
        let found = self.get_list(&keys)?;
        Ok(array(found))
    }

    /// The rows with these keys, in their order; every one must be there.
    ///
    /// At most 1 statement, which asks for what the session does not have.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) naming the first key without a row, and as
    /// [`get`](Session::get).
    pub fn get_each<T: Model>(
        &mut self,
        keys: impl IntoIterator<Item = impl IntoKey<T>>,
    ) -> Result<Vec<Handle<T>>> {
        self.usable()?;
        let keys = self.keys_of::<T>(keys)?;
        let found = self.get_list(&keys)?;
        require(&keys, found)
    }

    /// The row with this key, locked for update and with the values that it has now (L-1).
    ///
    /// 1 statement, always: only the database can lock. Waits for other transactions' locks.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`LockNotAvailable`](ErrorKind::LockNotAvailable) after
    /// a lock timeout, [`Deadlock`](ErrorKind::Deadlock), and as [`get`](Session::get). With
    /// autoflush suspended, [`Config`](ErrorKind::Config) when the object has unflushed changes.
    pub fn get_for_update<T: Model>(&mut self, key: impl IntoKey<T>) -> Result<Handle<T>> {
        let [handle] = self.get_many_for_update([key])?;
        Ok(handle)
    }

    /// The rows with these keys, locked for update and with the values that they have now (L-1).
    ///
    /// 1 statement, which takes the locks in the order of the keys, so that two transactions that
    /// lock the same rows can't deadlock (L-3). The same key twice gives the same handle.
    ///
    /// # Errors
    /// As [`get_for_update`](Session::get_for_update).
    pub fn get_many_for_update<T: Model, const N: usize>(
        &mut self,
        keys: [impl IntoKey<T>; N],
    ) -> Result<[Handle<T>; N]> {
        self.usable()?;
        let keys = self.keys_of::<T>(keys)?;
        let found = self.lock_list(&keys)?;
        Ok(array(require(&keys, found)?))
    }

    /// The row with this key, or `None`.
    pub(super) fn get_by_key<T: Model>(&mut self, key: T::Key) -> Result<Option<Handle<T>>> {
        let [found] = array(self.get_list(&[key])?);
        Ok(found)
    }

    /// The row with this key, or `None`; without a flush before it, for a key under which nothing
    /// waits.
    pub(super) fn get_by_free_key<T: Model>(&mut self, key: T::Key) -> Result<Option<Handle<T>>> {
        let store = self.map.store_ref::<T>();
        if store.is_some_and(|store| store.find(&key).is_some()) {
            return self.get_by_key(key);
        }
        let [found] = array(self.read(&[], |reader| loader::get(reader, &[key]))?);
        Ok(found)
    }

    fn get_list<T: Model>(&mut self, keys: &[T::Key]) -> Result<Vec<Option<Handle<T>>>> {
        if let Some(found) = self.at_hand(keys) {
            return Ok(found.into_iter().map(Some).collect());
        }
        self.read(&[TypeId::of::<T>()], |reader| loader::get(reader, keys))
    }

    fn lock_list<T: Model>(&mut self, keys: &[T::Key]) -> Result<Vec<Option<Handle<T>>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.refuse_unflushed::<T>()?;
        self.read(&[TypeId::of::<T>()], |reader| {
            loader::get_locked(reader, keys)
        })
    }

    /// All the objects, when the session has each of them as this transaction sees it.
    fn at_hand<T: Model>(&self, keys: &[T::Key]) -> Option<Vec<Handle<T>>> {
        if keys.is_empty() {
            return Some(Vec::new());
        }
        let store = self.map.store_ref::<T>()?;
        let clock = self.map.clock();
        let current = |key| {
            let slot = store.find(key)?;
            store.is_current(slot, clock).then(|| store.typed(slot))
        };
        keys.iter().map(current).collect()
    }

    /// A locking read would overwrite unflushed changes, or hide the rows' values behind them.
    pub(super) fn refuse_unflushed<T: Model>(&self) -> Result<()> {
        self.refuse_unflushed_of(TypeId::of::<T>())
    }

    pub(super) fn refuse_unflushed_of(&self, model: TypeId) -> Result<()> {
        if self.autoflush_suspended == 0 || !self.map.has_touched_of(model) {
            return Ok(());
        }
        let store = self.map.id_of(model).map(|id| self.map.any(id));
        let model = store.map_or("a model", |store| store.table().model());
        Err(Error::config(format!(
            "a locking read of {model} while autoflush is suspended and objects have unflushed changes"
        )))
    }

    fn keys_of<T: Model>(
        &self,
        keys: impl IntoIterator<Item = impl IntoKey<T>>,
    ) -> Result<Vec<T::Key>> {
        keys.into_iter()
            .map(|key| key.into_key(&self.map))
            .collect()
    }
}

fn array<T, const N: usize>(found: Vec<T>) -> [T; N] {
    match found.try_into() {
        Ok(array) => array,
        Err(_) => unreachable!("one handle for each key"),
    }
}

fn require<T: Model>(keys: &[T::Key], found: Vec<Option<Handle<T>>>) -> Result<Vec<Handle<T>>> {
    keys.iter()
        .zip(found)
        .map(|(key, found)| found.ok_or_else(|| not_found::<T>(key)))
        .collect()
}

/// The error for a key without a row.
pub(super) fn not_found<T: Model>(key: &T::Key) -> Error {
    Error::new(ErrorKind::NotFound {
        model: T::NAME,
        key: format!("{key:?}"),
    })
}
