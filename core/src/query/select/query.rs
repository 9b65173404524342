//! `select`: a query for rows of a model.
//!
//! Callers build it; the session's verbs run it, the loader renders it.
//! It must not hold a session, and a clone must be as good as the original.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::error::Error;
use crate::model::{FromRow, KeyLookup, Model};
use crate::query::expression::order::Orders;
use crate::query::select::along::{Along, Eager};
use crate::query::{Columns, IntoFilter, IntoOrders, Rows, Several};
use crate::statement::{self, Item, ModelsRead, Projection, Query, Rendered, Source};

/// A query for rows of model `M`. See [`select`].
///
/// Its expressions name the models within `S`: `M` alone, or [`Several`] once another table is
/// joined.
#[must_use = "a query does nothing until a session runs it"]
pub struct Select<M, S = M> {
    /// Shared with the statements made of it: each run makes one.
    pub(in crate::query) select: Arc<statement::Select>,
    /// What the loader loads along; only it knows what these are.
    pub(in crate::query) along: Along,
    types: PhantomData<fn() -> (M, S)>,
}

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
    Select::new(statement::Select::from(Source::of::<M>()))
}

impl<M: Model, S> Select<M, S> {
    /// The same query that loads something along.
    pub(crate) fn add_path(mut self, path: Eager, models: Vec<TypeId>) -> Self {
        self.along.paths.push(path);
        self.along.models.extend(models);
        self
    }

    /// What is loaded along.
    pub(crate) fn paths(&self) -> &[Eager] {
        &self.along.paths
    }

    /// Plain values instead of objects: nothing of it is kept in the session.
    ///
    /// What is loaded along is not: plain values have no relationships.
    pub fn untracked(self) -> Rows<M>
    where
        M: FromRow,
    {
        let source = self.select.from.clone();
        let whole = Item::Row {
            source,
            nullable: true,
        };
        let query = Query::Select(self.select, Projection::Columns(vec![whole]));
        Rows::of(query, self.along.tags_only())
    }
}

impl<M, S> Select<M, S> {
    pub(in crate::query) fn new(select: statement::Select) -> Self {
        Select {
            select: Arc::new(select),
            along: Along::default(),
            types: PhantomData,
        }
    }

    /// It without its types, to be changed.
    pub(in crate::query) fn edit(&mut self) -> &mut statement::Select {
        Arc::make_mut(&mut self.select)
    }

    /// The same query, whose expressions name models within another scope.
    pub(in crate::query) fn rescoped<T>(self) -> Select<M, T> {
        Select {
            select: self.select,
            along: self.along,
            types: PhantomData,
        }
    }

    /// The same query where expressions may name the tables of a query around it, in which it is
    /// a subquery.
    pub fn correlated(self) -> Select<M, Several> {
        self.rescoped()
    }

    /// Only rows that meet this condition, and those of earlier calls.
    ///
    /// Takes an `Option` too: `None` adds nothing.
    pub fn filter(mut self, condition: impl IntoFilter<S>) -> Self {
        self.edit().filters.extend(condition.into_filter().0);
        self
    }

    /// Rows in this order, after the orders of earlier calls. Without one the order is any.
    ///
    /// Takes a column, an order, or a tuple, list or `Option` of orders.
    pub fn order_by(mut self, orders: impl IntoOrders<S>) -> Self {
        add_orders::<S>(self.edit(), orders);
        self
    }

    /// No more rows than this; the last call counts.
    pub fn limit(mut self, rows: u64) -> Self {
        self.edit().limit = Some(rows);
        self
    }

    /// Leaves out this many rows at the beginning; the last call counts.
    pub fn offset(mut self, rows: u64) -> Self {
        self.edit().offset = Some(rows);
        self
    }

    /// Equal rows are one. With objects it means that each is found once, though a join may find
    /// its row several times.
    pub fn distinct(mut self) -> Self {
        self.edit().distinct = true;
        self
    }

    /// Of the rows that are equal in these columns or expressions only the first, in an order
    /// that must begin with the same.
    pub fn distinct_on<C: Columns<S>>(mut self, columns: C) -> Self {
        self.edit().distinct_on = nodes(columns.into_columns().0);
        self
    }

    /// One row for each distinct combination of these columns or expressions; what is read of
    /// a group is said by [`columns`](Grouped::columns).
    pub fn group_by<C: Columns<S>>(mut self, by: C) -> Grouped<M, S> {
        self.edit().groups.extend(nodes(by.into_columns().0));
        Grouped(self)
    }

