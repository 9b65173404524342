//! UPDATE of all rows that meet a condition.
//!
//! Filled in by the query room, rendered by the unit of work.
//! It must not set a column of the key: the objects that have it could not be found again.

use super::back::{Back, own};
use super::draft::{Draft, table};
use super::version::move_on;
use crate::error::Error;
use crate::model::{ColumnSet, KeyLookup, Table};
use crate::statement::names::{quote, table_name};
use crate::statement::shape::Lock;
use crate::statement::shape::text::{key_order, names};
use crate::statement::{Item, Node, Parameter, Rendered, Source};

/// An UPDATE without what comes back, which is said when it is rendered.
#[derive(Clone)]
pub(crate) struct Update {
    pub(crate) table: Source,
    /// Columns by their position, in the order in which they were named.
    pub(crate) sets: Vec<(usize, Assigned)>,
    pub(crate) filters: Vec<Node>,
    /// Whether the version moves on, where there is one that is written.
    pub(crate) bumps: bool,
    pub(crate) in_key_order: bool,
}

/// What a column is set to.
#[derive(Clone)]
pub(crate) enum Assigned {
    Value(Node),
    Null,
    Default,
}

impl Update {
    pub(crate) fn of(table: Source) -> Update {
        Update {
            table,
            sets: Vec::new(),
            filters: Vec::new(),
            bumps: true,
            in_key_order: false,
        }
    }

    /// The statement, with the values of this session.
    ///
    /// # Errors
    /// `Mapping` when nothing is set, a column twice, one of the key, or one of another table is
    /// named; what the lookup says of handles.
    pub(crate) fn render(&self, back: &Back, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        self.check()?;
        Draft::refuse_with(&self.table, &self.filters)?;
        self.draft(back)?.finish(lookup)
    }

    /// The statement that gives these columns, as a part of another.
    ///
    /// # Errors
    /// As [`render`](Self::render), but for handles.
    pub(crate) fn parts(&self, columns: Vec<Item>) -> Result<(String, Vec<Parameter>), Error> {
        self.check()?;
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
            let fields = self.sets.iter().map(|(c, _)| table.columns()[*c].field);
            let strength = Lock::of_update(table, fields.collect());
            lock(&self.table, &self.filters, strength, &mut draft)?;
        }
        back.begin(&mut draft, self.in_key_order);
        draft.sql(&format!("UPDATE {} SET ", table_name(table)));
        draft.label(&format!("UPDATE {} SET ", table.name()));
        let version = self.version();
        let sets = self.sets.iter().map(|(column, value)| (*column, value));
        for (i, (column, value)) in sets.enumerate() {
            assign(table, i, column, value, &mut draft)?;
        }
        if let Some(column) = version {
            move_on(table, column, &mut draft);
        }
        match self.in_key_order {
            true => chosen(table, &mut draft),
            false => draft.filters(&self.filters)?,
        }
        back.end(table, &mut draft)?;
        Ok(draft)
    }

    /// The column of the version that moves on.
    fn version(&self) -> Option<usize> {
        let table = table(&self.table);
        let column = table.fields()[table.written_version()?].columns.start;
        let set = self.sets.iter().any(|(c, _)| *c == column);
        (self.bumps && !set).then_some(column)
    }

    fn check(&self) -> Result<(), Error> {
        let table = table(&self.table);
        let model = table.model();
        if self.sets.is_empty() {
            return Err(Error::mapping(format!(
                "an update of {model} that sets nothing"
            )));
        }
        for (i, (column, _)) in self.sets.iter().enumerate() {
            let name = &table.columns()[*column].name;
            if self.sets[..i].iter().any(|(c, _)| c == column) {
                return Err(Error::mapping(format!(
                    "an update of {model} sets the column {name} twice"
                )));
            }
            table.refuse_system_column(*column)?;
            if table.key().contains(table.columns()[*column].field) {
                return Err(Error::mapping(format!(
                    "an update of {model} sets the key column {name}: keys change by their \
                     objects and a flush, or by raw SQL"
                )));
            }
        }
        Ok(())
    }
}

/// `column = value`.
pub(super) fn assign(
    table: &Table,
    position: usize,
    column: usize,
    value: &Assigned,
    draft: &mut Draft,
) -> Result<(), Error> {
    let name = &table.columns()[column].name;
    let separator = if position > 0 { ", " } else { "" };
    draft.sql(&format!("{separator}{} = ", quote(name)));
    draft.label(&format!("{separator}{name} = "));
    match value {
        Assigned::Value(node) => draft.node(node)?,
        Assigned::Null => {
            draft.both("NULL");
        }
        Assigned::Default => {
            draft.both("DEFAULT");
        }
    }
    Ok(())
}

/// The rows' locks, taken in key order before the first of them is written: a row is written only
/// once it has come out of this.
pub(super) fn lock(
    source: &Source,
    filters: &[Node],
    strength: Lock,
    draft: &mut Draft,
) -> Result<(), Error> {
    let table = table(source);
    let keys = names(table.key_columns(), &own(table));
    draft.sql(&format!(
        "WITH _locked AS MATERIALIZED (SELECT {keys} FROM {}",
        table_name(table)
    ));
    draft.label(&format!("LOCK {}", table.name()));
    draft.filters(filters)?;
    draft.sql(&format!(
        " ORDER BY {}{}) ",
        key_order(table, &own(table)),
        strength.clause()
    ));
    draft.label(", ");
    Ok(())
}

/// The condition that a row is one of those locked.
pub(super) fn chosen(table: &Table, draft: &mut Draft) {
    let keys = names(table.key_columns(), &own(table));
    let locked = names(table.key_columns(), "");
    draft.sql(&format!(
        " WHERE ({keys}) IN (SELECT {locked} FROM _locked)"
    ));
}
