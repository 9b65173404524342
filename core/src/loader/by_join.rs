//! Relationships that a query fetches by a join, in its own statement.
//!
//! Made by `joined`; paths, verbs and views follow them as the relationship itself.
//! It must not write the statement: `joining` does.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use foldhash::HashSet;

use super::Reader;
use super::by_reference::{by_parent, is_loaded, put_children};
use super::related::{Found, Related};
use crate::engine::Rows;
use crate::error::Result;
use crate::identity_map::{IdentityMap, Reading};
use crate::model::{
    BelongsTo, Handle, HasMany, HasOne, ManyToMany, Model, Multiplicity, RawHandle,
};
use crate::query::{Hop, Link};
use crate::statement::Source;

/// A relationship that a query fetches by a join. See `joined`.
#[derive(Clone, Copy)]
pub struct ByJoin<R> {
    relationship: R,
}

impl<R: fmt::Debug> fmt::Debug for ByJoin<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} joined", self.relationship)
    }
}

/// How many rows a step makes of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// One: a key names one row at most.
    One,
    /// One, if the data is as it should be.
    Few,
    /// Any number.
    Many,
}

/// Rows that were read with others joined to them.
pub(crate) struct JoinedRows<'a> {
    pub(super) rows: &'a Rows,
    /// Where the columns of each table on the way begin.
    pub(super) at: &'a [usize],
    /// For each row the object that something is joined to; none where it is absent itself.
    pub(super) of: &'a [Option<RawHandle>],
    pub(super) reading: Reading,
}

/// A relationship that can be fetched by a join: a reference, or what is found by one.
#[diagnostic::on_unimplemented(message = "`{Self}` can't be fetched by a join")]
pub trait Joinable: Link + Related<<Self as Link>::From, Target = <Self as Link>::To> {
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn breadth(&self) -> Breadth;

    /// Brings in what was joined, as loading it does; the object that each row leads to.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>>;
}

/// A step of a path that is fetched by a join, without its types, and those that go on from it.
pub(crate) trait JoinedStep: Send + Sync {
    fn name(&self) -> &'static str;

    fn breadth(&self) -> Breadth;

    fn hops(&self, from: &Source, alias: String) -> Vec<Hop>;

    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>>;

    fn next(&self) -> &[Arc<dyn JoinedStep>];
}

/// A relationship, and the joined steps behind it.
struct Joint<R> {
    relationship: R,
    next: Vec<Arc<dyn JoinedStep>>,
}

impl<R: Joinable> JoinedStep for Joint<R> {
    fn name(&self) -> &'static str {
        self.relationship.name()
    }

    fn breadth(&self) -> Breadth {
        self.relationship.breadth()
    }

    fn hops(&self, from: &Source, alias: String) -> Vec<Hop> {
        let to = Source::of::<R::To>().named(alias.into());
        self.relationship.hops(from, &to)
    }

    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>> {
        self.relationship.bring(reader, joined)
    }

    fn next(&self) -> &[Arc<dyn JoinedStep>] {
        &self.next
    }
}

macro_rules! joined {
    ($($ty:ty, [$($generics:tt)*];)+) => {
        $(
            impl<$($generics)*> $ty {
                /// This relationship, fetched in the query's own statement by a LEFT JOIN, rather
                /// than by a statement of its own.
                ///
                /// For [`with`](crate::query::Select::with), as its first step or behind others
                /// that are joined; anywhere else it is the relationship as it is. What is loaded
                /// is the same. To one, it saves a statement; to many, it also repeats the row
                /// that it leads away from for each that it leads to, and a limit of the query is
                /// kept in a subquery.
                ///
                /// A join never changes what the query finds. Where it would, the step is fetched
                /// by a statement of its own after all: beside another step to many, to many from
                /// the batches of a cursor, and to many from locked rows that a join of the
                /// caller's may repeat.
                ///
                /// With a lock only the query's own rows are locked. What is joined to them is as
                /// old as the statement, which may have waited: where the lock is to protect it,
                /// fetch it by a statement.
                ///
                /// ```
                /// use sessile::{Model, model::Fk, sql::select};
                ///
                /// #[derive(Model, Clone, Debug)]
                /// #[model(has_many(entries = Entry::PAYER))]
                /// struct Account {
                ///     #[model(key)]
                ///     id: i64,
                /// }
                ///
                /// #[derive(Model, Clone, Debug)]
                /// struct Entry {
                ///     #[model(key)]
                ///     id: i64,
                ///     payer: Fk<Account>,
                /// }
                ///
                /// // 1 statement each, whatever the number of rows.
                /// let entries = select::<Entry>().with(Entry::PAYER.joined());
                /// let accounts = select::<Account>().limit(20).with(Account::ENTRIES.joined());
                /// ```
                pub fn joined(self) -> ByJoin<Self> {
                    ByJoin { relationship: self }
                }
            }
        )+
    };
}
joined!(
    HasMany<P, C>, [P: Model, C: Model];
    HasOne<P, C>, [P: Model, C: Model];
    BelongsTo<C, P, K>, [C: Model, P: Model, K: Multiplicity];
    ManyToMany<M, A, T>, [M: Model, A: Model, T: Model];
);

