//! Eviction: clean objects leave, so that a session that streams rows stays small.
//!
//! The session calls it for `evict_clean`.
//! It must not drop what a flush or a rollback still needs.

use foldhash::HashSet;

use super::map::IdentityMap;
use super::slot::Phase;
use super::store::Store;
use crate::model::{Model, RawHandle, Reference};

impl IdentityMap {
    /// Drops every clean object and returns how many there were.
    ///
    /// What is touched, was written by the open transaction, or is referred to by handle from
    /// something that waits for a flush stays.
    pub(crate) fn evict_clean(&mut self) -> usize {
        let in_use = self.stores().flat_map(|(_, store)| store.handles_in_use());
        let keep: HashSet<RawHandle> = in_use.chain(self.pairs.handles()).collect();
        let evicted = self
            .stores_mut()
            .map(|store| store.evict_clean(&keep))
            .sum();
        if evicted > 0 {
            let mut collections = std::mem::take(&mut self.collections);
            collections.keep_where(|raw| self.locate(raw).is_ok());
            self.collections = collections;
        }
        evicted
    }
}

impl<T: Model> Store<T> {
    /// The objects that references name by handle: those of objects that wait for a flush, or
    /// that a rollback has thrown out and a program may add again.
    pub(super) fn handles_in_use(&self) -> Vec<RawHandle> {
        let references = T::table().foreign_keys();
        if references.is_empty() {
            return Vec::new();
        }
        let waiting = self.touched.iter().map(|(number, _)| *number);
        let waiting = waiting.chain(self.leftovers.iter().copied());
        let rows = waiting.filter_map(|number| self.slots[number as usize].row.as_ref());
        rows.flat_map(|row| {
            let references = references.iter().map(|fk| row.reference(fk.field));
            references.filter_map(|reference| match reference {
                Some(Reference::Handle(raw)) => Some(raw),
                _ => None,
            })
        })
        .collect()
    }

    /// Drops every clean object but these and returns how many there were.
    pub(super) fn evict_clean(&mut self, keep: &HashSet<RawHandle>) -> usize {
        let mut evicted = 0;
        for number in 0..self.slots.len() as u32 {
            if self.is_clean(number) && !keep.contains(&self.raw(number)) {
                self.unindex(number);
                self.vacate(number);
                evicted += 1;
            }
        }
        if evicted > 0 {
            self.forget_absent();
            self.tidy_groups();
            let slots = &self.slots;
            self.journal.keep_reads(|slot, generation| {
                let slot = &slots[slot as usize];
                slot.generation == generation && slot.phase != Phase::Vacant
            });
        }
        evicted
    }

    /// A row that nothing was done to in this transaction. The journal has the others: a rollback
    /// gives them the values they had, and a cursor would bring them back without what was written.
    fn is_clean(&self, number: u32) -> bool {
        let slot = &self.slots[number as usize];
        slot.phase == Phase::Persistent
            && !slot.touched
            && slot.journaled == 0
            && slot.row.is_some()
    }

    /// Groups keep who is still here; those at the end that nobody is left of go.
    fn tidy_groups(&mut self) {
        let mut groups = std::mem::take(&mut self.groups);
        for (index, group) in groups.iter_mut().enumerate() {
            let before = group.len();
            group.retain(|member| self.is_member(*member));
            if group.len() == before {
                continue;
            }
            group.shrink_to_fit();
            for (place, (number, _)) in group.iter().enumerate() {
                let slot = &mut self.slots[*number as usize];
                // It may have come by a later load as well, and count as that one's.
                if slot.group as usize == index {
                    slot.place = place as u32;
                }
            }
        }
        while groups.last().is_some_and(Vec::is_empty) {
            groups.pop();
        }
        self.groups = groups;
    }
}
