//! Deleting rows, with what must happen to those that refer to them.
//!
//! Called by `edits` and by `legal`.
//! It must not leave a row that refers to one that is gone.

use std::collections::BTreeSet;

use sessile::__private::OnDelete;

use super::edits::Editor;
use super::world::{Id, Value, key};

/// What a delete does to the rows around it.
#[derive(Default)]
struct Effects {
    /// Rows that go.
    gone: BTreeSet<Id>,
    /// Those of them that the program deletes; the database deletes the others.
    said: BTreeSet<Id>,
    /// References that become something else.
    moved: Vec<(Id, usize, Value)>,
    /// References that the database makes NULL.
    lost: Vec<(Id, usize)>,
}

impl Editor<'_> {
    pub(super) fn delete(&mut self) -> String {
        match self.r.pick(&self.w.loaded()) {
            None => "nothing to delete".to_owned(),
            Some(id) => self.kill(id),
        }
    }

    /// Deletes a loaded row, if what refers to it can be dealt with.
    pub(super) fn kill(&mut self, id: Id) -> String {
        let name = self.name(id);
        let mut effects = Effects::default();
        effects.gone.insert(id);
        effects.said.insert(id);
        if !self.spread(&mut effects) || !self.unblock(&mut effects) {
            return format!("{name} can't be deleted");
        }
        let said: Vec<String> = effects.said.iter().map(|id| self.name(*id)).collect();
        for (id, field, value) in std::mem::take(&mut effects.moved) {
            if !effects.gone.contains(&id) {
                self.w.set(self.s, id, field, value);
            }
        }
        self.burn(&effects);
        for (id, field) in effects.lost {
            if let Some(row) = self.w.rows.get_mut(&id) {
                row.values[field] = Value::Null;
                self.w.lost.insert((id, field));
            }
        }
        let all: Vec<Id> = effects.said.iter().copied().collect();
        let first = self.r.some(&all, all.len());
        let rest = all.iter().filter(|id| !first.contains(id));
        for id in first.iter().chain(rest) {
            let handle = self.w.rows[id].handle.expect("it is loaded");
            handle.delete(self.s);
            if !self.w.is_new(*id) {
                self.w.said.insert(*id);
            }
        }
        for id in effects.gone {
            self.w.rows.remove(&id);
            self.w.counted.remove(&id);
        }
        format!("delete {}", said.join(", "))
    }

    /// Remembers which keys must not be taken before the database has done its part.
    fn burn(&mut self, effects: &Effects) {
        let done = effects.lost.is_empty() && effects.gone == effects.said;
        for id in effects.gone.iter().filter(|_| !done) {
            if let Some(row) = self.w.flushed.get(id)
                && let Some(key) = key(self.w.schema, &self.w.flushed, *id)
            {
                self.w.burnt.insert((row.model, key));
            }
        }
    }

    /// Follows the references to rows that go until nothing is left to be done; false when a row
    /// that is not loaded is in the way.
    fn spread(&mut self, effects: &mut Effects) -> bool {
        loop {
            let Some((id, field)) = self.next(effects) else {
                return true;
            };
            let def = self.w.field(id, field);
            let pending = self.w.is_new(id) || self.w.switched.contains(&id);
            // What goes behind a row that is not loaded, the session does not see.
            let hidden = matches!(self.w.rows[&id].values[field],
                Value::To(target) if !self.w.is_loaded(target));
            let moved = pending || hidden || self.w.moved(id, field);
            let loaded = self.w.is_loaded(id);
            match def.on_delete {
                OnDelete::Cascade if !loaded => {
                    effects.gone.insert(id);
                }
                OnDelete::SetNull if !loaded => effects.lost.push((id, field)),
                OnDelete::Restrict if !loaded => return false,
                OnDelete::SetNull if !moved && self.r.once_in(2) => effects.lost.push((id, field)),
                OnDelete::Cascade if !moved && self.r.once_in(2) => {
                    effects.gone.insert(id);
                }
                _ => match self.elsewhere(id, field, effects) {
                    Some(value) => effects.moved.push((id, field, value)),
                    None => {
                        effects.gone.insert(id);
                        effects.said.insert(id);
                    }
                },
            }
        }
    }

    /// The program deletes rows itself that would go with others, but refer to what goes at the
    /// same time by a reference that does not allow that; false where it does not know them.
    fn unblock(&self, effects: &mut Effects) -> bool {
        let blocked = |effects: &Effects| {
            let silent = effects.gone.difference(&effects.said);
            silent.copied().find(|id| {
                let fields = self.w.def(*id).fields.iter().zip(&self.w.rows[id].values);
                let mut in_the_way = fields.filter_map(|(field, value)| match value {
                    Value::To(target) if field.on_delete == OnDelete::Restrict => {
                        (!field.deferrable).then_some(target)
                    }
                    _ => None,
                });
                in_the_way.any(|target| {
                    let shared = self.sweepers(*target, effects);
                    !shared.is_disjoint(&self.sweepers(*id, effects))
                })
            })
        };
        while let Some(id) = blocked(effects) {
            if !self.w.is_loaded(id) {
                return false;
            }
            effects.said.insert(id);
        }
        true
    }

    /// The rows that the program deletes and that take this one along.
    fn sweepers(&self, id: Id, effects: &Effects) -> BTreeSet<Id> {
        let mut sweepers = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut rows = vec![id];
        while let Some(id) = rows.pop() {
            if !effects.gone.contains(&id) || !seen.insert(id) {
                continue;
            }
            if effects.said.contains(&id) {
                sweepers.insert(id);
                continue;
            }
            for (field, value) in self.w.def(id).fields.iter().zip(&self.w.rows[&id].values) {
                if let (Value::To(target), OnDelete::Cascade) = (value, field.on_delete) {
                    rows.push(*target);
                }
            }
        }
        sweepers
    }

    /// The next row that refers to one that goes, and by which field.
    fn next(&self, effects: &Effects) -> Option<(Id, usize)> {
        let done = |id: Id, field: usize| {
            effects.lost.contains(&(id, field))
                || effects
                    .moved
                    .iter()
                    .any(|(i, f, _)| (*i, *f) == (id, field))
        };
        for (id, row) in &self.w.rows {
            if effects.gone.contains(id) {
                continue;
            }
            for (field, value) in row.values.iter().enumerate() {
                if let Value::To(target) = value
                    && effects.gone.contains(target)
                    && !done(*id, field)
                {
                    return Some((*id, field));
                }
            }
        }
        // What was sent elsewhere may have been sent to a row that goes now.
        let lost = effects.moved.iter().find(|(id, _, value)| {
            let gone = |target: &Id| effects.gone.contains(target);
            !effects.gone.contains(id) && matches!(value, Value::To(target) if gone(target))
        });
        lost.map(|(id, field, _)| (*id, *field))
    }

    /// Another value for a reference, if the row is not to go.
    fn elsewhere(&mut self, id: Id, field: usize, effects: &mut Effects) -> Option<Value> {
        effects.moved.retain(|(i, f, _)| (*i, *f) != (id, field));
        let def = self.w.field(id, field);
        if def.key || self.r.once_in(3) {
            return None;
        }
        if def.nullable && self.r.once_in(2) {
            return Some(Value::Null);
        }
        match self.value(def) {
            Some(Value::To(target)) if effects.gone.contains(&target) => None,
            value => value,
        }
    }
}
