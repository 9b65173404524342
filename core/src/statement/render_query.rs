//! Whole queries as text: the WITH clause, set operations, rows of values.
//!
//! Called by `render` and `marker`.
//! It must not write a SELECT's clauses: `render` does.

use std::sync::Arc;

use sea_query::{
    Expr, IntoIden, PostgresQueryBuilder, Query as Builder, SelectStatement, SubQueryStatement,
    UnionType,
};

use super::marker::Markers;
use super::names::{check, quote};
use super::render::order_by;
use super::text::Text;
use super::writer::Writer;
use super::{About, Body, Derived, Node, Parameter, Place, Query, SetOf, SetOperator, Template};
use crate::error::Error;

impl Query {
    /// The text alone, which does not depend on the session.
    pub(super) fn text(&self) -> Result<Text, Error> {
        let mut markers = Markers::new();
        let mut out = Writer::new();
        markers.with_clause(self, &mut out)?;
        match self {
            Query::Words(words, _) => markers.words(words, &mut out)?,
            _ => markers
                .query(self)?
                .build_collect_into(PostgresQueryBuilder, &mut out),
        }
        Ok(markers.finish(out))
    }
}

impl Markers {
    /// The queries that stand before the whole statement, those that are needed first coming
    /// first. They see nothing of each other but their names.
    fn with_clause(&mut self, query: &Query, out: &mut Writer) -> Result<(), Error> {
        let named = query.named_queries()?;
        let mut bodies = named.iter().map(|derived| &derived.body);
        let begin = match bodies.any(|body| matches!(body, Body::Recursive { .. })) {
            true => "WITH RECURSIVE ",
            false => "WITH ",
        };
        for (i, derived) in named.iter().enumerate() {
            out.sql.push_str(if i == 0 { begin } else { ", " });
            check(&derived.name)?;
            out.sql.push_str(&quote(&derived.name));
            if !derived.columns.is_empty() {
                let columns: Vec<String> = derived.columns.iter().map(|c| quote(c)).collect();
                out.sql.push_str(&format!(" ({})", columns.join(", ")));
            }
            out.sql.push_str(match derived.place {
                Place::With(Some(true)) => " AS MATERIALIZED (",
                Place::With(Some(false)) => " AS NOT MATERIALIZED (",
                Place::With(None) | Place::Here => " AS (",
            });
            match &derived.body {
                Body::Query(Query::Words(words, _)) => self.words(words, out)?,
                _ => self
                    .body(derived)?
                    .build_collect_into(PostgresQueryBuilder, out),
            }
            out.sql.push(')');
        }
        if !named.is_empty() {
            out.sql.push(' ');
        }
        Ok(())
    }

    /// A statement in the caller's own words. To sea-query it is an expression, which it writes
    /// only as part of a SELECT.
    fn words(&mut self, words: &Arc<Template>, out: &mut Writer) -> Result<(), Error> {
        let words = self.expr(&Node::Template(words.clone()))?;
        let begin = out.sql.len();
        Builder::select()
            .expr(words)
            .build_collect_into(PostgresQueryBuilder, out);
        out.sql.replace_range(begin..begin + "SELECT ".len(), "");
        Ok(())
    }

    /// A whole query.
    pub(super) fn query(&mut self, query: &Query) -> Result<SelectStatement, Error> {
        match query {
            Query::Select(select, what) => self.projected(select, what),
            Query::Set(set) => self.set(set),
            Query::Values(arrays) => self.values(arrays),
            Query::About(query, about) => self.about(query, *about),
            Query::Words(..) => Err(Error::mapping(
                "raw SQL stands in another statement as a `cte` only",
            )),
            Query::Refused(why) => Err(Error::mapping(*why)),
        }
    }

    /// The query of a derived table, its columns named.
    pub(super) fn body(&mut self, derived: &Derived) -> Result<SelectStatement, Error> {
        let mut query = match &derived.body {
            Body::Query(query) => self.query(query)?,
            Body::Recursive {
                base,
                step,
                keep_all,
            } => {
                let operator = match keep_all {
                    true => SetOperator::UnionAll,
                    false => SetOperator::Union,
                };
                self.set(&SetOf::new(base.clone(), operator, step.clone()))?
            }
            Body::Itself => {
                return Err(Error::mapping(format!(
                    "the recursive query {} is read outside itself",
                    derived.name
                )));
            }
        };
        let mut names = derived.columns.iter();
        query.exprs_mut_for_each(|column| {
            column.alias = names.next().map(|name| name.to_string().into_iden());
        });
        Ok(query)
    }

