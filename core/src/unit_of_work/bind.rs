//! Rows to parameters: a column of many rows is one array, encoded before anything is sent.
//!
//! Called by `execute` for each statement of a rank.
//! It must not hold more than 64 MiB of bytes in a statement, unless a single row is larger;
//! columns whose types only the server knows are encoded later, and not counted.

use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{IsNull, Type};

use super::cells::{Array, Cell, Value, count};
use super::plan::{PlannedStatement, PlannedStep};
use crate::engine::{Returns, Statement};
use crate::error::Error;
use crate::identity_map::IdentityMap;
use crate::statement::shape::{Matching, Param, Rows, Shaped};

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
    if planned.sweep.is_some() {
        return Rows::Arrays;
    }
    let plain = planned.computed.is_none() && !matches!(planned.step, PlannedStep::Lock { .. });
    if rows == 1 && planned.slots.len() == 1 && plain {
        return Rows::One;
    }
    if planned.can_lock() {
        return Rows::Arrays;
    }
    if planned.goes_row_by_row() {
        return Rows::Cells(1);
    }
    let computed: usize = planned.computed.texts().iter().map(|t| t.types.len()).sum();
    let cells = planned.shaped(Rows::Arrays).params.len() + computed;
    Rows::Cells(rows.min(MAX_CELL_ROWS).min(MAX_PARAMETERS / cells.max(1)))
}

struct Binder<'a> {
    map: &'a IdentityMap,
    planned: &'a PlannedStatement,
    params: Arc<[Param]>,
    rows: Rows,
}

impl<'a> Binder<'a> {
    fn new(map: &'a IdentityMap, planned: &'a PlannedStatement, rows: Rows) -> Self {
        Binder {
            map,
            planned,
            // Those of a row are the same however the rows are sent.
            params: planned.shaped(Rows::Arrays).params,
            rows,
        }
    }

    fn bind(self, slots: &'a [u32]) -> Result<Bound<'a>, Error> {
        let (values, taken) = match self.rows {
            Rows::One | Rows::Cells(_) => self.cells(slots)?,
            Rows::Arrays if self.params.is_empty() => (vec![count(slots.len())], slots.len()),
            Rows::Arrays => self.arrays(slots)?,
        };
        let rows = match self.rows {
            Rows::Cells(_) => Rows::Cells(taken),
            rows => rows,
        };
        let types = values.iter().map(Value::ty).collect();
        Ok(Bound {
            returns: self.returns(),
            cache: matches!(rows, Rows::One | Rows::Arrays | Rows::Cells(1)),
            shaped: self.planned.shaped(rows),
            values,
            types,
            slots: &slots[..taken],
        })
    }

    /// Every cell a parameter, row by row, with the number of rows.
    fn cells(&self, slots: &'a [u32]) -> Result<(Vec<Value<'a>>, usize), Error> {
        let mut values = Vec::with_capacity(slots.len() * self.params.len());
        let mut bytes = 0;
        for (taken, slot) in slots.iter().enumerate() {
            let before = values.len();
            for param in self.params.iter() {
                let value = self.cell(*slot, *param)?;
                bytes += value.known_bytes();
                values.push(value);
            }
            self.computed(*slot, &mut values)?;
            if bytes > MAX_BYTES && taken > 0 {
                values.truncate(before);
                return Ok((values, taken));
            }
        }
        Ok((values, slots.len()))
    }

    /// The values of the expressions by which the row's columns are computed.
    fn computed(&self, slot: u32, values: &mut Vec<Value<'a>>) -> Result<(), Error> {
        let asked = self.map.any(self.planned.store).asked(slot);
        let texts = self.planned.computed.texts();
        for computed in asked.into_iter().flat_map(|asked| &asked.computed) {
            if !texts.contains(&computed.text) {
                continue;
            }
            for param in &computed.params {
                values.push(Value::Given(param.resolve(self.map)?));
            }
        }
        Ok(())
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

    /// Every column an array, filled row by row so that the cut falls between rows; with the
    /// number of rows.
    fn arrays(&self, slots: &'a [u32]) -> Result<(Vec<Value<'a>>, usize), Error> {
        let mut arrays: Vec<Array<'a>> = self
            .params
            .iter()
            .map(|param| Array::new(self.map, self.planned, *param))
            .collect();
        let mut taken = 0;
        for slot in slots {
            for array in &mut arrays {
                array.push(*slot)?;
            }
            let bytes: usize = arrays.iter().map(|array| array.bytes.len()).sum();
            if bytes > MAX_BYTES && taken > 0 {
                arrays.iter_mut().for_each(Array::pop);
                break;
            }
            taken += 1;
        }
        let slots = &slots[..taken];
        let values = arrays.into_iter().map(|a| a.finish(slots)).collect();
        Ok((values, taken))
    }

    fn returns(&self) -> Returns {
        let many = self.rows != Rows::One;
        if let Some(sweep) = &self.planned.sweep {
            return match sweep.back {
                Some(_) => Returns::Returning,
                None => Returns::Written,
            };
        }
        let rows = match self.planned.step {
            PlannedStep::Insert { sent, made }
                if many
                    && self.planned.computed.is_none()
                    && Matching::is_by_ordinal(self.planned.table, sent, made) =>
            {
                return Returns::Identified;
            }
            PlannedStep::Insert { made, .. } => !made.is_empty(),
            PlannedStep::Update { made, .. } => many || !made.is_empty(),
            PlannedStep::Park { .. } => many || !self.planned.counted_by_server().is_empty(),
            PlannedStep::Delete { .. } => many,
            PlannedStep::Link { back, .. } => back,
            PlannedStep::Unlink { .. } => false,
            PlannedStep::Lock { .. } => return Returns::Count,
        };
        match rows {
            true => Returns::Returning,
            false => Returns::Written,
        }
    }
}
