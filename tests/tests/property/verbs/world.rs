//! The plain model: what the tables should hold, and what a flush makes of what was asked.
//!
//! Edits write it together with the session.
//! It must not look at the session, but for the keys that the database has made.

use std::collections::{BTreeMap, BTreeSet};

use sessile::prelude::*;

use super::hooks::Tally;
use super::models::{Bin, Card, Item, Mark, Note, Person, Shelf, Topic};

/// A row, whatever its key; no two of any tables have the same.
pub(super) type Id = u32;

#[derive(Clone)]
pub(super) struct PersonRow {
    /// Nothing while the session does not have the object.
    pub(super) handle: Option<Handle<Person>>,
    pub(super) key: Option<i64>,
    pub(super) version: i32,
    pub(super) name: String,
    pub(super) points: i64,
    pub(super) seat: Option<i64>,
    /// What expressions will come to.
    pub(super) points_asked: Option<i64>,
    pub(super) seat_asked: Option<i64>,
    pub(super) touched: bool,
}

impl PersonRow {
    pub(super) fn is_asked(&self) -> bool {
        self.touched || self.points_asked.is_some() || self.seat_asked.is_some()
    }

    /// As the flush writes it.
    pub(super) fn seat_to_be(&self) -> Option<i64> {
        self.seat_asked.or(self.seat)
    }
}

#[derive(Clone)]
pub(super) struct TopicRow {
    pub(super) handle: Option<Handle<Topic>>,
    pub(super) key: i64,
    pub(super) rank: i64,
    pub(super) heat: i64,
    pub(super) rank_asked: Option<i64>,
}

#[derive(Clone)]
pub(super) struct NoteRow {
    pub(super) handle: Option<Handle<Note>>,
    pub(super) key: Option<i64>,
    pub(super) author: Option<Id>,
    pub(super) heat: i64,
}

#[derive(Clone)]
pub(super) struct CardRow {
    pub(super) handle: Option<Handle<Card>>,
    pub(super) key: i64,
    pub(super) owner: Option<Id>,
}

#[derive(Clone)]
pub(super) struct ShelfRow {
    pub(super) handle: Option<Handle<Shelf>>,
    pub(super) key: Option<i64>,
}

#[derive(Clone)]
pub(super) struct BinRow {
    pub(super) handle: Option<Handle<Bin>>,
    pub(super) key: i64,
    pub(super) version: i32,
    pub(super) shelf: Id,
    pub(super) label: i64,
}

#[derive(Clone)]
pub(super) struct ItemRow {
    pub(super) handle: Option<Handle<Item>>,
    pub(super) key: Option<i64>,
    pub(super) bin: Id,
    pub(super) serial: i64,
}

/// Which association a pair is of, and its two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pair {
    Mark(Id, Id),
    Bond(Id, Id),
}

impl Pair {
    pub(super) fn sides(self) -> [Id; 2] {
        match self {
            Pair::Mark(one, other) | Pair::Bond(one, other) => [one, other],
        }
    }
}

#[derive(Clone, Default)]
pub(super) struct PairRow {
    pub(super) handle: Option<Handle<Mark>>,
    pub(super) extra: Option<i64>,
}

/// What was last said about a pair by `link` or `unlink`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Link,
    Unlink,
}

/// The tables.
#[derive(Clone, Default)]
pub(super) struct Tables {
    pub(super) persons: BTreeMap<Id, PersonRow>,
    pub(super) topics: BTreeMap<Id, TopicRow>,
    pub(super) notes: BTreeMap<Id, NoteRow>,
    pub(super) cards: BTreeMap<Id, CardRow>,
    pub(super) shelves: BTreeMap<Id, ShelfRow>,
    pub(super) bins: BTreeMap<Id, BinRow>,
    pub(super) items: BTreeMap<Id, ItemRow>,
    pub(super) pairs: BTreeMap<Pair, PairRow>,
    /// The serial numbers of items.
    pub(super) audits: Vec<i64>,
}

/// All rows, and what the edits since the last flush have asked for.
#[derive(Clone, Default)]
pub(super) struct World {
    pub(super) now: Tables,
    /// As they were flushed.
    pub(super) was: Tables,
    /// Rows that the program has marked; what goes with them is known at the flush.
    pub(super) doomed: BTreeSet<Id>,
    pub(super) wishes: BTreeMap<Pair, Wish>,
    /// Pairs that were taken away since the last flush, and may be linked again.
    pub(super) removed: BTreeMap<Pair, PairRow>,
    /// Rows whose objects were ever detached or evicted; a rollback does not bring those back.
    pub(super) left: BTreeSet<Id>,
    last: i64,
}

impl World {
    /// A number that was not there before.
    pub(super) fn fresh(&mut self) -> i64 {
        // The small ones are drawn at random.
        self.last = self.last.max(100) + 1;
        self.last
    }

    /// Keeps numbers new after a rollback too.
    pub(super) fn go_back_to(&mut self, before: World) {
        let (last, left) = (self.last, std::mem::take(&mut self.left));
        *self = before;
        (self.last, self.left) = (last, left);
    }

