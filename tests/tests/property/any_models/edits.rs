//! Random edits, made in the session and in the plain model alike.
//!
//! A case calls it some times before each flush; whatever it leaves is made legal by `legal`.
//! It must not care for the order in which the database would take the edits.

use sessile::Session;

use super::super::random::Random;
use super::any::AnyHandle;
use super::row::{Cell, Part};
use super::schema::{FieldDef, Kind, MODELS};
use super::world::{Id, RowState, Value, World, note};

pub(super) struct Editor<'a> {
    pub(super) s: &'a mut Session,
    pub(super) w: &'a mut World,
    pub(super) r: &'a mut Random,
}

impl Editor<'_> {
    /// One edit, and what it was.
    pub(super) fn edit(&mut self) -> String {
        match self.r.below(16) {
            0..=4 => self.add(),
            5..=7 => self.change(),
            8 | 9 => self.rotate(),
            10 => self.rotate_references(),
            11 | 12 => self.delete(),
            13 => self.switch(),
            14 => self.rekey(),
            _ => self.count(),
        }
    }

    pub(super) fn add(&mut self) -> String {
        let model = self.r.below(MODELS);
        match self.add_to(model, 0) {
            Some(id) => format!("add {}", self.name(id)),
            None => "nothing to refer to".to_owned(),
        }
    }

    /// A new row of this model, with new rows for it to refer to where there are none.
    fn add_to(&mut self, model: usize, depth: usize) -> Option<Id> {
        let id = self.w.fresh();
        let mut values = Vec::new();
        for field in &self.w.schema.tables[model].fields {
            let itself = (field.target() == Some(model) && self.r.once_in(4)).then_some(id);
            let value = itself.map(Value::To).or_else(|| self.value(field));
            values.push(match (value, field.target()) {
                (Some(value), _) => value,
                (None, Some(target)) if depth < MODELS => {
                    Value::To(self.add_to(target, depth + 1)?)
                }
                (None, _) => return None,
            });
        }
        self.insert(id, model, values);
        Some(id)
    }

    /// A new row and its object.
    pub(super) fn insert(&mut self, id: Id, model: usize, values: Vec<Value>) {
        let row = RowState {
            model,
            values,
            handle: None,
        };
        let itself = |value: &Value| matches!(value, Value::To(target) if *target == id);
        let own: Vec<usize> = (0..row.values.len())
            .filter(|f| itself(&row.values[*f]))
            .collect();
        self.w.rows.insert(id, row);
        let fields = 0..self.w.def(id).fields.len();
        let cells = fields.map(|field| match own.contains(&field) {
            true => Cell::Empty,
            false => self.w.cell(id, field),
        });
        let handle = AnyHandle::add(self.s, model, cells.collect());
        self.w.rows.get_mut(&id).unwrap().handle = Some(handle);
        for field in own {
            self.w.set(self.s, id, field, Value::To(id));
        }
    }

    /// A value for a field; `None` when it needs a row that is not there.
    pub(super) fn value(&mut self, field: &FieldDef) -> Option<Value> {
        if field.nullable && self.r.once_in(3) {
            return Some(Value::Null);
        }
        Some(match field.kind {
            Kind::Drawn => Value::Drawn,
            Kind::Version => Value::Part(Part::Int(0)),
            Kind::Int | Kind::Text if field.key => match self.r.once_in(2) {
                true => self.fresh(field),
                false => self.small(field),
            },
            Kind::Int | Kind::Text => self.small(field),
            Kind::Reference(target) => match self.target(target) {
                Some(target) => Value::To(target),
                None if field.nullable => Value::Null,
                None => return None,
            },
        })
    }

    /// A row of this model that may be referred to.
    fn target(&mut self, model: usize) -> Option<Id> {
        // A key that the session can't see change is not to be relied on.
        let firm = !self.w.has_reference_in_key(model);
        let rows = self.w.of(model).into_iter();
        let rows: Vec<Id> = rows.filter(|id| firm || self.w.is_loaded(*id)).collect();
        self.r.pick(&rows)
    }

    pub(super) fn fresh(&mut self, field: &FieldDef) -> Value {
        let number = self.w.fresh();
        Value::Part(match field.kind {
            Kind::Text => Part::Text(format!("f{number}")),
            _ => Part::Int(number.into()),
        })
    }

    fn small(&mut self, field: &FieldDef) -> Value {
        let number = self.r.below(6);
        Value::Part(match field.kind {
            Kind::Text => Part::Text(format!("s{number}")),
            _ => Part::Int(number as i64),
        })
    }

    fn change(&mut self) -> String {
        let Some(id) = self.r.pick(&self.w.loaded()) else {
            return "nothing to change".to_owned();
        };
        let fields = self.w.def(id).fields.iter().enumerate();
        let plain = fields.filter(|(_, field)| !field.key && field.kind != Kind::Version);
        let fields: Vec<usize> = plain.map(|(field, _)| field).collect();
        let field = self.r.pick(&fields).expect("every table has a note");
        let def = self.w.field(id, field);
        if self.w.counted.contains(&id) && field == note(self.w.def(id)) {
            return "the database counts it".to_owned();
        }
        let Some(value) = self.value(def) else {
            return "nothing to refer to".to_owned();
        };
        self.w.set(self.s, id, field, value);
        format!("change {} of {}", def.name, self.name(id))
    }

    /// Passes the values of unique columns round, or on to the next.
    fn rotate(&mut self) -> String {
        let model = self.r.below(MODELS);
        let uniques = &self.w.schema.tables[model].uniques;
        let fields: Vec<usize> = uniques
            .iter()
            .flat_map(|unique| unique.fields.clone())
            .collect();
        self.pass_on(model, &fields)
    }

    fn rotate_references(&mut self) -> String {
        let model = self.r.below(MODELS);
        let fields = self.w.schema.tables[model].fields.iter().enumerate();
        let references = fields.filter(|(_, field)| !field.key && field.target().is_some());
        let fields: Vec<usize> = references.map(|(field, _)| field).collect();
        self.pass_on(model, &fields)
    }

    fn pass_on(&mut self, model: usize, fields: &[usize]) -> String {
        let Some(field) = self.r.pick(fields) else {
            return "nothing to rotate".to_owned();
        };
        let def = &self.w.schema.tables[model].fields[field];
        if def.key {
            return "a key".to_owned();
        }
        let rows = self
            .w
            .of(model)
            .into_iter()
            .filter(|id| self.w.is_loaded(*id));
        let rows = self.r.some(&rows.collect::<Vec<_>>(), 4);
        let values: Vec<Value> = rows
            .iter()
            .map(|id| self.w.rows[id].values[field].clone())
            .collect();
        for (id, value) in rows.iter().cycle().skip(1).zip(values) {
            self.w.set(self.s, *id, field, value);
        }
        // Mostly a chain; a ring of values that must not be NULL is a cycle.
        if let Some(first) = rows.first().filter(|_| def.target().is_none())
            && !self.r.once_in(4)
        {
            let value = self.fresh(def);
            self.w.set(self.s, *first, field, value);
        }
        let names: Vec<String> = rows.iter().map(|id| self.name(*id)).collect();
        format!("rotate {} of {}", def.name, names.join(", "))
    }

    /// PK-1
    fn rekey(&mut self) -> String {
        let Some(id) = self.r.pick(&self.w.loaded()) else {
            return "nothing to rename".to_owned();
        };
        let fields = self.w.def(id).fields.iter().enumerate();
        let keys = fields.filter(|(_, field)| field.key && field.kind != Kind::Drawn);
        let fields: Vec<usize> = keys.map(|(field, _)| field).collect();
        let Some(field) = self.r.pick(&fields) else {
            return "a drawn key".to_owned();
        };
        // Under another name it would be another row, and the old one's children in the way.
        if self.w.switched.contains(&id) {
            return "another object has taken the row".to_owned();
        }
        // The session does not know that the keys of such rows change too.
        if self.w.unknown_keys_hold(id) {
            return "a row that is not loaded has the key in its own".to_owned();
        }
        let def = self.w.field(id, field);
        let Some(value) = self.value(def) else {
            return "nothing to refer to".to_owned();
        };
        self.w.set(self.s, id, field, value);
        format!("rename {} of {}", def.name, self.name(id))
    }

    /// PK-2: another object for the same row.
    fn switch(&mut self) -> String {
        let Some(id) = self.r.pick(&self.w.loaded()) else {
            return "nothing to switch".to_owned();
        };
        let row = self.w.rows[&id].clone();
        let fields = self.w.def(id).fields.iter().enumerate();
        let renamed = fields
            .clone()
            .any(|(field, def)| def.key && self.w.moved(id, field));
        if self.w.is_new(id) || renamed || self.w.counted.contains(&id) {
            return "the row is new".to_owned();
        }
        self.w.switched.insert(id);
        let handle = row.handle.expect("it is loaded");
        // Those who refer to it go on doing so.
        let values: Vec<Value> = row.values.clone();
        handle.delete(self.s);
        self.insert(id, row.model, values);
        self.follow(id);
        format!("switch {}", self.name(id))
    }

    /// Those who hold the handle of the row's old object get that of the new one.
    fn follow(&mut self, id: Id) {
        for other in self.w.loaded() {
            let row = &self.w.rows[&other];
            let cells = row.handle.expect("it is loaded").cells(self.s);
            let fields = cells.iter().enumerate().filter(|(field, cell)| {
                matches!(cell, Cell::Object(_)) && row.values[*field] == Value::To(id)
            });
            for field in fields.map(|(field, _)| field).collect::<Vec<_>>() {
                self.w.set(self.s, other, field, Value::To(id));
            }
        }
    }

    /// CT-4
    fn count(&mut self) -> String {
        let Some(id) = self.r.pick(&self.w.loaded()) else {
            return "nothing to count".to_owned();
        };
        let note = note(self.w.def(id));
        if self.w.is_new(id)
            || self.w.switched.contains(&id)
            || self.w.moved(id, note)
            || !self.w.counted.insert(id)
        {
            return "counted already".to_owned();
        }
        self.w.rows[&id]
            .handle
            .expect("it is loaded")
            .count(self.s, note);
        format!("count {}", self.name(id))
    }

    /// How messages call a row.
    pub(super) fn name(&self, id: Id) -> String {
        format!("{}#{id}", super::schema::NAMES[self.w.rows[&id].model])
    }
}
