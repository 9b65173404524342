//! Plain rows on their way into a statement: settled, grouped by what they send, cut where full.
//!
//! Called by the inserts beside it.
//! It must not hold more than 64 MiB of bytes for a statement, unless a single row is larger.

use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{IsNull, Type};

use super::super::settle::unset;
use super::settled::{conversion, encode_column};
use super::values::{Cell, LateArray, Ready, array};
use crate::error::{Error, ErrorKind};
use crate::identity_map::{IdentityMap, handle_error_of};
use crate::model::{ColumnInfo, ColumnSet, KeyLookup, Model, Reference, array_element};
use crate::statement::{Bound, InsertSource, Parameter};

/// Where a statement is cut.
const MAX_BYTES: usize = 64 << 20;

/// The most rows with a parameter for each cell, and the most parameters.
const MAX_CELL_ROWS: usize = 1_000;
const MAX_PARAMETERS: usize = 65_535;

/// The most rows with a column that is encoded late, whose bytes are not counted.
const MAX_LATE_ROWS: usize = 10_000;

/// Makes a row ready to be sent: values as the database keeps them, keys for handles, the first
/// version.
///
/// # Errors
/// `NotNullViolation` for an unset reference, `Handle` for one to an object that has left,
/// `NotFound` for one to an object without a key.
pub(super) fn settle<M: Model>(map: &IdentityMap, row: &mut M) -> Result<(), Error> {
    let table = M::table();
    row.normalize();
    for fk in table.foreign_keys() {
        let handle = match row.reference(fk.field) {
            Some(Reference::Unset) => return Err(unset(table, fk)),
            Some(Reference::Handle(handle)) => handle,
            Some(Reference::Key(_)) | None => continue,
        };
        let model = fk.target().model();
        let key = map.key_of(handle);
        let key = key.map_err(|problem| handle_error_of(model, problem))?;
        let key = key.ok_or_else(|| {
            let key = "without a key".to_owned();
            Error::new(ErrorKind::NotFound { model, key })
        })?;
        row.set_reference_key(fk.field, key);
    }
    let version: ColumnSet = table.version().into_iter().collect();
    if !row.defaulted(version).is_empty() {
        row.start_version();
    }
    Ok(())
}

/// The fields that a row sends: all but those that the database makes.
pub(super) fn sent<M: Model>(row: &M) -> ColumnSet {
    let table = M::table();
    let made = row.defaulted(table.generated());
    table
        .all_fields()
        .without(made.union(table.generated_always()))
}

/// Rows that send the same fields.
pub(super) struct Chunk<M> {
    pub(super) sent: ColumnSet,
    pub(super) rows: Vec<M>,
    /// The position of each row among all that were given.
    pub(super) ordinals: Vec<usize>,
    /// A column each; empty where only the server knows the type.
    arrays: Vec<BytesMut>,
}

/// Rows that are sent together, by what they send.
pub(super) struct Chunks<M> {
    open: Vec<Chunk<M>>,
    taken: usize,
}

impl<M: Model> Chunks<M> {
    pub(super) fn new() -> Chunks<M> {
        Chunks {
            open: Vec::new(),
            taken: 0,
        }
    }

    /// Takes in a row that is settled; rows that are to be sent now, since there are enough.
    pub(super) fn push(&mut self, row: M) -> Result<Option<Chunk<M>>, Error> {
        let sent = sent(&row);
        let found = self.open.iter().position(|chunk| chunk.sent == sent);
        let position = found.unwrap_or_else(|| {
            self.open.push(Chunk::of(sent));
            self.open.len() - 1
        });
        let ordinal = self.taken;
        self.taken += 1;
        self.open[position].push(row, ordinal)
    }

    /// What is left.
    pub(super) fn finish(self) -> impl Iterator<Item = Chunk<M>> {
        self.open.into_iter().filter(|chunk| !chunk.rows.is_empty())
    }
}

impl<M: Model> Chunk<M> {
    fn of(sent: ColumnSet) -> Chunk<M> {
        let columns = M::table().columns_of(sent).count();
        Chunk {
            sent,
            rows: Vec::new(),
            ordinals: Vec::new(),
            arrays: vec![BytesMut::new(); columns],
        }
    }

    /// The rows of another chunk with these ordinals, to be sent once more.
    pub(super) fn again(sent: ColumnSet, rows: Vec<(usize, M)>) -> Result<Chunk<M>, Error> {
        let mut chunk = Chunk::of(sent);
        for (ordinal, row) in rows {
            // It was within the limits before.
            let full = chunk.push(row, ordinal)?;
            debug_assert!(full.is_none());
        }
        Ok(chunk)
    }

