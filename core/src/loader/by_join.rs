//! Relationships that a query fetches by a join, in its own statement.
//!
//! Made by `joined`; paths, verbs and views follow them as the relationship itself.
//! It must not write the statement: `joining` does.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use super::Reader;
use super::by_reference::{by_parent, is_loaded, put_children};
use super::joinable::{Joinable, joint};
use super::joint::{Breadth, JoinedRows, JoinedStep, Joins, Place};
use super::related::{Found, Related};
use crate::error::Result;
use crate::identity_map::IdentityMap;
use crate::model::{
    BelongsTo, Handle, HasMany, HasOne, ManyToMany, Model, Multiplicity, RawHandle,
};
use crate::query::Link;
use crate::statement::{JoinKind, Source};

/// A relationship that a query fetches by a join. See `joined`.
#[derive(Clone, Copy)]
pub struct ByJoin<R> {
    pub(super) relationship: R,
}

impl<R: fmt::Debug> fmt::Debug for ByJoin<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} joined", self.relationship)
    }
}
/// The tables of a relationship, each under a name of its own.
fn by_tables<R: Link>(relationship: R, begin: &Place, name: String) -> Joins {
    let to = Source::of::<R::To>().named(name.into());
    let mut hops = relationship.hops(&begin.source, &to);
    if let Some(first) = hops.first_mut() {
        first.shift_outer(begin.at);
    }
    let mut joins = Joins {
        joins: Vec::with_capacity(hops.len()),
        at: Vec::with_capacity(hops.len()),
        end: Place { source: to, at: 0 },
        orders: Vec::new(),
    };
    let mut width = 0;
    for hop in hops {
        joins.at.push(width);
        width += hop.source.width();
        joins.joins.push(hop.join(JoinKind::Left));
    }
    joins
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
impl<M: Model, R: Joinable<M>> Related<M> for ByJoin<R> {
    type Target = R::Target;
    type Output = R::Output;
    type Again = R::Again;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        self.relationship.add_models(models);
    }

    fn names_unsaved(&self, map: &IdentityMap) -> bool {
        self.relationship.names_unsaved(map)
    }

    fn name(&self) -> &'static str {
        self.relationship.name()
    }

    fn find(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<R::Target>>> {
        self.relationship.find(map, of)
    }

    fn is_loaded(&self, map: &IdentityMap, of: Handle<M>) -> bool {
        self.relationship.is_loaded(map, of)
    }

    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        self.relationship.load(reader, of)
    }

    fn joint(&self, next: Vec<Arc<dyn JoinedStep>>) -> Option<Arc<dyn JoinedStep>> {
        Some(joint(self.relationship.clone(), next))
    }

    fn missing(&self) -> Result<Self::Output> {
        self.relationship.missing()
    }

    fn output(&self, found: Found<R::Target>) -> Result<Self::Output> {
        self.relationship.output(found)
    }
}

#[allow(private_interfaces)]
impl<C: Model, P: Model, K: Multiplicity> Joinable<C> for BelongsTo<C, P, K> {
    fn breadth(&self) -> Breadth {
        Breadth::One
    }

    fn joins(&self, begin: &Place, name: String) -> Joins {
        by_tables(*self, begin, name)
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
            impl<P: Model, C: Model> Joinable<P> for $ty<P, C> {
                fn breadth(&self) -> Breadth {
                    Breadth::$breadth
                }

                fn joins(&self, begin: &Place, name: String) -> Joins {
                    by_tables(*self, begin, name)
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
impl<M: Model, A: Model, T: Model> Joinable<M> for ManyToMany<M, A, T> {
    fn breadth(&self) -> Breadth {
        Breadth::Many
    }

    fn joins(&self, begin: &Place, name: String) -> Joins {
        by_tables(*self, begin, name)
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
pub(super) fn hydrate<T: Model>(
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
    let lacks = |of: &RawHandle| !is_loaded::<C>(reader.map, *of, field);
    let (lacking, children) = joined.lacking(&found, lacks);
    let mut members = by_parent::<P, C>(reader.map, &children, field);
    for parent in lacking {
        let children = members.remove(&parent).unwrap_or_default();
        put_children(reader, field, parent, children);
    }
    Ok(found)
}
