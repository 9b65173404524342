//! Rows to parameters: a column of many rows is one array, encoded before anything is sent.
//!
//! Called by `execute` for each statement of a rank.
//! It must not hold more than 64 MiB of bytes in a statement, unless a single row is larger.

use bytes::{BufMut, BytesMut};
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};

use super::plan::{PlannedStatement, PlannedStep};
use crate::engine::{Returns, Statement};
use crate::error::{Error, ErrorKind};
use crate::identity_map::{IdentityMap, Image};
use crate::model::{ColumnInfo, EncodeResult};
use crate::statement::shape::{Param, Rows, Shaped, shaped};

/// Where a statement is cut.
const MAX_BYTES: usize = 64 << 20;

/// The most parameters that the protocol can number.
const MAX_PARAMETERS: usize = 65_535;

/// The most rows with a parameter for each cell, which keeps texts short enough to be parsed well.
const MAX_CELL_ROWS: usize = 1_000;

/// One statement with its parameters, for some of the planned rows.
#[derive(Debug)]
pub(super) struct Bound<'a> {
    shaped: Shaped,
    values: Vec<Value<'a>>,
    types: Vec<Type>,
    returns: Returns,
    cache: bool,
    /// The rows that it writes.
    pub(super) slots: &'a [u32],
}

impl Bound<'_> {
    /// As the engine takes it.
    pub(super) fn statement(&self) -> Statement<'_> {
        Statement {
            text: self.shaped.text.clone(),
            params: self.values.iter().map(Value::as_parameter).collect(),
            types: self.types.clone(),
            returns: self.returns,
            plain_read: false,
            rows: self.slots.len(),
            cache: self.cache,
        }
    }
}

/// Binds a planned statement, cut into as many as its size asks for.
pub(super) fn bind<'a>(
    map: &'a IdentityMap,
    planned: &'a PlannedStatement,
) -> Result<Vec<Bound<'a>>, Error> {
    let mut bound = Vec::new();
    let mut rest = planned.slots.as_slice();
    while !rest.is_empty() {
        let rows = way(planned, rest.len());
        let chunk = match rows {
            Rows::Cells(count) => &rest[..count],
            Rows::One | Rows::Arrays => rest,
        };
        let one = Binder::new(map, planned, rows).bind(chunk)?;
        rest = &rest[one.slots.len()..];
        bound.push(one);
    }
    Ok(bound)
}

/// How so many rows are sent.
fn way(planned: &PlannedStatement, rows: usize) -> Rows {
    if rows == 1 && planned.slots.len() == 1 && !matches!(planned.step, PlannedStep::Lock { .. }) {
        return Rows::One;
    }
    if !planned.sends_arrays() {
        return Rows::Arrays;
    }
    let params = shaped(planned.table, planned.shape(Rows::Arrays)).params;
    Rows::Cells(rows.min(MAX_CELL_ROWS).min(MAX_PARAMETERS / params.len()))
}

struct Binder<'a> {
    map: &'a IdentityMap,
    planned: &'a PlannedStatement,
    shaped: Shaped,
    rows: Rows,
}

impl<'a> Binder<'a> {
    fn new(map: &'a IdentityMap, planned: &'a PlannedStatement, rows: Rows) -> Self {
        Binder {
            map,
            planned,
            shaped: shaped(planned.table, planned.shape(rows)),
            rows,
        }
    }

    fn bind(self, slots: &'a [u32]) -> Result<Bound<'a>, Error> {
        let (values, taken) = match self.rows {
            Rows::One | Rows::Cells(_) => (self.cells(slots)?, slots),
            Rows::Arrays if self.shaped.params.is_empty() => (vec![count(slots.len())], slots),
            Rows::Arrays => {
                let (values, taken) = self.arrays(slots)?;
                (values, &slots[..taken])
            }
        };
        let types = values.iter().map(Value::ty).collect();
        Ok(Bound {
            returns: self.returns(),
            cache: !matches!(self.rows, Rows::Cells(_)),
            shaped: self.shaped,
            values,
            types,
            slots: taken,
        })
    }

    /// Every cell a parameter, row by row.
    fn cells(&self, slots: &'a [u32]) -> Result<Vec<Value<'a>>, Error> {
        let mut values = Vec::with_capacity(slots.len() * self.shaped.params.len());
        for slot in slots {
            for param in self.shaped.params.iter() {
                values.push(self.cell(*slot, *param)?);
            }
        }
        Ok(values)
    }

    fn cell(&self, slot: u32, param: Param) -> Result<Value<'a>, Error> {
        let cell = Cell {
            map: self.map,
            planned: self.planned,
            param,
        };
        let Some((ty, _)) = &cell.column().ty.wire else {
            return Ok(Value::LateCell(cell, slot));
        };
        let mut bytes = BytesMut::new();
        let null = cell.encode_named(slot, ty, &mut bytes)?;
        Ok(Value::Ready {
            ty: ty.clone(),
            bytes,
            null: matches!(null, IsNull::Yes),
        })
    }

    /// Every column an array, filled row by row so that the cut falls between rows.
    fn arrays(&self, slots: &'a [u32]) -> Result<(Vec<Value<'a>>, usize), Error> {
        let mut arrays: Vec<Array<'a>> = self
            .shaped
            .params
            .iter()
            .map(|param| Array::new(self.map, self.planned, *param))
            .collect();
        let mut taken = 0;
        for slot in slots {
            for array in &mut arrays {
                array.push(*slot)?;
            }
            taken += 1;
            if arrays.iter().map(|a| a.bytes.len()).sum::<usize>() >= MAX_BYTES {
                break;
            }
        }
        let slots = &slots[..taken];
        let values = arrays.into_iter().map(|a| a.finish(slots)).collect();
        Ok((values, taken))
    }

    fn returns(&self) -> Returns {
        let many = self.rows != Rows::One;
        let rows = match self.planned.step {
            PlannedStep::Insert { made, .. } => !made.is_empty(),
            PlannedStep::Update { made, .. } => many || !made.is_empty(),
            PlannedStep::Delete { .. } => many,
            PlannedStep::Lock { .. } => false,
        };
        match rows {
            true => Returns::Rows,
            false => Returns::Count,
        }
    }
}

/// A number of rows as a parameter.
fn count(rows: usize) -> Value<'static> {
    let mut bytes = BytesMut::new();
    bytes.put_i64(rows as i64);
    Value::Ready {
        ty: Type::INT8,
        bytes,
        null: false,
    }
}

