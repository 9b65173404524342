//! Parts of what a relationship leads to: filtered, ordered, and limited for each object.
//!
//! Made by `filter`, `order_by` and `limit` of a relationship; followed as any other.
//! It must not be taken for the whole relationship, nor the whole for a part.

use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::BytesMut;

use super::Reader;
use super::by_reference::{by_parent, sort_by_key};
use super::keys::key_arrays;
use super::many_to_many::far_side;
use super::reader::rendered_statement;
use super::related::{End, Found, Related, lost, only};
use crate::engine::Returns;
use crate::error::{Error, Result};
use crate::identity_map::{IdentityMap, Part, Reading};
use crate::model::{Handle, HasMany, HasOne, ManyToMany, Model, RawHandle};
use crate::query::{IntoFilter, IntoOrders, Link, Orders};
use crate::statement::{
    Belonging, Direction, DoesMore, JoinKind, ModelsRead, NamesObjects, NamesUnsaved, Node,
    OrderBy, Projection, Query, Select, Source, label_of,
};

/// Some of what a relationship leads to, or all of it in an order of its own. See `filter`,
/// `order_by` and `limit` of [`HasMany`] and its kin.
///
/// It is a collection of its own: it is loaded by itself, and known by its conditions, so that an
/// equal one made elsewhere finds what is loaded. A flush takes out rows that it deletes or that
/// belong elsewhere afterwards; rows that come in, or meet the conditions no longer, are seen at
/// the next load: in the next transaction, or after the rollback of a savepoint.
#[derive(Clone)]
pub struct Filtered<R> {
    pub(super) of: R,
    filters: Vec<Node>,
    pub(super) orders: Vec<OrderBy>,
    limit: Option<u64>,
    /// What tells it from others, once that was asked for.
    part: OnceLock<Part>,
}

impl<R: fmt::Debug + Link> fmt::Debug for Filtered<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = Source::of::<R::To>();
        let head = format!("SELECT {}", source.name());
        let mut select = Select::from(source);
        self.put_into(&mut select);
        let label = label_of(&Query::select(select, Projection::Whole));
        let rest = label.strip_prefix(&head).unwrap_or(&label);
        write!(f, "{:?}{rest}", self.of)
    }
}

impl<R: Link> Filtered<R> {
    fn all(of: R) -> Self {
        Filtered {
            of,
            filters: Vec::new(),
            orders: Vec::new(),
            limit: None,
            part: OnceLock::new(),
        }
    }

    /// Only rows that meet this condition, and those of earlier calls.
    ///
    /// Takes an `Option` too: `None` adds nothing.
    #[must_use]
    pub fn filter(mut self, condition: impl IntoFilter<R::To>) -> Self {
        self.filters.extend(condition.into_filter().into_node());
        self.part = OnceLock::new();
        self
    }

    /// Rows in this order, after the orders of earlier calls; those that are equal in it come in
    /// the order of their keys.
    #[must_use]
    pub fn order_by(mut self, orders: impl IntoOrders<R::To>) -> Self {
        Orders::add(&mut self.orders, orders);
        self.part = OnceLock::new();
        self
    }

