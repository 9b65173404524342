//! Row locks of a query.
//!
//! Methods of `Select`.
//! It must not say what happens to objects whose rows are locked: the session does.

use crate::model::Model;
use crate::query::{Alias, Select};
use crate::statement::{Lock, Source, Strength, Wait};

impl<M, S> Select<M, S> {
    /// Locks the rows until the end of the transaction, as an UPDATE or DELETE of them does.
    ///
    /// Rows that are loaded already are read again. With [`columns`](Self::columns) the rows are
    /// locked all the same, but no object learns what they hold.
    pub fn for_update(self) -> Self {
        self.lock(Strength::Update)
    }

    /// As [`for_update`](Self::for_update), but lets others insert rows that refer to these: what
    /// an UPDATE of columns other than the key does.
    pub fn for_no_key_update(self) -> Self {
        self.lock(Strength::NoKeyUpdate)
    }

    /// Keeps others from changing the rows until the end of the transaction; they may lock them
    /// in the same way.
    pub fn for_share(self) -> Self {
        self.lock(Strength::Share)
    }

    /// Keeps others from deleting the rows and from changing their keys until the end of the
    /// transaction: what an INSERT of a row that refers to them does.
    pub fn for_key_share(self) -> Self {
        self.lock(Strength::KeyShare)
    }

    /// Locks the rows of this model's table, and of tables that other calls name, instead of those
    /// of the main table alone. Without a lock asked for it asks for
    /// [`for_update`](Self::for_update).
    ///
    /// Of rows that are read as objects those are read again that are locked. The rows of an outer
    /// join can't be locked: the server refuses that.
    ///
    /// ```
    /// use sessile::{Model, model::Fk, sql::{row, select}};
    ///
    /// #[derive(Model, Clone, Debug)]
    /// struct Account {
    ///     #[model(key)]
    ///     id: i64,
    /// }
    ///
    /// #[derive(Model, Clone, Debug)]
    /// struct Entry {
    ///     #[model(key)]
    ///     id: i64,
    ///     payer: Fk<Account>,
    /// }
    ///
    /// let payers = select::<Entry>()
    ///     .join(Entry::PAYER)
    ///     .for_update()
    ///     .of::<Account>()
    ///     .columns((row::<Entry>(), row::<Account>()));
    /// assert!(format!("{payers:?}").ends_with("FOR UPDATE OF account)"));
    /// ```
    pub fn of<T: Model>(self) -> Self {
        self.locking(Source::of::<T>())
    }

    /// As [`of`](Self::of), for a table under a name of its own.
    pub fn of_alias<T: Model>(self, alias: &Alias<T>) -> Self {
        self.locking(alias.source().clone())
    }

    /// Fails with [`LockNotAvailable`](crate::ErrorKind::LockNotAvailable) instead of waiting for
    /// a row that is locked. Without a lock asked for it asks for
    /// [`for_update`](Self::for_update).
    pub fn nowait(self) -> Self {
        self.wait(Wait::Fail)
    }

    /// Leaves rows out that somebody else has locked. Without a lock asked for it asks for
    /// [`for_update`](Self::for_update).
    pub fn skip_locked(self) -> Self {
        self.wait(Wait::Skip)
    }

    fn locking(mut self, source: Source) -> Self {
        let lock = self.edit().lock.get_or_insert(Lock {
            strength: Strength::Update,
            wait: Wait::Block,
            of: Vec::new(),
        });
        lock.of.push(source);
        self
    }

    fn lock(mut self, strength: Strength) -> Self {
        let (wait, of) = match self.edit().lock.take() {
            Some(lock) => (lock.wait, lock.of),
            None => (Wait::Block, Vec::new()),
        };
        self.edit().lock = Some(Lock { strength, wait, of });
        self
    }

    fn wait(mut self, wait: Wait) -> Self {
        let (strength, of) = match self.edit().lock.take() {
            Some(lock) => (lock.strength, lock.of),
            None => (Strength::Update, Vec::new()),
        };
        self.edit().lock = Some(Lock { strength, wait, of });
        self
    }
}
