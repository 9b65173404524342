//! Asks the next flush for more than the values of a row's fields.
//!
//! The session notes what is asked; what ends the change forgets it.
//! It must not hold anything for objects of which nothing is asked.

use super::clock::Clock;
use super::slot::Phase;
use super::store::Store;
use crate::error::HandleProblem;
use crate::model::{ColumnSet, Model, RawHandle};
use crate::statement::Computed;

impl<T: Model> Store<T> {
    /// The database is to compute a field of this object. What the program has put there since
    /// the last flush is dropped: the last word counts.
    pub(crate) fn compute(
        &mut self,
        raw: RawHandle,
        field: usize,
        computed: Computed,
        clock: Clock,
    ) -> Result<(), HandleProblem> {
        self.write(raw, clock)?;
        let slot = &mut self.slots[raw.slot as usize];
        if let (Some(row), Some(original)) = (&mut slot.row, &slot.original) {
            row.adopt(T::clone(original), ColumnSet::only(field));
        }
        let asked = self.asked.entry(raw.slot).or_default();
        let column = computed.text.column;
        asked.computed.retain(|known| known.text.column != column);
        asked.computed.push(computed);
        asked.computed.sort_by_key(|known| known.text.column);
        Ok(())
    }

    /// The version of this object is to count up; that of a new one begins anyway.
    pub(crate) fn ask_bump(&mut self, raw: RawHandle, clock: Clock) -> Result<(), HandleProblem> {
        self.write(raw, clock)?;
        if self.phase_of(raw.slot) == Phase::Persistent {
            self.asked.entry(raw.slot).or_default().bump = true;
        }
        Ok(())
    }

    /// What was asked has been done, or has come to nothing.
    pub(super) fn forget_asked(&mut self, number: u32) {
        if !self.asked.is_empty() {
            self.asked.remove(&number);
        }
        if !self.merged.is_empty() {
            self.merged.remove(&number);
        }
    }
}
