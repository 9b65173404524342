//! The plan of a flush: a value that can be printed, asserted on, and carried out.
//!
//! The planner makes it, `execute` carries it out, callers see it through `Session::plan`.
//! It must not hold values, so that it can be shown to anybody.

use std::fmt;
use std::sync::Arc;

use foldhash::HashMap;

use super::annotations::Notes;
use super::operation::Operation;
use super::swept::Sweep;
use crate::identity_map::StoreId;
use crate::model::{ColumnSet, Table};
use crate::statement::shape::{
    Computation, Computing, Lock, Rows, Shape, Shaped, computed_insert, computed_update,
    inserts_together, shaped,
};

/// What a flush would do now: ranks of statements.
///
/// `Display` prints one statement a line, with the number of rows behind `×`; `{:#}` numbers them
/// and says below each which statements its rows wait for, why, and how many do.
/// [`edges`](Plan::edges) is the same row by row, [`to_mermaid`](Plan::to_mermaid) and
/// [`to_dot`](Plan::to_dot) draw it.
#[derive(Debug, Default)]
pub struct Plan {
    pub(super) ranks: Vec<Rank>,
    pub(super) notes: Notes,
}

/// Statements that need no result of each other, so that they can be sent together.
#[derive(Debug, Default)]
pub struct Rank {
    pub(super) statements: Vec<PlannedStatement>,
}

/// One statement, whatever the number of its rows.
#[derive(Debug)]
pub struct PlannedStatement {
    pub(super) store: StoreId,
    pub(super) table: &'static Table,
    pub(super) slots: Vec<u32>,
    pub(super) step: PlannedStep,
    /// By slot: fields that are NULL in the row at that time, whatever the object holds.
    pub(super) absent: HashMap<u32, ColumnSet>,
    /// The columns that the database computes, and how.
    pub(super) computed: Computation,
    /// What goes with its rows, where that is a statement of its own.
    pub(super) sweep: Option<Arc<Sweep>>,
}

/// The kind of a statement with what its text depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum PlannedStep {
    Lock {
        exclusive: bool,
    },
    /// These fields become NULL, and get their values by a later statement.
    Park {
        nulled: ColumnSet,
        guarded: bool,
        ordered: bool,
    },
    Update {
        changed: ColumnSet,
        made: ColumnSet,
        guarded: bool,
        ordered: bool,
        /// Whether nothing of the rows' changes is left for a fix-up.
        last: bool,
    },
    Insert {
        sent: ColumnSet,
        made: ColumnSet,
    },
    Delete {
        ordered: bool,
    },
    /// Rows of an association, each for a pair; the slots are the numbers of pairs.
    Link {
        association: usize,
        fields: ColumnSet,
        /// Whether rows come back: collections are loaded that they belong to.
        back: bool,
    },
    Unlink {
        association: usize,
        fields: ColumnSet,
        ordered: bool,
    },
}

impl Plan {
    /// The ranks, in the order in which they are sent.
    pub fn ranks(&self) -> &[Rank] {
        &self.ranks
    }

    /// All statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = &PlannedStatement> {
        self.ranks.iter().flat_map(|rank| &rank.statements)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }
}

impl Rank {
    /// The statements, in the order in which they are sent.
    pub fn statements(&self) -> &[PlannedStatement] {
        &self.statements
    }
}

impl PlannedStatement {
    /// What it does.
    pub fn operation(&self) -> Operation {
        match self.step {
            PlannedStep::Lock { .. } => Operation::Lock,
            PlannedStep::Park { .. } | PlannedStep::Update { .. } => Operation::Update,
            PlannedStep::Insert { .. } | PlannedStep::Link { .. } => Operation::Insert,
            PlannedStep::Delete { .. } | PlannedStep::Unlink { .. } => Operation::Delete,
        }
    }

