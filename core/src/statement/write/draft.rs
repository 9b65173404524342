//! A statement that is being written: text, label and values grow side by side.
//!
//! Called by the files beside it.
//! It must not put a value into the text, nor a name without quotes.

use std::fmt::Write as _;
use std::sync::Arc;

use sea_query::{PostgresQueryBuilder, QueryBuilder as _};

use crate::error::Error;
use crate::model::KeyLookup;
use crate::model::Table;
use crate::statement::label::Label;
use crate::statement::marker::Markers;
use crate::statement::writer::Writer;
use crate::statement::{Item, Node, Parameter, Projection, Query, Rendered, Select, Source};

/// A statement that is being written.
pub(super) struct Draft {
    table: &'static Table,
    markers: Markers,
    out: Writer,
    label: Label,
}

impl Draft {
    /// Of a statement on this table whose first parameters are known already: the text that uses
    /// them numbers them from 1.
    ///
    /// # Errors
    /// None: a single table can't be named twice.
    pub(super) fn new(source: &Source, first: Vec<Parameter>) -> Result<Draft, Error> {
        let mut markers = Markers::new();
        markers.frames.enter();
        markers.frames.add(source)?;
        let mut out = Writer::new();
        for position in markers.given(first) {
            out.number(position);
        }
        Ok(Draft {
            table: table(source),
            markers,
            out,
            label: Label::default(),
        })
    }

    /// What the server gets, and nobody else sees.
    pub(super) fn sql(&mut self, text: &str) -> &mut Draft {
        let written = self.out.write_str(text);
        written.expect("a string takes every write");
        self
    }

    /// What people see.
    pub(super) fn label(&mut self, text: &str) -> &mut Draft {
        self.label.push(&[text]);
        self
    }

    /// The same for both.
    pub(super) fn both(&mut self, text: &str) -> &mut Draft {
        self.sql(text).label(text)
    }

    /// An expression.
    ///
    /// # Errors
    /// `Mapping` when it names a column of a table that is not part of the statement.
    pub(super) fn node(&mut self, node: &Node) -> Result<(), Error> {
        let expr = self.markers.expr(node)?;
        PostgresQueryBuilder.prepare_expr(&expr, &mut self.out);
        self.label.node(node, 0);
        Ok(())
    }

    /// An expression that people need not see.
    ///
    /// # Errors
    /// As [`node`](Draft::node).
    pub(super) fn hidden_node(&mut self, node: &Node) -> Result<(), Error> {
        let expr = self.markers.expr(node)?;
        PostgresQueryBuilder.prepare_expr(&expr, &mut self.out);
        Ok(())
    }

    /// What is read of a row, with a comma between.
    ///
    /// # Errors
    /// As [`node`](Draft::node).
    pub(super) fn items(&mut self, items: &[Item]) -> Result<(), Error> {
        self.label.items(items);
        let mut first = true;
        for item in items {
            for expr in self.markers.item(item)? {
                self.sql(if first { "" } else { ", " });
                PostgresQueryBuilder.prepare_expr(&expr, &mut self.out);
                first = false;
            }
        }
        Ok(())
    }

    /// ` WHERE` with all of these conditions, or nothing.
    ///
    /// # Errors
    /// As [`node`](Draft::node).
    pub(super) fn filters(&mut self, filters: &[Node]) -> Result<(), Error> {
        match Node::all(filters.iter().cloned()) {
            Some(condition) => {
                self.both(" WHERE ");
                self.node(&condition)
            }
            None => Ok(()),
        }
    }

    /// Refuses what needs a WITH clause, which stands before SELECT only.
    ///
    /// # Errors
    /// `Mapping` when a condition reads a query of the WITH clause.
    pub(super) fn refuse_with(source: &Source, filters: &[Node]) -> Result<(), Error> {
        let mut select = Select::from(source.clone());
        select.filters = filters.to_vec();
        match Query::select(select, Projection::Exists)
            .named_queries()?
            .first()
        {
            None => Ok(()),
            Some(derived) => Err(Error::mapping(format!(
                "a statement that writes {} reads {}, a query of the WITH clause: make it a \
                 `subquery`",
                source.title(),
                derived.name
            ))),
        }
    }

    /// The statement, with the values of this session.
    ///
    /// # Errors
    /// What the lookup says of handles in it.
    pub(super) fn finish(self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        let text = self.markers.finish(self.out);
        Ok(Rendered {
            model: Some(self.table.model()),
            params: text.resolve(lookup)?,
            label: Arc::from(self.label.text),
            sql: text.sql.into(),
        })
    }

    /// Text and values apart, for a statement that becomes part of another.
    pub(super) fn into_parts(self) -> (String, Vec<Parameter>) {
        let text = self.markers.finish(self.out);
        (text.sql, text.params)
    }

    /// The label alone, for people who look at a statement that was not run.
    pub(super) fn into_label(self) -> String {
        self.label.text
    }
}

/// The table that a statement writes.
pub(super) fn table(source: &Source) -> &'static Table {
    let table = source.as_table();
    table.expect("a statement writes the table of a model")
}
