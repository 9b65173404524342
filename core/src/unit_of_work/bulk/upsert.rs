//! Rows that are inserted, or change the rows that are there already.
//!
//! Called by the verb `upsert`, after a flush.
//! It must not give up the order of the rows: each that comes back has its ordinal.

use super::insert::{bring, row_text};
use super::rows::{Chunk, Chunks, settle};
use super::send::Sendable;
use super::target::{Told, target_fields, twice};
use crate::engine::Connection;
use crate::error::Error;
use crate::identity_map::IdentityMap;
use crate::model::{ColumnSet, Handle, Model};
use crate::query::Upsert;
use crate::statement::{Conflict, Insert, Resolution, Source, Ways};

/// An upsert that is ready to be sent.
pub(crate) struct Prepared<M> {
    chunks: Vec<Chunk<M>>,
    target: ColumnSet,
}

/// The rows, ready to be sent.
///
/// # Errors
/// `Mapping` for a target that is not unique, a column that PostgreSQL keeps itself, or a row without values in it; `UniqueViolation`
/// for two rows with the same; what is wrong with a row.
pub(crate) fn prepare<M: Model>(
    map: &IdentityMap,
    upsert: &mut Upsert<M>,
) -> Result<Prepared<M>, Error> {
    let target = target_fields::<M>(&upsert.target)?;
    let table = M::table();
    let taken = upsert.taken.iter().flatten();
    let taken = taken.map(|field| table.fields()[*field].columns.start);
    for column in taken.chain(upsert.sets.iter().map(|(column, _)| *column)) {
        table.refuse_system_column(column)?;
    }
    let mut told = Told::by(target);
    let mut chunks = Chunks::new();
    let mut ready = Vec::new();
    for (number, mut row) in std::mem::take(&mut upsert.rows).into_iter().enumerate() {
        let in_row = |error: Error| error.while_doing(row_text::<M>(number));
        settle(map, &mut row).map_err(in_row)?;
        if !told.is_new(&row).map_err(in_row)? {
            return Err(twice::<M>(target));
        }
        ready.extend(chunks.push(row).map_err(in_row)?);
    }
    ready.extend(chunks.finish());
    Ok(Prepared {
        chunks: ready,
        target,
    })
}

impl<M> Prepared<M> {
    /// Whether there is nothing to send.
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }
}

/// Sends the rows; 1 statement for each set of columns that rows send.
///
/// # Errors
/// What the database refused; the transaction is lost then.
pub(crate) fn upsert<M: Model>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    upsert: &Upsert<M>,
    prepared: Prepared<M>,
) -> Result<Vec<Handle<M>>, Error> {
    let mut found = Vec::new();
    let group = map.store::<M>().open_group();
    for mut chunk in prepared.chunks {
        let insert = Insert {
            table: Source::of::<M>(),
            columns: chunk.columns(),
            starts_version: false,
            source: chunk.source()?,
            conflict: Some(Conflict {
                target: prepared.target,
                resolution: resolution(upsert, prepared.target, chunk.sent),
            }),
            ways: Ways::Matched,
        };
        let sendable = Sendable {
            cache: insert.keeps_its_text(),
            rendered: insert.render(map)?,
            rows: chunk.rows.len(),
        };
        let rows = sendable.rows(connection, M::NAME)?;
        for row in rows.iter() {
            let ordinal = chunk.ordinals[ordinal(&row)?];
            found.extend(bring::<M>(map, &row, 1, group)?.map(|raw| (ordinal, raw)));
        }
    }
    map.forget_absent(std::any::TypeId::of::<M>());
    found.sort_unstable_by_key(|(ordinal, _)| *ordinal);
    Ok(found.into_iter().map(|(_, raw)| Handle::new(raw)).collect())
}

/// The ordinal that a row begins with, counted from 0.
pub(super) fn ordinal(row: &crate::model::Row<'_>) -> Result<usize, Error> {
    usize::try_from(row.get::<i64>(0)? - 1)
        .map_err(|_| Error::mapping("the database answered with a row that was not sent"))
}

/// What happens to a row that is there.
fn resolution<M: Model>(upsert: &Upsert<M>, target: ColumnSet, sent: ColumnSet) -> Resolution {
    let table = M::table();
    let version: ColumnSet = table.version().into_iter().collect();
    let set = upsert.sets.iter();
    let set: ColumnSet = set.map(|(c, _)| table.columns()[*c].field).collect();
    let taken: ColumnSet = match &upsert.taken {
        Some(fields) => fields.iter().copied().collect(),
        None if !set.is_empty() => ColumnSet::EMPTY,
        None => sent
            .without(table.key().union(target))
            .without(table.generated().union(table.generated_always()))
            .without(version),
    };
    let taken = taken.without(set);
    if upsert.nothing || taken.union(set).is_empty() {
        return Resolution::Nothing;
    }
    let version = table
        .written_version()
        .filter(|v| !taken.union(set).contains(*v));
    let columns = taken.iter().flat_map(|f| table.fields()[f].columns.clone());
    Resolution::Update {
        taken: columns.collect(),
        sets: upsert.sets.clone(),
        filters: upsert.filters.clone(),
        version: version.map(|f| table.fields()[f].columns.start),
    }
}
