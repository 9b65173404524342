//! The loaded rows that refer to given ones, asked for level by level.
//!
//! Called by `cascade`.
//! It must not look at all loaded rows again for each level: a tree may be as deep as it is large.

use foldhash::{HashMap, HashSet};

use super::changes::{Changes, Row};
use super::references::parent_to_be;
use crate::identity_map::{AnyStore, IdentityMap, StoreId};
use crate::model::ForeignKey;

/// A row, one of its references, and the row referred to.
pub(super) type Refers = (Row, &'static ForeignKey, Row);

/// Finds the candidates that refer to rows.
pub(super) struct Referring<'a> {
    map: &'a IdentityMap,
    changes: &'a Changes,
    candidates: fn(&dyn AnyStore) -> Vec<u32>,
    /// Stores to whose rows the references were looked at once. Most are asked about just once,
    /// which needs no index.
    asked: HashSet<StoreId>,
    /// The references to all rows of the stores that were asked about again.
    index: HashMap<StoreId, HashMap<Row, Vec<Refers>>>,
}

impl<'a> Referring<'a> {
    pub(super) fn new(
        map: &'a IdentityMap,
        changes: &'a Changes,
        candidates: fn(&dyn AnyStore) -> Vec<u32>,
    ) -> Self {
        Referring {
            map,
            changes,
            candidates,
            asked: HashSet::default(),
            index: HashMap::default(),
        }
    }

    /// The candidates that refer to one of these, in the order of their stores and slots.
    pub(super) fn to(&mut self, parents: &[Row]) -> Vec<Refers> {
        let stores: HashSet<StoreId> = parents.iter().map(|(store, _)| *store).collect();
        let (again, first): (HashSet<StoreId>, HashSet<StoreId>) = stores
            .into_iter()
            .partition(|store| self.asked.contains(store));
        self.asked.extend(&first);
        let wanted: HashSet<Row> = parents.iter().copied().collect();
        let mut found = self.look(&first, |parent| wanted.contains(&parent));
        for store in again {
            if !self.index.contains_key(&store) {
                let mut known: HashMap<Row, Vec<Refers>> = HashMap::default();
                for refers in self.look(&HashSet::from_iter([store]), |_| true) {
                    known.entry(refers.2).or_default().push(refers);
                }
                self.index.insert(store, known);
            }
            let known = &self.index[&store];
            let of_store = wanted.iter().filter(|(of, _)| *of == store);
            found.extend(of_store.filter_map(|row| known.get(row)).flatten());
        }
        found.sort_by_key(|(child, fk, _)| (*child, fk.field));
        found
    }

    /// Looks at all candidates that may refer to rows of these stores.
    fn look(&self, stores: &HashSet<StoreId>, wanted: impl Fn(Row) -> bool) -> Vec<Refers> {
        let (map, mut found) = (self.map, Vec::new());
        if stores.is_empty() {
            return found;
        }
        for (id, store) in map.stores() {
            let to_these = |fk: &&ForeignKey| {
                let target = map.id_of(fk.target_id());
                target.is_some_and(|target| stores.contains(&target))
            };
            let fks = store.table().foreign_keys().iter();
            let fks: Vec<&'static ForeignKey> = fks.filter(to_these).collect();
            if fks.is_empty() {
                continue;
            }
            for child in (self.candidates)(store).into_iter().map(|slot| (id, slot)) {
                for fk in &fks {
                    let parent = parent_to_be(map, self.changes, child, fk);
                    let parent = parent.filter(|parent| wanted(*parent));
                    found.extend(parent.map(|parent| (child, *fk, parent)));
                }
            }
        }
        found
    }
}
