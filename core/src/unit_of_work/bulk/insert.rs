//! INSERT of plain rows, or of the rows of a query.
//!
//! Called by the verb `bulk_insert`, after a flush.
//! It must not make objects of rows that nobody asked for.

use std::any::TypeId;

use super::super::memberships::join_parents;
use super::answer::{Answer, Done, Wants};
use super::rows::{Chunk, Chunks, settle};
use super::send::Sendable;
use super::target::unique_fields;
use super::update::leave_parents;
use crate::engine::Connection;
use crate::error::Error;
use crate::identity_map::IdentityMap;
use crate::model::{ColumnSet, Model, RawHandle, Row};
use crate::query::{OnConflict, SelectedRows};
use crate::statement::{Conflict, Insert, Item, Resolution, Source, Ways};

/// What a `bulk_insert` does, besides its rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inserting {
    conflict: Option<ColumnSet>,
    columns: Vec<Item>,
}

impl Inserting {
    /// # Errors
    /// `Mapping` when the fields of the conflict are not unique together, or one that a query
    /// gives is a column of PostgreSQL's own.
    pub(crate) fn new<M: Model>(
        conflict: Option<&OnConflict>,
        given: &[usize],
        columns: Vec<Item>,
    ) -> Result<Inserting, Error> {
        let table = M::table();
        for field in given {
            table.refuse_system_column(table.fields()[*field].columns.start)?;
        }
        let conflict = match conflict {
            None => None,
            Some(OnConflict::Any) => Some(ColumnSet::EMPTY),
            Some(OnConflict::Fields(fields)) => Some(unique_fields::<M>(fields)?),
        };
        Ok(Inserting { conflict, columns })
    }

    fn conflict(&self) -> Option<Conflict> {
        let target = self.conflict?;
        let resolution = Resolution::Nothing;
        Some(Conflict { target, resolution })
    }

    fn ways<M: Model, R: Answer<M>>(&self) -> Ways {
        let fields = match R::WANTS {
            Wants::Count => return Ways::Count,
            Wants::Rows => M::table().all_fields(),
            Wants::Columns => ColumnSet::EMPTY,
        };
        let columns = self.columns.clone();
        Ways::Each { columns, fields }
    }
}

/// Inserts rows as they come; 1 statement for each set of columns that rows send, more where one
/// would exceed 64 MiB.
///
/// # Errors
/// What is wrong with a row, and what the database refused.
pub(crate) fn insert_rows<M: Model, R: Answer<M>>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    inserting: &Inserting,
    rows: &mut dyn Iterator<Item = M>,
) -> Result<R::Output, Error> {
    let mut output = None;
    let mut chunks = Chunks::new();
    for (number, mut row) in rows.enumerate() {
        let full = settle(map, &mut row).and_then(|()| chunks.push(row));
        let full = full.map_err(|error| error.while_doing(row_text::<M>(number)))?;
        if let Some(full) = full {
            insert_chunk::<M, R>(map, connection, inserting, full, &mut output)?;
        }
    }
    for chunk in chunks.finish() {
        insert_chunk::<M, R>(map, connection, inserting, chunk, &mut output)?;
    }
    Ok(output.unwrap_or_else(R::empty))
}

/// What is being done to a row, counted from 1.
pub(super) fn row_text<M: Model>(number: usize) -> String {
    format!("writing row {} of {}", number + 1, M::NAME)
}

fn insert_chunk<M: Model, R: Answer<M>>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    inserting: &Inserting,
    mut chunk: Chunk<M>,
    output: &mut Option<R::Output>,
) -> Result<(), Error> {
    let source = chunk.source()?;
    let insert = Insert {
        table: Source::of::<M>(),
        columns: chunk.columns(),
        starts_version: false,
        conflict: inserting.conflict(),
        ways: inserting.ways::<M, R>(),
        source,
    };
    run::<M, R>(map, connection, insert, chunk.rows.len(), output)
}

/// Inserts the rows of a query. 1 statement.
///
/// # Errors
/// What the database refused.
pub(crate) fn insert_selected<M: Model, R: Answer<M>>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    inserting: &Inserting,
    selected: &SelectedRows,
) -> Result<R::Output, Error> {
    let insert = selected.insert::<M>(inserting.conflict(), inserting.ways::<M, R>())?;
    let mut output = None;
    run::<M, R>(map, connection, insert, 0, &mut output)?;
    Ok(output.unwrap_or_else(R::empty))
}

fn run<M: Model, R: Answer<M>>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    insert: Insert,
    rows: usize,
    output: &mut Option<R::Output>,
) -> Result<(), Error> {
    let sendable = Sendable {
        cache: insert.keeps_its_text(),
        rendered: insert.render(map)?,
        rows,
    };
    if R::WANTS == Wants::Count {
        let count = sendable.count(connection, M::NAME)?;
        forget_what_was_known::<M>(map, count > 0);
        let done = Done {
            map,
            count,
            rows: None,
            handles: Vec::new(),
        };
        return R::add(output, done);
    }
    let rows = sendable.rows(connection, M::NAME)?;
    let mut handles = Vec::new();
    if R::WANTS == Wants::Rows {
        let group = map.store::<M>().open_group();
        for row in rows.iter() {
            handles.extend(bring::<M>(map, &row, 0, group)?);
        }
        map.forget_absent(TypeId::of::<M>());
    } else {
        forget_what_was_known::<M>(map, !rows.is_empty());
    }
    let done = Done {
        map,
        count: rows.len() as u64,
        rows: Some(&rows),
        handles,
    };
    R::add(output, done)
}

/// A row that was inserted, or changed by a conflict, becomes an object of the session (BK-2).
pub(super) fn bring<M: Model>(
    map: &mut IdentityMap,
    row: &Row<'_>,
    at: usize,
    group: usize,
) -> Result<Option<RawHandle>, Error> {
    let (id, clock) = (map.id::<M>(), map.clock());
    leave_parents::<M>(map, row, at)?;
    let slot = map.store::<M>().bring_written(row, at, group, clock)?;
    let Some(slot) = slot else {
        return Ok(None);
    };
    join_parents(map, id, slot, M::table().all_fields());
    Ok(Some(map.store::<M>().typed(slot).raw))
}

/// There are rows that the session does not have: its collections of them are no longer the whole
/// truth, and references that led nowhere may lead somewhere.
pub(super) fn forget_what_was_known<M: Model>(map: &mut IdentityMap, written: bool) {
    if !written {
        return;
    }
    let id = map.id::<M>();
    for fk in M::table().foreign_keys() {
        map.collections.forget_reference(id, fk.field);
    }
    map.forget_absent(TypeId::of::<M>());
}
