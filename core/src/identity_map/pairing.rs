//! Asks the next flush to link or unlink pairs, and tells whom they consist of.
//!
//! The session's `link` and `unlink` call it, and the unit of work.
//! It must not decide which pairs are rows already.

use super::clock::StoreId;
use super::image::Image;
use super::map::IdentityMap;
use super::pairs::{Pairing, Sides, Wish};
use super::slot::Phase;
use crate::model::RawHandle;

impl IdentityMap {
    /// The next flush links or unlinks a pair. What is linked and unlinked again before it was
    /// written is as if nothing had been said, unless a loaded association tells that the row was
    /// there before.
    pub(crate) fn wish(&mut self, pairing: Pairing, wish: Wish) {
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
        let was_added = wish == Wish::Unlink && self.take_back_added(association, fields, sides);
        let before = self.pairs.association(association, fields).wish(sides);
        // Only what is taken back asks for it: it looks through a whole collection.
        let takes_back = wish == Wish::Unlink && (before == Some(Wish::Link) || was_added);
        let was_there = takes_back && self.is_loaded_pair(pairing);
        let pairs = self.pairs.association(association, fields);
        let pair = pairs.pair(sides, relationship);
        pair.relationship = relationship;
        pair.wish = match (before, wish) {
            (Some(Wish::Link), Wish::Unlink) if !was_there => None,
            (None, Wish::Unlink) if was_added && !was_there => None,
            _ => Some(wish),
        };
        match (before, pair.wish) {
            (None, Some(_)) => self.pairs.waiting += 1,
            (Some(_), None) => self.pairs.waiting -= 1,
            _ => {}
        }
    }

    /// Association objects of this pair that wait for their insertion leave, as by `delete`.
    /// Whether there were such.
    fn take_back_added(&mut self, store: StoreId, fields: [usize; 2], sides: Sides) -> bool {
        let looked_at = self.pairs.association(store, fields).looked_at;
        let (touched, length) = self.any(store).touched_from(looked_at);
        let fresh: Vec<(Sides, u32)> = touched
            .into_iter()
            .filter_map(|slot| Some((self.pending_sides(store, slot, fields)?, slot)))
            .collect();
        let association = self.pairs.association(store, fields);
        association.looked_at = length;
        for (sides, slot) in fresh {
            association.added.entry(sides).or_default().push(slot);
        }
        let mut any = false;
        for slot in association.added.remove(&sides).unwrap_or_default() {
            // It may have been written, or have left, since it was looked at.
            if self.pending_sides(store, slot, fields) == Some(sides) {
                self.any_mut(store).vacate_pending(slot);
                any = true;
            }
        }
        any
    }

    fn pending_sides(&self, store: StoreId, slot: u32, fields: [usize; 2]) -> Option<Sides> {
        if self.any(store).phase(slot) != Phase::Pending {
            return None;
        }
        let side = |field| self.parent_of(store, slot, field, Image::Current);
        Some([side(fields[0])?, side(fields[1])?])
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
