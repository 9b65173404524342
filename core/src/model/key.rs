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
    ($($t:ty),+ $(,)?) => {
        $(
            impl KeyPart for $t {}

            // One impl for all `&K` would overlap with those for `K`.
            impl<M: Model<Key = $t>> IntoKey<M> for &$t {
                fn into_key(self, _: &dyn KeyLookup) -> Result<$t, Error> {
                    Ok(self.clone())
                }
            }

            impl<P: Model<Key = $t>> IntoKeyPart<Fk<P>> for &$t {
                fn into_part(self, _: &dyn KeyLookup) -> Result<$t, Error> {
                    Ok(self.clone())
                }
            }
        )+
    };
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

/// What may be passed where the key of an object of model `M` is wanted.
///
/// The key itself, `&str` for a `String`, a [`Handle`] or an [`Fk`] of the model, and tuples of
/// parts for keys of several fields: `get::<Favorite>((me, article))`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of `{M}`",
    label = "expected a key, a handle or an `Fk` of `{M}`"
)]
pub trait IntoKey<M: Model> {
    /// The key.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle, and
    /// [`NotFound`](ErrorKind::NotFound) for an object or reference that has no key yet.
    fn into_key(self, lookup: &dyn KeyLookup) -> Result<M::Key, Error>;
}

#[diagnostic::do_not_recommend]
impl<M: Model<Key = K>, K: KeyPart> IntoKey<M> for K {
    fn into_key(self, _: &dyn KeyLookup) -> Result<K, Error> {
        Ok(self)
    }
}

impl<M: Model<Key = String>> IntoKey<M> for &str {
    fn into_key(self, _: &dyn KeyLookup) -> Result<String, Error> {
        Ok(self.to_owned())
    }
}

impl<M: Model> IntoKey<M> for Handle<M> {
    fn into_key(self, lookup: &dyn KeyLookup) -> Result<M::Key, Error> {
        key_of_handle::<M>(self.raw, lookup)
    }
}

impl<M: Model> IntoKey<M> for &Fk<M> {
    fn into_key(self, lookup: &dyn KeyLookup) -> Result<M::Key, Error> {
        match self.reference() {
            Reference::Key(key) => Ok(key.clone()),
            Reference::Handle(raw) => key_of_handle::<M>(raw, lookup),
            Reference::Unset => Err(no_key::<M>("of an unset reference")),
        }
    }
}

impl<M: Model> IntoKey<M> for Fk<M> {
    fn into_key(self, lookup: &dyn KeyLookup) -> Result<M::Key, Error> {
        (&self).into_key(lookup)
    }
}

/// A type that a key field may have: a plain one, or an [`Fk`].
pub trait KeyField {
    /// What it is in the key.
    type Key;
}

impl<K: KeyPart> KeyField for K {
    type Key = K;
}

impl<P: Model> KeyField for Fk<P> {
    type Key = P::Key;
}

/// What may be passed for one field of a key, of type `F`.
///
/// The value itself, `&str` for a `String`; where the field is an [`Fk`], what
/// [`IntoKey`] takes for its model.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not stand for a key field of type `{F}`",
    label = "expected a `{F}`, or the handle or key of what it refers to"
)]
pub trait IntoKeyPart<F: KeyField> {
    /// The part of the key.
    ///
    /// # Errors
    /// As [`IntoKey::into_key`].
    fn into_part(self, lookup: &dyn KeyLookup) -> Result<F::Key, Error>;
}

impl<K: KeyPart> IntoKeyPart<K> for K {
    fn into_part(self, _: &dyn KeyLookup) -> Result<K, Error> {
        Ok(self)
    }
}

impl<K: KeyPart> IntoKeyPart<K> for &K {
    fn into_part(self, _: &dyn KeyLookup) -> Result<K, Error> {
        Ok(self.clone())
    }
}

impl IntoKeyPart<String> for &str {
    fn into_part(self, _: &dyn KeyLookup) -> Result<String, Error> {
        Ok(self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl<P: Model<Key = K>, K: KeyPart> IntoKeyPart<Fk<P>> for K {
    fn into_part(self, _: &dyn KeyLookup) -> Result<K, Error> {
        Ok(self)
    }
}

/// Where a reference is wanted, what stands for a key of its model will do.
macro_rules! parts_that_are_keys {
    ($([$($generic:tt),*] $part:ty;)+) => {
        $(impl<$($generic,)* P: Model> IntoKeyPart<Fk<P>> for $part
        where
            $part: IntoKey<P>,
        {
            fn into_part(self, lookup: &dyn KeyLookup) -> Result<P::Key, Error> {
                self.into_key(lookup)
            }
        })+
    };
}
parts_that_are_keys!(
    ['a] &'a str;
    [] Handle<P>;
    [] Fk<P>;
    ['a] &'a Fk<P>;
    [A, B] (A, B);
    [A, B, C] (A, B, C);
    [A, B, C, D] (A, B, C, D);
    [A, B, C, D, E] (A, B, C, D, E);
    [A, B, C, D, E, F] (A, B, C, D, E, F);
);

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
    ($(($($f:ident $p:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<M, $($f: KeyField, $p: IntoKeyPart<$f>),+> IntoKey<M> for ($($p,)+)
            where
                M: Model<KeyParts = ($($f,)+), Key = ($($f::Key,)+)>,
            {
                fn into_key(self, lookup: &dyn KeyLookup) -> Result<M::Key, Error> {
                    Ok(($(self.$i.into_part(lookup)?,)+))
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
