//! The plain model: what the tables should hold.
//!
//! Edits write it together with the session; nothing in it knows of statements or order.

use std::collections::{BTreeMap, BTreeSet};

use sessile::prelude::*;

use super::models::{Knot, Late, Leaf, Pair, Word};

/// A row, whatever its key.
pub(super) type Id = u32;

#[derive(Clone)]
pub(super) struct KnotRow {
    pub(super) handle: Handle<Knot>,
    pub(super) parent: Option<Id>,
    pub(super) tag: Option<String>,
    pub(super) code: i32,
    pub(super) friend: Option<Id>,
}

#[derive(Clone)]
pub(super) struct LeafRow {
    pub(super) handle: Handle<Leaf>,
    pub(super) id: i64,
    pub(super) knot: Id,
    pub(super) place: Option<i32>,
    pub(super) next: Option<Id>,
}

#[derive(Clone)]
pub(super) struct PairRow {
    pub(super) handle: Handle<Pair>,
    pub(super) knot: Id,
    pub(super) number: i32,
    pub(super) slot: Option<i32>,
}

#[derive(Clone)]
pub(super) struct LateRow {
    pub(super) handle: Handle<Late>,
    pub(super) id: i64,
    pub(super) place: i32,
    pub(super) after: Id,
}

#[derive(Clone)]
pub(super) struct WordRow {
    pub(super) handle: Handle<Word>,
    pub(super) name: String,
    pub(super) parent: Option<Id>,
    pub(super) text: String,
}

/// All rows, and what the edits since the last flush must know.
#[derive(Clone, Default)]
pub(super) struct World {
    pub(super) knots: BTreeMap<Id, KnotRow>,
    pub(super) leaves: BTreeMap<Id, LeafRow>,
    pub(super) pairs: BTreeMap<Id, PairRow>,
    pub(super) lates: BTreeMap<Id, LateRow>,
    pub(super) words: BTreeMap<Id, WordRow>,
    /// Rows whose objects are pending.
    pub(super) pending: BTreeSet<Id>,
    /// Words whose keys have changed since the last flush.
    pub(super) renamed: BTreeSet<Id>,
    /// Names that rows have given up since the last flush.
    pub(super) freed: Vec<String>,
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
        let last = self.last;
        *self = before;
        self.last = last;
    }

    /// Everything was flushed.
    pub(super) fn flushed(&mut self) {
        self.pending.clear();
        self.renamed.clear();
        self.freed.clear();
    }

    /// The rows as the tables should show them.
    pub(super) fn rows(&self, s: &Session) -> Vec<String> {
        let knot = |id: &Id| s.key(self.knots[id].handle).unwrap();
        let leaf = |id: &Id| self.leaves[id].id;
        let mut rows = Vec::new();
        for (id, row) in &self.knots {
            rows.push(format!(
                "knot {} {} {} {} {}",
                knot(id),
                or_dash(row.parent.as_ref().map(knot)),
                or_dash(row.tag.as_ref()),
                row.code,
                or_dash(row.friend.as_ref().map(leaf))
            ));
        }
        for row in self.leaves.values() {
            let (place, next) = (or_dash(row.place), or_dash(row.next.as_ref().map(leaf)));
            rows.push(format!(
                "leaf {} {} {place} {next}",
                row.id,
                knot(&row.knot)
            ));
        }
        for row in self.pairs.values() {
            let slot = or_dash(row.slot);
            rows.push(format!("pair {} {} {slot}", knot(&row.knot), row.number));
        }
        for row in self.lates.values() {
            let after = self.lates[&row.after].id;
            rows.push(format!("late {} {} {after}", row.id, row.place));
        }
        for row in self.words.values() {
            let parent = or_dash(row.parent.map(|id| &self.words[&id].name));
            rows.push(format!("word {} {parent} {}", row.name, row.text));
        }
        rows.sort();
        rows
    }

    /// The same rows as the session's objects show them.
    pub(super) fn objects(&self, s: &Session) -> Vec<String> {
        let mut rows = Vec::new();
        for row in self.knots.values() {
            let knot = &s[row.handle];
            rows.push(format!(
                "knot {} {} {} {} {}",
                knot.id,
                key(knot.parent.as_ref()),
                or_dash(knot.tag.as_ref()),
                knot.code,
                key(knot.friend.as_ref())
            ));
        }
        for row in self.leaves.values() {
            let leaf = &s[row.handle];
            let (knot, place) = (key(Some(&leaf.knot)), or_dash(leaf.place));
            rows.push(format!(
                "leaf {} {knot} {place} {}",
                leaf.id,
                key(leaf.next.as_ref())
            ));
        }
        for row in self.pairs.values() {
            let pair = &s[row.handle];
            let (knot, slot) = (key(Some(&pair.knot)), or_dash(pair.slot));
            rows.push(format!("pair {knot} {} {slot}", pair.number));
        }
        for row in self.lates.values() {
            let late = &s[row.handle];
            rows.push(format!(
                "late {} {} {}",
                late.id,
                late.place,
                key(Some(&late.after))
            ));
        }
        for row in self.words.values() {
            let word = &s[row.handle];
            let parent = key(word.parent.as_ref());
            rows.push(format!("word {} {parent} {}", word.name, word.text));
        }
        rows.sort();
        rows
    }
}

fn or_dash<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn key<T: Model<Key: std::fmt::Display>>(fk: Option<&Fk<T>>) -> String {
    match fk {
        Some(fk) => or_dash(fk.key()),
        None => "-".to_owned(),
    }
}