/// A column's value in some row.
#[derive(Clone, Copy)]
struct Cell<'a> {
    map: &'a IdentityMap,
    planned: &'a PlannedStatement,
    param: Param,
}

impl<'a> Cell<'a> {
    fn column(&self) -> &'static ColumnInfo {
        &self.planned.table.columns()[self.param.column()]
    }

    fn encode(&self, slot: u32, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        let store = self.map.any(self.planned.store);
        let column = self.column();
        let (field, part) = (column.field, column.part);
        let image = match self.param {
            Param::Key(part, _) => return store.encode_key(slot, part, ty, out),
            Param::Current(_) => Image::Current,
            Param::Flushed(_) => Image::Flushed,
        };
        store.encode(slot, image, field, part, ty, out, self.map)
    }

    fn encode_named(&self, slot: u32, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Error> {
        self.encode(slot, ty, out).map_err(|source| {
            let table = self.planned.table;
            let field = table.fields()[self.column().field].name;
            let place = format!("{}.{field}", table.model());
            Error::new(ErrorKind::Conversion { place }).with_source(source)
        })
    }

    /// One element of an array on the wire: its length, or -1 for NULL, and its bytes.
    fn push_element(
        &self,
        slot: u32,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<(), Box<dyn std::error::Error + Sync + Send>> {
        let start = out.len();
        out.put_i32(-1);
        if let IsNull::No = self.encode(slot, ty, out)? {
            let length = i32::try_from(out.len() - start - 4)?;
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }
}

/// A column of many rows.
struct Array<'a> {
    cell: Cell<'a>,
    bytes: BytesMut,
}

impl<'a> Array<'a> {
    fn new(map: &'a IdentityMap, planned: &'a PlannedStatement, param: Param) -> Self {
        Array {
            cell: Cell {
                map,
                planned,
                param,
            },
            bytes: BytesMut::new(),
        }
    }

    fn push(&mut self, slot: u32) -> Result<(), Error> {
        let column = self.cell.column();
        // A type that only the server knows is encoded when it has told it.
        let Some((element, _)) = &column.ty.wire else {
            return Ok(());
        };
        let pushed = self.cell.push_element(slot, element, &mut self.bytes);
        pushed.map_err(|source| {
            let table = self.cell.planned.table;
            let field = table.fields()[column.field].name;
            let place = format!("{}.{field}", table.model());
            Error::new(ErrorKind::Conversion { place }).with_source(source)
        })
    }

    fn finish(self, slots: &'a [u32]) -> Value<'a> {
        let Some((element, array)) = &self.cell.column().ty.wire else {
            return Value::LateArray(self.cell, slots);
        };
        let mut bytes = BytesMut::with_capacity(self.bytes.len() + 20);
        array_header(element, slots.len(), &mut bytes);
        bytes.extend_from_slice(&self.bytes);
        Value::Ready {
            ty: array.clone(),
            bytes,
            null: false,
        }
    }
}

/// The head of a one-dimensional array: dimensions, "may hold NULLs", element type, length, and
/// the first index.
fn array_header(element: &Type, length: usize, out: &mut BytesMut) {
    out.put_i32(1);
    out.put_i32(1);
    out.put_u32(element.oid());
    out.put_i32(length as i32);
    out.put_i32(1);
}

/// A parameter.
enum Value<'a> {
    /// Encoded already.
    Ready {
        ty: Type,
        bytes: BytesMut,
        null: bool,
    },
    /// Encoded when the server has told the type.
    LateCell(Cell<'a>, u32),
    LateArray(Cell<'a>, &'a [u32]),
}

impl Value<'_> {
    fn ty(&self) -> Type {
        match self {
            Value::Ready { ty, .. } => ty.clone(),
            Value::LateCell(..) | Value::LateArray(..) => Type::UNKNOWN,
        }
    }

    fn as_parameter(&self) -> &(dyn ToSql + Sync) {
        self
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values are nobody's business in a log.
        write!(f, "Value({})", self.ty())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        match self {
            Value::Ready { null: true, .. } => Ok(IsNull::Yes),
            Value::Ready { bytes, .. } => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            Value::LateCell(cell, slot) => cell.encode(*slot, ty, out),
            Value::LateArray(cell, slots) => {
                let Kind::Array(element) = ty.kind() else {
                    return Err(format!("{ty} is no array type").into());
                };
                array_header(element, slots.len(), out);
                for slot in *slots {
                    cell.push_element(*slot, element, out)?;
                }
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
