//! Edits of pairs: by `link` and `unlink`, and by association objects (RL-5).
//!
//! `cases` draws them, with the other edits.
//! It must not ask for what only a strict association object would refuse.

use sessile::prelude::*;

use super::editor::{Editor, ids};
use super::models::{Bond, Mark, Person, Topic};
use super::world::{Id, Pair, PairRow, Wish};

impl Editor<'_> {
    /// Whose objects are here; one of them may be marked.
    fn some_pair(&mut self) -> Option<Pair> {
        let one = self.r.pick(&ids!(self, persons))?;
        let pair = match self.r.once_in(2) {
            true => Pair::Bond(one, self.r.pick(&ids!(self, persons))?),
            false => Pair::Mark(one, self.r.pick(&ids!(self, topics))?),
        };
        // Rather one that is there, or was.
        let known = self.w.now.pairs.keys().chain(self.w.removed.keys());
        let known: Vec<Pair> = known.copied().collect();
        let known = self.r.pick(&known).filter(|_| !self.r.once_in(3));
        let pair = known.unwrap_or(pair);
        self.bring_sides(pair)?;
        Some(pair)
    }

    fn some_pair_that_stays(&mut self) -> Option<Pair> {
        let pair = self.some_pair()?;
        self.stays(pair).then_some(pair)
    }

    fn stays(&self, pair: Pair) -> bool {
        let gone = self.w.gone();
        !pair.sides().iter().any(|side| gone.contains(side))
    }

    /// For an association object: often of what was taken away.
    fn some_place(&mut self) -> Option<Pair> {
        let known = self.w.removed.keys().chain(self.w.was.pairs.keys());
        let known: Vec<Pair> = known.copied().collect();
        let person = self.r.pick(&ids!(self, persons))?;
        let topic = self.r.pick(&ids!(self, topics))?;
        let pair = match self.r.pick(&known).filter(|_| self.r.once_in(2)) {
            Some(pair @ Pair::Mark(..)) => pair,
            _ => Pair::Mark(person, topic),
        };
        self.bring_sides(pair)?;
        self.stays(pair).then_some(pair)
    }

    /// Both objects are in the session.
    fn bring_sides(&mut self, pair: Pair) -> Option<()> {
        let sides = pair.sides();
        for _ in 0..2 {
            self.person(sides[0])?;
            match pair {
                Pair::Mark(_, topic) => drop(self.topic(topic)?),
                Pair::Bond(_, other) => drop(self.person(other)?),
            }
        }
        Some(())
    }

    /// By either of the two relationships.
    fn say(&mut self, pair: Pair, wish: Wish) {
        let person = |id: Id| self.w.now.persons[&id].handle.unwrap();
        let back = self.r.once_in(2);
        macro_rules! say {
            ($verb:ident) => {
                match (pair, back) {
                    (Pair::Mark(one, other), _) => {
                        let topic = self.w.now.topics[&other].handle.unwrap();
                        match back {
                            true => self.s.$verb(topic, Topic::PERSONS, person(one)),
                            false => self.s.$verb(person(one), Person::TOPICS, topic),
                        }
                    }
                    (Pair::Bond(one, other), true) => {
                        self.s.$verb(person(other), Person::FANS, person(one))
                    }
                    (Pair::Bond(one, other), false) => {
                        self.s.$verb(person(one), Person::FRIENDS, person(other))
                    }
                }
                .unwrap()
            };
        }
        match wish {
            Wish::Link => say!(link),
            Wish::Unlink => say!(unlink),
        }
    }

    /// Twice is once; after an `unlink` the row is as it was.
    pub(super) fn link(&mut self) -> &'static str {
        let Some(pair) = self.some_pair_that_stays() else {
            return "no pair";
        };
        let was_there = self.w.was.pairs.contains_key(&pair);
        // Its INSERT is strict, and `link` takes the `unlink` before it back.
        if was_there && self.is_pending(pair) {
            return "the pair is replaced";
        }
        if was_there && !self.w.now.pairs.contains_key(&pair) && !self.w.removed.contains_key(&pair)
        {
            // Its object is marked, and goes: the row is made anew.
            return "the pair is marked";
        }
        self.say(pair, Wish::Link);
        self.w.wishes.insert(pair, Wish::Link);
        let back = self.w.removed.remove(&pair).filter(|_| was_there);
        self.w
            .now
            .pairs
            .entry(pair)
            .or_insert(back.unwrap_or_default());
        "link"
    }

    /// After a `link` that was not flushed it is as if nothing had been said, unless a loaded
    /// collection tells that the row was there.
    pub(super) fn unlink(&mut self) -> &'static str {
        let Some(pair) = self.some_pair() else {
            return "no pair";
        };
        let is_new = self.is_pending(pair);
        let is_known = self.is_loaded_pair(pair);
        let was_there = self.w.was.pairs.contains_key(&pair);
        let before = self.w.wishes.get(&pair).copied();
        self.say(pair, Wish::Unlink);
        match before {
            Some(Wish::Link) if !is_known => {
                self.w.wishes.remove(&pair);
                if was_there {
                    return "unlink what was linked again";
                }
            }
            None if is_new && !is_known => {}
            _ => drop(self.w.wishes.insert(pair, Wish::Unlink)),
        }
        if let Some(row) = self.w.now.pairs.remove(&pair)
            && was_there
            && !is_new
        {
            self.w.removed.insert(pair, row);
        }
        "unlink"
    }

    pub(super) fn is_pending(&self, pair: Pair) -> bool {
        let row = self.w.now.pairs.get(&pair);
        let handle = row.and_then(|row| row.handle);
        handle.is_some_and(|handle| self.s.state(handle) == State::Pending)
    }

    /// Whether the session has its row in a loaded collection.
    fn is_loaded_pair(&self, pair: Pair) -> bool {
        let person = |id: Id| self.w.now.persons[&id].handle.unwrap();
        match pair {
            Pair::Mark(one, other) => {
                let topic = self.w.now.topics[&other].handle.unwrap();
                let of_person = self.s.loaded(person(one), Person::MARKS);
                let of_topic = self.s.loaded(topic, Topic::MARKS);
                // As they were flushed, whatever waits.
                let is = |mark: &Handle<Mark>| {
                    let row = &self.s[*mark];
                    self.s.refers_to(&row.person, person(one))
                        && self.s.refers_to(&row.topic, topic)
                };
                of_person.is_ok_and(|all| all.iter().any(is))
                    || of_topic.is_ok_and(|all| all.iter().any(is))
            }
            Pair::Bond(one, other) => {
                let is = |bond: &Handle<Bond>| {
                    let row = &self.s[*bond];
                    self.s.refers_to(&row.from, person(one))
                        && self.s.refers_to(&row.to, person(other))
                };
                let outgoing = self.s.loaded(person(one), Person::OUTGOING);
                let incoming = self.s.loaded(person(other), Person::INCOMING);
                outgoing.is_ok_and(|all| all.iter().any(is))
                    || incoming.is_ok_and(|all| all.iter().any(is))
            }
        }
    }

    /// Strict, so only where no row will be: never was, is unlinked or marked.
    pub(super) fn add_mark(&mut self) -> &'static str {
        let Some(pair @ Pair::Mark(person, topic)) = self.some_place() else {
            return "no place for a mark";
        };
        let there = self.w.now.pairs.get(&pair);
        // A pair that is linked at last finds the row there.
        let is_linked =
            there.is_some_and(|row| row.handle.is_none()) && !self.w.was.pairs.contains_key(&pair);
        if there.is_some() && !is_linked {
            return "the mark is there";
        }
        // Not promised: a new object for a pair that was unlinked while the session has the object
        // of its row. Two objects have one key then, which is refused as `Identity` (ST-4).
        let keys = (
            self.w.now.persons[&person].key,
            self.w.now.topics[&topic].key,
        );
        if let (Some(person), topic) = keys
            && let Some(old) = self.s.local::<Mark>(&(person, topic))
            && self.s.state(old) == State::Persistent
        {
            return "the mark is loaded";
        }
        let extra = self.small();
        let handle = self.s.add(Mark {
            person: self.person_fk(person),
            topic: self.topic_fk(topic),
            extra,
        });
        let row = PairRow {
            handle: Some(handle),
            extra,
        };
        self.w.now.pairs.insert(pair, row);
        self.w.removed.remove(&pair);
        "add mark"
    }

    fn some_mark(&mut self) -> Option<(Pair, Handle<Mark>)> {
        let gone = self.w.gone();
        let all = self.w.now.pairs.keys().copied();
        let all = all.filter(|pair| matches!(pair, Pair::Mark(..)));
        let all = all.filter(|pair| pair.sides().iter().all(|side| !gone.contains(side)));
        let pair = self.r.pick(&all.collect::<Vec<_>>())?;
        let handle = self.mark(pair)?;
        Some((pair, handle))
    }

    pub(super) fn change_mark(&mut self) -> &'static str {
        let Some((pair, handle)) = self.some_mark() else {
            return "no mark";
        };
        let extra = self.small();
        self.w.now.pairs.get_mut(&pair).unwrap().extra = extra;
        self.s[handle].extra = extra;
        "change mark"
    }

    pub(super) fn delete_mark(&mut self) -> &'static str {
        let Some((pair, handle)) = self.some_mark() else {
            return "no mark";
        };
        let is_linked = self.w.wishes.get(&pair) == Some(&Wish::Link);
        match (is_linked, self.is_pending(pair)) {
            // Who deletes the object of a pair that is linked has said both.
            (true, false) => return "the mark is linked",
            (true, true) => drop(self.w.now.pairs.insert(pair, PairRow::default())),
            (false, _) => drop(self.w.now.pairs.remove(&pair)),
        }
        self.s.delete(handle).unwrap();
        "delete mark"
    }
}
