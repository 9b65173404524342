//! Rows that stream out of a query in the binary format of COPY, one at a time.
//!
//! Called by the verb `copy_out`.
//! It must not put a row into the session, nor hold more than one.

use std::io::{self, BufRead, Read as _};
use std::ops::Range;

use super::reader::Reader;
use crate::engine::Stop;
use crate::error::Error;
use crate::model::{Model, RawRow, Row, RowColumn, blame_model};
use crate::query::Select;
use crate::statement::{self, Projection};

/// What a stream begins with, before its flags and the length of what else is in its head.
const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";

/// Hands each row of a query to `each`; their number. 2 statements, 3 where the query has values.
///
/// # Errors
/// `Mapping` for a query that loads something along; what `each` says; `Conversion` for a row
/// that does not fit the model.
pub(crate) fn copy_out<M: Model, S>(
    reader: &mut Reader<'_>,
    query: &Select<M, S>,
    each: &mut dyn FnMut(M) -> Result<(), Error>,
) -> Result<u64, Error> {
    if !query.paths().is_empty() {
        return Err(Error::mapping(format!(
            "a query for plain values of {} that loads something along",
            M::NAME
        )));
    }
    let rendered = query.render(reader.map, &Projection::Whole)?;
    let (settings, text) = statement::copy_out(&rendered)?;
    let table = M::table();
    let described = statement::describe(table, table.all_fields());
    let blamed = |error| blame_model(error, M::NAME);
    let columns = reader.connection.describe(&described).map_err(blamed)?;
    let columns: Vec<RowColumn> = match columns {
        Some(columns) => columns.to_vec(),
        None => declared::<M>()?,
    };
    if let Some(settings) = settings {
        reader.rendered(&settings, false)?;
    }
    let mut count = 0;
    let mut take = |stream: &mut dyn BufRead| {
        read_head(stream)?;
        let mut row = CopiedRow::default();
        while row.read(stream)? {
            each(M::from_row(&Row::new(&columns, &row), 0)?)?;
            count += 1;
        }
        Ok(())
    };
    let copied = reader.connection.copy_out(&text, &mut take);
    copied.map_err(blamed)?;
    Ok(count)
}

/// The columns as the model declares them.
fn declared<M: Model>() -> Result<Vec<RowColumn>, Error> {
    let columns = M::table().columns().iter().map(|column| {
        let Some((ty, _)) = &column.ty.wire else {
            return Err(Error::mapping(format!(
                "the type of {}.{} is known to the server only, which is not to prepare anything",
                M::NAME,
                column.name
            )));
        };
        Ok(RowColumn {
            name: column.name.clone(),
            ty: ty.clone(),
        })
    });
    columns.collect()
}

fn read_head(stream: &mut dyn BufRead) -> io::Result<()> {
    let mut signature = [0; SIGNATURE.len()];
    stream.read_exact(&mut signature)?;
    if signature != *SIGNATURE {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no signature"));
    }
    let _flags = read_i32(stream)?;
    let more = u64::try_from(read_i32(stream)?).unwrap_or(0);
    io::copy(&mut stream.take(more), &mut io::sink())?;
    Ok(())
}

/// One row; its buffer is used again for the next.
#[derive(Default)]
struct CopiedRow {
    bytes: Vec<u8>,
    fields: Vec<Option<Range<usize>>>,
}

impl CopiedRow {
    /// Reads the next row; false at the end of the stream.
    fn read(&mut self, stream: &mut dyn BufRead) -> Result<bool, Stop> {
        self.bytes.clear();
        self.fields.clear();
        let mut count = [0; 2];
        stream.read_exact(&mut count)?;
        let Ok(count) = u16::try_from(i16::from_be_bytes(count)) else {
            return Ok(false);
        };
        for _ in 0..count {
            let Ok(length) = u64::try_from(read_i32(stream)?) else {
                self.fields.push(None);
                continue;
            };
            let start = self.bytes.len();
            let read = (&mut *stream).take(length).read_to_end(&mut self.bytes)?;
            if read as u64 != length {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.fields.push(Some(start..self.bytes.len()));
        }
        Ok(true)
    }
}

impl RawRow for CopiedRow {
    fn field(&self, column: usize) -> Option<&[u8]> {
        let field = self.fields.get(column)?.clone()?;
        Some(&self.bytes[field])
    }
}

fn read_i32(stream: &mut dyn BufRead) -> io::Result<i32> {
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes)?;
    Ok(i32::from_be_bytes(bytes))
}