    /// No more rows than this for each object; the last call counts.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self.part = OnceLock::new();
        self
    }

    fn put_into(&self, select: &mut Select) {
        select.filters.extend(self.filters.iter().cloned());
        select.orders.extend(self.orders.iter().cloned());
        select.limit = self.limit;
    }

    /// The statement, as far as it does not depend on the objects it is loaded for.
    pub(super) fn parts(&self) -> Parts {
        let mut hops = self
            .of
            .hops(&Source::of::<R::From>(), &Source::of::<R::To>());
        let last = hops.pop().expect("a relationship leads to a table");
        let mut parts = match hops.pop() {
            None => Parts {
                select: Select::from(last.source.clone()),
                read: vec![last.source.clone()],
                columns: last.inner,
            },
            // The rows that are read first are those that refer to both sides.
            Some(association) => {
                let mut select = Select::from(last.source.clone());
                let mut join = last.join(JoinKind::Inner);
                join.source = association.source.clone();
                select.joins.push(join);
                Parts {
                    read: vec![association.source.clone(), select.from.clone()],
                    select,
                    columns: association.inner,
                }
            }
        };
        self.put_into(&mut parts.select);
        if self.limit.is_some() || !self.orders.is_empty() {
            order_by_key::<R::To>(&mut parts.select);
        }
        parts
    }

    /// What tells it from others in this session; `None` when it names an object without a key.
    pub(super) fn part(&self, map: &IdentityMap) -> Option<Part> {
        if let Some(part) = self.part.get() {
            return Some(Arc::clone(part));
        }
        let query = Query::select(self.parts().select, Projection::Whole);
        let rendered = query.render(map).ok()?;
        let mut bytes = BytesMut::from(rendered.sql.as_bytes());
        for param in &rendered.params {
            param.identify(&mut bytes);
        }
        let part: Part = Arc::from(&bytes[..]);
        let mut objects = NamesObjects::default();
        query.visit(&mut objects);
        match objects.0 {
            true => Some(part),
            false => Some(Arc::clone(self.part.get_or_init(|| part))),
        }
    }

    fn names_objects_without_keys(&self, map: &IdentityMap) -> bool {
        let mut named = NamesUnsaved::new(map);
        let select = self.parts().select;
        select.visit(&Projection::Whole, &mut named);
        named.found
    }

    fn add_models_read(&self, models: &mut Vec<TypeId>) {
        let mut read = ModelsRead::default();
        self.parts().select.visit(&Projection::Whole, &mut read);
        models.extend(read.0);
    }

    /// The loaded rows of this part that refer to an object.
    pub(super) fn members<C: Model>(
        &self,
        map: &IdentityMap,
        of: RawHandle,
        field: usize,
    ) -> Option<Vec<Handle<C>>> {
        let store = map.id_of(TypeId::of::<C>())?;
        let part = self.part(map)?;
        let members = map.collections.get_part(store, field, &part, of)?;
        let members = members.map(Handle::<C>::new);
        Some(members.filter(|member| map.read(*member).is_ok()).collect())
    }

    /// Loads this part for these objects: rows of `C` that refer to them by a field, with a row of
    /// another model behind each of them in the result if they are associations. 1 statement.
    fn load_members<C: Model>(
        &self,
        reader: &mut Reader<'_>,
        of: &[RawHandle],
        field: usize,
    ) -> Result<()> {
        let store = reader.map.store::<R::From>();
        let keys = of
            .iter()
            .filter_map(|raw| store.key_of(store.locate(*raw).ok()?));
        let keys: Vec<_> = keys.collect();
        let loaded = match keys.is_empty() {
            true => Vec::new(),
            false => self.read_members::<C>(reader, keys)?,
        };
        let part = self.part(reader.map).ok_or_else(|| {
            Error::mapping(format!("{self:?} names an object that has no key yet"))
        })?;
        let mut members = by_parent::<R::From, C>(reader.map, &loaded, field);
        let children = reader.map.id::<C>();
        for parent in of {
            let mut loaded = members.remove(parent).unwrap_or_default();
            if self.orders.is_empty() {
                sort_by_key(reader, &mut loaded);
            }
            let raw = loaded.into_iter().map(|child| child.raw).collect();
            let collections = &mut reader.map.collections;
            collections.put_part(children, field, &part, *parent, raw);
        }
        Ok(())
    }

    fn read_members<C: Model>(
        &self,
        reader: &mut Reader<'_>,
        keys: Vec<<R::From as Model>::Key>,
    ) -> Result<Vec<Handle<C>>> {
        let count = keys.len();
        let parts = self.parts();
        let mut foreign = DoesMore::default();
        parts.select.visit(&Projection::Whole, &mut foreign);
        let columns = R::From::table().key_columns();
        let through = parts.read.len() > 1;
        let belonging = Belonging {
            select: parts.select,
            read: parts.read,
            columns: parts.columns,
            types: columns.map(|column| column.ty.name).collect(),
            keys: key_arrays::<R::From>(keys),
        };
        let rendered = belonging.render(reader.map)?;
        let mut statement = rendered_statement(&rendered, Returns::Rows, !foreign.0);
        statement.rows = count;
        let found = reader.rows(&statement, R::To::NAME)?;
        let clock = reader.map.clock();
        if through {
            let at = C::table().columns().len();
            let store = reader.map.store::<R::To>();
            let group = store.open_group();
            for row in found.iter() {
                store.hydrate(&row, at, Reading::Plain, group, clock)?;
            }
        }
        let store = reader.map.store::<C>();
        let group = store.open_group();
        store.expect(found.len(), group);
        let mut members = Vec::with_capacity(found.len());
        for row in found.iter() {
            if let Some(slot) = store.hydrate(&row, 0, Reading::Plain, group, clock)? {
                members.push(store.typed(slot));
            }
        }
        Ok(members)
    }
}

