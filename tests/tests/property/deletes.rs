//! Edits that delete, with what must happen to children, and rows that change their objects.

use super::edits::{Editor, ids};
use super::models::{Knot, Leaf, Word};
use super::world::Id;

impl Editor<'_> {
    pub(super) fn delete_knot(&mut self) -> &'static str {
        if let Some(knot) = self.r.pick(&ids!(self.w.knots)) {
            self.kill_knot(knot);
        }
        "delete knot"
    }

    pub(super) fn delete_leaf(&mut self) -> &'static str {
        if let Some(leaf) = self.r.pick(&ids!(self.w.leaves)) {
            self.kill_leaf(leaf);
        }
        "delete leaf"
    }

    pub(super) fn delete_other(&mut self) -> &'static str {
        match self.r.below(3) {
            0 => {
                if let Some(pair) = self.r.pick(&ids!(self.w.pairs)) {
                    let row = self.w.pairs.remove(&pair).unwrap();
                    self.s.delete(row.handle).unwrap();
                }
                "delete pair"
            }
            1 => self.delete_late(),
            _ => self.delete_word(),
        }
    }

    fn kill_knot(&mut self, knot: Id) {
        let others: Vec<Id> = ids!(self.w.knots)
            .into_iter()
            .filter(|id| *id != knot)
            .collect();
        for child in ids!(self.w.knots) {
            if self.w.knots[&child].parent == Some(knot) && child != knot {
                let parent = self.r.pick(&others).filter(|_| self.r.once_in(2));
                self.hang(child, parent);
            }
        }
        for leaf in ids!(self.w.leaves) {
            if self.w.leaves.get(&leaf).is_some_and(|row| row.knot == knot) {
                match self.r.pick(&others).filter(|_| self.r.once_in(2)) {
                    Some(other) => self.move_to(leaf, other),
                    None => self.kill_leaf(leaf),
                }
            }
        }
        for pair in ids!(self.w.pairs) {
            if self.w.pairs[&pair].knot != knot {
                continue;
            }
            let row = self.w.pairs.remove(&pair).unwrap();
            // Otherwise the database does it.
            if self.w.pending.contains(&pair) || self.r.once_in(2) {
                self.s.delete(row.handle).unwrap();
            }
        }
        let row = self.w.knots.remove(&knot).unwrap();
        self.s.delete(row.handle).unwrap();
        self.give_away(row.tag, row.code);
    }

    /// What a deleted knot had, another may take.
    fn give_away(&mut self, tag: Option<String>, code: i32) {
        let heirs = self.r.some(&ids!(self.w.knots), 2);
        if let Some(heir) = heirs.first() {
            self.tag_as(*heir, tag);
        }
        if let Some(heir) = heirs.last() {
            self.code_as(*heir, code);
        }
    }

    fn kill_leaf(&mut self, leaf: Id) {
        let others: Vec<Id> = ids!(self.w.leaves)
            .into_iter()
            .filter(|id| *id != leaf)
            .collect();
        for knot in ids!(self.w.knots) {
            if self.w.knots[&knot].friend == Some(leaf) {
                let other = self.r.pick(&others).filter(|_| self.r.once_in(2));
                self.like(knot, other);
            }
        }
        for child in others {
            if self.w.leaves[&child].next != Some(leaf) {
                continue;
            }
            let is_new = self.w.pending.contains(&child) || self.w.pending.contains(&leaf);
            if is_new || self.r.once_in(2) {
                self.link(child, None);
            } else {
                // The database does it.
                self.w.leaves.get_mut(&child).unwrap().next = None;
            }
        }
        let row = self.w.leaves.remove(&leaf).unwrap();
        self.s.delete(row.handle).unwrap();
    }

    fn delete_late(&mut self) -> &'static str {
        let Some(late) = self.r.pick(&ids!(self.w.lates)) else {
            return "no late to delete";
        };
        for child in ids!(self.w.lates) {
            if self.w.lates[&child].after == late && child != late {
                let others = ids!(self.w.lates).into_iter().filter(|id| *id != late);
                let others: Vec<Id> = others.collect();
                let after = self.r.pick(&others).unwrap_or(child);
                self.come_after(child, after);
            }
        }
        let row = self.w.lates.remove(&late).unwrap();
        self.s.delete(row.handle).unwrap();
        "delete late"
    }

    fn delete_word(&mut self) -> &'static str {
        let words = ids!(self.w.words);
        // What was renamed is known by its old key until the flush, and so are its children.
        let still = words.into_iter().filter(|id| !self.w.renamed.contains(id));
        let Some(word) = self.r.pick(&still.collect::<Vec<_>>()) else {
            return "no word to delete";
        };
        for child in ids!(self.w.words) {
            if self.w.words[&child].parent == Some(word) && child != word {
                self.hang_word(child, None);
            }
        }
        let row = self.w.words.remove(&word).unwrap();
        self.s.delete(row.handle).unwrap();
        if !self.w.pending.contains(&word) {
            self.w.freed.push(row.name);
        }
        "delete word"
    }

    /// PK-2
    pub(super) fn switch(&mut self) -> &'static str {
        match self.r.below(3) {
            0 => self.switch_knot(),
            1 => self.switch_leaf(),
            _ => self.switch_word(),
        }
    }

    fn switch_knot(&mut self) -> &'static str {
        let Some(knot) = self.r.pick(&ids!(self.w.knots)) else {
            return "no knot to switch";
        };
        if self.w.pending.contains(&knot) {
            return "the knot is new";
        }
        let row = self.w.knots[&knot].clone();
        let tag = self.tag();
        let key = self.s.key(row.handle).unwrap();
        self.s.delete(row.handle).unwrap();
        let new = self.s.add(Knot {
            id: key,
            version: 0,
            parent: row.parent.map(|id| self.w.knots[&id].handle.into()),
            tag: tag.clone(),
            code: row.code,
            friend: row.friend.map(|id| self.w.leaves[&id].handle.into()),
        });
        let row = self.w.knots.get_mut(&knot).unwrap();
        row.handle = new;
        row.tag = tag;
        self.w.pending.insert(knot);
        "switch knot"
    }

    fn switch_leaf(&mut self) -> &'static str {
        let Some(leaf) = self.r.pick(&ids!(self.w.leaves)) else {
            return "no leaf to switch";
        };
        if self.w.pending.contains(&leaf) {
            return "the leaf is new";
        }
        let row = self.w.leaves[&leaf].clone();
        self.s.delete(row.handle).unwrap();
        let new = self.s.add(Leaf {
            id: row.id,
            knot: self.w.knots[&row.knot].handle.into(),
            place: row.place,
            next: row.next.map(|id| self.w.leaves[&id].handle.into()),
        });
        self.w.leaves.get_mut(&leaf).unwrap().handle = new;
        self.w.pending.insert(leaf);
        "switch leaf"
    }

    fn switch_word(&mut self) -> &'static str {
        let Some(word) = self.r.pick(&ids!(self.w.words)) else {
            return "no word to switch";
        };
        if self.w.pending.contains(&word) || self.w.renamed.contains(&word) {
            return "the word is new";
        }
        let row = self.w.words[&word].clone();
        self.s.delete(row.handle).unwrap();
        let new = self.s.add(Word {
            name: row.name,
            parent: row.parent.map(|id| self.w.words[&id].handle.into()),
            text: "switched".to_owned(),
        });
        let row = self.w.words.get_mut(&word).unwrap();
        row.handle = new;
        row.text = "switched".to_owned();
        self.w.pending.insert(word);
        "switch word"
    }
}
