//! Rows that were read with others joined to them: which belong together, and what they become.
//!
//! Called by the files that run queries, with the rows that a joined statement returned.
//! It must not leave anything out that the paths of the query would load: they look once more.

use foldhash::{HashMap, HashMapExt};

use super::Reader;
use super::joining::Joining;
use super::joint::JoinedRows;
use crate::engine::Rows;
use crate::error::Error;
use crate::identity_map::Reading;
use crate::model::{RawHandle, Row};

/// Which rows stand for one row of the query.
pub(super) struct Folded {
    rows: usize,
    /// `None` when each row stands for itself.
    together: Option<Together>,
}

#[derive(Default)]
struct Together {
    /// The first row of each, in the order of the query.
    firsts: Vec<usize>,
    /// For each row, the position of its first one among them.
    of: Vec<usize>,
}

impl Folded {
    /// As a query's paths have joined them, if they have.
    pub(super) fn new(rows: &Rows, joining: Option<&Joining>) -> Folded {
        let fold_by = joining.map(|joining| joining.fold_by.as_slice());
        let fold_by = fold_by.filter(|columns| !columns.is_empty());
        Folded {
            rows: rows.len(),
            together: fold_by.map(|columns| Together::of(rows, columns)),
        }
    }

    /// The number of rows of the query.
    pub(super) fn len(&self) -> usize {
        let together = self.together.as_ref();
        together.map_or(self.rows, |together| together.firsts.len())
    }

    /// The first row for each row of the query.
    pub(super) fn firsts(&self) -> impl Iterator<Item = usize> + '_ {
        let first = |i| match &self.together {
            Some(together) => together.firsts[i],
            None => i,
        };
        (0..self.len()).map(first)
    }

    /// For each row the row of the query.
    fn of(&self) -> impl Iterator<Item = usize> + '_ {
        let of = |i| match &self.together {
            Some(together) => together.of[i],
            None => i,
        };
        (0..self.rows).map(of)
    }
}

impl Together {
    /// Those whose fields in these columns are the same.
    fn of(rows: &Rows, columns: &[usize]) -> Together {
        let mut together = Together::default();
        let mut known: HashMap<Vec<Option<Vec<u8>>>, usize> = HashMap::new();
        for (i, row) in rows.iter().enumerate() {
            // As a rule they follow each other.
            let of = match together.of.last() {
                Some(last) if is_same(columns, &row, &rows.row(i - 1)) => *last,
                _ => {
                    let key = columns.iter().map(|at| row.raw(*at).map(<[u8]>::to_vec));
                    *known.entry(key.collect()).or_insert_with(|| {
                        together.firsts.push(i);
                        together.firsts.len() - 1
                    })
                }
            };
            together.of.push(of);
        }
        together
    }
}

fn is_same(columns: &[usize], row: &Row<'_>, other: &Row<'_>) -> bool {
    columns.iter().all(|at| row.raw(*at) == other.raw(*at))
}

impl Joining {
    /// Brings in what is joined to the rows of the query, of which these are the objects; what is
    /// joined to a row without one is passed over.
    pub(super) fn bring(
        &self,
        reader: &mut Reader<'_>,
        rows: &Rows,
        folded: &Folded,
        objects: &[Option<RawHandle>],
        reading: Reading,
    ) -> Result<(), Error> {
        // A lock is of the query's own rows, and so is what it refreshes.
        let reading = match reading {
            Reading::Behind => Reading::Behind,
            Reading::Plain | Reading::Refresh | Reading::Lock => Reading::Plain,
        };
        let roots = folded.of().map(|of| objects.get(of).copied().flatten());
        let roots: Vec<Option<RawHandle>> = roots.collect();
        let mut found: Vec<Vec<Option<RawHandle>>> = Vec::with_capacity(self.steps.len());
        for planned in &self.steps {
            let joined = JoinedRows {
                rows,
                at: &planned.at,
                of: planned.from.map_or(&roots, |from| &found[from]),
                reading,
            };
            found.push(planned.step.bring(reader, &joined)?);
        }
        Ok(())
    }
}
