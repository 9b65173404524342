//! A session without a database: the test double for functions over `&mut Session`.
//!
//! Users make it in tests of code that reads and writes objects.
//! It must not pretend: what would talk to the database is an error.

use super::session::Session;
use crate::engine::TransactionOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::identity_map::given_key;
use crate::model::{Handle, Model};
use crate::unit_of_work::settle_loaded;

impl Session {
    /// A session without a database. Memory verbs, [`plan`](Session::plan) and
    /// [`preload`](Session::preload) work; a `get` of a preloaded object finds it.
    ///
    /// Verbs that would talk to the database answer [`Connection`](ErrorKind::Connection).
    pub fn offline() -> Session {
        Session::new(None, TransactionOptions::default())
    }

    /// Takes in an object as if its row had been loaded in this transaction. No I/O.
    ///
    /// # Errors
    /// [`Identity`](ErrorKind::Identity) when the session has an object with this key, and
    /// [`NotFound`](ErrorKind::NotFound) when the object has none, a generated one at its default
    /// included.
    pub fn preload<T: Model>(&mut self, row: T) -> Result<Handle<T>> {
        let clock = self.map.clock();
        let Some(key) = given_key(&row) else {
            return Err(Error::new(ErrorKind::NotFound {
                model: T::NAME,
                key: "without a key".to_owned(),
            }));
        };
        let store = self.map.store::<T>();
        let slot = store.preload(row, key.clone(), clock).ok_or_else(|| {
            Error::new(ErrorKind::Identity {
                model: T::NAME,
                key: format!("{key:?}"),
            })
        })?;
        let handle = store.typed(slot);
        settle_loaded(&mut self.map, handle.raw.store, slot);
        Ok(handle)
    }
}