#[allow(private_interfaces)]
impl<M: Model, R: Joinable + Link<From = M> + Related<M>> Related<M> for ByJoin<R> {
    type Target = <R as Related<M>>::Target;
    type Output = <R as Related<M>>::Output;
    type Again = <R as Related<M>>::Again;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        self.relationship.add_models(models);
    }

    fn names_unsaved(&self, map: &IdentityMap) -> bool {
        self.relationship.names_unsaved(map)
    }

    fn name(&self) -> &'static str {
        self.relationship.name()
    }

    fn find(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<Self::Target>>> {
        self.relationship.find(map, of)
    }

    fn is_loaded(&self, map: &IdentityMap, of: Handle<M>) -> bool {
        self.relationship.is_loaded(map, of)
    }

    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        self.relationship.load(reader, of)
    }

    fn joint(&self, next: Vec<Arc<dyn JoinedStep>>) -> Option<Arc<dyn JoinedStep>> {
        let relationship = self.relationship;
        Some(Arc::new(Joint { relationship, next }))
    }

    fn missing(&self) -> Result<Self::Output> {
        self.relationship.missing()
    }

    fn output(&self, found: Found<Self::Target>) -> Result<Self::Output> {
        self.relationship.output(found)
    }
}

#[allow(private_interfaces)]
impl<C: Model, P: Model, K: Multiplicity> Joinable for BelongsTo<C, P, K> {
    fn breadth(&self) -> Breadth {
        Breadth::One
    }

    /// A reference that leads nowhere is not noted as such: the row may have been locked, and
    /// changed, after what is joined to it was read.
    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>> {
        hydrate::<P>(reader, joined, joined.at[0])
    }
}

macro_rules! joined_children {
    ($($ty:ident, $breadth:ident;)+) => {
        $(
            #[allow(private_interfaces)]
            impl<P: Model, C: Model> Joinable for $ty<P, C> {
                fn breadth(&self) -> Breadth {
                    Breadth::$breadth
                }

                fn bring(
                    &self,
                    reader: &mut Reader<'_>,
                    joined: &JoinedRows<'_>,
                ) -> Result<Vec<Option<RawHandle>>> {
                    bring_children::<P, C>(reader, joined, self.field())
                }
            }
        )+
    };
}
joined_children!(
    HasMany, Many;
    HasOne, Few;
);

#[allow(private_interfaces)]
impl<M: Model, A: Model, T: Model> Joinable for ManyToMany<M, A, T> {
    fn breadth(&self) -> Breadth {
        Breadth::Many
    }

    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>> {
        bring_children::<M, A>(reader, joined, self.near())?;
        hydrate::<T>(reader, joined, joined.at[1])
    }
}

/// The objects of the rows that are joined: those that the session has keep their values.
fn hydrate<T: Model>(
    reader: &mut Reader<'_>,
    joined: &JoinedRows<'_>,
    at: usize,
) -> Result<Vec<Option<RawHandle>>> {
    let clock = reader.map.clock();
    let store = reader.map.store::<T>();
    let group = store.open_group();
    let mut found = Vec::with_capacity(joined.rows.len());
    for (row, of) in joined.rows.iter().zip(joined.of) {
        let slot = match of {
            Some(_) => store.hydrate(&row, at, joined.reading, group, clock)?,
            None => None,
        };
        found.push(slot.map(|slot| store.typed(slot).raw));
    }
    Ok(found)
}

/// The children in the rows, and the collections of those objects that lack theirs (LD-1).
fn bring_children<P: Model, C: Model>(
    reader: &mut Reader<'_>,
    joined: &JoinedRows<'_>,
    field: usize,
) -> Result<Vec<Option<RawHandle>>> {
    let found = hydrate::<C>(reader, joined, joined.at[0])?;
    let mut seen = HashSet::default();
    let parents = joined.of.iter().flatten();
    let mut lacking: Vec<RawHandle> = parents.copied().filter(|of| seen.insert(*of)).collect();
    lacking.retain(|of| !is_loaded::<C>(reader.map, *of, field));
    let lacks: HashSet<RawHandle> = lacking.iter().copied().collect();
    seen.clear();
    let pairs = joined.of.iter().zip(&found);
    let children = pairs.filter_map(|(of, child)| of.filter(|of| lacks.contains(of)).and(*child));
    let children: Vec<Handle<C>> = children
        .filter(|child| seen.insert(*child))
        .map(Handle::new)
        .collect();
    let mut members = by_parent::<P, C>(reader.map, &children, field);
    for parent in lacking {
        let children = members.remove(&parent).unwrap_or_default();
        put_children(reader, field, parent, children);
    }
    Ok(found)
}
