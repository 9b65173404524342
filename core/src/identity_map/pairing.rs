//! Asks the next flush to link or unlink pairs, and tells whom they consist of.
//!
//! The session's `link` and `unlink` call it, and the unit of work.
//! It must not decide which pairs are rows already.

use super::keyed::Image;
use super::map::IdentityMap;
use super::pairs::{Pairing, Wish};
use crate::model::RawHandle;

impl IdentityMap {
    /// The next flush links or unlinks a pair. What is linked and unlinked again before it was
    /// written is as if nothing had been said, unless a loaded association tells that the row was
    /// there before.
    pub(crate) fn wish(&mut self, pairing: Pairing, wish: Wish) {
        let was_there = wish == Wish::Unlink && self.is_loaded_pair(pairing);
        let Pairing {
            association,
            mut fields,
            mut sides,
            relationship,
        } = pairing;
        if fields[0] > fields[1] {
            fields.reverse();
            sides.reverse();
        }
        let pairs = self.pairs.association(association, fields);
        let pair = pairs.pair(sides, relationship);
        pair.relationship = relationship;
        let before = pair.wish;
        pair.wish = match (before, wish) {
            (Some(Wish::Link), Wish::Unlink) if !was_there => None,
            _ => Some(wish),
        };
        match (before, pair.wish) {
            (None, Some(_)) => self.pairs.waiting += 1,
            (Some(_), None) => self.pairs.waiting -= 1,
            _ => {}
        }
    }

    /// Whether a loaded collection has the association of this pair.
    fn is_loaded_pair(&self, pairing: Pairing) -> bool {
        let [near, far] = pairing.fields;
        let [this, other] = pairing.sides;
        let store = pairing.association;
        let joins = |from: usize, of: RawHandle, field: usize, to: RawHandle| {
            let members = self.collections.get(store, from, of);
            members.is_some_and(|mut members| {
                members.any(|member| {
                    self.parent_of(store, member.slot, field, Image::Flushed) == Some(to)
                })
            })
        };
        joins(near, this, far, other) || joins(far, other, near, this)
    }
}
