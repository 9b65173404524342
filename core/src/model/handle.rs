//! Handles: how callers name the objects that a session owns.
//!
//! The identity map hands them out and checks them.
//! A handle must not borrow from the session, so that it is `Copy` and any number may be held.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// A handle without its model: which session, which store in it, which slot, and which of the
/// objects that have lived in that slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawHandle {
    pub(crate) session: u64,
    pub(crate) store: u32,
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

/// Names one object of a [`Session`](crate::Session).
///
/// It is `Copy` and as good as its session: `session[handle]` reads the object,
/// `&mut session[handle]` writes it. Two handles are equal when they name the same object, so
/// the same row loaded twice in a session has one handle.
pub struct Handle<T> {
    pub(crate) raw: RawHandle,
    model: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    pub(crate) const fn new(raw: RawHandle) -> Self {
        Handle {
            raw,
            model: PhantomData,
        }
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> Eq for Handle<T> {}

impl<T> PartialOrd for Handle<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Handle<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.raw.cmp(&other.raw)
    }
}

impl<T> Hash for Handle<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

/// One object, where a verb takes a list.
impl<T> AsRef<[Handle<T>]> for Handle<T> {
    fn as_ref(&self) -> &[Handle<T>] {
        std::slice::from_ref(self)
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = std::any::type_name::<T>();
        let name = name.rsplit("::").next().unwrap_or(name);
        write!(f, "Handle<{name}>({})", self.raw.slot)
    }
}
