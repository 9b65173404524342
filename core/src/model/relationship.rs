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
    ($(#[$doc:meta])* $name:ident<$($ty:ident $(= $default:ty)?),+> { $($field:ident: $of:ty),+ }) => {
        $(#[$doc])*
        pub struct $name<$($ty $(= $default)?),+> {
            $($field: $of,)+
            types: PhantomData<fn() -> ($($ty,)+)>,
        }

        impl<$($ty),+> Clone for $name<$($ty),+> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($ty),+> Copy for $name<$($ty),+> {}
    };
}

relationship!(
    /// The relationship of a child to its parent, by a field of the child.
    ///
    /// `Entry::PAYER` is a `BelongsTo<Entry, Account>`. The third parameter says whether the
    /// reference is [`Required`] or [`Optional`], and with it whether `related` gives a handle or
    /// an `Option` of one.
    BelongsTo<C, P, K = Required> { field: u16 }
);

relationship!(
    /// The relationship of a parent to the children that refer to it.
    ///
    /// `Account::OUTGOING` is a `HasMany<Account, Entry>`. `HasMany::from(Entry::PAYER)` makes
    /// the same one where it is needed; it is called by the children's table.
    HasMany<P, C> { field: u16, name: &'static str }
);

relationship!(
    /// The relationship of a parent to the one child that refers to it.
    ///
    /// `HasOne::from(Profile::USER)` makes one where it is needed; it is called by the child's
    /// table.
    HasOne<P, C> { field: u16, name: &'static str }
);

relationship!(
    /// The relationship of a row to rows of another model, by objects of a third that refer to
    /// both.
    ///
    /// `Post::TAGS` is a `ManyToMany<Post, PostTag, Tag>`: `PostTag` is the association. What
    /// belongs together is said by association objects, which are added and deleted as any other;
    /// this only looks through them.
    ManyToMany<M, A, T> { near: u16, far: u16, name: &'static str }
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

    /// The name of the referring field.
    pub fn name(self) -> &'static str {
        C::table().fields()[self.field()].name
    }
}

macro_rules! to_children {
    ($name:ident) => {
        impl<P: Model, C: Model> $name<P, C> {
            #[doc(hidden)]
            pub const fn new<K: Multiplicity>(name: &'static str, by: BelongsTo<C, P, K>) -> Self {
                $name {
                    field: by.field,
                    name,
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

            /// Its name as it was written, or that of the children's table.
            pub fn name(self) -> &'static str {
                match self.name {
                    "" => C::table().name(),
                    name => name,
                }
            }
        }

        impl<P: Model, C: Model, K: Multiplicity> From<BelongsTo<C, P, K>> for $name<P, C> {
            fn from(by: BelongsTo<C, P, K>) -> Self {
                Self::new("", by)
            }
        }

        impl<P: Model, C: Model> fmt::Debug for $name<P, C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name {
                    "" => {
                        let by = C::table().fields()[self.field()].name;
                        write!(f, "{} → {}.{by}", P::NAME, C::NAME)
                    }
                    name => write!(f, "{}.{name}", P::NAME),
                }
            }
        }
    };
}
to_children!(HasMany);
to_children!(HasOne);

impl<M: Model, A: Model, T: Model> ManyToMany<M, A, T> {
    /// The relationship by these two references of the association, with this name.
    ///
    /// The derive makes it as a constant of `many_to_many(..)`; elsewhere it is good for an
    /// association that the model does not name.
    pub const fn new<K: Multiplicity, L: Multiplicity>(
        name: &'static str,
        near: BelongsTo<A, M, K>,
        far: BelongsTo<A, T, L>,
    ) -> Self {
        ManyToMany {
            near: near.field,
            far: far.field,
            name,
            types: PhantomData,
        }
    }

    /// The position of the association's field that refers to this model.
    pub fn near(self) -> usize {
        usize::from(self.near)
    }

    /// The position of the association's field that refers to the other model.
    pub fn far(self) -> usize {
        usize::from(self.far)
    }

    /// Its name as it was written.
    pub fn name(self) -> &'static str {
        self.name
    }
}

impl<C: Model, P: Model, K: Multiplicity> fmt::Debug for BelongsTo<C, P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", C::NAME, self.name())
    }
}

impl<M: Model, A: Model, T: Model> fmt::Debug for ManyToMany<M, A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", M::NAME, self.name)
    }
}

impl<C: Model, P: Model, K: Multiplicity> From<BelongsTo<C, P, K>> for FieldName {
    fn from(relationship: BelongsTo<C, P, K>) -> Self {
        FieldName {
            model: C::NAME,
            field: relationship.name(),
        }
    }
}
