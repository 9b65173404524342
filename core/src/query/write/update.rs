//! `update`: new values for all rows that meet a condition.
//!
//! Callers build it; the session's `update_where` runs it.
//! It must not hold a session, and a clone must be as good as the original.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::model::{BelongsTo, Column, Model, Optional};
use crate::query::write::answer::{Counted, Objects, Tuples};
use crate::query::write::assign::{self, Assign};
use crate::query::{Columns, IntoFilter};
use crate::statement::{self, Item, Parameter, Source};

/// New values for rows of model `M`; running it answers with `R`. See [`update`].
#[must_use = "an update does nothing until a session runs it"]
pub struct Update<M, R = Counted> {
    pub(crate) statement: statement::Update,
    /// What is read of each row.
    pub(crate) columns: Vec<Item>,
    types: PhantomData<fn() -> (M, R)>,
}

/// New values for the rows of a model, all of them until it is filtered.
///
/// It is a value: it may be cloned, kept and sent. The version of a model that has one moves on.
///
/// ```
/// use sessile::{Model, sql::update};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key, generated)]
///     id: i64,
///     owner: String,
///     balance: i64,
///     #[model(version)]
///     version: i32,
/// }
///
/// let interest = update::<Account>()
///     .set(Account::BALANCE, Account::BALANCE + 1)
///     .set(Account::OWNER, "x")
///     .filter(Account::BALANCE.ge(1_000));
/// assert_eq!(
///     format!("{interest:?}"),
///     "Update(UPDATE account SET balance = balance + $1, owner = $2, version = version + 1 \
///      WHERE balance >= $3)"
/// );
/// ```
pub fn update<M: Model>() -> Update<M> {
    Update {
        statement: statement::Update::of(Source::of::<M>()),
        columns: Vec::new(),
        types: PhantomData,
    }
}

impl<M: Model, R> Update<M, R> {
    /// Sets a column to a value, a column or an expression; a reference to an object, by its
    /// handle, an [`Fk`](crate::Fk) or its key.
    pub fn set<X>(mut self, column: impl Assign<M, X>, value: X) -> Self {
        self.statement.sets.extend(column.assign(value).0);
        self
    }

    /// Sets a column of any type to a plain value, sent as a flush would send it.
    ///
    /// For JSON columns and for types that the field names by `sql_type`; others may as well be
    /// [`set`](Self::set).
    pub fn set_value<V: Send + Sync + 'static>(mut self, column: Column<M, V>, value: V) -> Self {
        let assigned = assign::value::<M, V>(column.field(), value);
        self.statement.sets.extend(assigned.0);
        self
    }

    /// Sets an optional reference to nothing.
    pub fn set_null<P: Model>(mut self, reference: BelongsTo<M, P, Optional>) -> Self {
        let assigned = assign::null::<M>(reference.field());
        self.statement.sets.extend(assigned.0);
        self
    }

    /// Sets a column to its default in the database.
    pub fn set_default<V>(mut self, column: Column<M, V>) -> Self {
        let assigned = assign::default::<M>(column.field());
        self.statement.sets.extend(assigned.0);
        self
    }

    /// Only rows that meet this condition, and those of earlier calls.
    ///
    /// Takes an `Option` too: `None` adds nothing.
    pub fn filter(mut self, condition: impl IntoFilter<M>) -> Self {
        self.statement.filters.extend(condition.into_filter().0);
        self
    }

    /// Leaves the version as it is, so that whoever has read the rows before does not notice; but
    /// for [`Xmin`](crate::Xmin), which PostgreSQL changes with every write.
    pub fn without_version_bump(mut self) -> Self {
        self.statement.bumps = false;
        self
    }

    /// Locks all the rows in the order of their keys before the first is written, so that two
    /// units of work that write the same rows can't deadlock.
    ///
    /// Costs a sort of the keys and a second look at each row.
    pub fn in_key_order(mut self) -> Self {
        self.statement.in_key_order = true;
        self
    }

    fn answering<Q>(self, columns: Vec<Item>) -> Update<M, Q> {
        Update {
            statement: self.statement,
            columns,
            types: PhantomData,
        }
    }
}

impl<M: Model> Update<M> {
    /// Answers with the rows, as objects of the session, in no particular order.
    pub fn returning(self) -> Update<M, Objects> {
        self.answering(Vec::new())
    }

    /// Answers with columns and expressions of the rows after the update, as plain values, in no
    /// particular order.
    pub fn returning_columns<C: Columns<M>>(self, columns: C) -> Update<M, Tuples<C::Row>> {
        let items = columns.into_columns().0.into_iter().map(Item::met);
        self.answering(items.collect())
    }
}

impl<M: Model, R> Update<M, Tuples<R>> {
    /// As a part of another statement.
    ///
    /// # Errors
    /// `Mapping` when it can't be one.
    pub(in crate::query) fn parts(self) -> Result<(String, Vec<Parameter>), Error> {
        self.statement.parts(self.columns)
    }
}

impl<M, R> Clone for Update<M, R> {
    fn clone(&self) -> Self {
        Update {
            statement: self.statement.clone(),
            columns: self.columns.clone(),
            types: PhantomData,
        }
    }
}

impl<M, R> fmt::Debug for Update<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Update({})", self.statement.label())
    }
}
