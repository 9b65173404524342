//! A value from outside takes the place of an object's.
//!
//! Called by the session's `merge`.
//! It must not copy what the database makes, nor what identifies the row.

use super::clock::Clock;
use super::slot::Phase;
use super::store::Store;
use crate::error::HandleProblem;
use crate::model::{ColumnSet, Handle, Model, RawHandle};

impl<T: Model> Store<T> {
    /// The object that the next flush writes under this key, which is not the key of its row.
    pub(crate) fn find_unwritten(&mut self, key: &T::Key) -> Option<Handle<T>> {
        let rewritten = std::mem::take(&mut self.unwritten.rewritten);
        let fresh = self.touched[self.unwritten.seen..].iter();
        let fresh: Vec<u32> = rewritten
            .into_iter()
            .chain(fresh.map(|(n, _)| *n))
            .collect();
        self.unwritten.seen = self.touched.len();
        for number in fresh {
            let Some(key) = self.unwritten_key(number) else {
                continue;
            };
            let known = self.unwritten.index.get(&key);
            if known.is_none_or(|known| self.unwritten_key(*known).as_ref() != Some(&key)) {
                self.unwritten.index.insert(key, number);
            }
        }
        let number = *self.unwritten.index.get(key)?;
        (self.unwritten_key(number).as_ref() == Some(key)).then(|| self.typed(number))
    }

    /// The key that an object is going to have, unless its row has it already.
    fn unwritten_key(&self, number: u32) -> Option<T::Key> {
        let slot = &self.slots[number as usize];
        let waits = slot.touched && matches!(slot.phase, Phase::Pending | Phase::Persistent);
        let key = self.key_to_be(number).filter(|_| waits)?;
        (slot.key.as_ref() != Some(&key)).then_some(key)
    }

    /// Copies the fields of a value of the same row onto the object. A version that the value has
    /// is what the next UPDATE compares, whatever the object was read with; a new row begins with
    /// it.
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
        let compared = match self.phase_of(number) {
            Phase::Pending => ColumnSet::EMPTY,
            _ => version,
        };
        let ours = table.key().union(compared).union(table.generated_always());
        let unset = value.defaulted(table.generated().union(version));
        let fields = value.changed(current).without(ours).without(unset);
        if fields.is_empty() {
            return self.phase_of(number).writable();
        }
        let other = value.changed(current).intersection(compared);
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
