//! ON CONFLICT: what an INSERT does about rows that are there already.
//!
//! Filled in by the query room, written by `insert`.
//! It must not name a constraint: a target is its columns, which every server can find.

use super::Assigned;
use super::draft::Draft;
use super::update::assign;
use super::version::move_on;
use crate::error::Error;
use crate::model::{ColumnSet, Table};
use crate::statement::Node;
use crate::statement::names::quote;
use crate::statement::shape::text::{names, plain};

/// What is done about rows that are there already.
#[derive(Clone)]
pub(crate) struct Conflict {
    /// The fields that are unique together; none of them means any conflict.
    pub(crate) target: ColumnSet,
    pub(crate) resolution: Resolution,
}

/// Whether the row that is there is changed.
#[derive(Clone)]
pub(crate) enum Resolution {
    Nothing,
    Update {
        /// Columns that take the value of the row that was sent.
        taken: Vec<usize>,
        sets: Vec<(usize, Assigned)>,
        filters: Vec<Node>,
        /// The column of the version that moves on.
        version: Option<usize>,
    },
}

impl Conflict {
    pub(super) fn write(&self, table: &Table, draft: &mut Draft) -> Result<(), Error> {
        draft.both(" ON CONFLICT");
        if !self.target.is_empty() {
            let target = names(table.columns_of(self.target), "");
            draft.sql(&format!(" ({target})"));
            draft.label(&format!(" ({})", plain(table.columns_of(self.target))));
        }
        let Resolution::Update {
            taken,
            sets,
            filters,
            version,
        } = &self.resolution
        else {
            draft.both(" DO NOTHING");
            return Ok(());
        };
        draft.both(" DO UPDATE SET ");
        for (i, column) in taken.iter().enumerate() {
            let name = &table.columns()[*column].name;
            let separator = if i > 0 { ", " } else { "" };
            let quoted = quote(name);
            draft.sql(&format!("{separator}{quoted} = \"excluded\".{quoted}"));
            draft.label(&format!("{separator}{name}"));
        }
        for (i, (column, value)) in sets.iter().enumerate() {
            assign(table, taken.len() + i, *column, value, draft)?;
        }
        if let Some(column) = version {
            move_on(table, *column, draft);
        }
        draft.filters(filters)
    }
}
