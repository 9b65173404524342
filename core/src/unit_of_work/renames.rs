//! The rows that get other keys in a flush: by their own UPDATE, or because they hold the key of a
//! row that does.
//!
//! `edges` and `unique` ask it.
//! Pure.

use foldhash::{HashMap, HashMapExt};

use super::changes::{Changes, Follower, Row};
use crate::identity_map::IdentityMap;

/// By row: the operations that change its key.
#[derive(Debug)]
pub(super) struct Renames {
    by: HashMap<Row, Vec<usize>>,
}

impl Renames {
    pub(super) fn new(map: &IdentityMap, changes: &Changes) -> Renames {
        let mut by: HashMap<Row, Vec<usize>> = HashMap::new();
        for (position, op) in changes.ops.iter().enumerate() {
            if op.changes_key(map.any(op.store).table()) {
                by.insert((op.store, op.slot), vec![position]);
            }
        }
        if by.is_empty() {
            return Renames { by };
        }
        // A parent stands before its children among them.
        for follower in &changes.followers {
            let Follower::NewKey {
                store,
                slot,
                field,
                parent,
            } = *follower
            else {
                continue;
            };
            if !map.any(store).table().key().contains(field) {
                continue;
            }
            let above = by.get(&parent).cloned().unwrap_or_default();
            let own = by.entry((store, slot)).or_default();
            own.extend(above);
            own.sort_unstable();
            own.dedup();
        }
        Renames { by }
    }

    /// Whether every row keeps its key.
    pub(super) fn is_empty(&self) -> bool {
        self.by.is_empty()
    }

    /// The operations that change a row's key.
    pub(super) fn of(&self, row: Row) -> &[usize] {
        self.by.get(&row).map_or(&[], Vec::as_slice)
    }
}
