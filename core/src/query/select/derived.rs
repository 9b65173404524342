//! Queries that are read like tables: subqueries in FROM, and those of the WITH clause.
//!
//! Callers make them of queries, join them or select from them, and name their columns.
//! It must not say what a query is: `rows` and `select` do.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::model::{Column, Handle, Model};
use crate::query::select::alias::column_of;
use crate::query::{Alias, Expr, IntoSource, RowOf, Rows, Select, Several};
use crate::statement::{self, Body, Item, Node, Piece, Place, Projection, Query, Source, numbered};

/// A query that is read like a table, with rows of type `R`. See [`subquery`] and [`cte`].
#[must_use = "it does nothing until a query reads it"]
pub struct Derived<R> {
    source: Source,
    /// The position of the first column of each thing that it selects.
    starts: Arc<[usize]>,
    row: PhantomData<fn() -> R>,
}

/// A query that can stand inside another: a projection, or a query for rows of a model.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read like a table",
    label = "expected a query, raw SQL, or a statement that returns columns",
    note = "an `update`, `delete` or `insert` gives rows by `returning_columns`"
)]
pub trait IntoQuery {
    /// What its rows are.
    type Row;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_query(self) -> Query;
}

impl<R> IntoQuery for Rows<R> {
    type Row = R;

    #[allow(private_interfaces)]
    fn into_query(self) -> Query {
        Rows::into_query(self)
    }
}

impl<M: Model, S> IntoQuery for Select<M, S> {
    type Row = Handle<M>;

    #[allow(private_interfaces)]
    fn into_query(self) -> Query {
        Query::Select(self.select, Projection::Whole)
    }
}

/// A query in FROM, under this name. Joined by
/// [`join_lateral`](crate::query::Select::join_lateral) it may name the tables before it.
pub fn subquery<Q: IntoQuery>(name: impl Into<Cow<'static, str>>, query: Q) -> Derived<Q::Row> {
    Derived::of(name.into(), query.into_query(), Place::Here)
}

/// A query of the WITH clause, under this name: written once, however often it is read.
///
/// It need not be added to a statement: every one that reads it has it. PostgreSQL computes it
/// once when it is read twice, unless told otherwise ([`Derived::materialized`]).
///
/// ```
/// use sessile::{Model, model::Fk, sql::{count, cte, from, select}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key)]
///     id: i64,
///     owner: String,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// struct Entry {
///     #[model(key)]
///     id: i64,
///     payer: Fk<Account>,
/// }
///
/// let busy = cte(
///     "busy",
///     select::<Entry>()
///         .join(Entry::PAYER)
///         .group_by(Account::OWNER)
///         .columns((Account::OWNER, count())),
/// );
/// // Vec<String>
/// let names = from(&busy)
///     .filter(busy.at::<1>().gt(10))
///     .columns(busy.at::<0>());
/// ```
pub fn cte<Q: IntoQuery>(name: impl Into<Cow<'static, str>>, query: Q) -> Derived<Q::Row> {
    Derived::of(name.into(), query.into_query(), Place::With(None))
}

/// The model of a query that reads no model's table first. See [`from`].
#[derive(Clone, Copy, Debug)]
pub enum NoModel {}

/// A query that reads an alias first, or a query that is read like a table.
///
/// Of an alias of a model it finds objects, as [`select`](crate::query::select) does.
pub fn from<S: IntoSource>(source: S) -> Select<S::Model, Several> {
    Select::new(statement::Select::from(source.into_source()))
}

impl<R> Derived<R> {
    pub(in crate::query) fn of(name: Cow<'static, str>, query: Query, place: Place) -> Self {
        let (columns, starts) = columns(&query);
        Derived::with_columns(
            name.into(),
            columns,
            starts.into(),
            Body::Query(query),
            place,
        )
    }

    pub(in crate::query) fn with_columns(
        name: Arc<str>,
        columns: Vec<Arc<str>>,
        starts: Arc<[usize]>,
        body: Body,
        place: Place,
    ) -> Self {
        let derived = statement::Derived {
            name,
            columns,
            body,
            place,
        };
        Derived {
            source: Source::derived(Arc::new(derived)),
            starts,
            row: PhantomData,
        }
    }

    pub(in crate::query) fn with_source(self, source: Source) -> Self {
        Derived { source, ..self }
    }

