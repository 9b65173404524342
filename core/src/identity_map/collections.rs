//! Which children of which parents are loaded.
//!
//! The loader fills it, `loaded` reads it, and a flush keeps it right.
//! It must not be a second truth: it is an index over the references of loaded children.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::clock::StoreId;
use crate::model::RawHandle;

/// The loaded collections of a session.
#[derive(Debug, Default)]
pub(crate) struct Collections {
    /// By the children's store and their referring field.
    by_reference: HashMap<(StoreId, usize), HashMap<RawHandle, Members>>,
    /// The same for parts of such collections, each known by its condition.
    parts: HashMap<(StoreId, usize), HashMap<Part, HashMap<RawHandle, Members>>>,
}

/// Tells a part of a collection from others: all that its statement depends on, but the parents.
pub(crate) type Part = Arc<[u8]>;

/// The children of one parent, in their order.
#[derive(Debug, Default)]
struct Members {
    /// Those that are here and those that left.
    list: Vec<RawHandle>,
    /// Made when a child joins or leaves for the first time: most collections stay as they were
    /// loaded, and there may be as many as objects.
    moved: Option<Box<Moved>>,
}

/// What a flush needs that moves many children, and must not search the list for each.
#[derive(Debug, Default)]
struct Moved {
    /// The list as a set.
    known: HashSet<RawHandle>,
    left: HashSet<RawHandle>,
}

impl Members {
    fn of(list: Vec<RawHandle>) -> Self {
        Members { list, moved: None }
    }

    /// The list, and the sets beside it.
    fn moving(&mut self) -> (&mut Vec<RawHandle>, &mut Moved) {
        let list = &mut self.list;
        let moved = self.moved.get_or_insert_with(|| {
            Box::new(Moved {
                known: list.iter().copied().collect(),
                left: HashSet::default(),
            })
        });
        (list, moved)
    }

    /// One that comes back has its old place.
    fn join(&mut self, child: RawHandle) {
        let (list, moved) = self.moving();
        match moved.known.insert(child) {
            true => list.push(child),
            false => {
                moved.left.remove(&child);
            }
        }
    }

    fn leave(&mut self, child: RawHandle) {
        let (_, moved) = self.moving();
        if moved.known.contains(&child) {
            moved.left.insert(child);
        }
    }

    fn iter(&self) -> impl Iterator<Item = RawHandle> + '_ {
        let left = self.moved.as_ref().map(|moved| &moved.left);
        let left = left.filter(|left| !left.is_empty());
        let here = move |child: &RawHandle| left.is_none_or(|left| !left.contains(child));
        self.list.iter().copied().filter(here)
    }
}

impl Collections {
    pub(super) fn new() -> Self {
        Collections {
            by_reference: HashMap::new(),
            parts: HashMap::new(),
        }
    }

    /// The children of a parent, if they are loaded.
    pub(crate) fn get(
        &self,
        children: StoreId,
        field: usize,
        parent: RawHandle,
    ) -> Option<impl Iterator<Item = RawHandle> + '_> {
        let parents = self.by_reference.get(&(children, field))?;
        parents.get(&parent).map(Members::iter)
    }

    /// A parent's children have been loaded.
    pub(crate) fn put(
        &mut self,
        children: StoreId,
        field: usize,
        parent: RawHandle,
        loaded: Vec<RawHandle>,
    ) {
        let parents = self.by_reference.entry((children, field)).or_default();
        parents.insert(parent, Members::of(loaded));
    }

    /// The children of a parent that are in this part, if it is loaded.
    pub(crate) fn get_part(
        &self,
        children: StoreId,
        field: usize,
        part: &Part,
        parent: RawHandle,
    ) -> Option<impl Iterator<Item = RawHandle> + '_> {
        let parents = self.parts.get(&(children, field))?.get(part)?;
        parents.get(&parent).map(Members::iter)
    }

    /// A part of a parent's children has been loaded.
    pub(crate) fn put_part(
        &mut self,
        children: StoreId,
        field: usize,
        part: &Part,
        parent: RawHandle,
        loaded: Vec<RawHandle>,
    ) {
        let parts = self.parts.entry((children, field)).or_default();
        let parents = parts.entry(Arc::clone(part)).or_default();
        parents.insert(parent, Members::of(loaded));
    }

    /// Whether any parent's children by this reference are loaded, or a part of them.
    pub(crate) fn follows(&self, children: StoreId, field: usize) -> bool {
        let reference = (children, field);
        self.by_reference.contains_key(&reference) || self.parts.contains_key(&reference)
    }

    /// A child refers to this parent now. Whether it is in a part of the collection is for the
    /// database to say, at the next load.
    pub(crate) fn join(
        &mut self,
        children: StoreId,
        field: usize,
        parent: RawHandle,
        child: RawHandle,
    ) {
        if let Some(parents) = self.by_reference.get_mut(&(children, field))
            && let Some(members) = parents.get_mut(&parent)
        {
            members.join(child);
        }
    }

    /// A child no longer refers to this parent.
    pub(crate) fn leave(
        &mut self,
        children: StoreId,
        field: usize,
        parent: RawHandle,
        child: RawHandle,
    ) {
        if let Some(parents) = self.by_reference.get_mut(&(children, field))
            && let Some(members) = parents.get_mut(&parent)
        {
            members.leave(child);
        }
        for parents in self.parts_of(children, field) {
            if let Some(members) = parents.get_mut(&parent) {
                members.leave(child);
            }
        }
    }

    fn parts_of(
        &mut self,
        children: StoreId,
        field: usize,
    ) -> impl Iterator<Item = &mut HashMap<RawHandle, Members>> {
        let parts = self.parts.get_mut(&(children, field));
        parts.into_iter().flat_map(HashMap::values_mut)
    }

    /// A parent's children are not known any more.
    pub(crate) fn forget(&mut self, children: StoreId, field: usize, parent: RawHandle) {
        if let Some(parents) = self.by_reference.get_mut(&(children, field)) {
            parents.remove(&parent);
        }
        for parents in self.parts_of(children, field) {
            parents.remove(&parent);
        }
    }

    /// Only collections of which this is true of the parent and of every child stay known.
    pub(super) fn keep_where(&mut self, holds: impl Fn(RawHandle) -> bool) {
        let keep = |parents: &mut HashMap<RawHandle, Members>| {
            parents.retain(|parent, members| holds(*parent) && members.iter().all(&holds));
        };
        self.by_reference.values_mut().for_each(keep);
        for parts in self.parts.values_mut() {
            // A program may ask for another part with every batch.
            parts.retain(|_, parents| {
                keep(parents);
                !parents.is_empty()
            });
        }
    }

    /// The children of no parent are known any more by this reference.
    pub(crate) fn forget_reference(&mut self, children: StoreId, field: usize) {
        self.by_reference.remove(&(children, field));
        self.parts.remove(&(children, field));
    }

    /// Everything expires.
    pub(super) fn clear(&mut self) {
        self.by_reference.clear();
        self.parts.clear();
    }
}
