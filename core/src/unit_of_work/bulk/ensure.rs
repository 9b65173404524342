//! Rows that are inserted unless they are there, and found in any case.
//!
//! Called by the verb `ensure`, after a flush.
//! It must not write a row that is there: neither a new version of it nor a number of a sequence.

use foldhash::HashSet;

use super::insert::{bring, row_text};
use super::rows::{Chunk, Chunks, settle};
use super::send::Sendable;
use super::target::{Told, names, unique_fields};
use super::upsert::ordinal;
use crate::engine::{Connection, Rows};
use crate::error::Error;
use crate::identity_map::{IdentityMap, Reading};
use crate::model::{ColumnSet, Handle, Model, RawHandle};
use crate::statement::{Conflict, Insert, Resolution, Source, Ways};

/// How often rows are looked for that somebody else inserts and deletes meanwhile.
const TRIES: usize = 5;

/// Rows that are ready to be sent.
pub(crate) struct Prepared<M> {
    chunks: Vec<Chunk<M>>,
    target: ColumnSet,
}

impl<M> Prepared<M> {
    /// Whether there is nothing to send.
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }
}

/// The rows, ready to be sent.
///
/// # Errors
/// `Mapping` for a target that is not unique, or a row without values in it; what is wrong with
/// a row.
pub(crate) fn prepare<M: Model>(
    map: &IdentityMap,
    target: &[usize],
    rows: impl IntoIterator<Item = M>,
) -> Result<Prepared<M>, Error> {
    let target = unique_fields::<M>(target)?;
    let mut told = Told::by(target);
    let mut chunks = Chunks::new();
    let mut ready = Vec::new();
    for (number, mut row) in rows.into_iter().enumerate() {
        let in_row = |error: Error| error.while_doing(row_text::<M>(number));
        settle(map, &mut row).map_err(in_row)?;
        told.is_new(&row).map_err(in_row)?;
        ready.extend(chunks.push(row).map_err(in_row)?);
    }
    ready.extend(chunks.finish());
    Ok(Prepared {
        chunks: ready,
        target,
    })
}

/// Sends the rows; 1 statement for each set of columns that rows send, and another when somebody
/// else has inserted some of them in this very moment.
///
/// # Errors
/// What the database refused; the transaction is lost then.
pub(crate) fn ensure<M: Model>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    prepared: Prepared<M>,
) -> Result<Vec<Handle<M>>, Error> {
    let mut found = Vec::new();
    for mut chunk in prepared.chunks {
        let mut tries = 0;
        loop {
            let rows = send(map, connection, &mut chunk, prepared.target)?;
            let here = take_in::<M>(map, &chunk, &rows, &mut found)?;
            let sent = chunk.sent;
            let all = chunk.ordinals.into_iter().zip(chunk.rows);
            let missing: Vec<(usize, M)> = all.filter(|(o, _)| !here.contains(o)).collect();
            if missing.is_empty() {
                break;
            }
            tries += 1;
            if tries == TRIES {
                return Err(neither::<M>(prepared.target, missing.len()));
            }
            // A statement sees the rows that were committed before it began; the next one sees
            // what made this one leave rows out.
            chunk = Chunk::again(sent, missing)?;
        }
    }
    found.sort_unstable_by_key(|(ordinal, _)| *ordinal);
    Ok(found.into_iter().map(|(_, raw)| Handle::new(raw)).collect())
}

fn send<M: Model>(
    map: &IdentityMap,
    connection: &mut Connection,
    chunk: &mut Chunk<M>,
    target: ColumnSet,
) -> Result<Rows, Error> {
    let insert = Insert {
        table: Source::of::<M>(),
        columns: chunk.columns(),
        starts_version: false,
        source: chunk.source()?,
        conflict: Some(Conflict {
            target,
            resolution: Resolution::Nothing,
        }),
        ways: Ways::Ensured,
    };
    let sendable = Sendable {
        cache: insert.keeps_its_text(),
        rendered: insert.render(map)?,
        rows: chunk.rows.len(),
    };
    sendable.rows(connection, M::NAME)
}

/// Rows become objects; which of them came back.
fn take_in<M: Model>(
    map: &mut IdentityMap,
    chunk: &Chunk<M>,
    rows: &Rows,
    found: &mut Vec<(usize, RawHandle)>,
) -> Result<HashSet<usize>, Error> {
    let mut here = HashSet::default();
    let group = map.store::<M>().open_group();
    let clock = map.clock();
    for row in rows.iter() {
        let ordinal = chunk.ordinals[ordinal(&row)?];
        let raw = match row.get::<bool>(1)? {
            true => bring::<M>(map, &row, 2, group)?,
            false => {
                let store = map.store::<M>();
                let slot = store.hydrate(&row, 2, Reading::Plain, group, clock)?;
                slot.map(|slot| store.typed(slot).raw)
            }
        };
        if let Some(raw) = raw
            && here.insert(ordinal)
        {
            found.push((ordinal, raw));
        }
    }
    map.forget_absent(std::any::TypeId::of::<M>());
    Ok(here)
}

fn neither<M: Model>(target: ColumnSet, missing: usize) -> Error {
    Error::mapping(format!(
        "{missing} rows of {} were neither inserted nor found by {}: a trigger left them out, or \
         the database keeps other values than were sent",
        M::NAME,
        names::<M>(target)
    ))
}
