//! Pairs of objects that the next flush links or unlinks by an association.
//!
//! The session fills it, a flush reads it and empties it; a rollback forgets it.
//! It must not know keys: objects that have none yet are paired by their handles (RL-5).

use foldhash::HashMap;

use super::clock::StoreId;
use crate::model::RawHandle;

/// What is to become of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Wish {
    Link,
    Unlink,
}

/// The two objects of a pair, in the order of the association's fields.
pub(crate) type Sides = [RawHandle; 2];

/// Two objects that an association row joins, or should not.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) sides: Sides,
    /// Nothing, when it was linked and unlinked again.
    pub(crate) wish: Option<Wish>,
    /// The model and the name of the relationship that the program used.
    pub(crate) relationship: (&'static str, &'static str),
}

/// The pairs that wait for one association.
#[derive(Debug)]
pub(crate) struct Association {
    /// The association's model.
    pub(crate) store: StoreId,
    /// Its two references, the first of the struct first, whichever way a relationship goes.
    pub(crate) fields: [usize; 2],
    pub(crate) pairs: Vec<Pair>,
    by_sides: HashMap<Sides, usize>,
    /// Objects that were added for pairs, as far as the list of touched ones was looked at.
    pub(super) added: HashMap<Sides, Vec<u32>>,
    pub(super) looked_at: usize,
}

impl Association {
    /// The object that a reference of a pair's row points at.
    pub(crate) fn side(&self, pair: u32, field: usize) -> RawHandle {
        let [first, second] = self.pairs[pair as usize].sides;
        match field == self.fields[0] {
            true => first,
            false => second,
        }
    }

    /// What is to become of a pair, as far as it was said.
    pub(super) fn wish(&self, sides: Sides) -> Option<Wish> {
        let number = self.by_sides.get(&sides)?;
        self.pairs[*number].wish
    }

    pub(super) fn pair(
        &mut self,
        sides: Sides,
        relationship: (&'static str, &'static str),
    ) -> &mut Pair {
        let pairs = &mut self.pairs;
        let number = *self.by_sides.entry(sides).or_insert_with(|| {
            pairs.push(Pair {
                sides,
                wish: None,
                relationship,
            });
            pairs.len() - 1
        });
        &mut self.pairs[number]
    }
}

/// The pairs that wait for a flush.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    associations: Vec<Association>,
    /// How many pairs are to be linked or unlinked.
    pub(super) waiting: usize,
}

impl Pairs {
    /// The associations by which pairs are linked or unlinked, in the order of first use.
    pub(crate) fn associations(&self) -> &[Association] {
        &self.associations
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Whether pairs wait for this association.
    pub(super) fn wait_for(&self, store: StoreId) -> bool {
        self.waiting > 0 && self.associations.iter().any(|a| a.store == store)
    }

    pub(super) fn clear(&mut self) {
        self.associations.clear();
        self.waiting = 0;
    }

    /// The objects of all pairs.
    pub(super) fn handles(&self) -> impl Iterator<Item = RawHandle> + '_ {
        let pairs = self.associations.iter().flat_map(|a| &a.pairs);
        pairs.flat_map(|pair| pair.sides)
    }

    pub(super) fn association(&mut self, store: StoreId, fields: [usize; 2]) -> &mut Association {
        let known = |a: &Association| a.store == store && a.fields == fields;
        let number = match self.associations.iter().position(known) {
            Some(number) => number,
            None => {
                self.associations.push(Association {
                    store,
                    fields,
                    pairs: Vec::new(),
                    by_sides: HashMap::default(),
                    added: HashMap::default(),
                    looked_at: 0,
                });
                self.associations.len() - 1
            }
        };
        &mut self.associations[number]
    }
}

/// A pair as the program names it: by a relationship, from one side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pairing {
    pub(crate) association: StoreId,
    /// The references to this side and to the other.
    pub(crate) fields: [usize; 2],
    pub(crate) sides: Sides,
    pub(crate) relationship: (&'static str, &'static str),
}
