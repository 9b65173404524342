//! Keys and references of a store without its model's type, and their way to the wire.
//!
//! Part of `AnyStore`, for the unit of work: a key is `&dyn Any` of its model's key.
//! It must not decide which key a row is to have; the unit of work does.

use std::any::Any;
use std::hash::BuildHasher;

use bytes::BytesMut;
use postgres_types::Type;

use super::image::{Image, Place};
use super::store::{Store, given_key};
use crate::model::{ColumnSet, EncodeResult, KeyLookup, Model, RawHandle, Reference};

/// What a store of some model knows of keys and references.
pub(crate) trait Keyed {
    /// Claims the key that the object itself holds, if it holds one.
    fn claim_own_key(&mut self, slot: u32) -> Result<(), String>;
    fn claim_key(&mut self, slot: u32, key: &dyn Any) -> Result<(), String>;
    fn clear_claims(&mut self);
    fn claimant(&self, key: &dyn Any) -> Option<u32>;
    /// The row whose place a pending object takes (PK-2).
    fn replaced(&self, slot: u32) -> Option<u32>;
    /// Whether a pending object takes the place of this row.
    fn is_replaced(&self, slot: u32) -> bool;
    fn key(&self, slot: u32) -> Option<&dyn Any>;
    /// The key under which the database knows the row.
    fn known_key(&self, slot: u32) -> Option<Box<dyn Any>>;
    fn key_to_be(&self, slot: u32) -> Option<Box<dyn Any>>;
    /// The key of an object whose references in it are replaced by these keys.
    fn key_with(&self, slot: u32, parents: &[(usize, Box<dyn Any>)]) -> Option<Box<dyn Any>>;
    fn key_changes(&self, slot: u32) -> bool;
    /// Whether the row gets this key in place of another.
    fn changes_to(&self, slot: u32, key: &dyn Any) -> bool;
    fn key_text(&self, slot: u32) -> String;
    fn slot_of_key(&self, key: &dyn Any) -> Option<u32>;
    /// The row that had this key before the flush that is under way.
    fn slot_of_flushed_key(&self, key: &dyn Any) -> Option<u32>;
    fn reference(&self, slot: u32, image: Image, field: usize) -> Option<Reference<'_, dyn Any>>;
    fn set_reference(&mut self, slot: u32, field: usize, key: &dyn Any);
    fn restore_reference(&mut self, slot: u32, field: usize);
    fn set_handle(&mut self, slot: u32, field: usize, handle: RawHandle);
    fn hash_of_key(&self, key: &dyn Any) -> u64;
    fn remember_resolved(&mut self, slot: u32, field: usize, handle: RawHandle, key: u64);

    // To the wire.
    fn encode(
        &self,
        place: Place,
        ty: &Type,
        out: &mut BytesMut,
        keys: &dyn KeyLookup,
    ) -> EncodeResult;
    fn encode_key(&self, slot: u32, part: usize, ty: &Type, out: &mut BytesMut) -> EncodeResult;
    fn encode_key_to_be(
        &self,
        slot: u32,
        part: usize,
        ty: &Type,
        out: &mut BytesMut,
    ) -> EncodeResult;
}

impl<T: Model> Keyed for Store<T> {
    fn claim_own_key(&mut self, slot: u32) -> Result<(), String> {
        Store::key_to_be(self, slot).map_or(Ok(()), |key| self.claim(slot, key))
    }

    fn claim_key(&mut self, slot: u32, key: &dyn Any) -> Result<(), String> {
        let key: &T::Key = key.downcast_ref().expect("a key of this model");
        self.claim(slot, key.clone())
    }

    fn clear_claims(&mut self) {
        self.forget_claims();
    }

    fn claimant(&self, key: &dyn Any) -> Option<u32> {
        self.claims.get(key.downcast_ref::<T::Key>()?).copied()
    }

    fn replaced(&self, slot: u32) -> Option<u32> {
        self.switches.get(&slot).copied()
    }

    fn is_replaced(&self, slot: u32) -> bool {
        self.switched.contains(&slot)
    }

