//! Every store is an `AnyStore`: the typed store answers for its model.
//!
//! Called through `dyn AnyStore`.
//! It must not decide anything: what takes more than a few lines is the store's.

use std::any::{Any, TypeId};
use std::hash::BuildHasher;

use bytes::BytesMut;
use foldhash::HashSet;
use postgres_types::Type;

use super::any_store::{AnyStore, Image, Place};
use super::asked::Asked;
use super::clock::Clock;
use super::journal::Resolved;
use super::slot::Phase;
use super::store::{Store, given_key};
use crate::error::{Error, HandleProblem};
use crate::model::{ColumnSet, EncodeResult, KeyLookup, Model, RawHandle, Reference, Row, Table};

impl<T: Model> AnyStore for Store<T> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn table(&self) -> &'static Table {
        T::table()
    }

    fn model(&self) -> TypeId {
        TypeId::of::<T>()
    }

    fn handle(&self, slot: u32) -> RawHandle {
        self.raw(slot)
    }

    fn locate(&self, raw: RawHandle) -> Result<u32, HandleProblem> {
        Store::locate(self, raw)
    }

    fn phase(&self, slot: u32) -> Phase {
        self.phase_of(slot)
    }

    fn persistent(&self) -> Vec<u32> {
        (0..self.slots.len() as u32)
            .filter(|slot| matches!(self.phase_of(*slot), Phase::Persistent | Phase::Marked))
            .filter(|slot| !self.switched.contains(slot))
            .collect()
    }

    fn live(&self) -> Vec<u32> {
        (0..self.slots.len() as u32)
            .filter(|slot| self.phase_of(*slot).readable().is_ok())
            .filter(|slot| !self.switched.contains(slot))
            .collect()
    }

    fn count(&self) -> usize {
        self.slot_count()
    }

    fn handles_in_use(&self) -> Vec<RawHandle> {
        Store::handles_in_use(self)
    }

    fn evict_clean(&mut self, keep: &HashSet<RawHandle>) -> usize {
        Store::evict_clean(self, keep)
    }

    fn is_locked(&self, slot: u32, clock: Clock) -> bool {
        Store::is_locked(self, slot, clock)
    }

    fn prepare_write(&mut self, raw: RawHandle, clock: Clock) -> Result<(), HandleProblem> {
        self.write(raw, clock).map(|_| ())
    }

    fn write_slots(&mut self, slots: Vec<u32>) -> Vec<(u32, &mut dyn Any)> {
        self.split(slots)
    }

    fn has_touched(&self) -> bool {
        !self.touched.is_empty()
    }

    fn touched(&self) -> Vec<u32> {
        let live = |(number, generation): &&(u32, u32)| {
            let slot = &self.slots[*number as usize];
            slot.generation == *generation && slot.touched
        };
        self.touched.iter().filter(live).map(|(n, _)| *n).collect()
    }

    fn is_guarded(&self, slot: u32) -> bool {
        self.row_of(slot).guarded
    }

    fn is_written(&self, slot: u32) -> bool {
        self.row_of(slot).journaled > 0
    }

    fn normalize(&mut self, slot: u32) {
        let slot = &mut self.slots[slot as usize];
        let Some(row) = &mut slot.row else { return };
        row.normalize();
        let always = T::table().generated_always();
        if !always.is_empty()
            && let Some(original) = &slot.original
            && !row.changed(original).intersection(always).is_empty()
        {
            row.adopt(T::clone(original), always);
        }
    }

    fn changed(&self, number: u32) -> ColumnSet {
        let slot = &self.slots[number as usize];
        let before = match self.switches.is_empty() {
            true => slot.original.as_deref(),
            false => self.flushed(number),
        };
        match (&slot.row, before) {
            (Some(row), Some(before)) => row.changed(before),
            _ => ColumnSet::EMPTY,
        }
    }

    fn defaulted(&self, slot: u32, image: Image, fields: ColumnSet) -> ColumnSet {
        self.image(slot, image).defaulted(fields)
    }

    fn asked(&self, slot: u32) -> Option<&Asked> {
        self.asked.get(&slot)
    }

    fn settle(&mut self, slot: u32) {
        self.forget_asked(slot);
        let slot = &mut self.slots[slot as usize];
        slot.touched = false;
        slot.guarded = false;
        slot.original = None;
    }

    fn end_flush(&mut self) {
        self.forget_claims();
        let slots = &self.slots;
        self.touched.retain(|(number, generation)| {
            let slot = &slots[*number as usize];
            slot.generation == *generation && slot.touched
        });
    }

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

    fn replaced(&self, slot: u32) -> Option<u32> {
        self.switches.get(&slot).copied()
    }

    fn is_replaced(&self, slot: u32) -> bool {
        self.switched.contains(&slot)
    }

    fn take_place(&mut self, slot: u32, kept: ColumnSet, wrote: bool, clock: Clock) {
        self.switch(slot, kept, wrote, clock);
    }

    fn claimant(&self, key: &dyn Any) -> Option<u32> {
        self.claims.get(key.downcast_ref::<T::Key>()?).copied()
    }

    fn key(&self, slot: u32) -> Option<&dyn Any> {
        let key = self.slots[slot as usize].key.as_ref()?;
        Some(key)
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
        let row = match self.merged.get(&place.slot) {
            Some(merged) if compared => merged,
            _ => self.image(place.slot, place.image),
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

    fn start_version(&mut self, slot: u32) {
        if let Some(row) = &mut self.slots[slot as usize].row {
            row.start_version();
        }
    }

    fn bump_version(&mut self, slot: u32) {
        if self.switches.contains_key(&slot) {
            self.adopt_flushed(slot, T::table().version().into_iter().collect());
        }
        if let Some(row) = &mut self.slots[slot as usize].row {
            if let Some(merged) = self.merged.get(&slot) {
                row.adopt(merged.clone(), T::table().version().into_iter().collect());
            }
            row.bump_version();
        }
    }

    fn match_keys(&self, rows: &[Row<'_>], at: usize, slots: &[u32]) -> Result<Vec<usize>, Error> {
        self.match_rows(rows, at, slots)
    }

    fn read_fields(
        &mut self,
        slot: u32,
        fields: ColumnSet,
        row: &Row<'_>,
        at: usize,
    ) -> Result<(), Error> {
        match &mut self.slots[slot as usize].row {
            Some(object) => object.read_fields(fields, row, at),
            None => Ok(()),
        }
    }

    fn reset_fields(&mut self, slot: u32, fields: ColumnSet) {
        if let Some(row) = &mut self.slots[slot as usize].row {
            row.reset(fields);
        }
    }

    fn inserted(&mut self, slot: u32, made: ColumnSet, clock: Clock) {
        self.note_insert(slot, made, clock);
    }

    fn updated(&mut self, slot: u32, clock: Clock) {
        self.note_update(slot, clock);
    }

    fn deleted(&mut self, slot: u32) {
        self.note_delete(slot);
    }

    fn lost_reference(&mut self, slot: u32, field: usize) {
        self.note_lost_reference(slot, field);
    }

    fn follow_key(&mut self, slot: u32, field: usize, parent: &dyn Any) {
        self.note_new_key(slot, field, parent);
    }

    fn slot_in_row(&self, row: &Row<'_>) -> Result<Option<u32>, Error> {
        Ok(T::decode_key(row, 0)?.and_then(|key| self.find(&key)))
    }

    fn bring_inserted(&mut self, row: &Row<'_>, clock: Clock) -> Result<Option<u32>, Error> {
        let group = self.single_group();
        self.bring_written(row, 0, group, clock)
    }

    fn expire(&mut self, slot: u32) {
        Store::expire(self, slot);
    }

    fn forget_absent(&mut self) {
        self.absent.clear();
    }

    fn open_savepoint(&mut self) {
        self.journal.open();
    }

    fn release_savepoint(&mut self) {
        self.journal.release();
    }

    fn roll_back_savepoint(&mut self) -> Vec<Resolved> {
        self.take_back()
    }

    fn roll_back(&mut self) -> Vec<Resolved> {
        self.take_back_all()
    }

    fn was_thrown_out(&self, slot: u32, generation: u32) -> bool {
        let slot = &self.slots[slot as usize];
        slot.generation == generation && slot.phase == Phase::RolledBack
    }

    fn commit(&mut self) {
        self.forget_transaction();
    }

    fn sweep(&mut self) {
        self.drop_leftovers();
    }
}
