//! The plain model: rows that refer to rows, not to keys.
//!
//! Edits write it together with the session; nothing in it knows of statements or order, and a
//! key that changes changes for all who refer to it.

use std::collections::{BTreeMap, BTreeSet};

use sessile::Session;

use super::any::AnyHandle;
use super::row::{Cell, Part};
use super::schema::{FieldDef, Kind, NAMES, Schema, TableDef};

/// A row, whatever its key.
pub(super) type Id = u32;

/// What a row holds in a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Part(Part),
    To(Id),
    /// The database draws it with the next flush.
    Drawn,
}

#[derive(Clone, Debug)]
pub(super) struct RowState {
    pub(super) model: usize,
    pub(super) values: Vec<Value>,
    /// The object, if the session has one.
    pub(super) handle: Option<AnyHandle>,
}

/// All rows, as they are to be and as they were at the last flush.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) schema: &'static Schema,
    pub(super) rows: BTreeMap<Id, RowState>,
    pub(super) flushed: BTreeMap<Id, RowState>,
    /// Rows whose note is counted up by the database.
    pub(super) counted: BTreeSet<Id>,
    /// Rows that have another object than at the last flush.
    pub(super) switched: BTreeSet<Id>,
    /// Rows that were there and that the program deletes.
    pub(super) said: BTreeSet<Id>,
    /// References that the database makes NULL.
    pub(super) lost: BTreeSet<(Id, usize)>,
    /// Keys of deleted rows for which the database does something, so that no new row may have
    /// them before it is done.
    pub(super) burnt: BTreeSet<(usize, Vec<Part>)>,
    last: u32,
}

impl World {
    pub(super) fn new(schema: &'static Schema) -> World {
        World {
            schema,
            rows: BTreeMap::new(),
            flushed: BTreeMap::new(),
            counted: BTreeSet::new(),
            switched: BTreeSet::new(),
            said: BTreeSet::new(),
            lost: BTreeSet::new(),
            burnt: BTreeSet::new(),
            last: 100,
        }
    }

    /// A number that was not there before.
    pub(super) fn fresh(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// Keeps numbers new after a rollback too.
    pub(super) fn go_back_to(&mut self, before: World) {
        let last = self.last;
        *self = before;
        self.last = last;
    }

    pub(super) fn def(&self, id: Id) -> &'static TableDef {
        &self.schema.tables[self.rows[&id].model]
    }

