//! DELETE of all rows that meet a condition, and the objects of those that the session has.
//!
//! Called by the verb `delete_where`, after a flush.
//! It must not delete what the database does not: `cascade(client)` is for objects.

use foldhash::HashSet;

use super::answer::{Answer, Done, Wants};
use super::follow::{follow, referred_keys};
use super::send::Sendable;
use super::update::{Brings, back_of_known, each, written};
use crate::engine::Connection;
use crate::error::Error;
use crate::identity_map::{IdentityMap, read_key};
use crate::model::{ColumnSet, Model, Row};
use crate::query::Delete;
use crate::statement::{Back, Item};

/// A DELETE that is ready to be sent, and what it was asked to bring back.
#[derive(Debug)]
pub(crate) struct Prepared {
    sendable: Sendable,
    brings: Brings,
    /// The fields that come back of each row.
    fields: ColumnSet,
}

/// The statement, with the values of this session.
///
/// # Errors
/// `Mapping` when a column of another table is named; what the lookup says of handles.
pub(crate) fn prepare<M: Model, R: Answer<M>>(
    map: &mut IdentityMap,
    delete: &Delete<M, R>,
) -> Result<Prepared, Error> {
    if delete
        .columns
        .iter()
        .any(|item| matches!(item, Item::Row { .. }))
    {
        return Err(Error::mapping(format!(
            "rows of {} that are deleted can't be objects: read them by `returning`",
            M::NAME
        )));
    }
    let mut keys: HashSet<M::Key> = referred_keys::<M>(map);
    keys.extend(map.store::<M>().known_keys().cloned());
    let fields = match R::WANTS {
        Wants::Rows => M::table().all_fields(),
        Wants::Columns if keys.is_empty() => ColumnSet::EMPTY,
        Wants::Count | Wants::Columns => M::table().key(),
    };
    let (back, brings, rows) = match R::WANTS {
        Wants::Count if keys.is_empty() => (Back::Count, Brings::Count, 0),
        Wants::Count => back_of_known::<M>(keys.into_iter().collect(), fields),
        Wants::Rows => each(Vec::new(), fields),
        Wants::Columns => each(delete.columns.clone(), fields),
    };
    Ok(Prepared {
        sendable: Sendable {
            rendered: delete.statement.render(&back, map)?,
            rows,
            cache: true,
        },
        brings,
        fields,
    })
}

/// Runs it and brings the session in line. 1 statement.
///
/// # Errors
/// What the database refused; the transaction is lost then.
pub(crate) fn delete_where<M: Model, R: Answer<M>>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    prepared: &Prepared,
) -> Result<R::Output, Error> {
    let sendable = &prepared.sendable;
    let mut output = None;
    if prepared.brings == Brings::Count {
        let done = Done {
            map,
            count: sendable.count(connection, M::NAME)?,
            rows: None,
            handles: Vec::new(),
        };
        R::add(&mut output, done)?;
        return Ok(output.unwrap_or_else(R::empty));
    }
    let rows = sendable.rows(connection, M::NAME)?;
    let (count, at) = match prepared.brings {
        Brings::Known => (written(&rows)?, 1),
        Brings::Each { columns, .. } => (rows.len() as u64, columns),
        Brings::Count => (0, 0),
    };
    let mut gone: HashSet<M::Key> = HashSet::default();
    if !prepared.fields.is_empty() {
        for row in rows.iter() {
            gone.extend(key::<M>(&row, at, prepared.fields)?);
        }
    }
    if count > 0 {
        follow::<M>(map, &gone);
    }
    let done = Done {
        map,
        count,
        rows: Some(&rows),
        handles: Vec::new(),
    };
    R::add(&mut output, done)?;
    Ok(output.unwrap_or_else(R::empty))
}

fn key<M: Model>(row: &Row<'_>, at: usize, fields: ColumnSet) -> Result<Option<M::Key>, Error> {
    match fields == M::table().all_fields() {
        true => read_key::<M>(row, at),
        false => M::decode_key(row, at),
    }
}
