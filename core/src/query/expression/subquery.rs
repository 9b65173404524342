//! Queries inside expressions, and questions about what relationships lead to.
//!
//! Callers write `exists(..)`, `Account::OUTGOING.any(..)`, `Article::FAVORITES.count()`.
//! It must not load anything: these are parts of one statement.

use std::sync::Arc;

use crate::model::{BelongsTo, HasMany, HasOne, ManyToMany, Model, Multiplicity, SqlType};
use crate::query::expression::kinds::{Orderable, Summable};
use crate::query::select::link::Hop;
use crate::query::{Expr, Expression, IntoFilter, IntoQuery, Leading, Link, Rows, Several, Within};
use crate::query::{count, max, min, sum};
use crate::statement::{Correlated, How, Item, JoinKind, Node, Projection, Select, Subquery};

/// Whether a query has a row: `EXISTS (SELECT ..)`.
///
/// A query that names tables of the one around it is made by
/// [`correlated`](crate::query::Select::correlated).
pub fn exists(query: impl IntoQuery) -> Expr<bool> {
    Expr::new(subquery(How::Exists, query))
}

/// The only value of a query, as an operand: `(SELECT max(..) ..)`; `None` when it has no row.
///
/// The server refuses a query that has several rows.
pub fn scalar<V: SqlType>(query: Rows<V>) -> Expr<Option<V::Base>> {
    Expr::new(subquery(How::Scalar, query))
}

/// All values of a query as an array: `ARRAY (SELECT ..)`, empty when it has no row.
pub fn array<V: SqlType>(query: Rows<V>) -> Expr<Vec<V>> {
    Expr::new(subquery(How::Array, query))
}

pub(in crate::query) fn subquery(how: How, query: impl IntoQuery) -> Node {
    Node::Subquery(Arc::new(Subquery {
        how,
        query: query.into_query(),
    }))
}

/// What a relationship leads to, as part of a condition or projection; in a query on `S`.
fn correlated(hops: Vec<Hop>, filters: impl IntoIterator<Item = Node>, what: Projection) -> Node {
    let mut hops = hops.into_iter();
    let first = hops.next().expect("a relationship leads to a table");
    let mut select = Select::from(first.source);
    select.joins = hops.map(|hop| hop.join(JoinKind::Inner)).collect();
    select.filters = filters.into_iter().collect();
    Node::Correlated(Arc::new(Correlated {
        outer: first.outer,
        inner: first.inner,
        select,
        what,
    }))
}

fn has<S>(hops: Vec<Hop>, condition: Option<Node>) -> Expr<bool, S> {
    Expr::new(correlated(hops, condition, Projection::Exists))
}

fn read<V, S>(hops: Vec<Hop>, filter: Option<Node>, value: Node) -> Expr<V, S> {
    let item = Item::value(value);
    Expr::new(correlated(hops, filter, Projection::Columns(vec![item])))
}

impl<C: Model, P: Model, K: Multiplicity> BelongsTo<C, P, K> {
    /// Whether it refers to a row that meets this condition: an EXISTS.
    pub fn has(self, condition: impl IntoFilter<P>) -> Expr<bool, C> {
        has(Leading::new(self).hops(), condition.into_filter().0)
    }
}

impl<P: Model, C: Model> HasOne<P, C> {
    /// Whether a row refers to it that meets this condition: an EXISTS.
    pub fn has(self, condition: impl IntoFilter<C>) -> Expr<bool, P> {
        has(Leading::new(self).hops(), condition.into_filter().0)
    }

    /// Whether a row refers to it: an EXISTS.
    pub fn exists(self) -> Expr<bool, P> {
        has(Leading::new(self).hops(), None)
    }
}

/// Questions about the rows that a relationship to many leads to, each a subquery of one
/// statement.
macro_rules! to_many {
    ([$($generics:tt)*] $relationship:ty, $from:ty, $to:ty) => {
        impl<$($generics)*> $relationship {
            /// Whether one of the rows that it leads to meets this condition: an EXISTS.
            pub fn any(self, condition: impl IntoFilter<$to>) -> Expr<bool, $from> {
                has(Leading::new(self).hops(), condition.into_filter().0)
            }

            /// Whether it leads to a row: an EXISTS.
            pub fn exists(self) -> Expr<bool, $from> {
                has(Leading::new(self).hops(), None)
            }

            /// The number of rows that it leads to.
            pub fn count(self) -> Expr<i64, $from> {
                read(Leading::new(self).hops(), None, count().into_node())
            }

            /// The number of those that meet this condition.
            pub fn count_of(self, condition: impl IntoFilter<$to>) -> Expr<i64, $from> {
                let filter = condition.into_filter().0;
                read(Leading::new(self).hops(), filter, count().into_node())
            }

            /// The sum of a column or expression of the rows that it leads to; `None` when there
            /// are no values.
            pub fn sum<E>(self, of: E) -> Expr<Option<<E::Value as Summable>::Sum>, $from>
            where
                E: Expression<Value: Summable, Scope: Within<$to>>,
            {
                read(Leading::new(self).hops(), None, sum(of).into_node())
            }

            /// The smallest value of a column or expression of the rows that it leads to; `None`
            /// when there are no values.
            pub fn min<E>(self, of: E) -> Expr<Option<<E::Value as SqlType>::Base>, $from>
            where
                E: Expression<Value: Orderable, Scope: Within<$to>>,
            {
                read(Leading::new(self).hops(), None, min(of).into_node())
            }

            /// The largest value of a column or expression of the rows that it leads to; `None`
            /// when there are no values.
            pub fn max<E>(self, of: E) -> Expr<Option<<E::Value as SqlType>::Base>, $from>
            where
                E: Expression<Value: Orderable, Scope: Within<$to>>,
            {
                read(Leading::new(self).hops(), None, max(of).into_node())
            }
        }
    };
}
to_many!([P: Model, C: Model] HasMany<P, C>, P, C);
to_many!([M: Model, A: Model, T: Model] ManyToMany<M, A, T>, M, T);

impl<R: Link, S> Leading<R, S> {
    /// Whether it leads to a row that meets this condition, which may name any table of the
    /// query: an EXISTS.
    pub fn any(self, condition: impl IntoFilter<Several>) -> Expr<bool, S> {
        has(self.hops(), condition.into_filter().0)
    }

    /// The number of rows that it leads to.
    pub fn count(self) -> Expr<i64, S> {
        read(self.hops(), None, count().into_node())
    }
}

macro_rules! between_aliases {
    ($([$($generic:ident: $bound:ident),+] $relationship:ty),+ $(,)?) => {
        $(impl<$($generic: $bound),+> $relationship {
            /// The same relationship to a table under a name of its own.
            pub fn to(self, to: &crate::query::Alias<<Self as Link>::To>) -> Leading<Self, <Self as Link>::From> {
                Leading::new(self).to(to)
            }
        })+
    };
}
between_aliases!(
    [C: Model, P: Model, K: Multiplicity] BelongsTo<C, P, K>,
    [P: Model, C: Model] HasMany<P, C>,
    [P: Model, C: Model] HasOne<P, C>,
    [M: Model, A: Model, T: Model] ManyToMany<M, A, T>,
);