    /// The table it writes.
    pub fn table(&self) -> &'static Table {
        self.sweep.as_ref().map_or(self.table, |sweep| sweep.table)
    }

    /// The number of rows it writes; for rows that go with others, the number of those.
    pub fn rows(&self) -> usize {
        self.slots.len()
    }

    /// The names of the columns it sends, besides those that identify rows.
    pub fn columns(&self) -> Vec<&str> {
        let fields = match self.step {
            PlannedStep::Update { changed, .. } => changed,
            PlannedStep::Park { nulled, .. } => nulled,
            PlannedStep::Insert { sent, .. } => sent,
            PlannedStep::Link { fields, .. } => fields,
            PlannedStep::Lock { .. } | PlannedStep::Delete { .. } | PlannedStep::Unlink { .. } => {
                ColumnSet::EMPTY
            }
        };
        self.table
            .columns_of(fields)
            .map(|c| c.name.as_str())
            .collect()
    }

    /// The association whose pairs it writes, if it links or unlinks.
    pub(super) fn association(&self) -> Option<usize> {
        match self.step {
            PlannedStep::Link { association, .. } | PlannedStep::Unlink { association, .. } => {
                Some(association)
            }
            _ => None,
        }
    }

    /// Whether a column that it sends is an array, so that its rows can't go through `UNNEST`.
    pub(super) fn sends_arrays(&self) -> bool {
        let params = self.shaped(Rows::Arrays).params;
        params
            .iter()
            .any(|p| self.table.columns()[p.column()].ty.is_array)
    }

    /// Whether it can lock its rows itself, which takes the keys as arrays.
    pub(super) fn can_lock(&self) -> bool {
        self.computed.is_none() && !self.sends_arrays()
    }

    /// Whether each of its rows is a statement, since what comes back could not be told apart.
    pub(super) fn goes_row_by_row(&self) -> bool {
        match self.step {
            PlannedStep::Insert { sent, made } if !self.computed.is_none() => {
                !inserts_together(self.table, sent, made)
            }
            _ => false,
        }
    }

    /// The statement when its rows are sent like this.
    pub(super) fn shaped(&self, rows: Rows) -> Shaped {
        if let Some(sweep) = &self.sweep {
            return sweep.shaped.clone();
        }
        let computing = Computing {
            computation: self.computed,
            rows: match rows {
                Rows::Cells(count) => count,
                Rows::One | Rows::Arrays => 1,
            },
            alone: self.slots.len() == 1,
        };
        match self.step {
            PlannedStep::Update {
                changed,
                made,
                guarded,
                ..
            } if !self.computed.is_none() => {
                computed_update(self.table, changed, made, guarded, computing)
            }
            PlannedStep::Insert { sent, made } if !self.computed.is_none() => {
                computed_insert(self.table, sent, made, computing)
            }
            _ => shaped(self.table, self.shape(rows)),
        }
    }

    /// The version, where the server counts it: each statement on a row makes another one.
    pub(super) fn counted_by_server(&self) -> ColumnSet {
        let version: ColumnSet = self.table.version().into_iter().collect();
        version.intersection(self.table.generated_always())
    }

    /// The shape of the statement when its rows are sent like this.
    fn shape(&self, rows: Rows) -> Shape {
        match self.step {
            PlannedStep::Lock { exclusive } => Shape::LockRows {
                strength: match exclusive {
                    true => Lock::Update,
                    false => Lock::NoKeyUpdate,
                },
            },
            PlannedStep::Park {
                nulled,
                guarded,
                ordered,
            } => Shape::Update {
                changed: nulled,
                made: self.counted_by_server(),
                guarded,
                ordered,
                rows,
            },
            PlannedStep::Update {
                changed,
                made,
                guarded,
                ordered,
                ..
            } => Shape::Update {
                changed,
                made,
                guarded,
                ordered,
                rows,
            },
            PlannedStep::Insert { sent, made } => Shape::Insert { sent, made, rows },
            PlannedStep::Delete { ordered } => Shape::Delete { ordered, rows },
            PlannedStep::Link { fields, back, .. } => Shape::Link { fields, back, rows },
            PlannedStep::Unlink {
                fields, ordered, ..
            } => Shape::Unlink {
                fields,
                ordered,
                rows,
            },
        }
    }
}

impl fmt::Display for PlannedStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.shaped(Rows::Arrays).text;
        let rows = match self.step {
            PlannedStep::Park { .. } => format!("= NULL ×{}", self.slots.len()),
            _ => format!("×{}", self.slots.len()),
        };
        f.write_str(&text.label.replacen('×', &rows, 1))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return self.list(f);
        }
        for (number, rank) in self.ranks.iter().enumerate() {
            writeln!(f, "rank {}", number + 1)?;
            for statement in &rank.statements {
                writeln!(f, "  {statement}")?;
            }
        }
        Ok(())
    }
}
