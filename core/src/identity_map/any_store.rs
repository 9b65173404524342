//! A store without its model's type: what the unit of work and the session see of all of them.
//!
//! Called wherever rows of several models are handled together; `erased` implements it.
//! It must not hand out values: those leave a store typed, or encoded for the wire.

use std::any::{Any, TypeId};
use std::fmt;

use foldhash::HashSet;

use super::asked::Asked;
use super::clock::Clock;
use super::image::Image;
use super::journal::Resolved;
use super::keyed::Keyed;
use super::slot::Phase;
use crate::error::{Error, HandleProblem};
use crate::model::{ColumnSet, RawHandle, Row, Table};

/// A store of some model.
pub(crate) trait AnyStore: Keyed + Any + Send + Sync + fmt::Debug {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn table(&self) -> &'static Table;
    fn model(&self) -> TypeId;

    // Objects.
    fn handle(&self, slot: u32) -> RawHandle;
    fn locate(&self, raw: RawHandle) -> Result<u32, HandleProblem>;
    fn phase(&self, slot: u32) -> Phase;
    fn persistent(&self) -> Vec<u32>;
    fn live(&self) -> Vec<u32>;
    fn count(&self) -> usize;
    fn handles_in_use(&self) -> Vec<RawHandle>;
    fn evict_clean(&mut self, keep: &HashSet<RawHandle>) -> usize;
    fn is_locked(&self, slot: u32, clock: Clock) -> bool;

    fn prepare_write(&mut self, raw: RawHandle, clock: Clock) -> Result<(), HandleProblem>;
    fn write_slots(&mut self, slots: Vec<u32>) -> Vec<(u32, &mut dyn Any)>;

    /// A pending object leaves.
    fn vacate_pending(&mut self, slot: u32);

    // What the next flush looks at.
    fn has_touched(&self) -> bool;
    fn touched(&self) -> Vec<u32> {
        self.touched_from(0).0
    }
    /// Those from a position on, and how long the list is by now.
    fn touched_from(&self, position: usize) -> (Vec<u32>, usize);
    fn is_guarded(&self, slot: u32) -> bool;
    /// Whether a flush of the open transaction has written the row.
    fn is_written(&self, slot: u32) -> bool;
    fn normalize(&mut self, slot: u32);
    fn changed(&self, slot: u32) -> ColumnSet;
    fn defaulted(&self, slot: u32, image: Image, fields: ColumnSet) -> ColumnSet;
    fn asked(&self, slot: u32) -> Option<&Asked>;
    fn settle(&mut self, slot: u32);
    fn end_flush(&mut self);
    /// Puts references back that were restored, and tells which were handles.
    fn unsettle(&mut self) -> Vec<Resolved>;

    // What a flush did.
    fn start_version(&mut self, slot: u32);
    fn bump_version(&mut self, slot: u32);
    /// The version that a statement on the row compares, for people.
    fn version_text(&self, slot: u32) -> Option<String>;
    fn match_keys(&self, rows: &[Row<'_>], at: usize, slots: &[u32]) -> Result<Vec<usize>, Error>;
    fn read_fields(
        &mut self,
        slot: u32,
        fields: ColumnSet,
        row: &Row<'_>,
        at: usize,
    ) -> Result<(), Error>;
    /// The next statement on the row compares these fields, which a version is made of.
    fn read_compared(
        &mut self,
        slot: u32,
        fields: ColumnSet,
        row: &Row<'_>,
        at: usize,
    ) -> Result<(), Error>;
    fn reset_fields(&mut self, slot: u32, fields: ColumnSet);
    fn inserted(&mut self, slot: u32, made: ColumnSet, clock: Clock);
    fn updated(&mut self, slot: u32, clock: Clock);
    fn deleted(&mut self, slot: u32);
    /// A pending object took the place of a row, from which it keeps these fields.
    fn take_place(&mut self, slot: u32, kept: ColumnSet, wrote: bool, clock: Clock);
    fn lost_reference(&mut self, slot: u32, field: usize);
    fn follow_key(&mut self, slot: u32, field: usize, parent: &dyn Any);
    /// The row whose key these columns are, if the session has it.
    fn slot_in_row(&self, row: &Row<'_>) -> Result<Option<u32>, Error>;
    /// A statement inserted this row by itself; it becomes an object.
    fn bring_inserted(&mut self, row: &Row<'_>, clock: Clock) -> Result<Option<u32>, Error>;
    fn expire(&mut self, slot: u32);
    fn forget_absent(&mut self);

    // Transactions.
    fn open_savepoint(&mut self);
    fn release_savepoint(&mut self);
    fn roll_back_savepoint(&mut self) -> Vec<Resolved>;
    fn roll_back(&mut self) -> Vec<Resolved>;
    fn was_thrown_out(&self, slot: u32, generation: u32) -> bool;
    fn commit(&mut self);
    fn drop_leftovers(&mut self);
}