    fn set(&mut self, set: &SetOf) -> Result<SelectStatement, Error> {
        for side in [&set.left, &set.right] {
            if matches!(side, Query::Select(select, _) if select.lock.is_some()) {
                return Err(Error::mapping(
                    "the rows of a set operation can't be locked: lock them by a query of their own",
                ));
            }
        }
        let mut out = match set.takes_left_as_it_is() {
            true => self.query(&set.left)?,
            false => self.wrapped(&set.left)?,
        };
        let union = match set.operator {
            SetOperator::Union => Some(UnionType::Distinct),
            SetOperator::UnionAll => Some(UnionType::All),
            SetOperator::Intersect => Some(UnionType::Intersect),
            SetOperator::Except => Some(UnionType::Except),
            _ => None,
        };
        match union {
            Some(union) => {
                out.union(union, self.query(&set.right)?);
            }
            None if set.operator == SetOperator::Alone => {}
            None => {
                // sea-query has no name for these: to it, the right side is the end of a condition.
                let right = SubQueryStatement::SelectStatement(self.query(&set.right)?);
                let right = Expr::SubQuery(None, Box::new(right));
                let text = format!("TRUE {} $1", set.operator.text());
                out.and_where(Expr::cust_with_exprs(text, [right]));
            }
        }
        for order in &set.orders {
            let by = self.expr(&order.by)?;
            order_by(&mut out, order, by);
        }
        if let Some(limit) = set.limit {
            out.limit(limit);
        }
        if let Some(offset) = set.offset {
            out.offset(offset);
        }
        Ok(out)
    }

    /// A query as a table with the same columns: an order or limit of its own stays its own.
    fn wrapped(&mut self, query: &Query) -> Result<SelectStatement, Error> {
        let mut inner = self.query(query)?;
        let mut number = 0;
        inner.exprs_mut_for_each(|column| {
            number += 1;
            column.alias = Some(format!("c{number}").into_iden());
        });
        let columns = (1..=number).map(|i| Expr::col(("part", format!("c{i}").into_iden())));
        let mut out = Builder::select();
        out.exprs(columns).from_subquery(inner, "part");
        Ok(out)
    }

    /// Arrays of one length, each a column: PostgreSQL advances them together.
    fn values(&mut self, arrays: &[(Parameter, &'static str)]) -> Result<SelectStatement, Error> {
        let mut out = Builder::select();
        for (array, ty) in arrays {
            let array = self.expr(&Node::Parameter(array.clone()))?;
            out.expr(Expr::cust_with_exprs(
                format!("unnest($1::{ty}[])"),
                [array],
            ));
        }
        Ok(out)
    }

    fn about(&mut self, query: &Query, about: About) -> Result<SelectStatement, Error> {
        let rows = self.query(query)?;
        Ok(match about {
            About::Count => Builder::select()
                .expr(Expr::cust("count(*)"))
                .from_subquery(rows, "counted")
                .to_owned(),
            About::Exists => Builder::select().expr(Expr::exists(rows)).to_owned(),
        })
    }
}

impl SetOf {
    /// Whether the left side needs no parentheses: it has no order or limit of its own, and what
    /// it is made of belongs together anyway. INTERSECT binds tighter than the others.
    fn takes_left_as_it_is(&self) -> bool {
        let is_tight = |operator| matches!(operator, SetOperator::Intersect);
        match self.operator {
            SetOperator::IntersectAll | SetOperator::ExceptAll | SetOperator::Alone => false,
            operator => match &self.left {
                left if left.is_cut() => false,
                Query::Set(left) => match left.operator {
                    SetOperator::IntersectAll | SetOperator::ExceptAll => false,
                    left => is_tight(left) || !is_tight(operator),
                },
                _ => true,
            },
        }
    }
}
