//! Verbs that write all rows that meet a condition.
//!
//! Users call them; the unit of work runs them and brings the session in line.
//! It must not run one while objects of its model wait for a flush.

use std::any::TypeId;

use super::session::Session;
use crate::engine::Connection;
use crate::error::{Error, Result};
use crate::identity_map::IdentityMap;
use crate::model::Model;
use crate::query::{Delete, Update};
use crate::unit_of_work::{self as work, Answer};

impl Session {
    /// Changes all rows that meet a condition, and the objects of those that the session has.
    ///
    /// 1 statement, after a flush of everything that waits. Answers with the number of rows; with
    /// what the update's `returning` or `returning_columns` says otherwise. Of the rows only
    /// those come back that the session has or the program asked for. The objects have the new
    /// values afterwards and are not touched; a rollback gives them back the old ones. Loaded
    /// collections stay right, or are forgotten where rows moved that the session does not have.
    ///
    /// A version moves on, by the server, unless the update says
    /// [`without_version_bump`](Update::without_version_bump). Hooks don't run for these rows. Rows are locked in the order in
    /// which the server finds them, unless it says [`in_key_order`](Update::in_key_order).
    ///
    /// ```no_run
    /// # use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug)] struct Account { #[model(key)] id: i64, balance: i64 }
    /// # fn f(s: &mut Session) -> Result<()> {
    /// let rich = update::<Account>()
    ///     .set(Account::BALANCE, Account::BALANCE + 1)
    ///     .filter(Account::BALANCE.ge(1_000));
    /// let changed: u64 = s.update_where(rich.clone())?;
    /// let objects: Vec<Handle<Account>> = s.update_where(rich.returning())?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) for an update that sets nothing, a column twice,
    /// one of the key or [`Xmin`](crate::Xmin); the violated constraint; those of the flush. An error of the server loses
    /// the transaction, as a failed [`flush`](Session::flush) does.
    pub fn update_where<M: Model, R: Answer<M>>(
        &mut self,
        update: Update<M, R>,
    ) -> Result<R::Output> {
        self.flush_for::<M>("updating")?;
        let prepared = work::prepare_update(&mut self.map, &update)?;
        self.write(|map, connection| work::update_where::<M, R>(map, connection, &prepared))
    }

    /// Deletes all rows that meet a condition, and the objects of those that the session has.
    ///
    /// 1 statement, after a flush of everything that waits. Answers with the number of rows, not
    /// counting those that the database deleted along with them; with what the delete's
    /// `returning` or `returning_columns` says otherwise. Loaded objects whose rows were deleted
    /// along with a row, or lost their reference to it, follow; where the session can't tell
    /// whether they did, they expire. A rollback brings all of them back.
    ///
    /// What happens to rows that refer to the deleted ones is up to the database: a reference
    /// with `cascade(client)` keeps its row from being deleted this way.
    ///
    /// ```no_run
    /// # use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug)] struct Account { #[model(key)] id: i64, balance: i64 }
    /// # fn f(s: &mut Session) -> Result<()> {
    /// let empty = delete::<Account>().filter(Account::BALANCE.eq(0));
    /// let gone: Vec<Account> = s.delete_where(empty.returning())?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The violated constraint; those of the flush. An error of the server loses the transaction.
    pub fn delete_where<M: Model, R: Answer<M>>(
        &mut self,
        delete: Delete<M, R>,
    ) -> Result<R::Output> {
        self.flush_for::<M>("deleting")?;
        let prepared = work::prepare_delete(&mut self.map, &delete)?;
        self.write(|map, connection| work::delete_where::<M, R>(map, connection, &prepared))
    }

    /// Writes what waits before a statement that writes rows of `M` by itself.
    pub(super) fn flush_for<M: Model>(&mut self, doing: &str) -> Result<()> {
        self.usable()?;
        self.autoflush_all(&format!("{doing} {}", M::NAME))?;
        if self.map.has_touched_of(TypeId::of::<M>()) {
            return Err(Error::config(format!(
                "{doing} rows of {} while autoflush is suspended and objects have unflushed changes",
                M::NAME
            )));
        }
        Ok(())
    }

    /// Runs what writes rows by itself; a failure loses the transaction, since the session may
    /// no longer know what the rows are.
    pub(super) fn write<R>(
        &mut self,
        work: impl FnOnce(&mut IdentityMap, &mut Connection) -> Result<R>,
    ) -> Result<R> {
        let (map, connection) = self.connect()?;
        work(map, connection).inspect_err(|error| {
            let broken = self.connection().is_some_and(|c| c.is_broken());
            self.poison(error, broken);
        })
    }
}
