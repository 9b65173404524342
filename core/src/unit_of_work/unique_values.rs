//! The values of a unique group, as bytes that are the same when the values are.
//!
//! Called by `unique`. A reference stands for the row that it leads to: it is taken as the key that
//! this row has when all is written, so that a row which stays a child of a parent is not mistaken
//! for one that leaves it because the parent gets another key.
//! It must not decide who waits for whom.

use bytes::BytesMut;
use postgres_types::{IsNull, Kind, Type};

use super::changes::{Changes, Row};
use super::equality;
use super::references::{is_by_old_key, parent, parent_to_be};
use super::renames::Renames;
use crate::identity_map::{IdentityMap, Image, Place, StoreId};
use crate::model::{ColumnInfo, ColumnSet, Reference};

/// Encodes values.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) map: &'a IdentityMap,
    pub(super) changes: &'a Changes,
    pub(super) renames: &'a Renames,
}

/// Which of a reference's keys is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// The one that the row has when all is written.
    ToBe,
    /// The one that the reference holds.
    Held,
}

impl Values<'_> {
    /// The bytes of the group's value; `None` with a NULL in it, which is like no other, or with
    /// a reference whose key is not known yet.
    pub(super) fn of(
        self,
        (store, slot): Row,
        image: Image,
        group: ColumnSet,
        keys: Keys,
    ) -> Option<Vec<u8>> {
        let table = self.map.any(store).table();
        let mut value = Vec::new();
        for column in table.columns_of(group) {
            let start = value.len();
            let place = Place {
                slot,
                image,
                field: column.field,
                part: column.part,
            };
            let (bytes, ty) = self.column(store, place, column, keys)?;
            value.extend_from_slice(&bytes);
            equality::normalize(&mut value, start, &ty, column.ty.name);
            let length = value.len() - start;
            value.extend_from_slice(&length.to_be_bytes());
        }
        Some(value)
    }

    /// Some encoding of a value, with its type. A type that only the server knows is taken as the
    /// first type that its Rust type fits: all that matters is that equal values have equal bytes.
    fn column(
        self,
        store: StoreId,
        place: Place,
        column: &ColumnInfo,
        keys: Keys,
    ) -> Option<(BytesMut, Type)> {
        let parent = match self.map.any(store).table().has_reference(place.field) {
            true => self.referred(store, place, keys),
            false => None,
        };
        let mut out = BytesMut::new();
        let mut attempt = |ty: &Type| {
            out.clear();
            let null = match parent {
                Some(parent) => self.key_part(parent, place.part, ty, &mut out),
                None => self.plain(store, place, ty, &mut out),
            };
            null.map(|null| (null, ty.clone()))
        };
        let (null, ty) = match &column.ty.wire {
            Some((ty, _)) => attempt(ty),
            None => GUESSES
                .iter()
                .find_map(&mut attempt)
                .or_else(|| attempt(&by_name(column.ty.name))),
        }?;
        matches!(null, IsNull::No).then_some((out, ty))
    }

    fn plain(self, store: StoreId, place: Place, ty: &Type, out: &mut BytesMut) -> Option<IsNull> {
        let row = self.map.any(store);
        row.encode(place, ty, out, self.map).ok()
    }

    /// A part of the key that a row is going to have.
    fn key_part(self, row: Row, part: usize, ty: &Type, out: &mut BytesMut) -> Option<IsNull> {
        let parents = self.map.any(row.0);
        let column = parents.table().key_columns().nth(part)?;
        let place = Place {
            slot: row.1,
            image: Image::Current,
            field: column.field,
            part: column.part,
        };
        // A key may hold the key of another row that gets a new one.
        let reference = parents.table().has_reference(column.field);
        let above = reference.then(|| self.referred(row.0, place, Keys::ToBe));
        match above.flatten() {
            Some(above) => self.key_part(above, column.part, ty, out),
            None => parents.encode_key_to_be(row.1, part, ty, out).ok(),
        }
    }

    /// The row whose key to be stands for a reference: one that is named by its handle, or that
    /// gets another key than the reference holds.
    fn referred(self, store: StoreId, place: Place, keys: Keys) -> Option<Row> {
        let rows = self.map.any(store);
        match rows.reference(place.slot, place.image, place.field)? {
            Reference::Handle(raw) => self.map.locate(raw).ok(),
            Reference::Unset => None,
            Reference::Key(_) if keys == Keys::Held || self.renames.is_empty() => None,
            Reference::Key(_) => {
                let fk = rows.table().foreign_key_of_field(place.field);
                let child = (store, place.slot);
                let row = match place.image {
                    Image::Flushed => parent(self.map, child, fk, Image::Flushed)?,
                    Image::Current => {
                        let row = parent_to_be(self.map, self.changes, child, fk)?;
                        is_by_old_key(self.map, self.changes, child, fk, row).then_some(row)?
                    }
                };
                (!self.renames.of(row).is_empty()).then_some(row)
            }
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