    fn key(&self, slot: u32) -> Option<&dyn Any> {
        let key = self.slots[slot as usize].key.as_ref()?;
        Some(key)
    }

    fn known_key(&self, slot: u32) -> Option<Box<dyn Any>> {
        let key = self.slots[slot as usize].key.clone()?;
        Some(Box::new(key))
    }

    fn key_to_be(&self, slot: u32) -> Option<Box<dyn Any>> {
        let key = Store::key_to_be(self, slot)?;
        Some(Box::new(key))
    }

    fn key_with(&self, slot: u32, parents: &[(usize, Box<dyn Any>)]) -> Option<Box<dyn Any>> {
        let mut row = self.slots[slot as usize].row.clone()?;
        for (field, key) in parents {
            row.set_reference_key(*field, &**key);
        }
        Some(Box::new(given_key(&row)?))
    }

    fn key_changes(&self, slot: u32) -> bool {
        let known = &self.slots[slot as usize];
        known.touched && known.key.is_some() && known.key != Store::key_to_be(self, slot)
    }

    fn changes_to(&self, slot: u32, key: &dyn Any) -> bool {
        self.key_changes(slot) && Store::key_to_be(self, slot).as_ref() == key.downcast_ref()
    }

    fn key_text(&self, slot: u32) -> String {
        match self.key_of(slot) {
            Some(key) => format!("{key:?}"),
            None => "without a key".to_owned(),
        }
    }

    fn slot_of_key(&self, key: &dyn Any) -> Option<u32> {
        self.find(key.downcast_ref::<T::Key>()?)
    }

    fn slot_of_flushed_key(&self, key: &dyn Any) -> Option<u32> {
        let key = key.downcast_ref::<T::Key>()?;
        self.former.get(key).copied().or_else(|| self.find(key))
    }

    fn reference(&self, slot: u32, image: Image, field: usize) -> Option<Reference<'_, dyn Any>> {
        self.image(slot, image).reference(field)
    }

    fn set_reference(&mut self, slot: u32, field: usize, key: &dyn Any) {
        if let Some(row) = &mut self.slots[slot as usize].row {
            row.set_reference_key(field, key);
        }
    }

    fn restore_reference(&mut self, slot: u32, field: usize) {
        self.note_put_back(slot, field);
        self.adopt_flushed(slot, ColumnSet::only(field));
    }

    fn set_handle(&mut self, slot: u32, field: usize, handle: RawHandle) {
        if let Some(row) = &mut self.slots[slot as usize].row {
            row.set_reference_handle(field, handle);
        }
    }

    fn hash_of_key(&self, key: &dyn Any) -> u64 {
        let key: Option<&T::Key> = key.downcast_ref();
        self.index.hasher().hash_one(key)
    }

    fn remember_resolved(&mut self, slot: u32, field: usize, handle: RawHandle, key: u64) {
        self.note_resolved(slot, field, handle, key);
    }

    fn encode(
        &self,
        place: Place,
        ty: &Type,
        out: &mut BytesMut,
        keys: &dyn KeyLookup,
    ) -> EncodeResult {
        let compared = place.image == Image::Flushed && T::table().version() == Some(place.field);
        let row = match compared {
            true => self.compared(place.slot),
            false => self.image(place.slot, place.image),
        };
        row.encode(place.field, place.part, ty, out, keys)
    }

    fn encode_key(&self, slot: u32, part: usize, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        if let Some(key) = &self.slots[slot as usize].key {
            return T::encode_key(key, part, ty, out);
        }
        match self.key_of(slot) {
            Some(key) => T::encode_key(&key, part, ty, out),
            None => Err("the row has no key".into()),
        }
    }

    fn encode_key_to_be(
        &self,
        slot: u32,
        part: usize,
        ty: &Type,
        out: &mut BytesMut,
    ) -> EncodeResult {
        match Store::key_to_be(self, slot) {
            Some(key) => T::encode_key(&key, part, ty, out),
            None => Err("the row has no key yet".into()),
        }
    }
}