/// The statement of a part without the objects it is loaded for.
pub(super) struct Parts {
    pub(super) select: Select,
    /// Whose rows are read: those that refer to the objects first.
    pub(super) read: Vec<Source>,
    /// The columns that refer to the objects.
    pub(super) columns: Vec<Node>,
}

/// Rows that are equal in the order come in the order of their keys.
fn order_by_key<T: Model>(select: &mut Select) {
    for column in T::table().key_positions() {
        let is_it = |order: &OrderBy| match &order.by {
            Node::Column(source, at) => source.is(&select.from) && at == column,
            _ => false,
        };
        if !select.orders.iter().any(is_it) {
            select.orders.push(OrderBy {
                by: Node::Column(select.from.clone(), *column),
                direction: Direction::Ascending,
                nulls: None,
            });
        }
    }
}

macro_rules! filters {
    ($([$($generics:tt)*] $ty:ty, $to:ident;)+) => {
        $(
            impl<$($generics)*> $ty {
                /// Those that meet this condition: a collection of its own, see [`Filtered`].
                pub fn filter(self, condition: impl IntoFilter<$to>) -> Filtered<Self> {
                    Filtered::all(self).filter(condition)
                }

                /// The same in this order: a collection of its own, see [`Filtered`].
                pub fn order_by(self, orders: impl IntoOrders<$to>) -> Filtered<Self> {
                    Filtered::all(self).order_by(orders)
                }

                /// No more than this for each object, the first by their keys unless there is an
                /// order: a collection of its own, see [`Filtered`].
                pub fn limit(self, rows: u64) -> Filtered<Self> {
                    Filtered::all(self).limit(rows)
                }
            }
        )+
    };
}
filters!(
    [P: Model, C: Model] HasMany<P, C>, C;
    [P: Model, C: Model] HasOne<P, C>, C;
    [M: Model, A: Model, T: Model] ManyToMany<M, A, T>, T;
);

macro_rules! filtered_children {
    ($($relationship:ident, $output:ty, $find:expr, $give:ident;)+) => {
        $(
            #[allow(private_interfaces)]
            impl<P: Model, C: Model> Related<P> for Filtered<$relationship<P, C>> {
                type Target = C;
                type Output = $output;
                type Again = End;

                fn add_models(&self, models: &mut Vec<TypeId>) {
                    self.add_models_read(models);
                }

                fn names_unsaved(&self, map: &IdentityMap) -> bool {
                    self.names_objects_without_keys(map)
                }

                fn name(&self) -> &'static str {
                    self.of.name()
                }

                fn find(&self, map: &IdentityMap, of: Handle<P>) -> Option<Result<Found<C>>> {
                    Some($find(self.members(map, of.raw, self.of.field())?))
                }

                fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
                    self.load_members::<C>(reader, of, self.of.field())
                }

                fn output(&self, found: Found<C>) -> Result<Self::Output> {
                    Ok(found.$give())
                }
            }
        )+
    };
}
filtered_children!(
    HasMany, Vec<Handle<C>>, |children| Ok(Found::Many(children)), many;
    HasOne, Option<Handle<C>>, |children: Vec<Handle<C>>| only(&children), at_most_one;
);

#[allow(private_interfaces)]
impl<M: Model, A: Model, T: Model> Related<M> for Filtered<ManyToMany<M, A, T>> {
    type Target = T;
    type Output = Vec<Handle<T>>;
    type Again = End;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        self.add_models_read(models);
    }

    fn names_unsaved(&self, map: &IdentityMap) -> bool {
        self.names_objects_without_keys(map)
    }

    fn name(&self) -> &'static str {
        self.of.name()
    }

    fn find(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<T>>> {
        let associations = self.members::<A>(map, of.raw, self.of.near())?;
        far_side(map, &associations, self.of.far())
    }

    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        self.load_members::<A>(reader, of, self.of.near())
    }

    fn output(&self, found: Found<T>) -> Result<Self::Output> {
        Ok(found.many())
    }

    fn missing(&self) -> Result<Self::Output> {
        Err(lost::<T>(self))
    }
}
