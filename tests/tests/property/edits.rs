//! Random edits, made in the session and in the model alike.

use sessile::prelude::*;

use super::models::{Knot, Late, Leaf, Pair, Word};
use super::random::Random;
use super::world::{Id, KnotRow, LateRow, LeafRow, PairRow, WordRow, World};

/// A session, what it should come to, and the dice.
pub(super) struct Editor<'a> {
    pub(super) s: &'a mut Session,
    pub(super) w: &'a mut World,
    pub(super) r: &'a mut Random,
}

/// The ids of a table's rows.
macro_rules! ids {
    ($rows:expr) => {
        $rows
            .keys()
            .copied()
            .collect::<Vec<$crate::property::world::Id>>()
    };
}
pub(super) use ids;

impl Editor<'_> {
    /// One random edit.
    pub(super) fn edit(&mut self) -> &'static str {
        match self.r.below(24) {
            0..=2 => self.add_knot(),
            3 | 4 => self.add_leaf(),
            5 => self.add_pair(),
            6 => self.add_late(),
            7 => self.add_word(),
            8 | 9 => self.move_knot(),
            10 | 11 => self.move_leaf(),
            12 => self.tag_knots(),
            13 => self.rotate_tags(),
            14 => self.rotate_codes(),
            15 => self.rotate_places(),
            16 => self.rotate_lates(),
            17 => self.rename_word(),
            18 => self.move_word(),
            19 | 20 => self.delete_knot(),
            21 => self.delete_leaf(),
            22 => self.delete_other(),
            _ => self.switch(),
        }
    }

    fn add_knot(&mut self) -> &'static str {
        let id = self.w.fresh() as Id;
        let (parents, friends) = (ids!(self.w.knots), ids!(self.w.leaves));
        let parent = match self.r.below(4) {
            0 => None,
            1 => Some(id),
            _ => self.r.pick(&parents),
        };
        let friend = self.r.pick(&friends).filter(|_| self.r.once_in(2));
        let (tag, code) = (self.tag(), self.code());
        let handle = self.s.add(Knot {
            tag: tag.clone(),
            code,
            friend: friend.map(|id| self.w.leaves[&id].handle.into()),
            ..Knot::default()
        });
        let row = KnotRow {
            handle,
            parent,
            tag,
            code,
            friend,
        };
        self.w.knots.insert(id, row);
        self.w.pending.insert(id);
        self.s[handle].parent = parent.map(|id| self.w.knots[&id].handle.into());
        "add knot"
    }

    fn add_leaf(&mut self) -> &'static str {
        let Some(knot) = self.r.pick(&ids!(self.w.knots)) else {
            return "no knot for a leaf";
        };
        let id = self.w.fresh();
        let next = self
            .r
            .pick(&ids!(self.w.leaves))
            .filter(|_| self.r.once_in(2));
        let place = self.place();
        let handle = self.s.add(Leaf {
            id,
            knot: self.w.knots[&knot].handle.into(),
            place,
            next: next.map(|id| self.w.leaves[&id].handle.into()),
        });
        let row = LeafRow {
            handle,
            id,
            knot,
            place,
            next,
        };
        self.w.leaves.insert(id as Id, row);
        self.w.pending.insert(id as Id);
        // A ring: the knot likes its new leaf.
        if self.r.once_in(3) {
            self.like(knot, Some(id as Id));
        }
        "add leaf"
    }

    fn add_pair(&mut self) -> &'static str {
        let Some(knot) = self.r.pick(&ids!(self.w.knots)) else {
            return "no knot for a pair";
        };
        let number = self.w.fresh() as i32;
        let slot = self.place();
        let handle = self.s.add(Pair {
            knot: self.w.knots[&knot].handle.into(),
            number,
            slot,
        });
        let row = PairRow {
            handle,
            knot,
            number,
            slot,
        };
        self.w.pairs.insert(number as Id, row);
        self.w.pending.insert(number as Id);
        "add pair"
    }

    fn add_late(&mut self) -> &'static str {
        let id = self.w.fresh();
        let place = self.r.below(6) as i32;
        let handle = self.s.add(Late {
            id,
            place,
            ..Late::default()
        });
        let after = self.r.pick(&ids!(self.w.lates)).unwrap_or(id as Id);
        let row = LateRow {
            handle,
            id,
            place,
            after,
        };
        self.w.lates.insert(id as Id, row);
        self.w.pending.insert(id as Id);
        self.s[handle].after = self.w.lates[&after].handle.into();
        "add late"
    }

    fn add_word(&mut self) -> &'static str {
        let id = self.w.fresh() as Id;
        let freed = self.w.freed.pop().filter(|_| self.r.once_in(2));
        let name = freed.unwrap_or_else(|| format!("w{id}"));
        let parent = self.r.pick(&ids!(self.w.words));
        let handle = self.s.add(Word {
            name: name.clone(),
            parent: parent.map(|id| self.w.words[&id].handle.into()),
            text: "new".to_owned(),
        });
        let row = WordRow {
            handle,
            name,
            parent,
            text: "new".to_owned(),
        };
        self.w.words.insert(id, row);
        self.w.pending.insert(id);
        "add word"
    }

    fn move_knot(&mut self) -> &'static str {
        let all = ids!(self.w.knots);
        let (Some(child), parent) = (self.r.pick(&all), self.r.pick(&all)) else {
            return "no knot to move";
        };
        if self.r.once_in(2) {
            let leaf = self.r.pick(&ids!(self.w.leaves));
            self.like(child, leaf);
            return "like";
        }
        let parent = parent.filter(|_| !self.r.once_in(4));
        self.hang(child, parent);
        "move knot"
    }

    pub(super) fn hang(&mut self, child: Id, parent: Option<Id>) {
        let fk = parent.map(|id| self.w.knots[&id].handle.into());
        let row = self.w.knots.get_mut(&child).unwrap();
        row.parent = parent;
        self.s[row.handle].parent = fk;
    }

    pub(super) fn like(&mut self, knot: Id, leaf: Option<Id>) {
        let fk = leaf.map(|id| self.w.leaves[&id].handle.into());
        let row = self.w.knots.get_mut(&knot).unwrap();
        row.friend = leaf;
        self.s[row.handle].friend = fk;
    }

    pub(super) fn link(&mut self, leaf: Id, next: Option<Id>) {
        let fk = next.map(|id| self.w.leaves[&id].handle.into());
        let row = self.w.leaves.get_mut(&leaf).unwrap();
        row.next = next;
        self.s[row.handle].next = fk;
    }

    pub(super) fn move_to(&mut self, leaf: Id, knot: Id) {
        let fk = self.w.knots[&knot].handle.into();
        let row = self.w.leaves.get_mut(&leaf).unwrap();
        row.knot = knot;
        self.s[row.handle].knot = fk;
    }

    fn move_leaf(&mut self) -> &'static str {
        let all = ids!(self.w.leaves);
        let (Some(leaf), other) = (self.r.pick(&all), self.r.pick(&all)) else {
            return "no leaf to move";
        };
        if self.r.once_in(2) {
            self.link(leaf, other);
            return "link";
        }
        let knot = self.r.pick(&ids!(self.w.knots)).unwrap();
        self.move_to(leaf, knot);
        let place = self.place();
        self.put(leaf, place);
        "move leaf"
    }

    pub(super) fn put(&mut self, leaf: Id, place: Option<i32>) {
        let row = self.w.leaves.get_mut(&leaf).unwrap();
        row.place = place;
        self.s[row.handle].place = place;
    }

    pub(super) fn tag_as(&mut self, knot: Id, tag: Option<String>) {
        let row = self.w.knots.get_mut(&knot).unwrap();
        row.tag.clone_from(&tag);
        self.s[row.handle].tag = tag;
    }

    pub(super) fn code_as(&mut self, knot: Id, code: i32) {
        let row = self.w.knots.get_mut(&knot).unwrap();
        row.code = code;
        self.s[row.handle].code = code;
    }

    fn tag_knots(&mut self) -> &'static str {
        for knot in self.r.some(&ids!(self.w.knots), 3) {
            let tag = self.tag();
            self.tag_as(knot, tag);
        }
        "tag"
    }

    fn rotate_tags(&mut self) -> &'static str {
        let knots = self.r.some(&ids!(self.w.knots), 4);
        let tags: Vec<_> = knots
            .iter()
            .map(|id| self.w.knots[id].tag.clone())
            .collect();
        for (knot, tag) in knots.iter().cycle().skip(1).zip(tags) {
            self.tag_as(*knot, tag);
        }
        "rotate tags"
    }

    /// Codes must not be NULL, so this may be a cycle; mostly it is a chain.
    fn rotate_codes(&mut self) -> &'static str {
        let knots = self.r.some(&ids!(self.w.knots), 3);
        let codes: Vec<i32> = knots.iter().map(|id| self.w.knots[id].code).collect();
        for (knot, code) in knots.iter().cycle().skip(1).zip(codes) {
            self.code_as(*knot, code);
        }
        if let Some(first) = knots.first().filter(|_| !self.r.once_in(4)) {
            let code = self.w.fresh() as i32;
            self.code_as(*first, code);
        }
        "rotate codes"
    }

    fn rotate_places(&mut self) -> &'static str {
        let leaves = self.r.some(&ids!(self.w.leaves), 4);
        let places: Vec<_> = leaves.iter().map(|id| self.w.leaves[id].place).collect();
        for (leaf, place) in leaves.iter().cycle().skip(1).zip(places) {
            self.put(*leaf, place);
        }
        "rotate places"
    }

    fn rotate_lates(&mut self) -> &'static str {
        let lates = self.r.some(&ids!(self.w.lates), 4);
        let places: Vec<i32> = lates.iter().map(|id| self.w.lates[id].place).collect();
        for (late, place) in lates.iter().cycle().skip(1).zip(places) {
            let row = self.w.lates.get_mut(late).unwrap();
            row.place = place;
            self.s[row.handle].place = place;
        }
        if let (Some(late), Some(after)) = (lates.first(), lates.last()) {
            self.come_after(*late, *after);
        }
        "rotate lates"
    }

    pub(super) fn come_after(&mut self, late: Id, after: Id) {
        let fk = self.w.lates[&after].handle.into();
        let row = self.w.lates.get_mut(&late).unwrap();
        row.after = after;
        self.s[row.handle].after = fk;
    }

    fn rename_word(&mut self) -> &'static str {
        let Some(word) = self.r.pick(&ids!(self.w.words)) else {
            return "no word to rename";
        };
        // Under another name it would be another row, and the old one's children in the way.
        if self.w.pending.contains(&word) && self.w.words[&word].text == "switched" {
            return "the word has taken a row";
        }
        let number = self.w.fresh();
        let freed = self.w.freed.pop().filter(|_| self.r.once_in(3));
        let name = freed.unwrap_or_else(|| format!("r{number}"));
        let row = self.w.words.get_mut(&word).unwrap();
        let old = std::mem::replace(&mut row.name, name.clone());
        self.s[row.handle].name = name;
        if !self.w.pending.contains(&word) && self.w.renamed.insert(word) {
            self.w.freed.push(old);
        }
        "rename word"
    }

    fn move_word(&mut self) -> &'static str {
        let all = ids!(self.w.words);
        let (Some(child), parent) = (self.r.pick(&all), self.r.pick(&all)) else {
            return "no word to move";
        };
        self.hang_word(child, parent);
        "move word"
    }

    pub(super) fn hang_word(&mut self, child: Id, parent: Option<Id>) {
        let fk = parent.map(|id| self.w.words[&id].handle.into());
        let row = self.w.words.get_mut(&child).unwrap();
        row.parent = parent;
        self.s[row.handle].parent = fk;
    }

    pub(super) fn tag(&mut self) -> Option<String> {
        let tag = self.r.below(8);
        (tag < 6).then(|| format!("t{tag}"))
    }

    pub(super) fn place(&mut self) -> Option<i32> {
        let place = self.r.below(5);
        (place < 4).then_some(place as i32)
    }

    fn code(&mut self) -> i32 {
        match self.r.once_in(3) {
            true => self.r.below(5) as i32,
            false => self.w.fresh() as i32,
        }
    }
}