    /// Adds a row; the chunk without it, when there is no room for it.
    fn push(&mut self, row: M, ordinal: usize) -> Result<Option<Chunk<M>>, Error> {
        let cut: Vec<usize> = self.arrays.iter().map(BytesMut::len).collect();
        for (column, array) in M::table().columns_of(self.sent).zip(&mut self.arrays) {
            if let Some((element, _)) = &column.ty.wire {
                array_element(array, |out| encode_column(&row, column, element, out))
                    .map_err(|source| conversion::<M>(column, source))?;
            }
        }
        let bytes: usize = self.arrays.iter().map(BytesMut::len).sum();
        let full = bytes > MAX_BYTES && !self.rows.is_empty() || self.rows.len() >= self.limit();
        let mut ready = None;
        if full {
            let tails = self.arrays.iter_mut().zip(cut);
            let arrays = tails.map(|(array, at)| array.split_off(at)).collect();
            let fresh = Chunk {
                arrays,
                ..Chunk::of(self.sent)
            };
            ready = Some(std::mem::replace(self, fresh));
        }
        self.rows.push(row);
        self.ordinals.push(ordinal);
        Ok(ready)
    }

    /// The most rows of a statement.
    fn limit(&self) -> usize {
        let mut columns = M::table().columns_of(self.sent);
        match self.has_arrays() {
            true => MAX_CELL_ROWS.min(MAX_PARAMETERS / self.arrays.len()),
            false if columns.any(|column| column.ty.wire.is_none()) => MAX_LATE_ROWS,
            false => usize::MAX,
        }
    }

    /// Whether a column is an array itself, which UNNEST would flatten.
    fn has_arrays(&self) -> bool {
        let mut columns = M::table().columns_of(self.sent);
        columns.any(|column| column.ty.is_array)
    }

    /// The positions of the columns that are sent.
    pub(super) fn columns(&self) -> Vec<usize> {
        let fields = M::table().fields();
        let columns = self.sent.iter().map(|field| fields[field].columns.clone());
        columns.flatten().collect()
    }

    /// The rows as parameters.
    ///
    /// # Errors
    /// `Conversion` for a value that can't be sent.
    pub(super) fn source(&mut self) -> Result<InsertSource, Error> {
        let count = self.rows.len();
        if self.arrays.is_empty() {
            let count = Bound::new(i64::try_from(count).unwrap_or(i64::MAX));
            return Ok(InsertSource::Defaults(count.into()));
        }
        let columns = M::table().columns_of(self.sent);
        let columns: Vec<&'static ColumnInfo> = columns.collect();
        if self.has_arrays() {
            let rows: Arc<[M]> = self.rows.clone().into();
            let mut cells = Vec::with_capacity(count * columns.len());
            for row in 0..count {
                for column in &columns {
                    cells.push(cell(&rows, row, column)?);
                }
            }
            return Ok(InsertSource::Cells(cells, count));
        }
        let late = columns.iter().any(|column| column.ty.wire.is_none());
        let rows: Option<Arc<[M]>> = late.then(|| self.rows.clone().into());
        let arrays = std::mem::take(&mut self.arrays);
        let arrays = columns.iter().zip(arrays).map(|(column, elements)| {
            match (&column.ty.wire, &rows) {
                (Some((element, ty)), _) => array(element, ty, count, &elements),
                (None, rows) => {
                    let rows = rows.clone().unwrap_or_default();
                    let value = LateArray { rows, column };
                    Ok(Bound::shared(Arc::new(value), Type::UNKNOWN))
                }
            }
            .map(Parameter::from)
        });
        let arrays: Result<Vec<Parameter>, Error> = arrays.collect();
        Ok(InsertSource::Arrays(arrays?))
    }
}

fn cell<M: Model>(
    rows: &Arc<[M]>,
    row: usize,
    column: &'static ColumnInfo,
) -> Result<Parameter, Error> {
    let Some((ty, _)) = &column.ty.wire else {
        let value = Cell {
            rows: Arc::clone(rows),
            row,
            column,
        };
        return Ok(Bound::shared(Arc::new(value), Type::UNKNOWN).into());
    };
    let mut bytes = BytesMut::new();
    let null = encode_column(&rows[row], column, ty, &mut bytes);
    let null = null.map_err(|source| conversion::<M>(column, source))?;
    let value = Ready {
        bytes,
        null: matches!(null, IsNull::Yes),
    };
    Ok(Bound::shared(Arc::new(value), ty.clone()).into())
}
