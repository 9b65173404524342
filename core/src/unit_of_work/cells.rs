//! Cells on the wire: a column's value in a row, or in many rows as one array.
//!
//! Called by `bind`, which knows how many rows a statement takes.
//! It must not copy values before they are encoded.

use bytes::{BufMut, BytesMut};
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};

use super::plan::{PlannedStatement, PlannedStep};
use crate::error::{Error, ErrorKind};
use crate::identity_map::{IdentityMap, Image, Place};
use crate::model::{ColumnInfo, EncodeResult, array_element, array_header};
use crate::statement::Bound;
use crate::statement::shape::Param;

type Problem = Box<dyn std::error::Error + Sync + Send>;

/// A number of rows as a parameter.
pub(super) fn count(rows: usize) -> Value<'static> {
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
pub(super) struct Cell<'a> {
    pub(super) map: &'a IdentityMap,
    pub(super) planned: &'a PlannedStatement,
    pub(super) param: Param,
}

impl<'a> Cell<'a> {
    pub(super) fn column(&self) -> &'static ColumnInfo {
        &self.planned.table.columns()[self.param.column()]
    }

    fn encode(&self, slot: u32, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        let store = self.map.any(self.planned.store);
        let column = self.column();
        if let Some(association) = self.planned.association() {
            return self.encode_side(association, slot, ty, out);
        }
        if self.is_absent(slot, column.field) {
            return Ok(IsNull::Yes);
        }
        let image = match self.param {
            Param::Key(part, _) => return store.encode_key(slot, part, ty, out),
            Param::Current(_) => Image::Current,
            Param::Flushed(_) => Image::Flushed,
        };
        let place = Place {
            slot,
            image,
            field: column.field,
            part: column.part,
        };
        store.encode(place, ty, out, self.map)
    }

    /// The key of one side of a pair: to unlink the one that the database knows now, to link the
    /// one that it knows when all else is written.
    fn encode_side(
        &self,
        association: usize,
        pair: u32,
        ty: &Type,
        out: &mut BytesMut,
    ) -> EncodeResult {
        let column = self.column();
        let association = &self.map.pairs.associations()[association];
        let side = association.side(pair, column.field);
        let (store, slot) = self.map.locate(side).map_err(|_| "the object has left")?;
        let store = self.map.any(store);
        match self.planned.step {
            PlannedStep::Unlink { .. } => store.encode_key(slot, column.part, ty, out),
            _ => store.encode_key_to_be(slot, column.part, ty, out),
        }
    }

    /// Whether the field is NULL in the row, or to be so, whatever the object holds.
    fn is_absent(&self, slot: u32, field: usize) -> bool {
        let absent = &self.planned.absent;
        let parked = || absent.get(&slot).is_some_and(|set| set.contains(field));
        match (self.planned.step, self.param) {
            (PlannedStep::Park { .. }, Param::Current(_)) => true,
            (PlannedStep::Insert { .. }, Param::Current(_))
            | (PlannedStep::Update { .. }, Param::Flushed(_)) => !absent.is_empty() && parked(),
            _ => false,
        }
    }

    pub(super) fn encode_named(
        &self,
        slot: u32,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Error> {
        let encoded = self.encode(slot, ty, out);
        encoded.map_err(|source| self.conversion(source))
    }

    /// The error for a value that can't be sent, naming its field.
    fn conversion(&self, source: Problem) -> Error {
        let table = self.planned.table;
        let field = table.fields()[self.column().field].name;
        let place = format!("{}.{field}", table.model());
        Error::new(ErrorKind::Conversion { place }).with_source(source)
    }

    fn push_element(&self, slot: u32, ty: &Type, out: &mut BytesMut) -> Result<(), Problem> {
        array_element(out, |out| self.encode(slot, ty, out))
    }
}

/// A column of many rows.
pub(super) struct Array<'a> {
    cell: Cell<'a>,
    pub(super) bytes: BytesMut,
    /// Where the latest element begins.
    latest: usize,
}

impl<'a> Array<'a> {
    pub(super) fn new(map: &'a IdentityMap, planned: &'a PlannedStatement, param: Param) -> Self {
        Array {
            cell: Cell {
                map,
                planned,
                param,
            },
            bytes: BytesMut::new(),
            latest: 0,
        }
    }

    pub(super) fn push(&mut self, slot: u32) -> Result<(), Error> {
        self.latest = self.bytes.len();
        let column = self.cell.column();
        // A type that only the server knows is encoded when it has told it.
        let Some((element, _)) = &column.ty.wire else {
            return Ok(());
        };
        let pushed = self.cell.push_element(slot, element, &mut self.bytes);
        pushed.map_err(|source| self.cell.conversion(source))
    }

    /// Takes the latest element back.
    pub(super) fn pop(&mut self) {
        self.bytes.truncate(self.latest);
    }

    pub(super) fn finish(self, slots: &'a [u32]) -> Value<'a> {
        let Some((element, array)) = &self.cell.column().ty.wire else {
            return Value::LateArray(self.cell, slots);
        };
        let mut bytes = BytesMut::with_capacity(self.bytes.len() + 20);
        array_header(element, slots.len(), &mut bytes)
            .expect("a session holds fewer than 2^31 objects");
        bytes.extend_from_slice(&self.bytes);
        Value::Ready {
            ty: array.clone(),
            bytes,
            null: false,
        }
    }
}

/// A parameter.
pub(super) enum Value<'a> {
    /// Encoded already.
    Ready {
        ty: Type,
        bytes: BytesMut,
        null: bool,
    },
    /// A value of an expression.
    Given(Bound),
    /// Encoded when the server has told the type.
    LateCell(Cell<'a>, u32),
    LateArray(Cell<'a>, &'a [u32]),
}

impl Value<'_> {
    pub(super) fn ty(&self) -> Type {
        match self {
            Value::Ready { ty, .. } => ty.clone(),
            Value::Given(bound) => bound.ty().clone(),
            Value::LateCell(..) | Value::LateArray(..) => Type::UNKNOWN,
        }
    }

    pub(super) fn known_bytes(&self) -> usize {
        match self {
            Value::Ready { bytes, .. } => bytes.len(),
            Value::Given(_) | Value::LateCell(..) | Value::LateArray(..) => 0,
        }
    }

    pub(super) fn as_parameter(&self) -> &(dyn ToSql + Sync) {
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
            Value::Given(bound) => bound.value().to_sql_checked(ty, out),
            Value::LateCell(cell, slot) => cell.encode(*slot, ty, out),
            Value::LateArray(cell, slots) => {
                let Kind::Array(element) = ty.kind() else {
                    return Err(format!("{ty} is no array type").into());
                };
                array_header(element, slots.len(), out)?;
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
