//! Edits of all rows that meet a condition (BK-1).
//!
//! `cases` draws them, with the other edits.
//! They must not delete what `cascade(client)` holds: that is refused by the database.

use sessile::prelude::*;

use super::editor::Editor;
use super::models::{Card, Item, Mark, Note, Person, Topic};
use super::world::{Id, Pair};

impl Editor<'_> {
    pub(super) fn set_based(&mut self) -> &'static str {
        let did = match self.r.below(8) {
            0 | 1 => self.give_points(),
            2 => self.heat_topics(),
            3 => self.free_notes(),
            4 => self.delete_notes(),
            5 => self.delete_marks(),
            6 => self.delete_a_person(),
            _ => self.move_items(),
        };
        self.w.settled(self.s);
        did
    }

    /// VN-3
    fn give_points(&mut self) -> &'static str {
        let all: Vec<i64> = self.w.now.persons.values().map(|row| row.points).collect();
        let least = self.r.pick(&all).unwrap_or(0);
        let bumps = !self.r.once_in(4);
        let statement = update::<Person>()
            .set(Person::POINTS, Person::POINTS + 1)
            .filter(Person::POINTS.ge(least));
        let statement = match bumps {
            true => statement,
            false => statement.without_version_bump(),
        };
        let changed = self.reading(|s| s.update_where(statement).unwrap());
        let mut count = 0;
        for row in self.w.now.persons.values_mut() {
            if row.points >= least {
                count += 1;
                row.points += 1;
                row.version += i32::from(bumps);
            }
        }
        assert_eq!(changed, count);
        "give points"
    }

    fn heat_topics(&mut self) -> &'static str {
        let least = self.r.below(9) as i64;
        let statement = update::<Topic>()
            .set(Topic::HEAT, Topic::HEAT + 1)
            .filter(Topic::HEAT.ge(least));
        self.reading(|s| s.update_where(statement).unwrap());
        let topics = self.w.now.topics.values_mut();
        topics
            .filter(|row| row.heat >= least)
            .for_each(|row| row.heat += 1);
        "heat topics"
    }

    /// No flush, so nobody is an orphan.
    fn free_notes(&mut self) -> &'static str {
        let heat = self.r.below(9) as i64;
        let statement = update::<Note>()
            .set(Note::AUTHOR, None::<Fk<Person>>)
            .filter(Note::HEAT.eq(heat));
        self.reading(|s| s.update_where(statement).unwrap());
        let notes = self.w.now.notes.values_mut();
        notes
            .filter(|row| row.heat == heat)
            .for_each(|row| row.author = None);
        "free notes"
    }

    fn delete_notes(&mut self) -> &'static str {
        let heat = self.r.below(9) as i64;
        self.reading(|s| {
            s.delete_where(delete::<Note>().filter(Note::HEAT.eq(heat)))
                .unwrap()
        });
        self.w.now.notes.retain(|_, row| row.heat != heat);
        "delete notes"
    }

    fn delete_marks(&mut self) -> &'static str {
        let extra = self.r.below(6) as i64;
        self.reading(|s| {
            s.delete_where(delete::<Mark>().filter(Mark::EXTRA.eq(extra)))
                .unwrap()
        });
        self.w.now.pairs.retain(|_, row| row.extra != Some(extra));
        "delete marks"
    }

    /// What the database does with those below, objects follow.
    fn delete_a_person(&mut self) -> &'static str {
        self.flush();
        let pairs = &self.w.now.pairs;
        let is_held = |id: &Id| {
            pairs
                .keys()
                .any(|p| matches!(p, Pair::Bond(from, _) if from == id))
        };
        let free: Vec<Id> = self
            .w
            .now
            .persons
            .keys()
            .copied()
            .filter(|id| !is_held(id))
            .collect();
        let Some(id) = self.r.pick(&free) else {
            return "nobody is free";
        };
        let key = self.w.now.persons[&id].key.unwrap();
        self.reading(|s| {
            s.delete_where(delete::<Person>().filter(Person::ID.eq(key)))
                .unwrap()
        });
        self.w.doomed.insert(id);
        let gone = self.w.gone();
        self.w.remove(&gone);
        "delete a person"
    }

    /// Also of rows that the session does not have.
    fn move_items(&mut self) -> &'static str {
        self.flush();
        let bins: Vec<Id> = self.w.now.bins.keys().copied().collect();
        let (Some(from), Some(to)) = (self.r.pick(&bins), self.r.pick(&bins)) else {
            let none = delete::<Card>().filter(Card::ID.eq(-1));
            assert_eq!(self.reading(|s| s.delete_where(none).unwrap()), 0);
            return "no bins";
        };
        let key = |id: Id| self.w.now.bins[&id].key;
        let statement = update::<Item>()
            .set(Item::BIN, key(to))
            .filter(Item::BIN.is(Fk::to(key(from))));
        self.reading(|s| s.update_where(statement).unwrap());
        let items = self.w.now.items.values_mut();
        items
            .filter(|row| row.bin == from)
            .for_each(|row| row.bin = to);
        "move items"
    }
}
