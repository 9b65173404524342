//! Edits that read, forget and bring in: relationships, `detach`, `evict_clean`, `merge`, `refresh`.
//!
//! `cases` draws them, with the other edits.
//! They must not change what the tables are to hold, but for `merge`.

use super::editor::{Editor, ids};
use super::models::{Bin, Person, Shelf, Topic};
use super::world::{Id, PersonRow, TopicRow};

impl Editor<'_> {
    /// RL-1: what is loaded here must be right after every flush.
    pub(super) fn load(&mut self) -> &'static str {
        match self.r.below(10) {
            0 => self.load_of_topic(),
            1 => {
                let Some(shelf) = self.r.pick(&ids!(self, shelves)) else {
                    return "no shelf";
                };
                let Some(handle) = self.shelf(shelf) else {
                    return "the shelf is gone";
                };
                self.reading(|s| s.related(handle, Shelf::BINS).map(drop).unwrap());
                "load bins"
            }
            2 => {
                let Some(bin) = self.r.pick(&ids!(self, bins)) else {
                    return "no bin";
                };
                let Some(handle) = self.bin(bin) else {
                    return "the bin is gone";
                };
                // The flush before may have deleted it.
                let _ = self.reading(|s| s.related(handle, Bin::ITEMS));
                "load items"
            }
            _ => self.load_of_person(),
        }
    }

    fn load_of_person(&mut self) -> &'static str {
        let Some((_, handle)) = self.some_person() else {
            return "no person";
        };
        let which = self.r.below(7);
        self.reading(|s| match which {
            0 => s.related(handle, Person::NOTES).map(drop),
            1 => s.related(handle, Person::MARKS).map(drop),
            2 => s.related(handle, Person::CARD).map(drop),
            3 => s.related(handle, Person::TOPICS).map(drop),
            4 => s.related(handle, Person::FRIENDS).map(drop),
            5 => s.related_one(handle, Person::FANS).map(drop),
            _ => s.load([handle], (Person::NOTES, Person::TOPICS, Person::FRIENDS)),
        })
        .unwrap();
        "load of person"
    }

    fn load_of_topic(&mut self) -> &'static str {
        let Some((_, handle)) = self.some_topic() else {
            return "no topic";
        };
        let which = self.r.once_in(2);
        self.reading(|s| match which {
            true => s.related(handle, Topic::MARKS).map(drop),
            false => s.related(handle, Topic::PERSONS).map(drop),
        })
        .unwrap();
        "load of topic"
    }

    /// Only what nothing was said about: a wish or reference that names it would be refused.
    pub(super) fn detach(&mut self) -> &'static str {
        self.flush();
        macro_rules! detach {
            ($rows:ident) => {{
                let Some(id) = self.r.pick(&ids!(self, $rows)) else {
                    return "nothing to detach";
                };
                if let Some(handle) = self.w.now.$rows[&id].handle {
                    self.s.detach(handle).unwrap();
                    self.w.now.$rows.get_mut(&id).unwrap().handle = None;
                    self.w.was.$rows.get_mut(&id).unwrap().handle = None;
                    self.w.left.insert(id);
                }
            }};
        }
        match self.r.below(6) {
            0 => detach!(persons),
            1 => detach!(topics),
            2 => detach!(notes),
            3 => detach!(cards),
            4 => detach!(bins),
            _ => detach!(items),
        }
        "detach"
    }

    /// What nothing waits for, and this transaction has not written, leaves.
    pub(super) fn evict(&mut self) -> &'static str {
        self.s.evict_clean();
        let left = self.forget_handles();
        self.w.left.extend(left);
        "evict"
    }

    /// Of what the session has, of what it lost, and of what has no row yet.
    pub(super) fn merge(&mut self) -> &'static str {
        match self.r.below(3) {
            0 => self.merge_person(),
            1 => self.merge_new_topic(),
            _ => self.merge_topic(),
        }
    }

    fn merge_person(&mut self) -> &'static str {
        let Some(id) = self.r.pick(&ids!(self, persons)) else {
            return "no person to merge";
        };
        let row = self.w.now.persons[&id].clone();
        let (Some(key), false) = (row.key, row.is_asked()) else {
            return "the person is not plain";
        };
        let points = self.w.fresh();
        // Not promised: a value with the version of an object that has unflushed changes. Where the
        // object is expired `merge` flushes these first, and the value is out of date.
        let was = &self.w.was.persons[&id];
        let is_clean = (&was.name, was.points, was.seat) == (&row.name, row.points, row.seat);
        let version = match self.r.once_in(2) && is_clean {
            true => row.version,
            false => 0,
        };
        let value = Person {
            id: key,
            version,
            name: "merged".to_owned(),
            points,
            seat: row.seat,
        };
        let handle = self.reading(|s| s.merge(value).unwrap());
        let Some(now) = self.w.now.persons.get_mut(&id) else {
            panic!("it was not to go");
        };
        assert!(now.handle.is_none_or(|known| known == handle), "IM-1");
        *now = PersonRow {
            handle: Some(handle),
            name: "merged".to_owned(),
            points,
            ..now.clone()
        };
        now.seat = row.seat;
        "merge person"
    }

    fn merge_topic(&mut self) -> &'static str {
        let Some(id) = self.r.pick(&ids!(self, topics)) else {
            return "no topic to merge";
        };
        let row = self.w.now.topics[&id].clone();
        if row.rank_asked.is_some() {
            return "the topic is not plain";
        }
        let heat = self.r.below(9) as i64;
        let value = Topic {
            id: row.key,
            rank: row.rank,
            heat,
        };
        let handle = self.reading(|s| s.merge(value).unwrap());
        // A flush before may have given it another rank.
        let now = self.w.now.topics.get_mut(&id).unwrap();
        assert!(now.handle.is_none_or(|known| known == handle), "IM-1");
        now.handle = Some(handle);
        (now.rank, now.heat) = (row.rank, heat);
        "merge topic"
    }

    fn merge_new_topic(&mut self) -> &'static str {
        let key = self.w.fresh();
        let value = Topic {
            id: key,
            rank: key,
            heat: 1,
        };
        let handle = self.reading(|s| s.merge(value).unwrap());
        let row = TopicRow {
            handle: Some(handle),
            key,
            rank: key,
            heat: 1,
            rank_asked: None,
        };
        self.w.now.topics.insert(key as Id, row);
        "merge new topic"
    }

    /// ST-5: reads again in place.
    pub(super) fn refresh(&mut self) -> &'static str {
        self.flush();
        let Some((_, handle)) = self.some_person() else {
            return "no person";
        };
        self.reading(|s| s.refresh(handle).unwrap());
        "refresh"
    }
}
