//! Edits that mark rows for deletion, old ones and new ones; what goes with them is for the flush.
//!
//! `cases` draws them, with the other edits.
//! They must not delete a new object that others refer to: that is refused (RL-4).

use super::editor::{Editor, ids};
use super::world::Id;

impl Editor<'_> {
    pub(super) fn delete_person(&mut self) -> &'static str {
        let Some((id, handle)) = self.some_person() else {
            return "no person";
        };
        if !self.w.was.persons.contains_key(&id) {
            // A reference to an object that has left is refused (RL-4), and so is a wish.
            let t = &self.w.now;
            if t.notes.values().any(|row| row.author == Some(id))
                || t.cards.values().any(|row| row.owner == Some(id))
                || self.is_in_a_pair(id)
            {
                return "the person is referred to";
            }
            self.s.delete(handle).unwrap();
            self.w.now.persons.remove(&id);
            return "delete new person";
        }
        self.s.delete(handle).unwrap();
        self.w.doomed.insert(id);
        "delete person"
    }

    pub(super) fn delete_topic(&mut self) -> &'static str {
        let Some((id, handle)) = self.some_topic() else {
            return "no topic";
        };
        if !self.w.was.topics.contains_key(&id) {
            if self.is_in_a_pair(id) {
                return "the topic is in a pair";
            }
            self.s.delete(handle).unwrap();
            self.w.now.topics.remove(&id);
            return "delete new topic";
        }
        self.s.delete(handle).unwrap();
        self.w.doomed.insert(id);
        "delete topic"
    }

    fn is_in_a_pair(&self, id: Id) -> bool {
        let pairs = self.w.now.pairs.keys().chain(self.w.wishes.keys());
        pairs.into_iter().any(|pair| pair.sides().contains(&id))
    }

    pub(super) fn delete_other(&mut self) -> &'static str {
        macro_rules! delete {
            ($rows:ident, $handle:ident) => {{
                let Some(id) = self.r.pick(&ids!(self, $rows)) else {
                    return "nothing to delete";
                };
                let Some(handle) = self.$handle(id) else {
                    return "it is gone";
                };
                self.s.delete(handle).unwrap();
                match self.w.was.$rows.contains_key(&id) {
                    true => drop(self.w.doomed.insert(id)),
                    false => drop(self.w.now.$rows.remove(&id)),
                }
            }};
        }
        match self.r.below(5) {
            0 => delete!(notes, note),
            1 => delete!(cards, card),
            2 => delete!(items, item),
            3 => {
                let bins = ids!(self, bins);
                let old = bins
                    .into_iter()
                    .filter(|id| self.w.was.bins.contains_key(id));
                let Some(id) = self.r.pick(&old.collect::<Vec<_>>()) else {
                    return "no bin to delete";
                };
                let Some(handle) = self.bin(id) else {
                    return "it is gone";
                };
                self.s.delete(handle).unwrap();
                self.w.doomed.insert(id);
            }
            _ => {
                let shelves = ids!(self, shelves);
                let old = shelves
                    .into_iter()
                    .filter(|id| self.w.was.shelves.contains_key(id));
                let Some(id) = self.r.pick(&old.collect::<Vec<_>>()) else {
                    return "no shelf to delete";
                };
                let Some(handle) = self.shelf(id) else {
                    return "it is gone";
                };
                self.s.delete(handle).unwrap();
                self.w.doomed.insert(id);
            }
        }
        "delete other"
    }
}
