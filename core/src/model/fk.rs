//! `Fk`: a field that refers to a row of another model.
//!
//! Callers put it into their structs; the unit of work turns handles in it into keys.
//! It must not know the session: whether it points at an object is asked of the session.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Handle, Model, RawHandle};

/// A reference to a row of model `T`: its key, or the handle of an object that has no key yet.
///
/// Made from a handle with `handle.into()` or from a key with [`Fk::to`]. The default is unset,
/// which a flush refuses, naming the field; a reference that may be absent is an `Option<Fk<T>>`.
/// At the start of a flush handles of objects that have a key become keys.
///
/// Two references are equal when they hold equal keys or the same handle. Whether a field points
/// at an object is therefore a question for the session, `session.refers_to(&fk, handle)`: a
/// loaded reference holds a key, and comparing it with a handle would be silently false.
///
/// With serde it is its key; one without a key can't be serialised.
pub struct Fk<T: Model>(State<T::Key>);

#[derive(Clone, PartialEq, Eq, Hash)]
enum State<K> {
    Unset,
    Key(K),
    Handle(RawHandle),
}

/// What an [`Fk`] holds.
#[derive(Debug)]
pub enum Reference<'a, K: ?Sized> {
    /// Nothing.
    Unset,
    /// A key.
    Key(&'a K),
    /// The handle of an object of the session.
    Handle(RawHandle),
}

impl<T: Model> Fk<T> {
    /// A reference to the row with this key.
    pub fn to(key: impl Into<T::Key>) -> Self {
        Fk(State::Key(key.into()))
    }

    /// The key, unless the reference is unset or holds the handle of an object without one.
    pub fn key(&self) -> Option<&T::Key> {
        match &self.0 {
            State::Key(key) => Some(key),
            State::Unset | State::Handle(_) => None,
        }
    }

    /// Whether it refers to nothing.
    pub fn is_unset(&self) -> bool {
        matches!(self.0, State::Unset)
    }

    #[doc(hidden)]
    pub fn reference(&self) -> Reference<'_, T::Key> {
        match &self.0 {
            State::Unset => Reference::Unset,
            State::Key(key) => Reference::Key(key),
            State::Handle(raw) => Reference::Handle(*raw),
        }
    }

    #[doc(hidden)]
    pub fn from_raw(raw: RawHandle) -> Self {
        Fk(State::Handle(raw))
    }
}

impl<T: Model> From<Handle<T>> for Fk<T> {
    fn from(handle: Handle<T>) -> Self {
        Fk(State::Handle(handle.raw))
    }
}

impl<T: Model> From<Handle<T>> for Option<Fk<T>> {
    fn from(handle: Handle<T>) -> Self {
        Some(handle.into())
    }
}

impl<T: Model> Default for Fk<T> {
    fn default() -> Self {
        Fk(State::Unset)
    }
}

impl<T: Model> Clone for Fk<T> {
    fn clone(&self) -> Self {
        Fk(self.0.clone())
    }
}

impl<T: Model> PartialEq for Fk<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Model> Eq for Fk<T> {}

impl<T: Model> std::hash::Hash for Fk<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: Model> fmt::Debug for Fk<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Unset => f.write_str("Fk(unset)"),
            State::Key(key) => f.debug_tuple("Fk").field(key).finish(),
            State::Handle(raw) => write!(f, "Fk({:?})", Handle::<T>::new(*raw)),
        }
    }
}

impl<T: Model> Serialize for Fk<T>
where
    T::Key: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.key() {
            Some(key) => key.serialize(serializer),
            None => Err(serde::ser::Error::custom(format_args!(
                "a reference to {} has no key yet",
                T::NAME
            ))),
        }
    }
}

impl<'de, T: Model> Deserialize<'de> for Fk<T>
where
    T::Key: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::Key::deserialize(deserializer).map(|key| Fk(State::Key(key)))
    }
}
