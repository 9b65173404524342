//! Which rows of a plan wait for which, as data and as a list.
//!
//! Users ask a plan for its rows and edges; `{:#}` of a plan prints the edges summed.
//! It must not show values other than keys.

use std::collections::BTreeMap;
use std::fmt;

use super::annotations::{Cause, Place};
use super::plan::Plan;
use super::reason::Reason;

/// A row of a plan.
///
/// `Display` is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedRow<'a> {
    /// The position of its rank in [`Plan::ranks`].
    pub rank: usize,
    /// The position of its statement in [`Plan::statements`].
    pub statement: usize,
    /// Its own position in the statement.
    pub position: usize,
    /// Its model and key; `new Entry (2)` for the second new entry that has no key yet.
    pub name: &'a str,
}

/// One row of a plan that must be written before another, and why.
///
/// `Display` is a sentence: *Entry.payer needs the new key*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedEdge<'a> {
    /// The row that is written first.
    pub before: PlannedRow<'a>,
    /// The row that waits; a row that takes two statements waits for itself.
    pub after: PlannedRow<'a>,
    /// What the later row waits for.
    pub reason: Reason,
    /// The fields behind the reason, as `Model.field`, with commas between several.
    pub fields: &'a str,
    /// The constraint that the database would report; `None` between two statements of one row.
    pub constraint: Option<&'a str>,
}

/// The edges between two statements for one cause, by positions.
struct Sum<'a> {
    before: usize,
    cause: &'a Cause,
    edges: usize,
}

impl Plan {
    /// The rows of all statements, in order; a row that takes two statements is there twice.
    pub fn rows(&self) -> impl Iterator<Item = PlannedRow<'_>> {
        let places = self.notes.rows.iter().enumerate();
        places.flat_map(move |(statement, rows)| {
            (0..rows.len()).map(move |position| self.row((statement, position)))
        })
    }

    /// Why rows of one statement wait for rows of another: an edge for each pair of rows.
    ///
    /// Rows of one statement wait for nothing of each other, so a plan of one statement has no
    /// edges. Those of many rows are better read summed: `{:#}` prints them so.
    ///
    /// ```
    /// use sessile::{Reason, prelude::*};
    ///
    /// #[derive(Model, Clone, Debug, Default)]
    /// struct Author {
    ///     #[model(key, generated)]
    ///     id: i64,
    /// }
    ///
    /// #[derive(Model, Clone, Debug, Default)]
    /// struct Book {
    ///     #[model(key, generated)]
    ///     id: i64,
    ///     author: Fk<Author>,
    /// }
    ///
    /// let mut s = Session::offline();
    /// let author = s.add(Author::default());
    /// s.add(Book { author: author.into(), ..Default::default() });
    /// let plan = s.plan()?;
    /// let edges: Vec<_> = plan.edges().collect();
    /// assert_eq!((edges[0].before.name, edges[0].after.name), ("new Author (1)", "new Book (1)"));
    /// assert_eq!((edges[0].before.rank, edges[0].after.rank), (0, 1));
    /// assert_eq!(edges[0].reason, Reason::NeedsNewKey);
    /// assert_eq!(edges[0].constraint, Some("book_author_id_fkey"));
    /// assert_eq!(edges[0].to_string(), "Book.author needs the new key");
    /// # Ok::<(), sessile::Error>(())
    /// ```
    pub fn edges(&self) -> impl Iterator<Item = PlannedEdge<'_>> {
        self.notes.waits.iter().map(|wait| {
            let cause = &self.notes.causes[wait.cause];
            PlannedEdge {
                before: self.row(wait.before),
                after: self.row(wait.after),
                reason: cause.reason,
                fields: &cause.fields,
                constraint: cause.constraint.as_deref(),
            }
        })
    }

    fn row(&self, (statement, position): Place) -> PlannedRow<'_> {
        PlannedRow {
            rank: self.notes.ranks[statement],
            statement,
            position,
            name: &self.notes.rows[statement][position],
        }
    }

    /// The edges into a statement, summed.
    fn sums(&self) -> BTreeMap<usize, Vec<Sum<'_>>> {
        let mut counts: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
        for wait in &self.notes.waits {
            *counts
                .entry((wait.after.0, wait.before.0, wait.cause))
                .or_default() += 1;
        }
        let mut sums: BTreeMap<usize, Vec<Sum<'_>>> = BTreeMap::new();
        for ((after, before, cause), edges) in counts {
            let cause = &self.notes.causes[cause];
            sums.entry(after).or_default().push(Sum {
                before,
                cause,
                edges,
            });
        }
        sums
    }

    /// One statement a line, numbered, and below it what it waits for.
    pub(super) fn list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = self.sums();
        let mut number = 0;
        for (rank, statements) in self.ranks.iter().enumerate() {
            writeln!(f, "rank {}", rank + 1)?;
            for statement in &statements.statements {
                writeln!(f, "  {}. {statement}", number + 1)?;
                for sum in sums.get(&number).into_iter().flatten() {
                    writeln!(f, "       {sum}")?;
                }
                number += 1;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Sum<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {}: {}", self.before + 1, self.cause)?;
        if let Some(constraint) = &self.cause.constraint {
            write!(f, " ({constraint})")?;
        }
        write!(f, " ×{}", self.edges)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.fields, self.reason)
    }
}

impl fmt::Display for PlannedRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for PlannedEdge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.fields, self.reason)
    }
}
