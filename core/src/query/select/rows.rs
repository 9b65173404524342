//! Queries whose rows become what a projection says, and raw SQL.
//!
//! Made by `columns` and `untracked`, run by the session's `rows`.
//! It must not read rows: the loader does.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::model::{FromColumns, KeyLookup};
use crate::query::Raw;
use crate::query::select::along::{Along, Eager};
use crate::statement::{self, About, LockedRow, Locks, ModelsRead, Query, Rendered, Selected};

/// A query whose rows become `R`: a projection, or raw SQL.
#[must_use = "a query does nothing until a session runs it"]
pub struct Rows<R> {
    kind: Kind<R>,
    along: Along,
    row: PhantomData<fn() -> R>,
}

enum Kind<R> {
    Query(Query),
    Raw(Raw<R>),
}

impl<R> Rows<R> {
    pub(in crate::query) fn of(query: Query, along: Along) -> Self {
        Rows {
            kind: Kind::Query(query),
            along,
            row: PhantomData,
        }
    }

    /// The same rows as a struct with `#[derive(FromRow)]`, its fields in the order of the columns.
    ///
    /// ```
    /// use sessile::{prelude::*, sql::*};
    ///
    /// #[derive(Model, Clone, Debug)]
    /// struct Account {
    ///     #[model(key)]
    ///     id: i64,
    ///     branch: String,
    /// }
    ///
    /// #[derive(FromRow, Debug)]
    /// struct Branch {
    ///     branch: String,
    ///     accounts: i64,
    /// }
    ///
    /// let branches = select::<Account>()
    ///     .group_by(Account::BRANCH)
    ///     .columns((Account::BRANCH, count()))
    ///     .as_struct::<Branch>();
    /// # let _: sessile::query::Rows<Branch> = branches;
    /// ```
    pub fn as_struct<S: FromColumns<R>>(self) -> Rows<S> {
        let kind = match self.kind {
            Kind::Query(query) => Kind::Query(query),
            Kind::Raw(raw) => Kind::Raw(raw.cast()),
        };
        Rows {
            kind,
            along: self.along,
            row: PhantomData,
        }
    }

    /// The query, to stand inside another.
    pub(in crate::query) fn into_query(self) -> Query {
        match self.kind {
            Kind::Query(query) => query,
            Kind::Raw(_) => Query::Refused("raw SQL can't stand inside another query"),
        }
    }

    /// The query, unless it is raw SQL.
    pub(crate) fn query(&self) -> Option<&Query> {
        match &self.kind {
            Kind::Query(query) => Some(query),
            Kind::Raw(_) => None,
        }
    }

    /// A statement made of it, with its tags.
    pub(crate) fn tagged(&self, rendered: Rendered) -> Rendered {
        self.along.comments.behind(rendered)
    }

    /// The same with another query.
    pub(in crate::query) fn map(self, change: impl FnOnce(Query) -> Query) -> Self {
        let along = self.along.clone();
        Rows::of(change(self.into_query()), along)
    }

    /// Takes over what goes with another query.
    pub(in crate::query) fn take_along(&mut self, other: Along) {
        self.along.paths.extend(other.paths);
        self.along.models.extend(other.models);
        self.along.comments.extend(other.comments);
    }

    pub(in crate::query) fn along(&self) -> &Along {
        &self.along
    }

    pub(in crate::query) fn along_mut(&mut self) -> &mut Along {
        &mut self.along
    }

    /// At most so many of its rows, after leaving out as many as that.
    pub(crate) fn part(self, limit: u64, offset: u64) -> Self {
        self.map(|query| query.cut_to(Some(limit), offset))
    }

    /// The same without a lock.
    pub(crate) fn unlocked(self) -> Self {
        self.map(Query::unlocked)
    }

    /// A question about its rows; nothing is loaded along.
    pub(crate) fn about<A>(self, about: About) -> Rows<A> {
        let along = self.along.clone().tags_only();
        Rows::of(self.into_query().about(about), along)
    }