    pub(super) fn field(&self, id: Id, field: usize) -> &'static FieldDef {
        &self.def(id).fields[field]
    }

    pub(super) fn ids(&self) -> Vec<Id> {
        self.rows.keys().copied().collect()
    }

    /// The rows of a model.
    pub(super) fn of(&self, model: usize) -> Vec<Id> {
        let rows = self.rows.iter().filter(|(_, row)| row.model == model);
        rows.map(|(id, _)| *id).collect()
    }

    /// The rows whose objects are in the session.
    pub(super) fn loaded(&self) -> Vec<Id> {
        let rows = self.rows.iter().filter(|(_, row)| row.handle.is_some());
        rows.map(|(id, _)| *id).collect()
    }

    pub(super) fn is_loaded(&self, id: Id) -> bool {
        self.rows[&id].handle.is_some()
    }

    pub(super) fn is_new(&self, id: Id) -> bool {
        !self.flushed.contains_key(&id)
    }

    /// Whether a field is not what it was at the last flush.
    pub(super) fn moved(&self, id: Id, field: usize) -> bool {
        let before = self.flushed.get(&id).map(|row| &row.values[field]);
        before != Some(&self.rows[&id].values[field])
    }

    /// The key of a row, or `None` while the database has not drawn it.
    pub(super) fn key(&self, id: Id) -> Option<Vec<Part>> {
        key(self.schema, &self.rows, id)
    }

    /// Whether a row's key is made of another row's.
    pub(super) fn has_reference_in_key(&self, model: usize) -> bool {
        let mut fields = self.schema.tables[model].fields.iter();
        fields.any(|field| field.key && field.target().is_some())
    }

    /// Whether the key of a row that is not loaded holds the key of this one.
    pub(super) fn unknown_keys_hold(&self, id: Id) -> bool {
        self.rows.iter().any(|(other, row)| {
            let fields = self.def(*other).fields.iter().zip(&row.values);
            let mut parts = fields
                .filter(|(field, _)| field.key)
                .map(|(_, value)| value);
            parts.any(|value| *value == Value::To(id))
                && (row.handle.is_none() || (*other != id && self.unknown_keys_hold(*other)))
        })
    }

    /// The value as the object would hold it.
    pub(super) fn cell(&self, id: Id, field: usize) -> Cell {
        match &self.rows[&id].values[field] {
            Value::Null => Cell::Empty,
            Value::Drawn => Cell::Value(Part::Int(0)),
            Value::Part(part) => Cell::Value(part.clone()),
            Value::To(target) => match self.rows[target].handle {
                Some(handle) => Cell::Object(handle.raw()),
                None => Cell::Key(self.key(*target).expect("a row without object is not new")),
            },
        }
    }

    /// Gives a field a value, in the row and in its object.
    pub(super) fn set(&mut self, s: &mut Session, id: Id, field: usize, value: Value) {
        self.rows.get_mut(&id).unwrap().values[field] = value;
        let cell = self.cell(id, field);
        let handle = self.rows[&id].handle.expect("only loaded rows are edited");
        handle.set(s, field, cell);
    }

    /// Everything was flushed: what the database drew is known.
    pub(super) fn flush(&mut self, s: &Session) {
        for row in self.rows.values_mut() {
            let Some(handle) = row.handle else { continue };
            for (value, cell) in row.values.iter_mut().zip(handle.cells(s)) {
                if let (Value::Drawn, Cell::Value(part)) = (&*value, cell) {
                    *value = Value::Part(part.clone());
                }
            }
        }
        for id in std::mem::take(&mut self.counted) {
            let Some(row) = self.rows.get_mut(&id) else {
                continue;
            };
            let note = note(&self.schema.tables[row.model]);
            if let Value::Part(Part::Int(number)) = &mut row.values[note] {
                *number += 1;
            }
        }
        self.switched.clear();
        self.said.clear();
        self.lost.clear();
        self.burnt.clear();
        self.flushed = self.rows.clone();
    }

    /// The rows as the tables should show them, without versions.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.rows.keys().map(|id| self.line(*id)).collect();
        lines.sort();
        lines
    }

    fn line(&self, id: Id) -> String {
        let row = &self.rows[&id];
        let mut line = NAMES[row.model].to_owned();
        for (field, value) in self.def(id).fields.iter().zip(&row.values) {
            let parts = match value {
                _ if field.kind == Kind::Version => continue,
                Value::Null => vec!["-".to_owned(); self.schema.width(field)],
                Value::Drawn => vec!["?".to_owned()],
                Value::Part(part) => vec![part.to_string()],
                Value::To(target) => match self.key(*target) {
                    Some(key) => key.iter().map(Part::to_string).collect(),
                    None => vec!["?".to_owned()],
                },
            };
            line = format!("{line} {}", parts.join(" "));
        }
        line
    }

    /// The rows that are loaded as their objects show them, with versions.
    pub(super) fn objects(&self, s: &Session) -> Vec<String> {
        let mut lines = Vec::new();
        for row in self.rows.values() {
            let Some(handle) = row.handle else { continue };
            let mut line = NAMES[row.model].to_owned();
            let mut version = "-".to_owned();
            let fields = &self.schema.tables[row.model].fields;
            for (field, cell) in fields.iter().zip(handle.cells(s)) {
                let parts = match cell {
                    Cell::Value(part) if field.kind == Kind::Version => {
                        version = part.to_string();
                        continue;
                    }
                    Cell::Empty => vec!["-".to_owned(); self.schema.width(field)],
                    Cell::Value(part) => vec![part.to_string()],
                    Cell::Key(key) => key.iter().map(Part::to_string).collect(),
                    Cell::Object(_) => vec!["handle".to_owned()],
                };
                line = format!("{line} {}", parts.join(" "));
            }
            lines.push(format!("{line} {version}"));
        }
        lines.sort();
        lines
    }
}

/// The field that nothing depends on.
pub(super) fn note(def: &TableDef) -> usize {
    let is_note = |field: &FieldDef| field.name == "note";
    def.fields
        .iter()
        .position(is_note)
        .expect("every table has one")
}

/// The key of a row among others.
pub(super) fn key(schema: &Schema, rows: &BTreeMap<Id, RowState>, id: Id) -> Option<Vec<Part>> {
    let row = rows.get(&id)?;
    let mut parts = Vec::new();
    for (field, value) in schema.tables[row.model].fields.iter().zip(&row.values) {
        match value {
            _ if !field.key => {}
            Value::Part(part) => parts.push(part.clone()),
            Value::To(target) => parts.extend(key(schema, rows, *target)?),
            Value::Null | Value::Drawn => return None,
        }
    }
    Some(parts)
}
