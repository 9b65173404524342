//! Every store is an `AnyStore`: the typed store answers for its model.
//!
//! Called through `dyn AnyStore`.
//! It must not decide anything: what takes more than a few lines is the store's.

use std::any::{Any, TypeId};

use foldhash::HashSet;

use super::any_store::AnyStore;
use super::asked::Asked;
use super::clock::Clock;
use super::image::Image;
use super::journal::Resolved;
use super::slot::Phase;
use super::store::Store;
use crate::error::{Error, HandleProblem};
use crate::model::{ColumnSet, Model, RawHandle, Row, Table};

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

    fn vacate_pending(&mut self, slot: u32) {
        self.vacate(slot);
    }

    fn has_touched(&self) -> bool {
        !self.touched.is_empty()
    }

    fn touched_from(&self, position: usize) -> (Vec<u32>, usize) {
        let live = |(number, generation): &&(u32, u32)| {
            let slot = &self.slots[*number as usize];
            slot.generation == *generation && slot.touched
        };
        let live = self.touched.iter().skip(position).filter(live);
        (live.map(|(n, _)| *n).collect(), self.touched.len())
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

    fn unsettle(&mut self) -> Vec<Resolved> {
        self.take_unsettled()
    }

    fn end_flush(&mut self) {
        self.forget_claims();
        self.journal.note_written();
        self.put_back.clear();
        let slots = &self.slots;
        self.touched.retain(|(number, generation)| {
            let slot = &slots[*number as usize];
            slot.generation == *generation && slot.touched
        });
    }

    fn take_place(&mut self, slot: u32, kept: ColumnSet, wrote: bool, clock: Clock) {
        self.switch(slot, kept, wrote, clock);
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

    fn version_text(&self, slot: u32) -> Option<String> {
        self.compared(slot).version_text()
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

    fn read_compared(
        &mut self,
        slot: u32,
        fields: ColumnSet,
        row: &Row<'_>,
        at: usize,
    ) -> Result<(), Error> {
        let mut value = self.compared(slot).clone();
        value.read_fields(fields, row, at)?;
        self.merged.insert(slot, value);
        Ok(())
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

    fn drop_leftovers(&mut self) {
        Store::drop_leftovers(self);
    }
}
