//! Unique values: who gives one up must come before who takes it (FL-3).
//!
//! Called by `edges`, and does nothing for tables in which no value is given up.
//! It must not judge: two rows that take one value are the database's to refuse.

use foldhash::{HashMap, HashMapExt};

use super::changes::{Changes, Follower, Op, Row, What};
use super::links::{Link, Why, unique_fields};
use super::preferences::Preference;
use super::references::parent;
use super::renames::Renames;
use super::unique_values::{Keys, Values};
use crate::identity_map::{IdentityMap, Image, StoreId};
use crate::model::{ColumnSet, Table};

/// Adds the links from releasers to occupiers of unique values, and the preferences of those that
/// take a value which only the database knows.
pub(super) fn add_links(
    map: &IdentityMap,
    changes: &Changes,
    renames: &Renames,
    links: &mut Vec<Link>,
    preferences: &mut Vec<Preference>,
) {
    let mut by_store: HashMap<StoreId, Vec<usize>> = HashMap::new();
    for (position, op) in changes.ops.iter().enumerate() {
        by_store.entry(op.store).or_default().push(position);
    }
    let mut stores: Vec<_> = by_store.into_iter().collect();
    stores.sort_unstable();
    let values = Values {
        map,
        changes,
        renames,
    };
    for (store, ops) in stores {
        let swept = swept(changes, store);
        let moved = moved(map, changes, renames, store);
        for number in checked_at_once(map.any(store).table()) {
            let slots = Slots {
                values,
                ops: &ops,
                swept: &swept,
                moved: &moved,
                number,
                group: unique_fields(map.any(store).table(), number),
            };
            slots.add_links(links);
            preferences.extend(slots.preference());
        }
    }
}

/// The rows of a model that another row's DELETE takes along, with its position.
fn swept(changes: &Changes, store: StoreId) -> Vec<(Row, usize)> {
    let of_store = changes.swept.keys().filter(|row| row.0 == store);
    let mut swept: Vec<(Row, usize)> = of_store
        .filter_map(|row| Some((*row, changes.deletion_of(*row)?.0)))
        .collect();
    swept.sort_unstable();
    swept
}

/// A row whose reference the database changes, with the operation on another row that makes it.
struct Moved {
    row: Row,
    field: usize,
    by: usize,
}

/// The rows of a model into which the database writes a parent's new key, or NULL for one that is
/// deleted.
fn moved(map: &IdentityMap, changes: &Changes, renames: &Renames, store: StoreId) -> Vec<Moved> {
    let mut moved = Vec::new();
    for follower in &changes.followers {
        let (row, field, by) = match *follower {
            Follower::NewKey {
                store: of,
                slot,
                field,
                parent,
            } if of == store => ((of, slot), field, renames.of(parent).first().copied()),
            Follower::LostReference {
                store: of,
                slot,
                field,
            } if of == store => {
                let fk = map.any(store).table().foreign_key_of_field(field);
                let parent = parent(map, (of, slot), fk, Image::Flushed);
                let deletion = parent.and_then(|parent| changes.deletion_of(parent));
                ((of, slot), field, deletion.map(|(position, _)| position))
            }
            _ => continue,
        };
        moved.extend(by.map(|by| Moved { row, field, by }));
    }
    moved
}

/// The key and each unique constraint that is not deferred, by number.
fn checked_at_once(table: &Table) -> impl Iterator<Item = u16> {
    let uniques = (1..).zip(table.uniques());
    let uniques = uniques.filter(|(_, group)| !group.deferrable);
    std::iter::once(0).chain(uniques.map(|(number, _)| number))
}

/// The values of one unique group.
struct Slots<'a> {
    values: Values<'a>,
    ops: &'a [usize],
    swept: &'a [(Row, usize)],
    moved: &'a [Moved],
    number: u16,
    group: ColumnSet,
}

impl Slots<'_> {
    fn add_links(&self, links: &mut Vec<Link>) {
        if !self
            .ops
            .iter()
            .any(|position| self.takes(self.op(*position)))
        {
            return;
        }
        let released = self.released();
        if released.is_empty() {
            return;
        }
        for position in self.ops {
            let op = self.op(*position);
            if self.takes(op)
                && let Some(value) = self.value((op.store, op.slot), Image::Current)
                && let Some((releaser, why)) = released.get(&value)
                && releaser != position
            {
                links.push(Link {
                    before: *releaser as u32,
                    after: *position as u32,
                    store: op.store,
                    why: *why,
                    soft: false,
                });
            }
        }
    }

    /// Who gives up which value, and how.
    fn released(&self) -> HashMap<Vec<u8>, (usize, Why)> {
        let mut released = HashMap::new();
        let along = Why::GoesWith(self.number);
        for moved in self.moved.iter().filter(|m| self.group.contains(m.field)) {
            // Here the value counts that the row has before it follows.
            let value = self
                .values
                .of(moved.row, Image::Flushed, self.group, Keys::Held);
            released.extend(value.map(|value| (value, (moved.by, along))));
        }
        for (row, position) in self.swept {
            let value = self.value(*row, Image::Flushed);
            released.extend(value.map(|value| (value, (*position, along))));
        }
        for position in self.ops {
            let op = self.op(*position);
            if self.gives_up(op) {
                let value = self.value((op.store, op.slot), Image::Flushed);
                let why = Why::Frees(self.number);
                released.extend(value.map(|value| (value, (*position, why))));
            }
        }
        released
    }

    /// A row whose value the database computes comes behind all that give one up, since it may be
    /// any of theirs.
    fn preference(&self) -> Option<Preference> {
        let (ops, op) = (self.ops.iter(), |position: &&usize| self.op(**position));
        let after: Vec<usize> = ops
            .clone()
            .filter(|position| self.is_computed(op(position)))
            .copied()
            .collect();
        if after.is_empty() {
            return None;
        }
        let known = |position: &&usize| !self.is_computed(op(position));
        let known = ops.filter(|position| known(position) && self.gives_up(op(position)));
        let swept = self.swept.iter().map(|(_, by)| by);
        let moved = self.moved.iter().filter(|m| self.group.contains(m.field));
        let moved = moved.map(|moved| &moved.by);
        let before = known.chain(swept).chain(moved).copied().collect();
        Some(Preference { before, after })
    }

    fn op(&self, position: usize) -> &Op {
        &self.values.changes.ops[position]
    }

    /// Whether the database computes a part of the row's value.
    fn is_computed(&self, op: &Op) -> bool {
        let table = self.values.map.any(op.store).table();
        !op.computed.is_none()
            && !op
                .computed
                .fields(table)
                .intersection(self.group)
                .is_empty()
    }

    fn gives_up(&self, op: &Op) -> bool {
        match op.what {
            What::Insert { .. } => false,
            What::Update { changed, .. } => {
                !changed.intersection(self.group).is_empty() || self.is_computed(op)
            }
            What::Delete => true,
        }
    }

    /// Whether the row takes a value that is known.
    fn takes(&self, op: &Op) -> bool {
        match op.what {
            What::Insert { made, .. } => made.intersection(self.group).is_empty(),
            What::Update { changed, .. } => {
                !changed.intersection(self.group).is_empty() && !self.is_computed(op)
            }
            What::Delete => false,
        }
    }

    fn value(&self, row: Row, image: Image) -> Option<Vec<u8>> {
        self.values.of(row, image, self.group, Keys::ToBe)
    }
}
