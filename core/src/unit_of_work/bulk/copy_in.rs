//! Rows that stream into a table in the binary format of COPY.
//!
//! Called by the verb `copy_in`, after a flush.
//! It must not hold more than a row and a piece of the stream.

use std::iter::Peekable;

use bytes::{BufMut, BytesMut};
use postgres_types::Type;

use super::insert::{forget_what_was_known, row_text};
use super::rows::{sent, settle};
use super::settled::{conversion, encode_column};
use crate::engine::Connection;
use crate::error::Error;
use crate::identity_map::IdentityMap;
use crate::model::{ColumnInfo, ColumnSet, Model, array_element, blame_model};
use crate::statement;

/// How much is sent at a time.
const PIECE: usize = 64 << 10;

/// What a stream begins with: a signature, no flags, nothing more in the head.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// A row that is settled, with its number and what it sends; or why it can't be.
type Settled<M> = Result<(usize, ColumnSet, M), Error>;

/// Streams rows; 2 statements for each run of rows that send the same columns, one of which asks
/// for their types.
///
/// # Errors
/// What is wrong with a row, with its number and field, and what the database refused; the
/// transaction is lost then.
pub(crate) fn copy_in<M: Model>(
    map: &mut IdentityMap,
    connection: &mut Connection,
    rows: &mut dyn Iterator<Item = M>,
) -> Result<u64, Error> {
    let mut count = 0;
    {
        let map = &*map;
        let settled = rows.enumerate().map(|(number, mut row)| -> Settled<M> {
            settle(map, &mut row).map_err(|e| e.while_doing(row_text::<M>(number)))?;
            Ok((number, sent(&row), row))
        });
        let mut settled = settled.peekable();
        while let Some(first) = settled.peek() {
            let fields = match first {
                Ok((_, fields, _)) => *fields,
                Err(error) => return Err(error.clone()),
            };
            count += copy_run(connection, fields, &mut settled)?;
        }
    }
    forget_what_was_known::<M>(map, count > 0);
    Ok(count)
}

/// Streams the rows that send these fields, until one sends others.
fn copy_run<M: Model>(
    connection: &mut Connection,
    fields: ColumnSet,
    rows: &mut Peekable<impl Iterator<Item = Settled<M>>>,
) -> Result<u64, Error> {
    let columns = columns::<M>(connection, fields)?;
    let mut begun = false;
    let mut feed = |out: &mut BytesMut| {
        if !begun {
            out.extend_from_slice(HEAD);
            begun = true;
        }
        while out.len() < PIECE {
            let same = |row: &Settled<M>| row.as_ref().map_or(true, |(_, sent, _)| *sent == fields);
            match rows.next_if(same) {
                Some(row) => {
                    let (number, _, row) = row?;
                    encode(&row, &columns, out)
                        .map_err(|e| e.while_doing(row_text::<M>(number)))?;
                }
                None => {
                    out.put_i16(-1);
                    return Ok(false);
                }
            }
        }
        Ok(true)
    };
    let text = statement::copy_in(M::table(), fields);
    let copied = connection.copy_in(&text, &mut feed);
    copied.map_err(|error| blame_model(error, M::NAME))
}

/// The columns with the types that they have on the server: COPY converts nothing.
fn columns<M: Model>(
    connection: &mut Connection,
    fields: ColumnSet,
) -> Result<Vec<(&'static ColumnInfo, Type)>, Error> {
    let table = M::table();
    let text = statement::describe(table, fields);
    let described = connection.describe(&text);
    let described = described.map_err(|error| blame_model(error, M::NAME))?;
    let columns = table.columns_of(fields).enumerate();
    let typed = columns.map(|(i, column)| {
        let told = described.as_ref().and_then(|d| Some(d.get(i)?.ty.clone()));
        let known = column.ty.wire.as_ref().map(|(ty, _)| ty.clone());
        match told.or(known) {
            Some(ty) => Ok((column, ty)),
            None => Err(Error::mapping(format!(
                "the type of {}.{} is known to the server only, which is not to prepare anything",
                M::NAME,
                column.name
            ))),
        }
    });
    typed.collect()
}

fn encode<M: Model>(
    row: &M,
    columns: &[(&'static ColumnInfo, Type)],
    out: &mut BytesMut,
) -> Result<(), Error> {
    let count = i16::try_from(columns.len());
    out.put_i16(count.map_err(|_| Error::mapping("a table with too many columns"))?);
    for (column, ty) in columns {
        // A field of a COPY looks like an element of an array.
        array_element(out, |out| encode_column(row, column, ty, out))
            .map_err(|source| conversion::<M>(column, source))?;
    }
    Ok(())
}
