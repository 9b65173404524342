//! A whole query: a SELECT with what it selects, or something made of several.
//!
//! Subqueries and derived tables hold one, and so do the typed rows of the query room.
//! It must not hold text: `render` makes that.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{
    Body, Derived, DoesMore, Item, NamesUnsaved, Node, OrderBy, Parameter, Parts, Place,
    Projection, ReadsAny, Select, SetOf, Source, Template,
};
use crate::error::Error;
use crate::model::KeyLookup;

/// A query whose result has columns, so that it can stand inside another. Cloning it is cheap.
#[derive(Clone)]
pub(crate) enum Query {
    /// One SELECT.
    Select(Arc<Select>, Projection),
    /// The rows of two queries put together.
    Set(Arc<SetOf>),
    /// Rows of values: an array of each column, with the name of its type.
    Values(Arc<[(Parameter, &'static str)]>),
    /// A statement in the caller's own words, and the number of its columns.
    Words(Arc<Template>, usize),
    /// How many rows a query has, or whether it has one.
    About(Arc<Query>, About),
    /// What can't be a query, and why: it is said when the statement is made.
    Refused(&'static str),
}

/// A row of a model, among the columns of a query, that is locked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LockedRow {
    /// The position of its first column.
    pub(crate) at: usize,
    pub(crate) model: Option<TypeId>,
}

/// What is asked about the rows of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// How many there are.
    Count,
    /// Whether there is one.
    Exists,
}

impl Query {
    pub(crate) fn select(select: Select, what: Projection) -> Query {
        Query::Select(Arc::new(select), what)
    }

    /// Shows everything in it to a visitor.
    pub(crate) fn visit(&self, parts: &mut dyn Parts) {
        match self {
            Query::Select(select, what) => select.visit(what, parts),
            Query::Set(set) => {
                set.left.visit(parts);
                set.right.visit(parts);
                set.orders.iter().for_each(|order| order.by.visit(parts));
            }
            Query::Values(arrays) => arrays.iter().for_each(|(array, _)| parts.parameter(array)),
            Query::Words(words, _) => {
                parts.words();
                words.nodes().for_each(|node| node.visit(parts));
            }
            Query::About(query, _) => query.visit(parts),
            Query::Refused(_) => {}
        }
    }

    /// Whether it is known to change nothing in the database, not even locks.
    pub(crate) fn is_plain_read(&self) -> bool {
        let mut more = DoesMore::default();
        self.visit(&mut more);
        !more.0
    }

    /// Whether it may read tables that are not known, in words of the caller's.
    pub(crate) fn reads_any(&self) -> bool {
        let mut any = ReadsAny::default();
        self.visit(&mut any);
        any.0
    }

    /// Whether it names an object that has no key yet, or may read any table: all that waits is
    /// written before it.
    pub(crate) fn names_unsaved(&self, lookup: &dyn KeyLookup) -> bool {
        if self.reads_any() {
            return true;
        }
        let mut named = NamesUnsaved::new(lookup);
        self.visit(&mut named);
        named.found
    }

    /// The queries that stand in the WITH clause of the whole statement, those that others read
    /// before those others.
    ///
    /// # Errors
    /// `Mapping` when two of them have one name, or one that of a table which the statement reads,
    /// or a recursive query is read outside itself.
    pub(crate) fn named_queries(&self) -> Result<Vec<Arc<Derived>>, Error> {
        let mut named = NamedQueries::default();
        self.visit(&mut named);
        if let Some(name) = named.twice {
            return Err(Error::mapping(format!("two queries are called {name}")));
        }
        let hidden = |derived: &&Arc<Derived>| named.tables.contains(&*derived.name);
        if let Some(derived) = named.found.iter().find(hidden) {
            return Err(Error::mapping(format!(
                "a query is called {0}, and the statement reads the table {0}: it would find the \
                 query's rows there",
                derived.name
            )));
        }
        let found = named.found;
        let is_outside = |name: &&Arc<str>| !found.iter().any(|derived| derived.name == **name);
        if let Some(name) = named.itself.iter().find(is_outside) {
            return Err(Error::mapping(format!(
                "the recursive query {name} is read outside itself"
            )));
        }
        Ok(found)
    }

    /// What its rows consist of.
    pub(crate) fn items(&self) -> Vec<Item> {
        match self {
            Query::Select(select, Projection::Whole) => vec![Item::Row {
                source: select.from.clone(),
                nullable: true,
            }],
            Query::Select(_, Projection::Columns(items)) => items.clone(),
            Query::Set(set) => set.left.items(),
            Query::Values(arrays) => nameless(arrays.len()),
            Query::Words(_, columns) => nameless(*columns),
            Query::About(..) => nameless(1),
            Query::Select(..) | Query::Refused(_) => Vec::new(),
        }
    }

    /// Whether an ORDER BY, LIMIT or lock of its own must be kept apart from one around it.
    pub(crate) fn is_cut(&self) -> bool {
        match self {
            Query::Select(select, _) => select.is_ordered_or_cut() || select.lock.is_some(),
            Query::Set(set) => {
                !set.orders.is_empty() || set.limit.is_some() || set.offset.is_some()
            }
            Query::Values(_) | Query::About(..) | Query::Refused(_) => false,
            Query::Words(..) => true,
        }
    }

    /// The rows of models among its columns that it locks: what is known of their objects is
    /// read again.
    pub(crate) fn locked_rows(&self) -> Vec<LockedRow> {
        let Query::Select(select, _) = self else {
            return Vec::new();
        };
        let mut locked = Vec::new();
        let mut at = 0;
        for item in self.items() {
            if let Item::Row { source, .. } = &item
                && select.locks(source)
            {
                let model = source.model_of_rows();
                locked.push(LockedRow { at, model });
            }
            at += item.width();
        }
        locked
    }

    /// The same without a lock of its own.
    pub(crate) fn unlocked(mut self) -> Query {
        if let Query::Select(select, _) = &mut self {
            Arc::make_mut(select).lock = None;
        }
        self
    }

    /// A question about its rows: the lock and the order are left out, as far as they say nothing
    /// about which rows these are.
    pub(crate) fn about(self, about: About) -> Query {
        let what = match about {
            About::Count => Projection::Count,
            About::Exists => Projection::Exists,
        };
        match self {
            Query::Select(select, Projection::Whole) => Query::Select(select, what),
            Query::Select(select, Projection::Columns(items))
                if !select.is_cut()
                    && select.lock.is_none()
                    && items.iter().all(Item::is_plain) =>
            {
                Query::Select(select, what)
            }
            other => Query::About(Arc::new(other), about),
        }
    }

    /// The same query that finds no more rows than this, after leaving out as many as that, of
    /// those that it finds by itself.
    pub(crate) fn cut_to(self, limit: Option<u64>, offset: u64) -> Query {
        let cut = |own_limit: Option<u64>, own_offset: Option<u64>| {
            let left = own_limit.map(|own| own.saturating_sub(offset));
            let limit = match (left, limit) {
                (Some(left), Some(limit)) => Some(left.min(limit)),
                (one, other) => one.or(other),
            };
            let offset = own_offset.unwrap_or(0).saturating_add(offset);
            (limit, (offset > 0).then_some(offset))
        };
        let (own_limit, own_offset) = match &self {
            Query::Select(select, _) => (select.limit, select.offset),
            Query::Set(set) => (set.limit, set.offset),
            _ => (None, None),
        };
        let (limit, offset) = cut(own_limit, own_offset);
        self.limited(limit, offset)
    }

    /// The same query with another limit and offset, where one is given.
    pub(crate) fn limited(self, limit: Option<u64>, offset: Option<u64>) -> Query {
        match self {
            Query::Select(mut select, what) => {
                let inner = Arc::make_mut(&mut select);
                (inner.limit, inner.offset) = (limit.or(inner.limit), offset.or(inner.offset));
                Query::Select(select, what)
            }
            Query::Set(mut set) => {
                let inner = Arc::make_mut(&mut set);
                (inner.limit, inner.offset) = (limit.or(inner.limit), offset.or(inner.offset));
                Query::Set(set)
            }
            refused @ Query::Refused(_) => refused,
            other => Query::Set(Arc::new(SetOf::alone(other, (limit, offset)))),
        }
    }

    /// The same query with one more key of its order.
    pub(crate) fn ordered_by(self, order: OrderBy) -> Query {
        match self {
            Query::Select(mut select, what) => {
                Arc::make_mut(&mut select).orders.push(order);
                Query::Select(select, what)
            }
            Query::Set(mut set) => {
                Arc::make_mut(&mut set).orders.push(order);
                Query::Set(set)
            }
            refused @ Query::Refused(_) => refused,
            other => {
                let mut set = SetOf::alone(other, (None, None));
                set.orders.push(order);
                Query::Set(Arc::new(set))
            }
        }
    }
}

/// Columns of which nothing is known but their number.
fn nameless(columns: usize) -> Vec<Item> {
    let columns = (0..columns).map(|_| Item::value(Node::Star));
    columns.collect()
}

#[derive(Default)]
struct NamedQueries {
    found: Vec<Arc<Derived>>,
    twice: Option<Arc<str>>,
    /// Recursive queries that are named inside themselves, or so it should be.
    itself: Vec<Arc<str>>,
    /// Tables without a schema, which the WITH clause goes before.
    tables: BTreeSet<&'static str>,
}

impl Parts for NamedQueries {
    fn source(&mut self, source: &Source) {
        let Some(derived) = source.as_derived() else {
            let table = source.as_table().filter(|table| table.schema().is_none());
            self.tables.extend(table.map(|table| table.name()));
            return;
        };
        if matches!(derived.body, Body::Itself) {
            self.itself.push(Arc::clone(&derived.name));
            return;
        }
        if derived.place == Place::Here {
            return;
        }
        match self.found.iter().find(|found| found.name == derived.name) {
            Some(found) if Arc::ptr_eq(found, derived) => {}
            Some(_) => self.twice = Some(Arc::clone(&derived.name)),
            None => self.found.push(Arc::clone(derived)),
        }
    }
}
