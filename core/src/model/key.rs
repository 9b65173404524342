//! Keys: what identifies a row, and what callers may pass for one.
//!
//! `get` and its kin take keys; foreign keys hold them; the identity map is indexed by them.
//! It must not know how a key is sent to the server; that is the model's.

use std::any::Any;
use std::fmt::Debug;
use std::hash::Hash;

use super::{Fk, Handle, Model, RawHandle, Reference};
use crate::error::{Error, ErrorKind, HandleProblem};

/// A model's key: one field's type, or a tuple of them.
pub trait Key: Clone + Eq + Ord + Hash + Debug + Send + Sync + 'static {}

impl<K: Clone + Eq + Ord + Hash + Debug + Send + Sync + 'static> Key for K {}

/// A type that stands for itself as a key, or as part of one.
///
/// Implement it for a newtype that is the type of a key field.
pub trait KeyPart: Key {}

macro_rules! key_parts {
    ($($t:ty),+ $(,)?) => { $(impl KeyPart for $t {})+ };
}
key_parts!(i8, i16, i32, i64, u32, bool, String);
#[cfg(feature = "uuid")]
key_parts!(uuid::Uuid);
#[cfg(feature = "jiff")]
key_parts!(jiff::Timestamp, jiff::civil::Date);
#[cfg(feature = "chrono")]
key_parts!(chrono::DateTime<chrono::Utc>, chrono::NaiveDate);
#[cfg(feature = "time")]
key_parts!(time::OffsetDateTime, time::Date);
#[cfg(feature = "decimal")]
key_parts!(rust_decimal::Decimal);

/// Finds the key of an object that is known by its handle; the session does.
pub trait KeyLookup {
    /// The object's key, or `None` while the database has not given it one.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) when the handle is foreign or its object is gone.
    fn key_of(&self, handle: RawHandle) -> Result<Option<&dyn Any>, HandleProblem>;
}

/// What may be passed where a key of type `K` is wanted.
///
/// The key itself, `&str` for a `String`, a [`Handle`] or an [`Fk`] of the model with that key,
/// and tuples of these for composite keys: `get::<Favorite>((me, article))`.
pub trait IntoKey<K> {
    /// The key.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle, and
    /// [`NotFound`](ErrorKind::NotFound) for an object or reference that has no key yet.
    fn into_key(self, lookup: &dyn KeyLookup) -> Result<K, Error>;
}

impl<K: KeyPart> IntoKey<K> for K {
    fn into_key(self, _: &dyn KeyLookup) -> Result<K, Error> {
        Ok(self)
    }
}

impl<K: KeyPart> IntoKey<K> for &K {
    fn into_key(self, _: &dyn KeyLookup) -> Result<K, Error> {
        Ok(self.clone())
    }
}

impl IntoKey<String> for &str {
    fn into_key(self, _: &dyn KeyLookup) -> Result<String, Error> {
        Ok(self.to_owned())
    }
}

impl<M: Model> IntoKey<M::Key> for Handle<M> {
    fn into_key(self, lookup: &dyn KeyLookup) -> Result<M::Key, Error> {
        key_of_handle::<M>(self.raw, lookup)
    }
}

impl<M: Model> IntoKey<M::Key> for &Fk<M> {
    fn into_key(self, lookup: &dyn KeyLookup) -> Result<M::Key, Error> {
        match self.reference() {
            Reference::Key(key) => Ok(key.clone()),
            Reference::Handle(raw) => key_of_handle::<M>(raw, lookup),
            Reference::Unset => Err(no_key::<M>("of an unset reference")),
        }
    }
}

impl<M: Model> IntoKey<M::Key> for Fk<M> {
    fn into_key(self, lookup: &dyn KeyLookup) -> Result<M::Key, Error> {
        (&self).into_key(lookup)
    }
}

/// The key of the object behind a handle.
fn key_of_handle<M: Model>(raw: RawHandle, lookup: &dyn KeyLookup) -> Result<M::Key, Error> {
    match lookup.key_of(raw) {
        Ok(Some(key)) => Ok(key
            .downcast_ref::<M::Key>()
            .expect("a handle of M leads to a key of M")
            .clone()),
        Ok(None) => Err(no_key::<M>("not inserted yet")),
        Err(problem) => Err(Error::new(ErrorKind::Handle {
            model: M::NAME,
            problem,
        })),
    }
}

fn no_key<M: Model>(why: &str) -> Error {
    Error::new(ErrorKind::NotFound {
        model: M::NAME,
        key: why.to_owned(),
    })
}

macro_rules! tuple_keys {
    ($(($($k:ident $p:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<$($k, $p),+> IntoKey<($($k,)+)> for ($($p,)+)
            where
                $($p: IntoKey<$k>),+
            {
                fn into_key(self, lookup: &dyn KeyLookup) -> Result<($($k,)+), Error> {
                    Ok(($(self.$i.into_key(lookup)?,)+))
                }
            }
        )+
    };
}
tuple_keys!(
    (A P 0, B Q 1),
    (A P 0, B Q 1, C R 2),
    (A P 0, B Q 1, C R 2, D S 3),
    (A P 0, B Q 1, C R 2, D S 3, E T 4),
    (A P 0, B Q 1, C R 2, D S 3, E T 4, F U 5),
);