    pub(in crate::query) fn source(&self) -> &Source {
        &self.source
    }

    /// The same under another name, to read it twice in one query.
    pub fn alias(&self, name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into().into_owned();
        Derived {
            source: self.source.clone().named(name.into()),
            starts: Arc::clone(&self.starts),
            row: PhantomData,
        }
    }

    /// One of its columns, counted from 0 in the tuple that its rows are.
    pub fn at<const N: usize>(&self) -> Expr<R::Value, Several>
    where
        R: At<N>,
    {
        // What can't be a query has no columns; why it can't is said when the statement is made.
        Expr::new(match self.starts.get(N) {
            Some(start) => Node::Column(self.source.clone(), *start),
            None => Node::words([Piece::Refused(format!(
                "{} has no column at position {N}",
                self.source.title()
            ))]),
        })
    }
}

impl<M: Model> Derived<Handle<M>> {
    /// A column of the model whose rows it has.
    pub fn column<V>(&self, column: Column<M, V>) -> Expr<V, Several> {
        Expr::new(column_of(&self.source, column))
    }

    /// Its rows, as objects of the session.
    pub fn row(&self) -> RowOf<M> {
        RowOf::of(self.source.clone())
    }

    /// The same as a table of the model under a name of its own: for relationships that lead away
    /// from it or to it.
    pub fn as_alias(&self) -> Alias<M> {
        Alias::of(self.source.clone())
    }
}

/// A query as a source in FROM under this name, its columns named.
pub(crate) fn source_of(name: String, query: Query) -> Source {
    Derived::<()>::of(name.into(), query, Place::Here).source
}

/// The names of a query's columns, and where each thing that it selects begins.
pub(in crate::query) fn columns(query: &Query) -> (Vec<Arc<str>>, Vec<usize>) {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut starts = Vec::new();
    for item in query.items() {
        starts.push(names.len());
        match item {
            Item::Row { source, .. } => {
                for column in 0..source.width() {
                    let name = unused(&names, source.column(column));
                    names.push(name);
                }
            }
            Item::Value {
                node: Node::Column(source, column),
                ..
            } => {
                let name = unused(&names, source.column(column));
                names.push(name);
            }
            Item::Value { .. } => {
                let name = unused(&names, &format!("column_{}", starts.len()));
                names.push(name);
            }
        }
    }
    (names, starts)
}

fn unused(names: &[Arc<str>], wanted: &str) -> Arc<str> {
    let used = |name: &str| names.iter().any(|other| **other == *name);
    if !used(wanted) {
        return wanted.into();
    }
    let names = (2..).map(|number| numbered(wanted, number));
    let mut free = names.filter(|name| !used(name));
    free.next()
        .expect("there are more numbers than columns")
        .into()
}

impl<R> Clone for Derived<R> {
    fn clone(&self) -> Self {
        Derived {
            source: self.source.clone(),
            starts: Arc::clone(&self.starts),
            row: PhantomData,
        }
    }
}

impl<R> fmt::Debug for Derived<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Derived({})", self.source.title())
    }
}

/// A row with a column at this position: a tuple, or a single value at 0.
#[diagnostic::on_unimplemented(
    message = "rows of type `{Self}` have no value at position {N}",
    label = "positions are counted from 0"
)]
pub trait At<const N: usize> {
    /// The value's type.
    type Value;
}

impl<T: crate::model::SqlType> At<0> for T {
    type Value = T;
}

macro_rules! position {
    (($($all:ident),+) $t:ident $i:literal) => {
        impl<$($all),+> At<$i> for ($($all,)+) {
            type Value = $t;
        }
    };
}

macro_rules! tuple_positions {
    ($($all:tt: $($t:ident $i:literal),+;)+) => {
        $(tuple_positions!(@ $all $($t $i),+);)+
    };
    (@ $all:tt $($t:ident $i:literal),+) => {
        $(position!($all $t $i);)+
    };
}
tuple_positions!(
    (A): A 0;
    (A, B): A 0, B 1;
    (A, B, C): A 0, B 1, C 2;
    (A, B, C, D): A 0, B 1, C 2, D 3;
    (A, B, C, D, E): A 0, B 1, C 2, D 3, E 4;
    (A, B, C, D, E, F): A 0, B 1, C 2, D 3, E 4, F 5;
    (A, B, C, D, E, F, G): A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    (A, B, C, D, E, F, G, H): A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
);
