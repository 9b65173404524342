//! Makes what was edited at random something that a database can take.
//!
//! The editor calls it before whatever may flush.
//! It must not rule out more than it has to: each rule here says what is not promised.

use sessile::ErrorKind;

use super::editor::{Editor, ids};
use super::world::{Id, Pair, PersonRow, TopicRow};

impl Editor<'_> {
    pub(super) fn make_legal(&mut self) {
        self.no_new_rows_below_deleted_ones();
        self.unique_seats();
        self.unique_ranks();
        self.unique_owners();
        // A ring of values that must not be NULL has no order (FL-3).
        if let Err(error) = self.s.plan() {
            assert!(matches!(error.kind(), ErrorKind::Cycle { .. }), "{error:?}");
            let changed: Vec<Id> = ids!(self, topics);
            for topic in changed {
                let was = self.w.was.topics.get(&topic);
                let row = &self.w.now.topics[&topic];
                if was.is_none_or(|was| was.rank != row.rank || row.rank_asked.is_some()) {
                    let rank = self.w.fresh();
                    self.rank_as(topic, rank);
                }
            }
            self.s.plan().unwrap();
        }
    }

    /// RL-2: a new object that refers to what is deleted is refused, so it leaves.
    fn no_new_rows_below_deleted_ones(&mut self) {
        let gone = self.w.gone();
        if gone.is_empty() {
            return;
        }
        macro_rules! leave {
            ($($rows:ident),*) => {$(
                let all: Vec<Id> = self.w.now.$rows.keys().copied().collect();
                for id in all {
                    if gone.contains(&id) && !self.w.was.$rows.contains_key(&id) {
                        let row = self.w.now.$rows.remove(&id).unwrap();
                        self.s.delete(row.handle.unwrap()).unwrap();
                    }
                }
            )*};
        }
        // RL-4: what was moved into a new object must not name it when it leaves.
        let left = |id: &Id| gone.contains(id) && !self.w.was.bins.contains_key(id);
        let items = self.w.now.items.iter();
        let moved = items.filter(|(id, row)| self.w.was.items.contains_key(id) && left(&row.bin));
        for item in moved.map(|(id, _)| *id).collect::<Vec<Id>>() {
            let handle = self.w.now.items[&item].handle.unwrap();
            self.s.delete(handle).unwrap();
            self.w.doomed.insert(item);
        }
        // Below first.
        leave!(items, bins, notes, cards);
        let pairs: Vec<Pair> = self.w.now.pairs.keys().copied().collect();
        for pair in pairs {
            let row = &self.w.now.pairs[&pair];
            if !pair.sides().iter().any(|side| gone.contains(side)) {
                continue;
            }
            if self.is_pending(pair) {
                self.s.delete(row.handle.unwrap()).unwrap();
                self.w.now.pairs.remove(&pair);
            }
        }
    }

    /// What was not changed has the first claim: it may not even be in the session.
    fn unique_seats(&mut self) {
        let mut seats = Vec::new();
        for person in self.unchanged_first(ids!(self, persons)) {
            let seat = self.w.now.persons[&person].seat_to_be();
            if seat.is_some() && seats.contains(&seat) {
                self.seat_as(person, None);
            }
            seats.push(self.w.now.persons[&person].seat_to_be());
        }
    }

    fn unique_ranks(&mut self) {
        let mut ranks = Vec::new();
        for topic in self.unchanged_first(ids!(self, topics)) {
            let row = &self.w.now.topics[&topic];
            let mut rank = row.rank_asked.unwrap_or(row.rank);
            if ranks.contains(&rank) {
                rank = self.w.fresh();
                self.rank_as(topic, rank);
            }
            ranks.push(rank);
        }
    }

    fn unique_owners(&mut self) {
        let mut owners = Vec::new();
        for card in self.unchanged_first(ids!(self, cards)) {
            let owner = self.w.now.cards[&card].owner;
            if owner.is_some() && owners.contains(&owner) {
                self.own(card, None);
            }
            owners.push(self.w.now.cards[&card].owner);
        }
    }

    fn unchanged_first(&self, mut ids: Vec<Id>) -> Vec<Id> {
        let (now, was) = (&self.w.now, &self.w.was);
        let is_changed = |id: &Id| {
            let seat = |row: &PersonRow| row.seat_to_be();
            let rank = |row: &TopicRow| row.rank_asked.unwrap_or(row.rank);
            now.persons.get(id).map(seat) != was.persons.get(id).map(seat)
                || now.topics.get(id).map(rank) != was.topics.get(id).map(rank)
                || now.cards.get(id).map(|row| row.owner) != was.cards.get(id).map(|row| row.owner)
        };
        ids.sort_by_key(is_changed);
        ids
    }
}