    /// The models whose tables it reads, or `None` when that can't be told, as for raw SQL.
    pub(crate) fn models(&self) -> Option<Vec<TypeId>> {
        match &self.kind {
            Kind::Query(query) if query.reads_any() => None,
            Kind::Query(query) => {
                let mut models = ModelsRead::default();
                query.visit(&mut models);
                models.0.extend(&self.along.models);
                Some(models.0)
            }
            Kind::Raw(_) => None,
        }
    }

    /// What is loaded along with the objects of the main model.
    pub(crate) fn paths(&self) -> &[Eager] {
        &self.along.paths
    }

    /// Whether it is known to change nothing in the database, not even locks.
    pub(crate) fn is_plain_read(&self) -> bool {
        match &self.kind {
            Kind::Query(query) => query.is_plain_read(),
            Kind::Raw(_) => false,
        }
    }

    /// The rows of models that it locks, so that loaded ones must be read again.
    pub(crate) fn locked_rows(&self) -> Vec<LockedRow> {
        match &self.kind {
            Kind::Query(query) => query.locked_rows(),
            Kind::Raw(_) => Vec::new(),
        }
    }

    /// Whether it names an object that has no key yet.
    pub(crate) fn names_unsaved(&self, lookup: &dyn KeyLookup) -> bool {
        match &self.kind {
            Kind::Query(query) => query.names_unsaved(lookup),
            Kind::Raw(_) => false,
        }
    }

    /// Refuses raw SQL whose parameters don't fit it, before anything is flushed for its sake.
    ///
    /// # Errors
    /// `Mapping`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.kind {
            Kind::Query(_) => Ok(()),
            Kind::Raw(raw) => raw.check(),
        }
    }

    /// Whether it locks rows, of objects or not.
    pub(crate) fn is_locking(&self) -> bool {
        match &self.kind {
            Kind::Query(query) => {
                let mut locks = Locks::default();
                query.visit(&mut locks);
                locks.0
            }
            Kind::Raw(_) => false,
        }
    }

    /// Whether it is in the caller's own words, so that its columns are found by name.
    pub(crate) fn is_raw(&self) -> bool {
        matches!(self.kind, Kind::Raw(_))
    }

    /// The statement.
    ///
    /// # Errors
    /// `Mapping` for a query that can't be a statement, and what the lookup says of handles in
    /// the filters.
    pub(crate) fn render(&self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        let rendered = match &self.kind {
            Kind::Query(query) => query.render(lookup)?,
            Kind::Raw(raw) => raw.render()?,
        };
        Ok(self.tagged(rendered))
    }

    /// The statement as a part of another, whatever the session.
    ///
    /// # Errors
    /// `Mapping` for a query that can't be a statement.
    pub(in crate::query) fn selected(&self) -> Result<Selected, Error> {
        let (params, rendered) = match &self.kind {
            Kind::Query(query) => query.unresolved()?,
            Kind::Raw(raw) => {
                let rendered = raw.render()?;
                let params = rendered.params.iter().cloned().map(Into::into);
                (params.collect(), rendered)
            }
        };
        let rendered = self.along.comments.behind(rendered);
        Ok(Selected {
            sql: rendered.sql,
            label: rendered.label,
            params,
        })
    }
}

impl<R> From<Raw<R>> for Rows<R> {
    fn from(raw: Raw<R>) -> Self {
        Rows {
            kind: Kind::Raw(raw),
            along: Along::default(),
            row: PhantomData,
        }
    }
}

impl<R> Clone for Rows<R> {
    fn clone(&self) -> Self {
        let kind = match &self.kind {
            Kind::Query(query) => Kind::Query(query.clone()),
            Kind::Raw(raw) => Kind::Raw(raw.clone()),
        };
        Rows {
            kind,
            along: self.along.clone(),
            row: PhantomData,
        }
    }
}

impl<R> fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Query(query) => write!(f, "Rows({})", statement::label_of(query)),
            Kind::Raw(raw) => raw.fmt(f),
        }
    }
}
