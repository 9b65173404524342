//! Unique values: who gives one up must come before who takes it (FL-3).
//!
//! Called by `edges`, and does nothing for tables in which no value is given up.
//! It must not judge: two rows that take one value are the database's to refuse.

use bytes::BytesMut;
use foldhash::{HashMap, HashMapExt};
use postgres_types::{IsNull, Kind, Type};

use super::changes::{Changes, Op, Row, What};
use super::links::{Link, Why, unique_fields};
use crate::identity_map::{IdentityMap, Image, Place, StoreId};
use crate::model::{ColumnInfo, ColumnSet, Reference, Table};

/// Adds the links from releasers to occupiers of unique values.
pub(super) fn add_links(map: &IdentityMap, changes: &Changes, links: &mut Vec<Link>) {
    let mut by_store: HashMap<StoreId, Vec<usize>> = HashMap::new();
    for (position, op) in changes.ops.iter().enumerate() {
        by_store.entry(op.store).or_default().push(position);
    }
    let mut stores: Vec<_> = by_store.into_iter().collect();
    stores.sort_unstable();
    for (store, ops) in stores {
        let swept = swept(changes, store);
        for number in checked_at_once(map.any(store).table()) {
            let slots = Slots {
                map,
                changes,
                ops: &ops,
                swept: &swept,
                number,
                group: unique_fields(map.any(store).table(), number),
            };
            slots.add_links(links);
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

/// The key and each unique constraint that is not deferred, by number.
fn checked_at_once(table: &Table) -> impl Iterator<Item = u16> {
    let uniques = (1..).zip(table.uniques());
    let uniques = uniques.filter(|(_, group)| !group.deferrable);
    std::iter::once(0).chain(uniques.map(|(number, _)| number))
}

/// The values of one unique group.
struct Slots<'a> {
    map: &'a IdentityMap,
    changes: &'a Changes,
    ops: &'a [usize],
    swept: &'a [(Row, usize)],
    number: u16,
    group: ColumnSet,
}

impl Slots<'_> {
    fn add_links(&self, links: &mut Vec<Link>) {
        let takes = |position: &usize| self.takes(&self.changes.ops[*position]);
        if !self.ops.iter().any(takes) {
            return;
        }
        let released = self.released();
        if released.is_empty() {
            return;
        }
        for position in self.ops {
            let op = &self.changes.ops[*position];
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
        for (row, position) in self.swept {
            if let Some(value) = self.value(*row, Image::Flushed) {
                released.insert(value, (*position, Why::GoesWith(self.number)));
            }
        }
        for position in self.ops {
            let op = &self.changes.ops[*position];
            if self.gives_up(op)
                && let Some(value) = self.value((op.store, op.slot), Image::Flushed)
            {
                released.insert(value, (*position, Why::Frees(self.number)));
            }
        }
        released
    }

    fn gives_up(&self, op: &Op) -> bool {
        match op.what {
            What::Insert { .. } => false,
            What::Update { changed, .. } => !changed.intersection(self.group).is_empty(),
            What::Delete => true,
        }
    }

    fn takes(&self, op: &Op) -> bool {
        match op.what {
            What::Insert { made, .. } => made.intersection(self.group).is_empty(),
            What::Update { changed, .. } => !changed.intersection(self.group).is_empty(),
            What::Delete => false,
        }
    }

    /// The bytes of the group's value; `None` with a NULL in it, which is like no other, or with
    /// a reference whose key is not known yet.
    fn value(&self, (store, slot): Row, image: Image) -> Option<Vec<u8>> {
        let table = self.map.any(store).table();
        let mut bytes = BytesMut::new();
        for column in table.columns_of(self.group) {
            let start = bytes.len();
            let place = Place {
                slot,
                image,
                field: column.field,
                part: column.part,
            };
            match self.encode(store, place, column, &mut bytes) {
                Some(IsNull::No) => {
                    let length = bytes.len() - start;
                    bytes.extend_from_slice(&length.to_be_bytes());
                }
                Some(IsNull::Yes) | None => return None,
            }
        }
        Some(bytes.to_vec())
    }

    /// Some encoding of a value. A type that only the server knows is taken as the first type
    /// that its Rust type fits: all that matters is that equal values have equal bytes.
    fn encode(
        &self,
        store: StoreId,
        place: Place,
        column: &ColumnInfo,
        out: &mut BytesMut,
    ) -> Option<IsNull> {
        let start = out.len();
        let row = self.map.any(store);
        let parent = match row.table().has_reference(place.field) {
            true => self.handle(store, place),
            false => None,
        };
        let mut attempt = |ty: &Type| {
            out.truncate(start);
            match parent {
                // By the key that it is going to have.
                Some((store, slot)) => {
                    let parents = self.map.any(store);
                    parents.encode_key_to_be(slot, place.part, ty, out).ok()
                }
                None => row.encode(place, ty, out, self.map).ok(),
            }
        };
        match &column.ty.wire {
            Some((ty, _)) => attempt(ty),
            None => GUESSES
                .iter()
                .find_map(&mut attempt)
                .or_else(|| attempt(&by_name(column.ty.name))),
        }
    }
}

impl Slots<'_> {
    /// The row that a reference names by its handle.
    fn handle(&self, store: StoreId, place: Place) -> Option<Row> {
        let store = self.map.any(store);
        match store.reference(place.slot, place.image, place.field)? {
            Reference::Handle(raw) => self.map.locate(raw).ok(),
            Reference::Key(_) | Reference::Unset => None,
        }
    }
}

/// What types that the user named with `sql_type` are mostly made of.
const GUESSES: [Type; 12] = [
    Type::TEXT,
    Type::INT8,
    Type::INT4,
    Type::INT2,
    Type::NUMERIC,
    Type::UUID,
    Type::BYTEA,
    Type::DATE,
    Type::TIMESTAMP,
    Type::TIMESTAMPTZ,
    Type::JSONB,
    Type::BOOL,
];

/// A type of this name, for Rust types that ask for no more.
fn by_name(name: &str) -> Type {
    Type::new(name.to_owned(), 0, Kind::Simple, String::new())
}
