//! A session, what it should come to, and the dice.
//!
//! Edits are methods of it, in the files around; `cases` makes one for each step.
//! It must not let a verb read without telling the plain model when that flushed.

use sessile::prelude::*;

use super::hooks::{Tally, Watch};
use super::models::{Bin, Card, Item, Mark, Note, Person, Shelf, Topic};
use super::world::{Id, Pair, World};
use crate::property::random::Random;

pub(super) struct Editor<'a> {
    pub(super) s: &'a mut Session,
    pub(super) w: &'a mut World,
    pub(super) r: &'a mut Random,
    pub(super) tally: &'a mut Tally,
    pub(super) watch: &'a Watch,
}

/// The rows of a table that stay, as far as is known before the flush.
macro_rules! ids {
    ($editor:expr, $rows:ident) => {{
        let gone = $editor.w.gone();
        let all = $editor.w.now.$rows.keys().copied();
        all.filter(|id| !gone.contains(id)).collect::<Vec<Id>>()
    }};
}
pub(super) use ids;

/// Gives the handle of a row, reading it if the session lost the object; and a reference to it.
macro_rules! objects {
    ($($rows:ident, $handle:ident, $fk:ident, $Model:ident;)*) => {
        impl Editor<'_> {$(
            /// Nothing when reading it has flushed it away.
            pub(super) fn $handle(&mut self, id: Id) -> Option<Handle<$Model>> {
                if let Some(handle) = self.w.now.$rows.get(&id)?.handle {
                    return Some(handle);
                }
                let key = key_of(self.w.now.$rows[&id].key);
                let found = self.reading(|s| s.get::<$Model>(key).unwrap());
                let row = self.w.now.$rows.get_mut(&id)?;
                row.handle = Some(found.expect("its row is there"));
                self.w.was.$rows.get_mut(&id).expect("it has a key").handle = row.handle;
                row.handle
            }

            #[allow(dead_code)]
            pub(super) fn $fk(&self, id: Id) -> Fk<$Model> {
                let row = &self.w.now.$rows[&id];
                match row.handle {
                    Some(handle) => handle.into(),
                    None => Fk::to(key_of(row.key)),
                }
            }

        )*

        /// Forgets the handles of objects that have left.
        pub(super) fn forget_handles(&mut self) -> Vec<Id> {
            let mut lost = Vec::new();
            $(for (id, row) in &mut self.w.now.$rows {
                if row.handle.is_some_and(|handle| self.s.state(handle) == State::Gone) {
                    row.handle = None;
                    lost.push(*id);
                }
            })*
            for row in self.w.now.pairs.values_mut() {
                row.handle = row.handle.filter(|handle| self.s.state(*handle) != State::Gone);
            }
            for row in self.w.removed.values_mut() {
                row.handle = row.handle.filter(|handle| self.s.state(*handle) != State::Gone);
            }
            for row in self.w.was.pairs.values_mut() {
                row.handle = row.handle.filter(|handle| self.s.state(*handle) != State::Gone);
            }
            lost
        }
        }
    };
}

objects! {
    persons, person, person_fk, Person;
    topics, topic, topic_fk, Topic;
    notes, note, note_fk, Note;
    cards, card, card_fk, Card;
    shelves, shelf, shelf_fk, Shelf;
    bins, bin, bin_fk, Bin;
    items, item, item_fk, Item;
}

/// Keys are given or, once flushed, known.
fn key_of(key: impl Into<Option<i64>>) -> i64 {
    key.into().expect("only objects that are there have no key")
}

impl Editor<'_> {
    /// Runs a verb that may flush; if it did, the plain model flushes before what the verb does.
    pub(super) fn reading<R>(&mut self, verb: impl FnOnce(&mut Session) -> R) -> R {
        self.make_legal();
        let before = self.s.statistics().flushes;
        let done = verb(self.s);
        if self.s.statistics().flushes > before {
            self.w.flush(self.s, self.tally);
        }
        done
    }

    /// The object of a pair's row.
    pub(super) fn mark(&mut self, pair: Pair) -> Option<Handle<Mark>> {
        if let Some(handle) = self.w.now.pairs.get(&pair)?.handle {
            return Some(handle);
        }
        let Pair::Mark(person, topic) = pair else {
            return None;
        };
        if !self.w.was.pairs.contains_key(&pair) {
            // It is linked, and nothing more.
            return None;
        }
        let key = (
            key_of(self.w.now.persons[&person].key),
            key_of(self.w.now.topics[&topic].key),
        );
        let found = self.reading(|s| s.get::<Mark>(key).unwrap());
        let row = self.w.now.pairs.get_mut(&pair)?;
        row.handle = Some(found.expect("its row is there"));
        row.handle
    }

    /// Writes everything.
    pub(super) fn flush(&mut self) {
        self.make_legal();
        self.s.flush().unwrap();
        self.w.flush(self.s, self.tally);
        assert!(!self.s.has_changes());
    }
}
