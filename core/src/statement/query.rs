//! A whole query: a SELECT with what it selects.
//!
//! Subqueries and derived tables hold one, and so do the typed rows of the query room.
//! It must not hold text: `render` makes that.

use std::sync::Arc;

use super::{Derived, Item, Parts, Place, Projection, Select, Source};
use crate::error::Error;

/// A query whose result has columns, so that it can stand inside another. Cloning it is cheap.
#[derive(Clone)]
pub(crate) enum Query {
    /// One SELECT.
    Select(Arc<Select>, Projection),
    /// What can't be a query, and why: it is said when the statement is made.
    Refused(&'static str),
}

impl Query {
    pub(crate) fn select(select: Select, what: Projection) -> Query {
        Query::Select(Arc::new(select), what)
    }

    /// Shows everything in it to a visitor.
    pub(crate) fn visit(&self, parts: &mut dyn Parts) {
        match self {
            Query::Select(select, what) => select.visit(what, parts),
            Query::Refused(_) => {}
        }
    }

    /// The queries that stand in the WITH clause of the whole statement, those that others read
    /// before those others.
    ///
    /// # Errors
    /// `Mapping` when two of them have one name.
    pub(crate) fn named_queries(&self) -> Result<Vec<Arc<Derived>>, Error> {
        let mut named = NamedQueries::default();
        self.visit(&mut named);
        match named.twice {
            Some(name) => Err(Error::mapping(format!("two queries are called {name}"))),
            None => Ok(named.found),
        }
    }

    /// What its rows consist of.
    pub(crate) fn items(&self) -> Vec<Item> {
        match self {
            Query::Select(select, Projection::Whole) => vec![Item::Row {
                source: select.from.clone(),
                nullable: true,
            }],
            Query::Select(_, Projection::Columns(items)) => items.clone(),
            Query::Select(..) | Query::Refused(_) => Vec::new(),
        }
    }

    /// Whether it locks rows.
    pub(crate) fn is_locking(&self) -> bool {
        match self {
            Query::Select(select, _) => select.lock.is_some(),
            Query::Refused(_) => false,
        }
    }
}

#[derive(Default)]
struct NamedQueries {
    found: Vec<Arc<Derived>>,
    twice: Option<Arc<str>>,
}

impl Parts for NamedQueries {
    fn source(&mut self, source: &Source) {
        let Some(derived) = source.as_derived() else {
            return;
        };
        // A recursive query names itself without a body.
        if derived.body.is_none() || derived.place == Place::Here {
            return;
        }
        match self.found.iter().find(|found| found.name == derived.name) {
            Some(found) if Arc::ptr_eq(found, derived) => {}
            Some(_) => self.twice = Some(Arc::clone(&derived.name)),
            None => self.found.push(Arc::clone(derived)),
        }
    }
}
