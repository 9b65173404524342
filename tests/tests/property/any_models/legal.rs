//! Makes what the edits left a state that the tables can be in.
//!
//! A case calls it before each flush: values that must be unique are, and keys too.
//! It must not look at what was flushed, but for rows that the session does not know.

use std::collections::BTreeMap;

use super::edits::Editor;
use super::row::Part;
use super::schema::{Kind, MODELS};
use super::world::{Id, RowState, Value, World, key};

impl Editor<'_> {
    /// Changes or deletes rows until no two share a key or a unique value; false when that is
    /// not to be had.
    pub(super) fn make_legal(&mut self) -> bool {
        for _ in 0..100 {
            let Some((id, fields)) = self.w.clash() else {
                return self.w.switches_hold()
                    && !self.w.cascades_cross()
                    && !self.w.deletes_cross();
            };
            let own = fields.iter().copied().filter(|field| {
                let def = self.w.field(id, *field);
                def.target().is_none() && def.kind != Kind::Drawn
            });
            let own: Vec<usize> = own.collect();
            let nullable = |field: &usize| self.w.field(id, *field).nullable;
            let nullable = fields.iter().copied().find(nullable);
            match (nullable, self.r.pick(&own)) {
                (Some(field), None) => self.w.set(self.s, id, field, Value::Null),
                (Some(field), _) if self.r.once_in(2) => {
                    self.w.set(self.s, id, field, Value::Null);
                }
                (_, Some(field)) => {
                    let value = self.fresh(self.w.field(id, field));
                    self.w.set(self.s, id, field, value);
                }
                (None, None) => {
                    self.kill(id);
                }
            }
        }
        false
    }
}

impl World {
    /// Whether a row whose key changes refers to another whose key changes with it. PostgreSQL
    /// checks references of rows that it rewrites, if the transaction has written them before,
    /// and may do so before it has cascaded the other key.
    fn cascades_cross(&self) -> bool {
        let renamed = self.rows.iter().filter(|(id, row)| {
            let mut fields = self.schema.tables[row.model].fields.iter().enumerate();
            !self.is_new(**id) && fields.any(|(field, def)| def.key && self.moved(**id, field))
        });
        renamed.map(|(id, _)| *id).any(|id| {
            let mut changing = vec![id];
            let mut place = 0;
            while let Some(holder) = changing.get(place).copied() {
                place += 1;
                for (other, row) in &self.rows {
                    let fields = self.schema.tables[row.model].fields.iter().zip(&row.values);
                    let mut key = fields.filter(|(field, _)| field.key);
                    if key.any(|(_, value)| *value == Value::To(holder))
                        && !changing.contains(other)
                    {
                        changing.push(*other);
                    }
                }
            }
            changing.iter().any(|id| {
                let row = &self.rows[id];
                let fields = self.schema.tables[row.model].fields.iter().zip(&row.values);
                let mut others = fields.filter(|(field, _)| !field.key);
                others.any(
                    |(_, value)| matches!(value, Value::To(target) if changing.contains(target)),
                )
            })
        })
    }

    /// Whether rows with new objects have the keys that they had: under another it would be another
    /// row, be it for the sake of one whose key it holds.
    fn switches_hold(&self) -> bool {
        self.switched.iter().all(|id| {
            let now = key(self.schema, &self.rows, *id);
            now.is_none() || now == key(self.schema, &self.flushed, *id)
        })
    }

    /// Whether a row may go with another that the program deletes, behind one that is not loaded,
    /// while its table has to be deleted from later: nobody can know whether it is there then.
    fn deletes_cross(&self) -> bool {
        let unknown = |value: &Value| match value {
            Value::To(target) => {
                !self.rows.contains_key(target) && self.flushed[target].handle.is_none()
            }
            _ => false,
        };
        self.said.iter().any(|id| {
            let row = &self.flushed[id];
            row.values.iter().any(unknown)
                && self.said.iter().any(|other| {
                    let (here, there) = (row.model, self.flushed[other].model);
                    self.schema.reaches(here, there) && self.schema.reaches(there, here)
                })
        })
    }

    /// A loaded row that has what another has, and the fields of it.
    fn clash(&self) -> Option<(Id, Vec<usize>)> {
        for model in 0..MODELS {
            let def = &self.schema.tables[model];
            let key_fields = (0..def.fields.len()).filter(|field| def.fields[*field].key);
            let mut groups: Vec<Vec<usize>> = vec![key_fields.collect()];
            groups.extend(def.uniques.iter().map(|unique| unique.fields.clone()));
            for (number, group) in groups.into_iter().enumerate() {
                let mut taken: BTreeMap<Vec<Part>, Id> = BTreeMap::new();
                for (_, key) in self
                    .burnt
                    .iter()
                    .filter(|(of, _)| number == 0 && *of == model)
                {
                    taken.insert(key.clone(), Id::MAX);
                }
                // What a row without object had may go too late to be taken.
                let unknown = self.flushed.iter().filter(|(_, row)| row.handle.is_none());
                for (id, row) in unknown.filter(|(_, row)| row.model == model) {
                    if let Some(value) = value(self, &self.flushed, row, &group) {
                        taken.insert(value, *id);
                    }
                }
                let mut rows = self.of(model);
                rows.sort_by_key(|id| (self.is_loaded(*id), !self.switched.contains(id)));
                for id in rows {
                    let Some(value) = value(self, &self.rows, &self.rows[&id], &group) else {
                        continue;
                    };
                    match taken.insert(value, id) {
                        Some(other) if other != id && self.is_loaded(id) => {
                            return Some((id, group));
                        }
                        _ => {}
                    }
                }
            }
        }
        None
    }
}

/// What a row has in fields that are unique together; `None` with a NULL among them.
pub(super) fn value(
    world: &World,
    rows: &BTreeMap<Id, RowState>,
    row: &RowState,
    group: &[usize],
) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    for field in group {
        match &row.values[*field] {
            Value::Null | Value::Drawn => return None,
            Value::Part(part) => parts.push(part.clone()),
            Value::To(target) => match key(world.schema, rows, *target) {
                Some(key) => parts.extend(key),
                // Equal to others that refer to the same row, which has no key yet.
                None => parts.push(Part::Text(format!("new {target}"))),
            },
        }
    }
    Some(parts)
}
