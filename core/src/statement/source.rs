//! What a statement reads from: tables, tables under a name of their own, and queries.
//!
//! Columns name theirs; `render` gives each its name in the text.
//! It must not render: a source is the same value wherever it takes part.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use super::{Item, Query};
use crate::model::{Model, Table};

/// A table or query that takes part in a statement, perhaps under a name of its own.
#[derive(Clone)]
pub(crate) struct Source {
    relation: Relation,
    alias: Option<Arc<str>>,
}

#[derive(Clone)]
enum Relation {
    Table {
        table: &'static Table,
        model: TypeId,
    },
    Derived(Arc<Derived>),
}

/// A query that is read like a table.
pub(crate) struct Derived {
    /// What the text calls it.
    pub(crate) name: Arc<str>,
    /// The names of its columns.
    pub(crate) columns: Vec<Arc<str>>,
    /// Where its rows come from.
    pub(crate) body: Body,
    /// Where its text stands.
    pub(crate) place: Place,
}

/// Where the rows of a derived table come from.
#[derive(Clone)]
pub(crate) enum Body {
    /// A query.
    Query(Query),
    /// The rows of the first, and of the second again and again, which reads what was found last;
    /// equal rows count once unless all are kept.
    Recursive {
        base: Query,
        step: Query,
        keep_all: bool,
    },
    /// The recursive query in whose second part this stands.
    Itself,
}

/// Where the text of a derived table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where it is read, in parentheses.
    Here,
    /// In the WITH clause of the whole statement; whether it is computed once is PostgreSQL's
    /// choice, or said.
    With(Option<bool>),
}

impl Source {
    /// The table of a model.
    pub(crate) fn of<M: Model>() -> Source {
        Source::table(M::table(), TypeId::of::<M>())
    }

    /// A table, when the model's type is not at hand.
    pub(crate) fn table(table: &'static Table, model: TypeId) -> Source {
        Source {
            relation: Relation::Table { table, model },
            alias: None,
        }
    }

    /// A query that is read like a table.
    pub(crate) fn derived(derived: Arc<Derived>) -> Source {
        Source {
            relation: Relation::Derived(derived),
            alias: None,
        }
    }

    /// The same under a name of its own.
    pub(crate) fn named(mut self, alias: Arc<str>) -> Source {
        self.alias = Some(alias);
        self
    }

    /// The name of its own, if it has one.
    pub(crate) fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// Whether both are the same place in a statement.
    pub(crate) fn is(&self, other: &Source) -> bool {
        let same = match (&self.relation, &other.relation) {
            (Relation::Table { model: a, .. }, Relation::Table { model: b, .. }) => a == b,
            (Relation::Derived(a), Relation::Derived(b)) => a.name == b.name,
            _ => false,
        };
        same && self.alias == other.alias
    }

    /// The name that it asks for in the text.
    pub(crate) fn name(&self) -> &str {
        match (&self.alias, &self.relation) {
            (Some(alias), _) => alias,
            (None, Relation::Table { table, .. }) => table.name(),
            (None, Relation::Derived(derived)) => &derived.name,
        }
    }

    /// What people call it: the model, with the alias when there is one.
    pub(crate) fn title(&self) -> String {
        let of = match &self.relation {
            Relation::Table { table, .. } => table.model(),
            Relation::Derived(derived) => &derived.name,
        };
        match &self.alias {
            Some(alias) => format!("{of} (as {alias})"),
            None => of.to_owned(),
        }
    }

    /// The name of a column.
    pub(crate) fn column(&self, column: usize) -> &str {
        match &self.relation {
            Relation::Table { table, .. } => &table.columns()[column].name,
            Relation::Derived(derived) => &derived.columns[column],
        }
    }

    /// Whether a column may be NULL, as far as is known: those of queries may.
    pub(crate) fn is_nullable(&self, column: usize) -> bool {
        match &self.relation {
            Relation::Table { table, .. } => table.columns()[column].nullable,
            Relation::Derived(_) => true,
        }
    }

    /// The number of its columns.
    pub(crate) fn width(&self) -> usize {
        match &self.relation {
            Relation::Table { table, .. } => table.columns().len(),
            Relation::Derived(derived) => derived.columns.len(),
        }
    }

    /// The table, unless it is a query.
    pub(crate) fn as_table(&self) -> Option<&'static Table> {
        match &self.relation {
            Relation::Table { table, .. } => Some(table),
            Relation::Derived(_) => None,
        }
    }

    /// The model of its table, unless it is a query.
    pub(crate) fn model(&self) -> Option<TypeId> {
        match &self.relation {
            Relation::Table { model, .. } => Some(*model),
            Relation::Derived(_) => None,
        }
    }

    /// The model whose rows it has, also when it is a query for them.
    pub(crate) fn model_of_rows(&self) -> Option<TypeId> {
        match self.as_derived().map(|derived| &derived.body) {
            Some(Body::Query(query)) => match query.items().first()? {
                Item::Row { source, .. } => source.model_of_rows(),
                Item::Value { .. } => None,
            },
            Some(_) => None,
            None => self.model(),
        }
    }

    /// The query, unless it is a table.
    pub(crate) fn as_derived(&self) -> Option<&Arc<Derived>> {
        match &self.relation {
            Relation::Table { .. } => None,
            Relation::Derived(derived) => Some(derived),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.title())
    }
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Derived({})", self.name)
    }
}
