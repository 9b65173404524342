//! A value from outside takes the place of an object's.
//!
//! Called by the session's `merge`.
//! It must not copy what the database makes, nor what identifies the row.

use super::clock::Clock;
use super::store::Store;
use crate::error::HandleProblem;
use crate::model::{ColumnSet, Model, RawHandle};

impl<T: Model> Store<T> {
    /// Copies the fields of a value of the same row onto the object. A version that the value has
    /// is what the next UPDATE compares, whatever the object was read with.
    pub(crate) fn merge(
        &mut self,
        raw: RawHandle,
        mut value: T,
        clock: Clock,
    ) -> Result<(), HandleProblem> {
        let number = self.locate(raw)?;
        let current = self.read(raw)?;
        value.normalize();
        let table = T::table();
        let version: ColumnSet = table.version().into_iter().collect();
        let ours = table.key().union(version).union(table.generated_always());
        let unset = value.defaulted(table.generated());
        let fields = value.changed(current).without(ours).without(unset);
        if fields.is_empty() {
            return self.phase_of(number).writable();
        }
        let other = value.changed(current).intersection(version);
        let stated = value.defaulted(version).is_empty();
        self.write(raw, clock)?;
        if let Some(asked) = self.asked.get_mut(&number) {
            let field = |column: usize| table.columns()[column].field;
            let computed = &mut asked.computed;
            computed.retain(|computed| !fields.contains(field(computed.text.column)));
        }
        if stated && !other.is_empty() {
            self.merged.insert(number, value.clone());
        }
        if let Some(row) = &mut self.slots[number as usize].row {
            row.adopt(value, fields);
        }
        Ok(())
    }
}
