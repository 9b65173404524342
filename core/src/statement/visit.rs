//! Looking through a statement: which tables it reads, which functions of the user it calls,
//! whether it names objects that have no key yet.
//!
//! The query room asks before a statement runs, for autoflush and for the transaction.
//! It must not change anything.

use std::any::TypeId;

use super::{Body, Node, Parameter, Projection, Select, Source};
use crate::error::ErrorKind;
use crate::model::KeyLookup;

/// What a visitor is shown of a statement.
pub(crate) trait Parts {
    /// A table or query that takes part, or that a column names.
    fn source(&mut self, _: &Source) {}

    /// A value.
    fn parameter(&mut self, _: &Parameter) {}

    /// Text or a function that is not of our own building.
    fn foreign(&mut self) {}

    /// A whole statement in the caller's own words.
    fn words(&mut self) {}

    /// A SELECT that locks rows.
    fn lock(&mut self) {}
}

/// The models whose tables are read, each once, in the order in which they appear.
#[derive(Default)]
pub(crate) struct ModelsRead(pub(crate) Vec<TypeId>);

impl Parts for ModelsRead {
    fn source(&mut self, source: &Source) {
        if let Some(model) = source.model()
            && !self.0.contains(&model)
        {
            self.0.push(model);
        }
    }
}

/// Whether something is in it that may do more than read: words of the caller's, or a lock.
#[derive(Default)]
pub(crate) struct DoesMore(pub(crate) bool);

impl Parts for DoesMore {
    fn foreign(&mut self) {
        self.0 = true;
    }

    fn words(&mut self) {
        self.0 = true;
    }

    fn lock(&mut self) {
        self.0 = true;
    }
}

/// Whether a SELECT in it locks rows.
#[derive(Default)]
pub(crate) struct Locks(pub(crate) bool);

impl Parts for Locks {
    fn lock(&mut self) {
        self.0 = true;
    }
}

/// Whether a whole statement of the caller's is in it, which may read any table.
#[derive(Default)]
pub(crate) struct ReadsAny(pub(crate) bool);

impl Parts for ReadsAny {
    fn words(&mut self) {
        self.0 = true;
    }
}

/// The values, in the order in which they appear.
#[derive(Default)]
pub(crate) struct Values(pub(crate) Vec<Parameter>);

impl Parts for Values {
    fn parameter(&mut self, parameter: &Parameter) {
        self.0.push(parameter.clone());
    }
}

/// Whether it names objects, so that its values differ from session to session.
#[derive(Default)]
pub(crate) struct NamesObjects(pub(crate) bool);

impl Parts for NamesObjects {
    fn parameter(&mut self, parameter: &Parameter) {
        self.0 |= parameter.is_late();
    }
}

/// Whether it names an object that has no key yet.
pub(crate) struct NamesUnsaved<'a> {
    lookup: &'a dyn KeyLookup,
    pub(crate) found: bool,
}

impl<'a> NamesUnsaved<'a> {
    pub(crate) fn new(lookup: &'a dyn KeyLookup) -> Self {
        NamesUnsaved {
            lookup,
            found: false,
        }
    }
}

impl Parts for NamesUnsaved<'_> {
    fn parameter(&mut self, parameter: &Parameter) {
        if let Err(error) = parameter.resolve_late(self.lookup)
            && matches!(error.kind(), ErrorKind::NotFound { .. })
        {
            self.found = true;
        }
    }
}

impl Source {
    /// Shows the source; for a query, everything in it first.
    pub(crate) fn visit(&self, parts: &mut dyn Parts) {
        match self.as_derived().map(|derived| &derived.body) {
            Some(Body::Query(query)) => query.visit(parts),
            Some(Body::Recursive { base, step, .. }) => {
                base.visit(parts);
                step.visit(parts);
            }
            Some(Body::Itself) | None => {}
        }
        parts.source(self);
    }
}

impl Select {
    /// Shows everything in it to a visitor, the main table first.
    pub(crate) fn visit(&self, what: &Projection, parts: &mut dyn Parts) {
        self.from.visit(parts);
        for join in &self.joins {
            join.source.visit(parts);
            join.on.iter().for_each(|on| on.visit(parts));
        }
        if let Projection::Columns(items) = what {
            items.iter().for_each(|item| item.visit(parts));
        }
        let clauses = [&self.filters, &self.groups, &self.having, &self.distinct_on];
        for node in clauses.into_iter().flatten() {
            node.visit(parts);
        }
        self.orders.iter().for_each(|order| order.by.visit(parts));
        if self.lock.is_some() {
            parts.lock();
        }
    }
}

impl Node {
    /// Shows everything in it to a visitor.
    pub(crate) fn visit(&self, parts: &mut dyn Parts) {
        match self {
            Node::Column(source, _) | Node::Excluded(source, _) => parts.source(source),
            Node::Parameter(parameter) => parts.parameter(parameter),
            Node::Star => {}
            Node::Binary(_, operands) => operands.iter().for_each(|n| n.visit(parts)),
            Node::Unary(_, operand) => operand.visit(parts),
            Node::Between(operands) => operands.iter().for_each(|n| n.visit(parts)),
            Node::Call(_, arguments) => arguments.iter().for_each(|n| n.visit(parts)),
            Node::RowIn(row) => {
                row.columns.iter().for_each(|n| n.visit(parts));
                row.arrays.iter().for_each(|p| parts.parameter(p));
            }
            Node::Template(template) => {
                if template.foreign {
                    parts.foreign();
                }
                template.nodes().for_each(|n| n.visit(parts));
            }
            Node::Subquery(subquery) => {
                subquery.operands().iter().for_each(|n| n.visit(parts));
                subquery.query.visit(parts);
            }
            Node::Correlated(correlated) => {
                correlated.outer.iter().for_each(|n| n.visit(parts));
                correlated.select.visit(&correlated.what, parts);
            }
        }
    }
}
