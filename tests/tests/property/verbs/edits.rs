//! Edits of rows: added, changed, computed, touched, deleted.
//!
//! `cases` draws them.
//! They must not read; whatever object they need is asked of the editor.

use sessile::prelude::*;
use sessile::sql::value;

use super::editor::{Editor, ids};
use super::models::{Bin, Card, Item, Note, Person, Shelf, Topic};
use super::world::{BinRow, CardRow, Id, ItemRow, NoteRow, PersonRow, ShelfRow, TopicRow};

impl Editor<'_> {
    /// One random edit.
    pub(super) fn edit(&mut self) -> &'static str {
        match self.r.below(44) {
            0..=2 => self.add_person(),
            3 => self.add_topic(),
            4 | 5 => self.add_note(),
            6 => self.add_card(),
            7 => self.add_shelf(),
            8 | 9 => self.add_bin(),
            10 | 11 => self.add_item(),
            12 => self.change_person(),
            13 => self.compute_person(),
            14 => self.touch_person(),
            15 => self.change_topic(),
            16 | 17 => self.move_note(),
            18 => self.move_card(),
            19 | 20 => self.move_down(),
            21 | 22 => self.delete_person(),
            23 => self.delete_topic(),
            24 => self.delete_other(),
            25..=28 => self.link(),
            29..=31 => self.unlink(),
            32 | 33 => self.add_mark(),
            34 => self.change_mark(),
            35 => self.delete_mark(),
            36..=38 => self.load(),
            39 => self.detach(),
            40 => self.evict(),
            41 => self.merge(),
            42 => self.refresh(),
            _ => self.set_based(),
        }
    }

    /// Something to work on.
    pub(super) fn populate(&mut self) {
        for _ in 0..3 {
            self.add_person();
            self.add_topic();
            self.add_note();
            self.add_bin();
            self.add_item();
            self.add_item();
        }
        self.flush();
    }

    fn add_person(&mut self) -> &'static str {
        let id = self.w.fresh() as Id;
        let name = if self.r.once_in(2) { "ann" } else { "" };
        let (points, seat) = (self.w.fresh(), self.small());
        let handle = self.s.add(Person {
            name: name.to_owned(),
            points,
            seat,
            ..Person::default()
        });
        let row = PersonRow {
            handle: Some(handle),
            key: None,
            version: 0,
            name: name.to_owned(),
            points,
            seat,
            points_asked: None,
            seat_asked: None,
            touched: false,
        };
        self.w.now.persons.insert(id, row);
        "add person"
    }

    fn add_topic(&mut self) -> &'static str {
        let (key, heat) = (self.w.fresh(), self.r.below(9) as i64);
        let rank = self.small().unwrap_or(key);
        let handle = self.s.add(Topic {
            id: key,
            rank,
            heat,
        });
        let row = TopicRow {
            handle: Some(handle),
            key,
            rank,
            heat,
            rank_asked: None,
        };
        self.w.now.topics.insert(key as Id, row);
        "add topic"
    }

    fn add_note(&mut self) -> &'static str {
        let id = self.w.fresh() as Id;
        let author = self
            .r
            .pick(&ids!(self, persons))
            .filter(|_| !self.r.once_in(4));
        let heat = self.r.below(9) as i64;
        let handle = self.s.add(Note {
            author: author.map(|author| self.person_fk(author)),
            heat,
            ..Note::default()
        });
        let row = NoteRow {
            handle: Some(handle),
            key: None,
            author,
            heat,
        };
        self.w.now.notes.insert(id, row);
        "add note"
    }

    fn add_card(&mut self) -> &'static str {
        let key = self.w.fresh();
        let owner = self.r.pick(&ids!(self, persons));
        let handle = self.s.add(Card {
            id: key,
            owner: owner.map(|owner| self.person_fk(owner)),
        });
        let row = CardRow {
            handle: Some(handle),
            key,
            owner,
        };
        self.w.now.cards.insert(key as Id, row);
        "add card"
    }

    fn add_shelf(&mut self) -> &'static str {
        let id = self.w.fresh() as Id;
        let handle = Some(self.s.add(Shelf::default()));
        self.w
            .now
            .shelves
            .insert(id, ShelfRow { handle, key: None });
        "add shelf"
    }

    fn add_bin(&mut self) -> &'static str {
        let Some(shelf) = self.r.pick(&ids!(self, shelves)) else {
            return self.add_shelf();
        };
        let key = self.w.fresh();
        let handle = self.s.add(Bin {
            id: key,
            shelf: self.shelf_fk(shelf),
            label: key,
            ..Bin::default()
        });
        let row = BinRow {
            handle: Some(handle),
            key,
            version: 0,
            shelf,
            label: key,
        };
        self.w.now.bins.insert(key as Id, row);
        "add bin"
    }

    fn add_item(&mut self) -> &'static str {
        let Some(bin) = self.r.pick(&ids!(self, bins)) else {
            return self.add_bin();
        };
        let serial = self.w.fresh();
        let handle = self.s.add(Item {
            bin: self.bin_fk(bin),
            serial,
            ..Item::default()
        });
        self.watch.new.lock().unwrap().push(handle);
        let row = ItemRow {
            handle: Some(handle),
            key: None,
            bin,
            serial,
        };
        self.w.now.items.insert(serial as Id, row);
        "add item"
    }

    /// VN-2: some are set back.
    fn change_person(&mut self) -> &'static str {
        let Some((id, handle)) = self.some_person() else {
            return "no person";
        };
        match self.r.below(3) {
            0 => {
                let seat = self.small();
                self.seat_as(id, seat);
            }
            1 if self.w.now.persons[&id].points_asked.is_none() => {
                let was = self.w.was.persons.get(&id).map(|was| was.points);
                let row = self.w.now.persons.get_mut(&id).unwrap();
                row.points = was.unwrap_or(row.points);
                self.s[handle].points = -1;
                self.s[handle].points = row.points;
                return "set back";
            }
            _ => {
                let points = self.w.fresh();
                let row = self.w.now.persons.get_mut(&id).unwrap();
                row.points = points;
                row.points_asked = None;
                self.s[handle].points = points;
            }
        }
        "change person"
    }

    pub(super) fn seat_as(&mut self, id: Id, seat: Option<i64>) {
        let handle = self.w.now.persons[&id].handle.expect("it was changed");
        let was = self.w.was.persons.get(&id).map(|was| was.seat);
        let row = self.w.now.persons.get_mut(&id).unwrap();
        // Written as it was is no change, and leaves the expression.
        if was != Some(seat) {
            row.seat_asked = None;
        }
        row.seat = seat;
        self.s[handle].seat = seat;
    }

    /// CT-4: the last word counts.
    fn compute_person(&mut self) -> &'static str {
        let Some((id, handle)) = self.some_person() else {
            return "no person";
        };
        let more = self.w.fresh();
        let was = self
            .w
            .was
            .persons
            .get(&id)
            .map(|was| (was.points, was.seat));
        let row = self.w.now.persons.get_mut(&id).unwrap();
        match was {
            None => {
                let expression = value(more) + 1;
                self.s.set_expr(handle, Person::POINTS, expression).unwrap();
                row.points_asked = Some(more + 1);
            }
            Some((_, Some(seat))) if self.r.once_in(2) => {
                let expression = Person::SEAT + (more * 1_000);
                self.s.set_expr(handle, Person::SEAT, expression).unwrap();
                row.seat = Some(seat);
                row.seat_asked = Some(seat + more * 1_000);
            }
            Some((points, _)) => {
                let expression = Person::POINTS + more;
                self.s.set_expr(handle, Person::POINTS, expression).unwrap();
                row.points = points;
                row.points_asked = Some(points + more);
            }
        }
        "compute person"
    }

    fn touch_person(&mut self) -> &'static str {
        let Some((id, handle)) = self.some_person() else {
            return "no person";
        };
        if self.w.was.persons.contains_key(&id) {
            self.s.touch(handle).unwrap();
            self.w.now.persons.get_mut(&id).unwrap().touched = true;
        }
        "touch person"
    }

    pub(super) fn some_person(&mut self) -> Option<(Id, Handle<Person>)> {
        let id = self.r.pick(&ids!(self, persons))?;
        let handle = self.person(id)?;
        Some((id, handle))
    }

    pub(super) fn some_topic(&mut self) -> Option<(Id, Handle<Topic>)> {
        let id = self.r.pick(&ids!(self, topics))?;
        let handle = self.topic(id)?;
        Some((id, handle))
    }

    fn change_topic(&mut self) -> &'static str {
        let Some((id, handle)) = self.some_topic() else {
            return "no topic";
        };
        let was = self.w.was.topics.get(&id).map(|was| was.rank);
        match (self.r.below(3), was) {
            (0, Some(was)) => {
                let more = self.w.fresh() * 1_000;
                let expression = Topic::RANK + more;
                self.s.set_expr(handle, Topic::RANK, expression).unwrap();
                let row = self.w.now.topics.get_mut(&id).unwrap();
                row.rank = was;
                row.rank_asked = Some(was + more);
                return "compute topic";
            }
            (1, _) => {
                let rank = self.small().unwrap_or(7);
                self.rank_as(id, rank);
            }
            _ => {
                let heat = self.r.below(9) as i64;
                self.w.now.topics.get_mut(&id).unwrap().heat = heat;
                self.s[handle].heat = heat;
            }
        }
        "change topic"
    }

    pub(super) fn rank_as(&mut self, id: Id, rank: i64) {
        let handle = self.w.now.topics[&id].handle.expect("it was changed");
        let was = self.w.was.topics.get(&id).map(|was| was.rank);
        let row = self.w.now.topics.get_mut(&id).unwrap();
        // Written as it was is no change, and leaves the expression.
        if was != Some(rank) {
            row.rank_asked = None;
        }
        row.rank = rank;
        self.s[handle].rank = rank;
    }

    fn move_note(&mut self) -> &'static str {
        let Some(id) = self.r.pick(&ids!(self, notes)) else {
            return "no note";
        };
        let Some(handle) = self.note(id) else {
            return "the note is gone";
        };
        let author = self
            .r
            .pick(&ids!(self, persons))
            .filter(|_| !self.r.once_in(4));
        let heat = self.r.below(9) as i64;
        let fk = author.map(|author| self.person_fk(author));
        let row = self.w.now.notes.get_mut(&id).unwrap();
        (row.author, row.heat) = (author, heat);
        self.s[handle].author = fk;
        self.s[handle].heat = heat;
        "move note"
    }

    /// A swap of the only reference is broken at NULL, which is no orphan (FL-3, RL-3).
    fn move_card(&mut self) -> &'static str {
        let cards = self.r.some(&ids!(self, cards), 3);
        for card in &cards {
            self.card(*card);
        }
        let here = ids!(self, cards);
        let cards: Vec<Id> = cards
            .into_iter()
            .filter(|card| here.contains(card))
            .collect();
        let owners: Vec<_> = cards.iter().map(|id| self.w.now.cards[id].owner).collect();
        for (card, owner) in cards.iter().cycle().skip(1).zip(owners) {
            self.own(*card, owner);
        }
        if let (Some(card), true) = (cards.first(), self.r.once_in(2)) {
            let owner = self.r.pick(&ids!(self, persons));
            self.own(*card, owner);
        }
        "move card"
    }

    pub(super) fn own(&mut self, card: Id, owner: Option<Id>) {
        let handle = self.w.now.cards[&card].handle.expect("it was changed");
        let fk = owner.map(|owner| self.person_fk(owner));
        self.w.now.cards.get_mut(&card).unwrap().owner = owner;
        self.s[handle].owner = fk;
    }

    /// Bins to other shelves, items to other bins, out of what is deleted as well.
    fn move_down(&mut self) -> &'static str {
        if self.r.once_in(2) {
            let all: Vec<Id> = self.w.now.bins.keys().copied().collect();
            let marked = |id: &Id| self.w.doomed.contains(id);
            let all: Vec<Id> = all.into_iter().filter(|id| !marked(id)).collect();
            let Some(bin) = self.r.pick(&all) else {
                return "no bin";
            };
            let (Some(handle), Some(shelf)) = (self.bin(bin), self.r.pick(&ids!(self, shelves)))
            else {
                return "the bin is gone";
            };
            let fk = self.shelf_fk(shelf);
            self.w.now.bins.get_mut(&bin).unwrap().shelf = shelf;
            self.s[handle].shelf = fk;
            return "move bin";
        }
        let all: Vec<Id> = self.w.now.items.keys().copied().collect();
        let marked = |id: &Id| self.w.doomed.contains(id);
        let all: Vec<Id> = all.into_iter().filter(|id| !marked(id)).collect();
        let Some(item) = self.r.pick(&all) else {
            return "no item";
        };
        let (Some(handle), Some(bin)) = (self.item(item), self.r.pick(&ids!(self, bins))) else {
            return "the item is gone";
        };
        let fk = self.bin_fk(bin);
        self.w.now.items.get_mut(&item).unwrap().bin = bin;
        self.s[handle].bin = fk;
        "move item"
    }

    /// A value that others may have.
    pub(super) fn small(&mut self) -> Option<i64> {
        let small = self.r.below(8);
        (small < 6).then_some(small as i64)
    }
}
