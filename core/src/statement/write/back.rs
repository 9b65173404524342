//! What comes back from an UPDATE or DELETE.
//!
//! Called by the files beside it; the unit of work says what it wants.
//! It must not bring back rows that nobody asked for: a session that knows two of a million rows
//! that were written gets two.

use super::draft::Draft;
use crate::error::Error;
use crate::model::{ColumnSet, Table};
use crate::statement::names::quote;
use crate::statement::shape::text::names;
use crate::statement::{Item, Node, Parameter};

/// What comes back.
pub(crate) enum Back {
    /// The number of rows.
    Count,
    /// The number of rows, and of those with one of these keys these fields. There is a row at
    /// any rate; the fields are NULL when none was found.
    Known {
        /// An array for each column of the key.
        keys: Vec<Parameter>,
        fields: ColumnSet,
    },
    /// Of each row these expressions, and then these fields.
    Each {
        columns: Vec<Item>,
        fields: ColumnSet,
    },
}

impl Back {
    /// What goes before the statement, when the statement becomes part of a query.
    pub(super) fn begin(&self, draft: &mut Draft, others: bool) {
        if let Back::Known { .. } = self {
            draft.sql(if others { ", _w AS (" } else { "WITH _w AS (" });
        }
    }

    /// What goes behind it.
    ///
    /// # Errors
    /// `Mapping` for an expression on another table.
    pub(super) fn end(&self, table: &Table, draft: &mut Draft) -> Result<(), Error> {
        match self {
            Back::Count => {}
            Back::Known { keys, fields } => {
                let columns = names(table.columns_of(*fields), &own(table));
                let arrays: Vec<&str> = table.key_columns().map(|c| c.ty.name).collect();
                draft.sql(&format!(
                    " RETURNING {columns}) SELECT _c.n, _f.* FROM (SELECT count(*) AS n FROM _w) AS _c \
                     LEFT JOIN (SELECT _w.* FROM _w JOIN UNNEST("
                ));
                for (i, (key, ty)) in keys.iter().zip(arrays).enumerate() {
                    draft.sql(if i > 0 { ", " } else { "" });
                    draft.hidden_node(&Node::Parameter(key.clone()))?;
                    draft.sql(&format!("::{ty}[]"));
                }
                draft.sql(&format!(
                    ") AS _k({}) ON {}) AS _f ON true",
                    aliases(keys.len()).join(", "),
                    same_key(table)
                ));
                draft.label(&format!(" RETURNING {} ×", table.name()));
            }
            Back::Each { columns, fields } => {
                draft.both(" RETURNING ");
                draft.items(columns)?;
                let separator = match columns.is_empty() || fields.is_empty() {
                    true => "",
                    false => ", ",
                };
                draft.sql(separator);
                draft.sql(&names(table.columns_of(*fields), &own(table)));
                if columns.is_empty() {
                    draft.label(table.name());
                }
            }
        }
        Ok(())
    }
}

/// What a column of the table that is written is named by.
pub(super) fn own(table: &Table) -> String {
    format!("{}.", quote(table.name()))
}

fn aliases(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("k{i}")).collect()
}

fn same_key(table: &Table) -> String {
    let same: Vec<String> = table
        .key_columns()
        .enumerate()
        .map(|(i, c)| format!("_w.{} = _k.k{i}", quote(&c.name)))
        .collect();
    same.join(" AND ")
}
