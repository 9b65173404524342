//! Parts of what a relationship leads to, fetched by a join with a query for each row.
//!
//! Followed by `joining` as any other joined step.
//! It must not leave the order of a part to the join: a join promises none.

use super::Reader;
use super::by_join::{ByJoin, hydrate};
use super::by_reference::{by_parent, sort_by_key};
use super::filtered::Filtered;
use super::joinable::Joinable;
use super::joint::{Breadth, JoinedRows, Joins, Place};
use crate::error::Result;
use crate::model::{Handle, HasMany, HasOne, ManyToMany, Model, RawHandle};
use crate::query::{Link, source_of};
use crate::statement::{Item, Join, JoinKind, Node, Operator, OrderBy, Projection, Query, Source};

impl<R> Filtered<R> {
    /// This part, fetched in the query's own statement by a LEFT JOIN LATERAL, rather than by a
    /// statement of its own. As [`joined`](HasMany::joined) of the relationship.
    pub fn joined(self) -> ByJoin<Self> {
        ByJoin { relationship: self }
    }
}

impl<R: Link> Filtered<R> {
    /// The part as a query that looks at the row it is joined to, its order said again outside.
    fn lateral(&self, begin: &Place, name: String) -> Joins {
        let to = Source::of::<R::To>();
        let mut hops = self.of.hops(&begin.source, &to);
        let first = &mut hops[0];
        first.shift_outer(begin.at);
        let mut parts = self.parts();
        let pairs = parts.columns.into_iter().zip(first.outer.drain(..));
        let equal = pairs.map(|(inner, outer)| Node::binary(inner, Operator::Equal, outer));
        parts.select.filters.splice(0..0, equal);
        let mut at = Vec::with_capacity(parts.read.len());
        let mut items = Vec::new();
        let mut width = 0;
        for source in parts.read {
            at.push(width);
            width += source.width();
            items.push(Item::Row {
                source,
                nullable: false,
            });
        }
        let orders = match self.orders.is_empty() {
            true => Vec::new(),
            false => parts.select.orders.clone(),
        };
        items.extend(orders.iter().map(|order| Item::value(order.by.clone())));
        let query = Query::select(parts.select, Projection::Columns(items));
        let source = source_of(name, query);
        let orders = orders
            .into_iter()
            .zip(width..)
            .map(|(order, column)| OrderBy {
                by: Node::Column(source.clone(), column),
                ..order
            });
        Joins {
            orders: orders.collect(),
            end: Place {
                source: source.clone(),
                at: at.last().copied().unwrap_or(0),
            },
            at,
            joins: vec![Join {
                kind: JoinKind::Left,
                source,
                on: None,
                lateral: true,
            }],
        }
    }

    /// Brings in the members, and the part of those objects that lack it.
    fn bring_members<C: Model>(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
        field: usize,
    ) -> Result<Vec<Option<RawHandle>>> {
        let found = hydrate::<C>(reader, joined, joined.at[0])?;
        // It names an object without a key: its own statement says so.
        let Some(part) = self.part(reader.map) else {
            return Ok(found);
        };
        let lacks = |of: &RawHandle| self.members::<C>(reader.map, *of, field).is_none();
        let (lacking, members) = joined.lacking(&found, lacks);
        let mut members = by_parent::<R::From, C>(reader.map, &members, field);
        let store = reader.map.id::<C>();
        for parent in lacking {
            let mut members: Vec<Handle<C>> = members.remove(&parent).unwrap_or_default();
            if self.orders.is_empty() {
                sort_by_key(reader, &mut members);
            }
            let members = members.into_iter().map(|member| member.raw).collect();
            let collections = &mut reader.map.collections;
            collections.put_part(store, field, &part, parent, members);
        }
        Ok(found)
    }
}

macro_rules! joined_parts {
    ($($ty:ident, $breadth:ident;)+) => {
        $(
            #[allow(private_interfaces)]
            impl<P: Model, C: Model> Joinable<P> for Filtered<$ty<P, C>> {
                fn breadth(&self) -> Breadth {
                    Breadth::$breadth
                }

                fn is_lateral(&self) -> bool {
                    true
                }

                fn joins(&self, begin: &Place, name: String) -> Joins {
                    self.lateral(begin, name)
                }

                fn bring(
                    &self,
                    reader: &mut Reader<'_>,
                    joined: &JoinedRows<'_>,
                ) -> Result<Vec<Option<RawHandle>>> {
                    self.bring_members::<C>(reader, joined, self.of.field())
                }
            }
        )+
    };
}
joined_parts!(
    HasMany, Many;
    HasOne, Few;
);

#[allow(private_interfaces)]
impl<M: Model, A: Model, T: Model> Joinable<M> for Filtered<ManyToMany<M, A, T>> {
    fn breadth(&self) -> Breadth {
        Breadth::Many
    }

    fn is_lateral(&self) -> bool {
        true
    }

    fn joins(&self, begin: &Place, name: String) -> Joins {
        self.lateral(begin, name)
    }

    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>> {
        self.bring_members::<A>(reader, joined, self.of.near())?;
        hydrate::<T>(reader, joined, joined.at[1])
    }
}
