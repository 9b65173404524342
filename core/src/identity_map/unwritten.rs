//! Objects by the keys that they are going to have, as long as no row has these.
//!
//! A store keeps it for `merge`, so that two values of one new row are one object.
//! It must not cost anything before it is asked, nor more than a look at each touched object after.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};

/// What is known of the keys of touched objects. They may have changed since: whoever finds an
/// object here looks again.
#[derive(Debug)]
pub(super) struct Unwritten<K> {
    pub(super) index: HashMap<K, u32>,
    /// How many of the list of touched objects were looked at.
    pub(super) seen: usize,
    /// Those of them that were written since, so that their keys may be others.
    pub(super) rewritten: BTreeSet<u32>,
}

impl<K> Unwritten<K> {
    pub(super) fn new() -> Self {
        Unwritten {
            index: HashMap::new(),
            seen: 0,
            rewritten: BTreeSet::new(),
        }
    }

    /// An object that was touched before is written again.
    pub(super) fn note_write(&mut self, number: u32) {
        if self.seen > 0 {
            self.rewritten.insert(number);
        }
    }

    /// The list of touched objects begins anew.
    pub(super) fn clear(&mut self) {
        if self.seen > 0 {
            *self = Unwritten::new();
        }
    }
}
