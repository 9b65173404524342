//! UPDATE of all rows that meet a condition, and the objects of those that the session has.
//!
//! Called by the verb `update_where`, after a flush.
//! It must not bring back rows that neither the session has nor the program wants.

use super::super::memberships::{join_parents, leave_parent};
use super::answer::{Answer, Done, Wants};
use super::keys::key_arrays;
use super::send::Sendable;
use crate::engine::{Connection, Rows};
use crate::error::Error;
use crate::identity_map::{IdentityMap, Image, Reading, read_key};
use crate::model::{ColumnSet, Model, Row};
use crate::query::Update;
use crate::statement::{Back, Item};

/// An UPDATE that is ready to be sent, and what it was asked to bring back.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(super) sendable: Sendable,
    pub(super) brings: Brings,
    /// The references that it sets.
    moved: ColumnSet,
}

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brings {
    Count,
    /// The number, and behind it the columns of those that the session has.
    Known,
    /// Each row: so many columns that were asked for, and then the row's, if `whole`.
    Each {
        columns: usize,
        whole: bool,
    },
}

/// The statement, with the values of this session.
///
/// # Errors
/// `Mapping` when the update does not make sense; what the lookup says of handles.
pub(crate) fn prepare<M: Model, R: Answer<M>>(
    map: &mut IdentityMap,
    update: &Update<M, R>,
) -> Result<Prepared, Error> {
    let fields = M::table().all_fields();
    let store = map.store::<M>();
    let known: Vec<M::Key> = match R::WANTS {
        Wants::Count => store.known_keys().cloned().collect(),
        Wants::Rows | Wants::Columns => Vec::new(),
    };
    let has_rows = store.has_rows();
    let (back, brings, rows) = match R::WANTS {
        Wants::Count if known.is_empty() => (Back::Count, Brings::Count, 0),
        Wants::Count => back_of_known::<M>(known, fields),
        Wants::Rows => each(Vec::new(), fields),
        Wants::Columns if has_rows => each(update.columns.clone(), fields),
        Wants::Columns => each(update.columns.clone(), ColumnSet::EMPTY),
    };
    let table = M::table();
    let set = update.statement.sets.iter();
    let set: ColumnSet = set.map(|(c, _)| table.columns()[*c].field).collect();
    let references: ColumnSet = table.foreign_keys().iter().map(|fk| fk.field).collect();
    Ok(Prepared {
        sendable: Sendable {
            rendered: update.statement.render(&back, map)?,
            rows,
            cache: true,
        },
        brings,
        moved: set.intersection(references),
    })
}

/// The number, and the fields of those rows that have one of these keys.
pub(super) fn back_of_known<M: Model>(
    known: Vec<M::Key>,
    fields: ColumnSet,
) -> (Back, Brings, usize) {
    let count = known.len();
    match key_arrays::<M>(known) {
        Some(keys) => (Back::Known { keys, fields }, Brings::Known, count),
        None => each(Vec::new(), fields),
    }
}

pub(super) fn each(columns: Vec<Item>, fields: ColumnSet) -> (Back, Brings, usize) {
    let brings = Brings::Each {
        columns: columns.iter().map(Item::width).sum(),
        whole: !fields.is_empty(),
    };
    (Back::Each { columns, fields }, brings, 0)
}

/// Runs it and brings the session in line. 1 statement.
///
/// # Errors
/// What the database refused; the transaction is lost then.
pub(crate) fn update_where<M: Model, R: Answer<M>>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    prepared: &Prepared,
) -> Result<R::Output, Error> {
    let sendable = &prepared.sendable;
    let mut output = None;
    if prepared.brings == Brings::Count {
        let count = sendable.count(connection, M::NAME)?;
        forget_unless_complete::<M>(map, prepared.moved, count, 0);
        let done = Done {
            map,
            count,
            rows: None,
            handles: Vec::new(),
        };
        R::add(&mut output, done)?;
        return Ok(output.unwrap_or_else(R::empty));
    }
    let rows = sendable.rows(connection, M::NAME)?;
    let count = match prepared.brings {
        Brings::Known => written(&rows)?,
        _ => rows.len() as u64,
    };
    let (at, whole) = match prepared.brings {
        Brings::Each { columns, whole } => (columns, whole),
        _ => (1, true),
    };
    let mut handles = Vec::new();
    let mut known = 0;
    if whole {
        let group = map.store::<M>().open_group();
        for row in rows.iter() {
            let brought = refresh::<M>(map, &row, at, R::WANTS, group)?;
            known += u64::from(brought.is_some());
            handles.extend(brought.map(|slot| map.store::<M>().typed(slot).raw));
        }
    }
    forget_unless_complete::<M>(map, prepared.moved, count, known);
    let done = Done {
        map,
        count,
        rows: Some(&rows),
        handles,
    };
    R::add(&mut output, done)?;
    Ok(output.unwrap_or_else(R::empty))
}

/// The number that each row begins with.
pub(super) fn written(rows: &Rows) -> Result<u64, Error> {
    match rows.is_empty() {
        true => Err(Error::mapping("a count returned no row")),
        false => Ok(u64::try_from(rows.row(0).get::<i64>(0)?).unwrap_or(0)),
    }
}

/// The object of a row that was written gets its value; one that is not there becomes an object
/// when rows are wanted.
fn refresh<M: Model>(
    map: &mut IdentityMap,
    row: &Row<'_>,
    at: usize,
    wants: Wants,
    group: usize,
) -> Result<Option<u32>, Error> {
    let Some(key) = read_key::<M>(row, at)? else {
        return Ok(None);
    };
    let (id, clock) = (map.id::<M>(), map.clock());
    leave_parents::<M>(map, row, at)?;
    let slot = match map.store::<M>().find(&key) {
        Some(slot) => {
            map.store::<M>().overwrite(slot, row, at, clock)?;
            Some(slot)
        }
        None if wants == Wants::Rows => {
            let store = map.store::<M>();
            store.hydrate(row, at, Reading::Refresh, group, clock)?
        }
        None => None,
    };
    if let Some(slot) = slot {
        join_parents(map, id, slot, M::table().all_fields());
    }
    Ok(slot)
}

/// The object of a row leaves the collections that it was in, before it gets new values.
pub(super) fn leave_parents<M: Model>(
    map: &mut IdentityMap,
    row: &Row<'_>,
    at: usize,
) -> Result<(), Error> {
    let key = read_key::<M>(row, at)?;
    let id = map.id::<M>();
    if let Some(slot) = key.and_then(|key| map.store::<M>().find(&key)) {
        for fk in M::table().foreign_keys() {
            leave_parent(map, id, slot, fk.field, Image::Flushed);
        }
    }
    Ok(())
}

/// Loaded collections may have got children that the session does not have: they are no longer
/// the whole truth.
fn forget_unless_complete<M: Model>(
    map: &mut IdentityMap,
    moved: ColumnSet,
    written: u64,
    known: u64,
) {
    if written == known {
        return;
    }
    let id = map.id::<M>();
    for field in moved.iter() {
        map.collections.forget_reference(id, field);
    }
}