    /// Reads these columns and expressions instead of whole rows: one of them gives a scalar, a
    /// tuple of up to twelve gives a tuple. [`row`](crate::query::row) stands for an object.
    pub fn columns<C: Columns<S>>(self, columns: C) -> Rows<C::Row> {
        let items = columns.into_columns().0.into_iter().map(Item::met);
        Rows::of(
            Query::Select(self.select, Projection::Columns(items.collect())),
            self.along,
        )
    }

    /// The models whose tables it reads, `M` first: what must be flushed before it runs.
    pub(crate) fn models(&self) -> Vec<TypeId> {
        let mut models = ModelsRead::default();
        self.select.visit(&Projection::Whole, &mut models);
        models.0.extend(&self.along.models);
        models.0
    }

    /// The same query that finds no more rows than this, and no more than its own limit says.
    pub(crate) fn at_most(self, rows: u64) -> Self {
        let limit = self.select.limit.map_or(rows, |limit| limit.min(rows));
        self.limit(limit)
    }

    /// Whether it locks the rows that it finds, so that loaded ones must be read again.
    pub(crate) fn is_locking(&self) -> bool {
        self.select.locks(&self.select.from)
    }

    /// Whether it is known to change nothing in the database, not even locks.
    pub(crate) fn is_plain_read(&self) -> bool {
        self.whole().is_plain_read()
    }

    /// Whether it names an object that has no key yet.
    pub(crate) fn names_unsaved(&self, lookup: &dyn KeyLookup) -> bool {
        self.whole().names_unsaved(lookup)
    }

    fn whole(&self) -> Query {
        self.reading(&Projection::Whole)
    }

    /// It without its types, reading this.
    pub(crate) fn reading(&self, what: &Projection) -> Query {
        Query::Select(Arc::clone(&self.select), what.clone())
    }

    /// A statement made of it, with its tags.
    pub(crate) fn tagged(&self, rendered: Rendered) -> Rendered {
        self.along.comments.behind(rendered)
    }

    /// The statement that reads this of the query.
    ///
    /// # Errors
    /// `Mapping` for a query that can't be a statement, and what the lookup says of handles in
    /// the filters.
    pub(crate) fn render(
        &self,
        lookup: &dyn KeyLookup,
        what: &Projection,
    ) -> Result<Rendered, Error> {
        Ok(self.tagged(self.reading(what).render(lookup)?))
    }
}

impl<M, S> Clone for Select<M, S> {
    fn clone(&self) -> Self {
        Select {
            select: Arc::clone(&self.select),
            along: self.along.clone(),
            types: PhantomData,
        }
    }
}

impl<M, S> fmt::Debug for Select<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Select({})", statement::label_of(&self.whole()))
    }
}

/// A query whose rows are put together in groups. See [`Select::group_by`].
#[must_use = "a query does nothing until a session runs it"]
pub struct Grouped<M, S = M>(pub(in crate::query) Select<M, S>);

impl<M, S> Grouped<M, S> {
    /// Only groups that meet this condition, which may use aggregates.
    pub fn having(mut self, condition: impl IntoFilter<S>) -> Self {
        self.0.edit().having.extend(condition.into_filter().0);
        self
    }

    /// Groups in this order, after the orders of earlier calls.
    pub fn order_by(mut self, orders: impl IntoOrders<S>) -> Self {
        add_orders::<S>(self.0.edit(), orders);
        self
    }

    /// No more groups than this; the last call counts.
    pub fn limit(self, groups: u64) -> Self {
        Grouped(self.0.limit(groups))
    }

    /// Leaves out this many groups at the beginning; the last call counts.
    pub fn offset(self, groups: u64) -> Self {
        Grouped(self.0.offset(groups))
    }

    /// What is read of each group: columns and expressions that it is grouped by, and aggregates.
    ///
    /// An expression with values in it must be a clone of the one that was grouped by: PostgreSQL
    /// compares expressions by their text, in which clones have the same parameters.
    pub fn columns<C: Columns<S>>(self, columns: C) -> Rows<C::Row> {
        self.0.columns(columns)
    }
}

impl<M, S> Clone for Grouped<M, S> {
    fn clone(&self) -> Self {
        Grouped(self.0.clone())
    }
}

impl<M, S> fmt::Debug for Grouped<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grouped({:?})", self.0)
    }
}

/// The expressions of a list in which nothing is a whole row; a row stands for its columns.
pub(in crate::query) fn nodes(items: Vec<Item>) -> Vec<statement::Node> {
    let mut nodes = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Item::Value { node, .. } => nodes.push(node),
            Item::Row { source, .. } => {
                let columns = 0..source.width();
                nodes.extend(columns.map(|c| statement::Node::Column(source.clone(), c)));
            }
        }
    }
    nodes
}

fn add_orders<S>(select: &mut statement::Select, orders: impl IntoOrders<S>) {
    Orders::add(&mut select.orders, orders);
}
