//! `delete`: all rows that meet a condition go.
//!
//! Callers build it; the session's `delete_where` runs it.
//! It must not hold a session, and a clone must be as good as the original.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::model::Model;
use crate::query::write::answer::{Counted, Tuples, Values};
use crate::query::{Columns, IntoFilter};
use crate::statement::{self, Item, Parameter, Source};

/// The end of rows of model `M`; running it answers with `R`. See [`delete`].
#[must_use = "a delete does nothing until a session runs it"]
pub struct Delete<M, R = Counted> {
    pub(crate) statement: statement::Delete,
    /// What is read of each row.
    pub(crate) columns: Vec<Item>,
    types: PhantomData<fn() -> (M, R)>,
}

/// The end of the rows of a model, all of them until it is filtered.
///
/// It is a value: it may be cloned, kept and sent.
///
/// ```
/// use sessile::{Model, sql::delete};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key, generated)]
///     id: i64,
///     balance: i64,
/// }
///
/// let empty = delete::<Account>().filter(Account::BALANCE.eq(0));
/// assert_eq!(format!("{empty:?}"), "Delete(DELETE account WHERE balance = $1)");
/// ```
pub fn delete<M: Model>() -> Delete<M> {
    Delete {
        statement: statement::Delete::of(Source::of::<M>()),
        columns: Vec::new(),
        types: PhantomData,
    }
}

impl<M: Model, R> Delete<M, R> {
    /// Only rows that meet this condition, and those of earlier calls.
    ///
    /// Takes an `Option` too: `None` adds nothing.
    pub fn filter(mut self, condition: impl IntoFilter<M>) -> Self {
        self.statement.filters.extend(condition.into_filter().0);
        self
    }

    /// Locks all the rows in the order of their keys before the first goes, so that two units of
    /// work that write the same rows can't deadlock.
    ///
    /// Costs a sort of the keys and a second look at each row.
    pub fn in_key_order(mut self) -> Self {
        self.statement.in_key_order = true;
        self
    }

    fn answering<Q>(self, columns: Vec<Item>) -> Delete<M, Q> {
        Delete {
            statement: self.statement,
            columns,
            types: PhantomData,
        }
    }
}

impl<M: Model> Delete<M> {
    /// Answers with the rows that went, as plain values, in no particular order.
    pub fn returning(self) -> Delete<M, Values> {
        self.answering(Vec::new())
    }

    /// Answers with columns and expressions of the rows that went, in no particular order.
    pub fn returning_columns<C: Columns<M>>(self, columns: C) -> Delete<M, Tuples<C::Row>> {
        let items = columns.into_columns().0.into_iter().map(Item::met);
        self.answering(items.collect())
    }
}

impl<M: Model, R> Delete<M, Tuples<R>> {
    /// As a part of another statement.
    ///
    /// # Errors
    /// `Mapping` when it can't be one.
    pub(in crate::query) fn parts(self) -> Result<(String, Vec<Parameter>), Error> {
        self.statement.parts(self.columns)
    }
}

impl<M, R> Clone for Delete<M, R> {
    fn clone(&self) -> Self {
        Delete {
            statement: self.statement.clone(),
            columns: self.columns.clone(),
            types: PhantomData,
        }
    }
}

impl<M, R> fmt::Debug for Delete<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delete({})", self.statement.label())
    }
}
