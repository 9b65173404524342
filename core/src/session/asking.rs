//! Verbs that ask more of the next flush than what the objects say: values that the database
//! computes, versions that count up.
//!
//! Users call them; the flush does it.
//! It must not talk to the database.

use super::session::Session;
use crate::error::{Error, Result};
use crate::identity_map::{Phase, handle_error};
use crate::model::{Column, Generated, Handle, Model};
use crate::query::{IntoExpr, Within};
use crate::statement::{Computed, Source};

impl Session {
    /// Lets the database compute a field: the next flush sends the expression instead of a value,
    /// in the UPDATE or INSERT that it sends anyway, and reads the result back with it. No I/O.
    ///
    /// No lost update: `balance + 10` is computed from the row as it is then, whatever was read
    /// before. Until the flush the object has its old value. The last word counts: a value that
    /// was written to the field before is dropped, another that is written after takes
    /// the expression's place. Rows whose columns are computed by the same expression, whatever the
    /// values in it, are one statement (1,000 rows at most).
    ///
    /// For a generated field this is the way to send its default: `set_expr(h, Entry::AT, None)`,
    /// or a zero. An expression for a new object can't name its columns.
    ///
    /// ```
    /// use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug)]
    /// # struct Account { #[model(key)] id: i64, balance: i64 }
    /// # fn f() -> Result<()> {
    /// let mut s = Session::offline();
    /// let account = s.preload(Account { id: 1, balance: 50 })?;
    /// s.set_expr(account, Account::BALANCE, Account::BALANCE + 10)?;
    /// assert_eq!(s[account].balance, 50);
    /// assert!(s.plan()?.to_string().contains("SET balance = balance + $1"));
    /// # Ok(()) }
    /// # f().unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Handle`](crate::ErrorKind::Handle) for an object that can't be written;
    /// [`Mapping`](crate::ErrorKind::Mapping) for a field of the key, for the version, for one that
    /// only the database makes, and for an expression that can't be written there.
    pub fn set_expr<T: Model, V>(
        &mut self,
        handle: Handle<T>,
        column: Column<T, V>,
        expr: impl IntoExpr<V, Scope: Within<T>>,
    ) -> Result<()> {
        let field = column.field();
        refuse_field::<T>(field)?;
        let clock = self.map.clock();
        let (store, slot) = self.map.find_mut(handle)?;
        let position = T::table().fields()[field].columns.start;
        let node = expr.into_expr().into_node();
        let computed = match store.phase_of(slot) {
            Phase::Pending => Computed::from_nothing(T::table(), position, &node)?,
            _ => Computed::from_row(&Source::of::<T>(), position, &node)?,
        };
        let noted = store.compute(handle.raw, field, computed, clock);
        noted.map_err(handle_error::<T>)
    }

    /// Lets the next flush count up the version of an object although nothing of it changed, such
    /// as the root of objects that did: one UPDATE of the version. No I/O.
    ///
    /// Two units of work that change different children of one root then meet at the root, and
    /// the second is [`Stale`](crate::ErrorKind::Stale). Together with a change it counts once.
    ///
    /// # Errors
    /// [`Handle`](crate::ErrorKind::Handle) for an object that can't be written, and
    /// [`Mapping`](crate::ErrorKind::Mapping) for a model without a version.
    pub fn touch<T: Model>(&mut self, handle: Handle<T>) -> Result<()> {
        if T::table().version().is_none() {
            let model = T::NAME;
            return Err(Error::mapping(format!("{model} has no version to count")));
        }
        let clock = self.map.clock();
        let (store, _) = self.map.find_mut(handle)?;
        let noted = store.ask_bump(handle.raw, clock);
        noted.map_err(handle_error::<T>)
    }
}

fn refuse_field<T: Model>(field: usize) -> Result<()> {
    let table = T::table();
    let why = if table.key().contains(field) {
        "is part of the key, which is sent as it is"
    } else if table.version() == Some(field) {
        "is the version, which the session counts"
    } else if table.fields()[field].generated == Generated::Always {
        "is made by the database at every write"
    } else {
        return Ok(());
    };
    let name = table.fields()[field].name;
    Err(Error::mapping(format!("{}.{name} {why}", T::NAME)))
}
