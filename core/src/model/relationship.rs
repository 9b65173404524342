//! Relationships: a child's reference seen from both ends.
//!
//! The derive makes constants of these types; the loader and the query room follow them.
//! It must not hold more than the position of the referring field, which is the only truth.

use std::fmt;
use std::marker::PhantomData;

use super::{ForeignKey, Model};
use crate::error::FieldName;

/// Marks a reference that is always there, a field of type `Fk<P>`.
#[derive(Clone, Copy, Debug)]
pub enum Required {}

/// Marks a reference that may be absent, a field of type `Option<Fk<P>>`.
#[derive(Clone, Copy, Debug)]
pub enum Optional {}

/// [`Required`] or [`Optional`].
pub trait Multiplicity: Copy + fmt::Debug + Send + Sync + 'static {
    /// What following such a reference gives.
    type Of<T>;

    /// Nothing, where there must be something, is `None`.
    #[doc(hidden)]
    fn of<T>(found: Option<T>) -> Option<Self::Of<T>>;
}

impl Multiplicity for Required {
    type Of<T> = T;

    fn of<T>(found: Option<T>) -> Option<T> {
        found
    }
}

impl Multiplicity for Optional {
    type Of<T> = Option<T>;

    fn of<T>(found: Option<T>) -> Option<Option<T>> {
        Some(found)
    }
}

macro_rules! relationship {
    ($(#[$doc:meta])* $name:ident<$from:ident, $to:ident $(, $kind:ident = $default:ty)?>) => {
        $(#[$doc])*
        pub struct $name<$from, $to $(, $kind = $default)?> {
            field: u16,
            types: PhantomData<fn() -> ($from, $to $(, $kind)?)>,
        }

        impl<$from, $to $(, $kind)?> Clone for $name<$from, $to $(, $kind)?> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$from, $to $(, $kind)?> Copy for $name<$from, $to $(, $kind)?> {}
    };
}

relationship!(
    /// The relationship of a child to its parent, by a field of the child.
    ///
    /// `Entry::PAYER` is a `BelongsTo<Entry, Account>`. The third parameter says whether the
    /// reference is [`Required`] or [`Optional`], and with it whether `related` gives a handle or
    /// an `Option` of one.
    BelongsTo<C, P, K = Required>
);

relationship!(
    /// The relationship of a parent to the children that refer to it.
    ///
    /// `Account::OUTGOING` is a `HasMany<Account, Entry>`.
    HasMany<P, C>
);

relationship!(
    /// The relationship of a parent to the one child that refers to it.
    HasOne<P, C>
);

impl<C, P, K> BelongsTo<C, P, K> {
    // No bounds: that a parent is no model is said at the field, and need not be said here again.
    #[doc(hidden)]
    pub const fn new(field: u16) -> Self {
        BelongsTo {
            field,
            types: PhantomData,
        }
    }
}

impl<C: Model, P: Model, K: Multiplicity> BelongsTo<C, P, K> {
    /// The position of the referring field among the mapped fields of the child.
    pub fn field(self) -> usize {
        usize::from(self.field)
    }

    /// The foreign key behind it.
    pub fn foreign_key(self) -> &'static ForeignKey {
        C::table().foreign_key_of_field(self.field())
    }
}

impl<P: Model, C: Model> HasMany<P, C> {
    #[doc(hidden)]
    pub const fn new<K: Multiplicity>(by: BelongsTo<C, P, K>) -> Self {
        HasMany {
            field: by.field,
            types: PhantomData,
        }
    }

    /// The position of the referring field among the mapped fields of the child.
    pub fn field(self) -> usize {
        usize::from(self.field)
    }

    /// The foreign key behind it.
    pub fn foreign_key(self) -> &'static ForeignKey {
        C::table().foreign_key_of_field(self.field())
    }
}

impl<P: Model, C: Model> HasOne<P, C> {
    #[doc(hidden)]
    pub const fn new<K: Multiplicity>(by: BelongsTo<C, P, K>) -> Self {
        HasOne {
            field: by.field,
            types: PhantomData,
        }
    }

    /// The position of the referring field among the mapped fields of the child.
    pub fn field(self) -> usize {
        usize::from(self.field)
    }

    /// The foreign key behind it.
    pub fn foreign_key(self) -> &'static ForeignKey {
        C::table().foreign_key_of_field(self.field())
    }
}

impl<C: Model, P: Model, K: Multiplicity> fmt::Debug for BelongsTo<C, P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", C::NAME, C::table().fields()[self.field()].name)
    }
}

impl<P: Model, C: Model> fmt::Debug for HasMany<P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = C::table().fields()[self.field()].name;
        write!(f, "{} → many {}.{by}", P::NAME, C::NAME)
    }
}

impl<P: Model, C: Model> fmt::Debug for HasOne<P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = C::table().fields()[self.field()].name;
        write!(f, "{} → one {}.{by}", P::NAME, C::NAME)
    }
}

impl<C: Model, P: Model, K: Multiplicity> From<BelongsTo<C, P, K>> for FieldName {
    fn from(relationship: BelongsTo<C, P, K>) -> Self {
        FieldName {
            model: C::NAME,
            field: C::table().fields()[relationship.field()].name,
        }
    }
}
