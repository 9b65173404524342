//! Whether plain statements of a row each, in some order, lead from what was flushed to what is
//! to be: all orders are tried.
//!
//! A case asks it when the planner says that rows wait for each other.
//! It must not be clever: each row is written once, as a whole, and nothing is NULL for a while.

use std::collections::{BTreeMap, BTreeSet};

use sessile::__private::OnDelete;

use super::legal::value;
use super::schema::MODELS;
use super::world::{Id, RowState, Value, World};

type Rows = BTreeMap<Id, RowState>;

/// With more, there would be too many sets of them.
const MOST: usize = 16;

#[derive(Clone, Copy, Debug)]
enum Op {
    Insert(Id),
    Update(Id),
    Delete(Id),
}

/// One order in which the database would take the rows, if there are few enough to try all.
pub(super) fn order(world: &World) -> Option<String> {
    let new = world.rows.keys().filter(|id| world.is_new(**id));
    let mut ops: Vec<Op> = new.map(|id| Op::Insert(*id)).collect();
    for (id, row) in &world.rows {
        let fields = 0..row.values.len();
        let mut said = fields.filter(|field| !world.lost.contains(&(*id, *field)));
        if !world.is_new(*id) && said.any(|field| world.moved(*id, field)) {
            ops.push(Op::Update(*id));
        }
    }
    ops.extend(world.said.iter().map(|id| Op::Delete(*id)));
    if ops.len() > MOST {
        return None;
    }
    let mut search = Search {
        world,
        ops,
        seen: BTreeSet::new(),
    };
    let path = search.from(0, &world.flushed.clone())?;
    Some(format!("{path:?}"))
}

struct Search<'a> {
    world: &'a World,
    ops: Vec<Op>,
    /// Sets of operations after which there is no way on.
    seen: BTreeSet<u32>,
}

impl Search<'_> {
    /// The way from the rows that there are after a set of operations.
    fn from(&mut self, done: u32, rows: &Rows) -> Option<Vec<Op>> {
        if done.count_ones() as usize == self.ops.len() {
            return Some(Vec::new());
        }
        for number in 0..self.ops.len() {
            let next = done | 1 << number;
            if next == done || self.seen.contains(&next) {
                continue;
            }
            if let Some(after) = self.after(self.ops[number], rows)
                && let Some(mut path) = self.from(next, &after)
            {
                path.insert(0, self.ops[number]);
                return Some(path);
            }
            self.seen.insert(next);
        }
        None
    }

    /// The rows after an operation, unless the database refuses it.
    fn after(&self, op: Op, rows: &Rows) -> Option<Rows> {
        let mut after = rows.clone();
        match op {
            Op::Insert(id) => {
                let row = self.world.rows[&id].clone();
                if !self.knows_keys(&row, rows) {
                    return None;
                }
                after.insert(id, row);
            }
            Op::Update(id) => {
                let row = after.get_mut(&id)?;
                let to_be = &self.world.rows[&id];
                if !self.knows_keys(to_be, rows) {
                    return None;
                }
                for field in 0..row.values.len() {
                    if !self.world.lost.contains(&(id, field)) {
                        row.values[field] = to_be.values[field].clone();
                    }
                }
            }
            // A row that has gone with another is not deleted: that would be stale (FL-8).
            Op::Delete(id) => {
                if !after.contains_key(&id) || !self.delete(id, &mut after) {
                    return None;
                }
            }
        }
        self.is_legal(&after).then_some(after)
    }

    /// Whether the keys that a row refers to have been drawn.
    fn knows_keys(&self, row: &RowState, rows: &Rows) -> bool {
        row.values.iter().all(|value| match value {
            Value::To(target) => rows.contains_key(target) || self.world.key(*target).is_some(),
            _ => true,
        })
    }

    fn delete(&self, id: Id, rows: &mut Rows) -> bool {
        rows.remove(&id);
        loop {
            let referring = rows.iter().find_map(|(other, row)| {
                let fields = self.world.schema.tables[row.model]
                    .fields
                    .iter()
                    .enumerate();
                let mut refers = fields.filter(|(field, _)| row.values[*field] == Value::To(id));
                refers.find_map(|(field, def)| {
                    let acts = def.on_delete != OnDelete::Restrict || !def.deferrable;
                    acts.then_some((*other, field, def.on_delete))
                })
            });
            match referring {
                None => return true,
                Some((_, _, OnDelete::Restrict)) => return false,
                Some((other, field, OnDelete::SetNull)) => {
                    rows.get_mut(&other).unwrap().values[field] = Value::Null;
                }
                Some((other, _, OnDelete::Cascade)) => {
                    if !self.delete(other, rows) {
                        return false;
                    }
                }
            }
        }
    }

    /// Whether no constraint that is checked at once is violated.
    fn is_legal(&self, rows: &Rows) -> bool {
        for row in rows.values() {
            let fields = &self.world.schema.tables[row.model].fields;
            for (field, value) in fields.iter().zip(&row.values) {
                if let Value::To(target) = value
                    && !field.deferrable
                    && !rows.contains_key(target)
                {
                    return false;
                }
            }
        }
        (0..MODELS).all(|model| self.is_unique(model, rows))
    }

    fn is_unique(&self, model: usize, rows: &Rows) -> bool {
        let def = &self.world.schema.tables[model];
        let keys = (0..def.fields.len()).filter(|field| def.fields[*field].key);
        let firm = def.uniques.iter().filter(|unique| !unique.deferrable);
        let groups = firm.map(|unique| unique.fields.clone());
        for group in groups.chain([keys.collect()]) {
            let mut taken = BTreeSet::new();
            for row in rows.values().filter(|row| row.model == model) {
                // A reference to a row that is not there yet has the key that it will have.
                let mut all = self.world.rows.clone();
                all.extend(rows.clone());
                let value = value(self.world, &all, row, &group);
                if value.is_some_and(|value| !taken.insert(value)) {
                    return false;
                }
            }
        }
        true
    }
}
