//! Which children of which parents are loaded.
//!
//! The loader fills it, `loaded` reads it, and a flush keeps it right.
//! It must not be a second truth: it is an index over the references of loaded children.

use foldhash::{HashMap, HashMapExt};

use super::map::StoreId;
use crate::model::RawHandle;

/// The loaded collections of a session.
#[derive(Debug)]
pub(crate) struct Collections {
    /// By the children's store and their referring field.
    by_reference: HashMap<(StoreId, usize), HashMap<RawHandle, Vec<RawHandle>>>,
}

impl Collections {
    pub(super) fn new() -> Self {
        Collections {
            by_reference: HashMap::new(),
        }
    }

    /// The children of a parent, if they are loaded.
    pub(crate) fn get(
        &self,
        children: StoreId,
        field: usize,
        parent: RawHandle,
    ) -> Option<&[RawHandle]> {
        let parents = self.by_reference.get(&(children, field))?;
        parents.get(&parent).map(Vec::as_slice)
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
        parents.insert(parent, loaded);
    }

    /// Whether any parent's children by this reference are loaded.
    pub(crate) fn follows(&self, children: StoreId, field: usize) -> bool {
        self.by_reference.contains_key(&(children, field))
    }

    /// A child refers to this parent now.
    pub(crate) fn join(
        &mut self,
        children: StoreId,
        field: usize,
        parent: RawHandle,
        child: RawHandle,
    ) {
        if let Some(parents) = self.by_reference.get_mut(&(children, field))
            && let Some(members) = parents.get_mut(&parent)
            && !members.contains(&child)
        {
            members.push(child);
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
            members.retain(|member| *member != child);
        }
    }

    /// Everything expires.
    pub(super) fn clear(&mut self) {
        self.by_reference.clear();
    }
}
