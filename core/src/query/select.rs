//! `select`: a query for rows of a model.
//!
//! Callers build it; the session's verbs run it, the loader renders it.
//! It must not hold a session, and a clone must be as good as the original.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::order::Orders;
use super::{Columns, IntoFilter, IntoOrders, Rows};
use crate::error::Error;
use crate::model::{KeyLookup, Model};
use crate::statement::{self, Lock, Projection, Rendered, Source, Strength, Wait};

/// A query for rows of model `M`. See [`select`].
#[must_use = "a query does nothing until a session runs it"]
pub struct Select<M> {
    select: statement::Select,
    /// What the loader loads along; only it knows what these are.
    paths: Vec<Eager>,
    /// The models that those loads read.
    path_models: Vec<TypeId>,
    model: PhantomData<fn() -> M>,
}

/// An eager load, opaque to this room.
pub(crate) type Eager = Arc<dyn Any + Send + Sync>;

/// A query for the rows of a model, all of them until it is filtered.
///
/// It is a value: it may be cloned, kept and sent, and run any number of times by a session's
/// verbs, which give handles of the rows (`all`, `first`, `one`), or `count` and `exists` them.
///
/// ```
/// use sessile::{Model, sql::select};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key, generated)]
///     id: i64,
///     owner: String,
///     balance: i64,
/// }
///
/// let rich = select::<Account>()
///     .filter(Account::BALANCE.ge(1_000).and(Account::OWNER.like("A%")))
///     .order_by(Account::OWNER)
///     .limit(20);
/// assert_eq!(
///     format!("{rich:?}"),
///     "Select(SELECT account WHERE balance >= $1 AND owner LIKE $2 ORDER BY owner LIMIT $3)"
/// );
/// ```
pub fn select<M: Model>() -> Select<M> {
    Select::of(statement::Select::from(Source::of::<M>()))
}

impl<M: Model> Select<M> {
    fn of(select: statement::Select) -> Self {
        Select {
            select,
            paths: Vec::new(),
            path_models: Vec::new(),
            model: PhantomData,
        }
    }

    /// The same query that loads something along.
    pub(crate) fn add_path(mut self, path: Eager, models: Vec<TypeId>) -> Self {
        self.paths.push(path);
        self.path_models.extend(models);
        self
    }

    /// What is loaded along.
    pub(crate) fn paths(&self) -> &[Eager] {
        &self.paths
    }

    /// Only rows that meet this condition, and those of earlier calls.
    ///
    /// Takes an `Option` too: `None` adds nothing.
    pub fn filter(mut self, condition: impl IntoFilter<M>) -> Self {
        self.select.filters.extend(condition.into_filter().0);
        self
    }

    /// Rows in this order, after the orders of earlier calls. Without one the order is any.
    ///
    /// Takes a column, an order, or a tuple, list or `Option` of orders.
    pub fn order_by(mut self, orders: impl IntoOrders<M>) -> Self {
        add_orders::<M>(&mut self.select, orders);
        self
    }

    /// No more rows than this; the last call counts.
    pub fn limit(mut self, rows: u64) -> Self {
        self.select.limit = Some(rows);
        self
    }

    /// Leaves out this many rows at the beginning; the last call counts.
    pub fn offset(mut self, rows: u64) -> Self {
        self.select.offset = Some(rows);
        self
    }

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

    /// One row for each distinct combination of these columns or expressions; what is read of
    /// a group is said by [`columns`](Grouped::columns).
    pub fn group_by(mut self, by: impl Columns<M>) -> Grouped<M> {
        self.select.groups.extend(by.into_columns().0);
        Grouped(self)
    }

    /// Reads these columns and expressions instead of whole rows: one of them gives a scalar, a
    /// tuple of up to twelve gives a tuple. Nothing of it is kept in the session.
    pub fn columns<C: Columns<M>>(self, columns: C) -> Rows<C::Row> {
        Rows::selected(self.select, columns.into_columns().0)
    }

    fn lock(mut self, strength: Strength) -> Self {
        let wait = self.select.lock.map_or(Wait::Block, |lock| lock.wait);
        self.select.lock = Some(Lock { strength, wait });
        self
    }

    fn wait(mut self, wait: Wait) -> Self {
        let strength = self.select.lock.map_or(Strength::Update, |l| l.strength);
        self.select.lock = Some(Lock { strength, wait });
        self
    }

    /// The models whose tables it reads, `M` first: what must be flushed before it runs.
    pub(crate) fn models(&self) -> Vec<TypeId> {
        let mut models = self.select.models(&Projection::Whole);
        models.extend(&self.path_models);
        models
    }

    /// The same query that finds no more rows than this, and no more than its own limit says.
    pub(crate) fn at_most(self, rows: u64) -> Self {
        let limit = self.select.limit.map_or(rows, |limit| limit.min(rows));
        self.limit(limit)
    }

    /// Whether it locks rows, so that loaded ones must be read again.
    pub(crate) fn is_locking(&self) -> bool {
        self.select.lock.is_some()
    }

    /// Whether it changes nothing in the database, not even locks.
    pub(crate) fn is_plain_read(&self) -> bool {
        !self.is_locking()
    }

    /// The statement that reads this of the query.
    ///
    /// # Errors
    /// What the lookup says of handles in the filters.
    pub(crate) fn render(
        &self,
        lookup: &dyn KeyLookup,
        what: &Projection,
    ) -> Result<Rendered, Error> {
        self.select.render(what, lookup)
    }
}

impl<M> Clone for Select<M> {
    fn clone(&self) -> Self {
        Select {
            select: self.select.clone(),
            paths: self.paths.clone(),
            path_models: self.path_models.clone(),
            model: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Select<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = statement::label_of_select(&self.select, &Projection::Whole);
        write!(f, "Select({label})")
    }
}

/// A query whose rows are put together in groups. See [`Select::group_by`].
#[must_use = "a query does nothing until a session runs it"]
#[derive(Clone, Debug)]
pub struct Grouped<M>(Select<M>);

impl<M: Model> Grouped<M> {
    /// Only groups that meet this condition, which may use aggregates.
    pub fn having(mut self, condition: impl IntoFilter<M>) -> Self {
        self.0.select.having.extend(condition.into_filter().0);
        self
    }

    /// Groups in this order, after the orders of earlier calls.
    pub fn order_by(mut self, orders: impl IntoOrders<M>) -> Self {
        add_orders::<M>(&mut self.0.select, orders);
        self
    }

    /// What is read of each group: columns and expressions that it is grouped by, and aggregates.
    ///
    /// An expression with values in it must be a clone of the one that was grouped by: PostgreSQL
    /// compares expressions by their text, in which clones have the same parameters.
    pub fn columns<C: Columns<M>>(self, columns: C) -> Rows<C::Row> {
        self.0.columns(columns)
    }
}

fn add_orders<M>(select: &mut statement::Select, orders: impl IntoOrders<M>) {
    let mut all = Orders(std::mem::take(&mut select.orders));
    orders.add_orders(&mut all);
    select.orders = all.0;
}
