//! The struct that is a row of any model: its cells are what the schema of this thread says.
//!
//! It does by hand what the derive writes for a struct whose fields are known.
//! It must not hold more than a struct would: a value, a key or a handle in each field.

use std::any::Any;

use postgres_types::{IsNull, ToSql};
use sessile::__private::{
    BytesMut, ColumnSet, EncodeResult, Error, KeyColumn, KeyLookup, RawHandle, Reference, Table,
    Type,
};
use sessile::Model;

use super::schema::{FieldDef, Kind, NAMES, schema, table};

/// One column of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    Int(i64),
    Text(String),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Part::Int(value) => write!(f, "{value}"),
            Part::Text(value) => f.write_str(value),
        }
    }
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// NULL, or a reference that is not set.
    Empty,
    Value(Part),
    Key(Vec<Part>),
    Object(RawHandle),
}

/// A row of model `N`.
#[derive(Clone, Debug)]
pub(super) struct Row<const N: usize> {
    pub(super) cells: Vec<Cell>,
}

type FromDb<'a> = sessile::__private::Row<'a>;

impl<const N: usize> Row<N> {
    fn fields() -> &'static [FieldDef] {
        &schema().tables[N].fields
    }

    /// The value that a generated field has before the database makes another.
    fn default_of(field: &FieldDef) -> Cell {
        match field.kind {
            Kind::Reference(_) => Cell::Empty,
            _ if field.nullable => Cell::Empty,
            Kind::Text => Cell::Value(Part::Text(String::new())),
            Kind::Drawn | Kind::Int | Kind::Version => Cell::Value(Part::Int(0)),
        }
    }
}

impl<const N: usize> Model for Row<N> {
    type Key = Vec<Part>;
    type KeyParts = ();
    const NAME: &'static str = NAMES[N];

    fn table() -> &'static Table {
        table(N)
    }

    fn key_columns() -> Vec<KeyColumn> {
        schema().key_columns(N)
    }

    fn key(&self) -> Option<Vec<Part>> {
        let mut key = Vec::new();
        for (field, cell) in Self::fields().iter().zip(&self.cells) {
            match cell {
                _ if !field.key => {}
                Cell::Value(part) => key.push(part.clone()),
                Cell::Key(parts) => key.extend(parts.iter().cloned()),
                Cell::Empty | Cell::Object(_) => return None,
            }
        }
        Some(key)
    }

    fn encode_key(key: &Vec<Part>, part: usize, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        encode(&key[part], ty, out)
    }

    fn decode_key(row: &FromDb<'_>, at: usize) -> Result<Option<Vec<Part>>, Error> {
        let columns = schema().key_columns(N).len();
        let parts = (at..at + columns).map(|at| decode(row, at));
        parts.collect()
    }

    fn from_row(row: &FromDb<'_>, at: usize) -> Result<Self, Error> {
        let cells = Self::fields().iter().map(Self::default_of).collect();
        let mut made = Row { cells };
        made.read_fields(ColumnSet::first(Self::fields().len()), row, at)?;
        Ok(made)
    }

    fn read_fields(&mut self, fields: ColumnSet, row: &FromDb<'_>, at: usize) -> Result<(), Error> {
        let mut at = at;
        for field in fields.iter() {
            let def = &Self::fields()[field];
            let width = schema().width(def);
            let parts = (at..at + width).map(|at| decode(row, at));
            let parts: Option<Vec<Part>> = parts.collect::<Result<_, Error>>()?;
            at += width;
            self.cells[field] = match (parts, def.kind) {
                (None, _) => Cell::Empty,
                (Some(parts), Kind::Reference(_)) => Cell::Key(parts),
                (Some(mut parts), _) => Cell::Value(parts.remove(0)),
            };
        }
        Ok(())
    }

    fn adopt(&mut self, mut fresh: Self, fields: ColumnSet) {
        for field in fields.iter() {
            std::mem::swap(&mut self.cells[field], &mut fresh.cells[field]);
        }
    }

    fn changed(&self, original: &Self) -> ColumnSet {
        let fields = 0..self.cells.len();
        fields
            .filter(|field| self.cells[*field] != original.cells[*field])
            .collect()
    }

    fn defaulted(&self, fields: ColumnSet) -> ColumnSet {
        let is_default = |field: &usize| {
            let def = &Self::fields()[*field];
            self.cells[*field] == Self::default_of(def)
        };
        fields.iter().filter(is_default).collect()
    }

    fn reset(&mut self, fields: ColumnSet) {
        for field in fields.iter() {
            self.cells[field] = Self::default_of(&Self::fields()[field]);
        }
    }

    fn normalize(&mut self) {}

    fn encode(
        &self,
        field: usize,
        part: usize,
        ty: &Type,
        out: &mut BytesMut,
        keys: &dyn KeyLookup,
    ) -> EncodeResult {
        match &self.cells[field] {
            Cell::Empty if Self::fields()[field].nullable => Ok(IsNull::Yes),
            Cell::Empty => Err("a reference is unset".into()),
            Cell::Value(value) => encode(value, ty, out),
            Cell::Key(key) => encode(&key[part], ty, out),
            Cell::Object(raw) => match keys.key_of(*raw) {
                Ok(Some(key)) => {
                    let key = key.downcast_ref::<Vec<Part>>().expect("all keys are alike");
                    encode(&key[part], ty, out)
                }
                Ok(None) => Err("the object has no key yet".into()),
                Err(problem) => Err(format!("a {problem} handle").into()),
            },
        }
    }

    fn reference(&self, field: usize) -> Option<Reference<'_, dyn Any>> {
        Some(match &self.cells[field] {
            Cell::Empty if Self::fields()[field].nullable => return None,
            Cell::Empty | Cell::Value(_) => Reference::Unset,
            Cell::Key(key) => Reference::Key(key),
            Cell::Object(raw) => Reference::Handle(*raw),
        })
    }

    fn set_reference_key(&mut self, field: usize, key: &dyn Any) {
        let key = key.downcast_ref::<Vec<Part>>().expect("all keys are alike");
        self.cells[field] = Cell::Key(key.clone());
    }

    fn set_reference_handle(&mut self, field: usize, handle: RawHandle) {
        self.cells[field] = Cell::Object(handle);
    }

    fn clear_reference(&mut self, field: usize) {
        self.cells[field] = Cell::Empty;
    }

    fn bump_version(&mut self) {
        self.version(|version| version + 1);
    }

    fn start_version(&mut self) {
        self.version(|_| 1);
    }
}

impl<const N: usize> Row<N> {
    fn version(&mut self, next: impl Fn(i64) -> i64) {
        for (field, cell) in Self::fields().iter().zip(&mut self.cells) {
            if let (Kind::Version, Cell::Value(Part::Int(version))) = (field.kind, cell) {
                *version = next(*version);
            }
        }
    }
}

fn encode(part: &Part, ty: &Type, out: &mut BytesMut) -> EncodeResult {
    match part {
        Part::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
        Part::Int(value) => value.to_sql(ty, out),
        Part::Text(value) => value.to_sql(ty, out),
    }
}

fn decode(row: &FromDb<'_>, at: usize) -> Result<Option<Part>, Error> {
    if row.is_null(at) {
        return Ok(None);
    }
    if let Ok(value) = row.get::<i64>(at) {
        return Ok(Some(Part::Int(value)));
    }
    match row.get::<i32>(at) {
        Ok(value) => Ok(Some(Part::Int(value.into()))),
        Err(_) => row.get(at).map(|text| Some(Part::Text(text))),
    }
}
