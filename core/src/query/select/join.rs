//! Joins: along relationships, and on conditions of the caller's own.
//!
//! Methods of `Select`.
//! It must not check which tables take part: that is found when the statement is made.

use std::marker::PhantomData;

use crate::model::Model;
use crate::query::{Alias, Derived, IntoFilter, IntoJoin, NoModel, Select, Several};
use crate::statement::{Join, JoinKind, Source};

/// What can be joined with a condition: [`table`], an alias, or a query that is read like a
/// table.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be joined with a condition",
    label = "expected `table::<Model>()`, `&alias` or `&derived`"
)]
pub trait IntoSource {
    /// The model whose rows it has; `NoModel` for a query.
    type Model;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_source(self) -> Source;
}

/// A model's table, to join it with a condition. See [`table`].
#[derive(Clone, Copy, Debug)]
pub struct TableOf<M>(PhantomData<fn() -> M>);

/// A model's table, to join it with a condition of one's own.
pub fn table<M: Model>() -> TableOf<M> {
    TableOf(PhantomData)
}

impl<M: Model> IntoSource for TableOf<M> {
    type Model = M;

    #[allow(private_interfaces)]
    fn into_source(self) -> Source {
        Source::of::<M>()
    }
}

impl<M: Model> IntoSource for &Alias<M> {
    type Model = M;

    #[allow(private_interfaces)]
    fn into_source(self) -> Source {
        self.source().clone()
    }
}

impl<R> IntoSource for &Derived<R> {
    type Model = NoModel;

    #[allow(private_interfaces)]
    fn into_source(self) -> Source {
        self.source().clone()
    }
}

impl<M, S> Select<M, S> {
    /// Joins along a relationship: each row with each that it leads to. Rows that it leads nowhere
    /// from are left out.
    ///
    /// From here on the query takes expressions on any model; that those take part is checked
    /// when it runs, with [`Mapping`](crate::ErrorKind::Mapping) before anything is sent.
    ///
    /// ```
    /// use sessile::{Model, model::Fk, sql::{count, select}};
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
    /// let busy = select::<Entry>()
    ///     .join(Entry::PAYER)
    ///     .group_by(Account::OWNER)
    ///     .columns((Account::OWNER, count()));
    /// assert_eq!(
    ///     format!("{busy:?}"),
    ///     "Rows(SELECT entry (account.owner, count(*)) JOIN account \
    ///      ON account.id = entry.payer_id GROUP BY account.owner)"
    /// );
    /// ```
    pub fn join(self, relationship: impl IntoJoin) -> Select<M, Several> {
        self.along(JoinKind::Inner, relationship)
    }

    /// As [`join`](Self::join), but keeps rows that the relationship leads nowhere from. What
    /// is read of the joined table is read as `.nullable()`.
    pub fn left_join(self, relationship: impl IntoJoin) -> Select<M, Several> {
        self.along(JoinKind::Left, relationship)
    }

    /// Joins each row with each of the other's that meets the condition.
    pub fn join_on(
        self,
        other: impl IntoSource,
        condition: impl IntoFilter<Several>,
    ) -> Select<M, Several> {
        self.on(JoinKind::Inner, other, condition)
    }

    /// As [`join_on`](Self::join_on), but keeps rows that nothing is joined to.
    pub fn left_join_on(
        self,
        other: impl IntoSource,
        condition: impl IntoFilter<Several>,
    ) -> Select<M, Several> {
        self.on(JoinKind::Left, other, condition)
    }

    /// As [`join_on`](Self::join_on), but keeps rows of the other that are joined to nothing.
    /// What is read of the tables before is read as `.nullable()`.
    pub fn right_join_on(
        self,
        other: impl IntoSource,
        condition: impl IntoFilter<Several>,
    ) -> Select<M, Several> {
        self.on(JoinKind::Right, other, condition)
    }

    /// As [`join_on`](Self::join_on), but keeps the rows of both sides.
    pub fn full_join_on(
        self,
        other: impl IntoSource,
        condition: impl IntoFilter<Several>,
    ) -> Select<M, Several> {
        self.on(JoinKind::Full, other, condition)
    }

    /// Joins each row with each of the other's.
    pub fn cross_join(self, other: impl IntoSource) -> Select<M, Several> {
        self.joined([Join {
            kind: JoinKind::Cross,
            source: other.into_source(),
            on: None,
            lateral: false,
        }])
    }

    /// Joins each row with those of a query that may name the tables joined before it.
    pub fn join_lateral<R>(self, query: &Derived<R>) -> Select<M, Several> {
        self.lateral(JoinKind::Inner, query)
    }

    /// As [`join_lateral`](Self::join_lateral), but keeps rows that the query finds nothing for.
    /// What is read of the query is read as `.nullable()`.
    pub fn left_join_lateral<R>(self, query: &Derived<R>) -> Select<M, Several> {
        self.lateral(JoinKind::Left, query)
    }

    fn along(self, kind: JoinKind, relationship: impl IntoJoin) -> Select<M, Several> {
        let hops = relationship.into_hops();
        self.joined(hops.into_iter().map(|hop| hop.join(kind)))
    }

    fn on(
        self,
        kind: JoinKind,
        other: impl IntoSource,
        condition: impl IntoFilter<Several>,
    ) -> Select<M, Several> {
        self.joined([Join {
            kind,
            source: other.into_source(),
            on: condition.into_filter().0,
            lateral: false,
        }])
    }

    fn lateral<R>(self, kind: JoinKind, query: &Derived<R>) -> Select<M, Several> {
        self.joined([Join {
            kind,
            source: query.source().clone(),
            on: None,
            lateral: true,
        }])
    }

    fn joined(mut self, joins: impl IntoIterator<Item = Join>) -> Select<M, Several> {
        self.edit().joins.extend(joins);
        self.rescoped()
    }
}
