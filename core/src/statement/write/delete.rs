//! DELETE of all rows that meet a condition.
//!
//! Filled in by the query room, rendered by the unit of work.
//! It must not say what happens to rows that refer to them: the database's constraints do.

use super::back::Back;
use super::draft::{Draft, table};
use super::update::{chosen, lock};
use crate::error::Error;
use crate::model::{ColumnSet, KeyLookup};
use crate::statement::names::table_name;
use crate::statement::shape::Lock;
use crate::statement::{Item, Node, Parameter, Rendered, Source};

/// A DELETE without what comes back, which is said when it is rendered.
#[derive(Clone)]
pub(crate) struct Delete {
    pub(crate) table: Source,
    pub(crate) filters: Vec<Node>,
    pub(crate) in_key_order: bool,
}

impl Delete {
    pub(crate) fn of(table: Source) -> Delete {
        Delete {
            table,
            filters: Vec::new(),
            in_key_order: false,
        }
    }

    /// The statement, with the values of this session.
    ///
    /// # Errors
    /// `Mapping` when a column of another table is named; what the lookup says of handles.
    pub(crate) fn render(&self, back: &Back, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        Draft::refuse_with(&self.table, &self.filters)?;
        self.draft(back)?.finish(lookup)
    }

    /// The statement that gives these columns, as a part of another.
    ///
    /// # Errors
    /// As [`render`](Self::render), but for handles.
    pub(crate) fn parts(&self, columns: Vec<Item>) -> Result<(String, Vec<Parameter>), Error> {
        Draft::refuse_with(&self.table, &self.filters)?;
        let fields = ColumnSet::EMPTY;
        Ok(self.draft(&Back::Each { columns, fields })?.into_parts())
    }

    /// The label, whether or not the statement can be run.
    pub(crate) fn label(&self) -> String {
        match self.draft(&Back::Count) {
            Ok(draft) => draft.into_label(),
            Err(error) => error.to_string(),
        }
    }

    fn draft(&self, back: &Back) -> Result<Draft, Error> {
        let table = table(&self.table);
        let mut draft = Draft::new(&self.table, Vec::new())?;
        if self.in_key_order {
            lock(&self.table, &self.filters, Lock::Update, &mut draft)?;
        }
        back.begin(&mut draft, self.in_key_order);
        draft.sql(&format!("DELETE FROM {}", table_name(table)));
        draft.label(&format!("DELETE {}", table.name()));
        match self.in_key_order {
            true => chosen(table, &mut draft),
            false => draft.filters(&self.filters)?,
        }
        back.end(table, &mut draft)?;
        Ok(draft)
    }
}