    /// Every row that goes when those that are marked do, and orphans.
    pub(super) fn gone(&self) -> BTreeSet<Id> {
        let mut gone = self.doomed.clone();
        for (id, row) in &self.now.notes {
            let had_one = self
                .was
                .notes
                .get(id)
                .is_some_and(|was| was.author.is_some());
            if had_one && row.author.is_none() || row.author.is_some_and(|a| gone.contains(&a)) {
                gone.insert(*id);
            }
        }
        for (id, row) in &self.now.cards {
            let had_one = self
                .was
                .cards
                .get(id)
                .is_some_and(|was| was.owner.is_some());
            if had_one && row.owner.is_none() || row.owner.is_some_and(|o| gone.contains(&o)) {
                gone.insert(*id);
            }
        }
        for (id, row) in &self.now.bins {
            if gone.contains(&row.shelf) {
                gone.insert(*id);
            }
        }
        for (id, row) in &self.now.items {
            if gone.contains(&row.bin) {
                gone.insert(*id);
            }
        }
        gone
    }

    /// What a flush makes of it.
    pub(super) fn flush(&mut self, s: &Session, tally: &mut Tally) {
        let gone = self.gone();
        let deleted = |id: &&Id| self.doomed.contains(id);
        tally.person[2] += self.was.persons.keys().filter(deleted).count() as u64;
        tally.topic[2] += self.was.topics.keys().filter(deleted).count() as u64;
        self.remove(&gone);
        self.write_persons(tally);
        self.write_topics(tally);
        for (id, row) in &mut self.now.bins {
            match self.was.bins.get(id) {
                None => row.version = 1,
                Some(was) if (was.shelf, was.label) != (row.shelf, row.label) => row.version += 1,
                Some(_) => {}
            }
        }
        for (id, row) in &self.now.notes {
            match self.was.notes.get(id) {
                None => tally.note[0] += 1,
                Some(was) if (was.author, was.heat) != (row.author, row.heat) => tally.note[1] += 1,
                Some(_) => {}
            }
        }
        let is_new = |(id, _): &(&Id, &ItemRow)| !self.was.items.contains_key(id);
        let new = self.now.items.iter().filter(is_new);
        self.now.audits.extend(new.map(|(_, row)| row.serial));
        self.learn(s);
        self.settled(s);
    }

    /// Tables are as they are, and no object says that a row is there which is not.
    pub(super) fn settled(&mut self, s: &Session) {
        macro_rules! no_objects {
            ($($rows:ident),*) => {$(
                for (id, row) in &self.was.$rows {
                    if !self.now.$rows.contains_key(id) && let Some(handle) = row.handle {
                        let state = s.state(handle);
                        assert_ne!(state, State::Persistent, "{} {id:?}", stringify!($rows));
                    }
                }
            )*};
        }
        no_objects!(persons, topics, notes, cards, shelves, bins, items, pairs);
        self.was = self.now.clone();
        self.doomed.clear();
        self.wishes.clear();
        self.removed.clear();
    }

    pub(super) fn remove(&mut self, gone: &BTreeSet<Id>) {
        let stays = |id: &Id| !gone.contains(id);
        self.now.persons.retain(|id, _| stays(id));
        self.now.topics.retain(|id, _| stays(id));
        self.now.notes.retain(|id, _| stays(id));
        self.now.cards.retain(|id, _| stays(id));
        self.now.shelves.retain(|id, _| stays(id));
        self.now.bins.retain(|id, _| stays(id));
        self.now.items.retain(|id, _| stays(id));
        self.now
            .pairs
            .retain(|pair, _| pair.sides().iter().all(stays));
    }

    fn write_persons(&mut self, tally: &mut Tally) {
        for (id, row) in &mut self.now.persons {
            let Some(was) = self.was.persons.get(id) else {
                row.version = 1;
                tally.person[0] += 1;
                if row.name.is_empty() {
                    row.name = "anon".to_owned();
                }
                row.points = row.points_asked.take().unwrap_or(row.points);
                row.seat = row.seat_asked.take().or(row.seat);
                continue;
            };
            let is_changed = (&was.name, was.points, was.seat) != (&row.name, row.points, row.seat);
            // VN-1, VN-2
            if is_changed || row.is_asked() {
                row.version += 1;
                tally.person[1] += 1;
            }
            row.points = row.points_asked.take().unwrap_or(row.points);
            row.seat = row.seat_asked.take().or(row.seat);
            row.touched = false;
        }
    }

    fn write_topics(&mut self, tally: &mut Tally) {
        for (id, row) in &mut self.now.topics {
            let Some(was) = self.was.topics.get(id) else {
                tally.topic[0] += 1;
                row.rank = row.rank_asked.take().unwrap_or(row.rank);
                continue;
            };
            let differs = |row: &TopicRow| {
                (was.rank, was.heat) != (row.rank, row.heat) || row.rank_asked.is_some()
            };
            if differs(row) {
                // The hook has the last word about what is written.
                row.heat += row.heat % 2;
                tally.topic[1] += u64::from(differs(row));
            }
            row.rank = row.rank_asked.take().unwrap_or(row.rank);
        }
    }

    /// The keys that the database has made.
    fn learn(&mut self, s: &Session) {
        macro_rules! learn {
            ($($rows:ident),*) => {$(
                for row in self.now.$rows.values_mut() {
                    if row.key.is_none() {
                        row.key = s.key(row.handle.unwrap()).ok();
                    }
                }
            )*};
        }
        learn!(persons, notes, shelves, items);
    }
}
