//! Relationships as conditions: which columns of two tables are equal along them.
//!
//! Joins and the EXISTS of `has` and `any` are made of it.
//! It must not know more of a relationship than its columns.

use std::fmt;
use std::marker::PhantomData;

use crate::model::{BelongsTo, HasMany, HasOne, ManyToMany, Model, Multiplicity};
use crate::query::{Alias, Several};
use crate::statement::{Join, JoinKind, Node, Operator, Source};

/// A relationship that a query can follow.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no relationship",
    label = "expected a relationship, such as `Entry::PAYER`"
)]
pub trait Link: Copy + fmt::Debug {
    /// The model that it leads away from.
    type From: Model;

    /// The model that it leads to.
    type To: Model;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn hops(self, from: &Source, to: &Source) -> Vec<Hop>;
}

/// One table on the way, and which of its columns equal which of the one before.
#[derive(Debug)]
pub(crate) struct Hop {
    pub(crate) source: Source,
    /// Columns of the table before.
    pub(crate) outer: Vec<Node>,
    /// The columns of this table that equal them.
    pub(crate) inner: Vec<Node>,
}

impl Hop {
    /// From a child to the parent that its reference names.
    pub(crate) fn to_parent<C: Model>(child: &Source, field: usize, parent: Source) -> Hop {
        Hop {
            outer: reference_columns::<C>(child, field),
            inner: key_columns::<C>(&parent, field),
            source: parent,
        }
    }

    /// From a parent to the children whose reference names it.
    pub(crate) fn to_children<C: Model>(parent: &Source, field: usize, children: Source) -> Hop {
        Hop {
            outer: key_columns::<C>(parent, field),
            inner: reference_columns::<C>(&children, field),
            source: children,
        }
    }

    /// The columns of the table before stand so many places further on, as in a query that reads
    /// others first.
    pub(crate) fn shift_outer(&mut self, by: usize) {
        for node in &mut self.outer {
            if let Node::Column(_, column) = node {
                *column += by;
            }
        }
    }

    /// The condition of a join.
    pub(crate) fn condition(&self) -> Node {
        let pairs = self.inner.iter().zip(&self.outer);
        let equal =
            pairs.map(|(inner, outer)| Node::binary(inner.clone(), Operator::Equal, outer.clone()));
        Node::all(equal).expect("a key has one column at least")
    }

    pub(crate) fn join(self, kind: JoinKind) -> Join {
        Join {
            kind,
            on: Some(self.condition()),
            source: self.source,
            lateral: false,
        }
    }
}

/// The columns of a reference field.
fn reference_columns<C: Model>(child: &Source, field: usize) -> Vec<Node> {
    let columns = C::table().fields()[field].columns.clone();
    columns
        .map(|column| Node::Column(child.clone(), column))
        .collect()
}

/// The key columns that a reference field names, in the order of its own columns.
fn key_columns<C: Model>(parent: &Source, field: usize) -> Vec<Node> {
    let target = C::table().foreign_key_of_field(field).target();
    let columns = target.key_positions();
    columns
        .iter()
        .map(|column| Node::Column(parent.clone(), *column))
        .collect()
}

impl<C: Model, P: Model, K: Multiplicity> Link for BelongsTo<C, P, K> {
    type From = C;
    type To = P;

    #[allow(private_interfaces)]
    fn hops(self, from: &Source, to: &Source) -> Vec<Hop> {
        vec![Hop::to_parent::<C>(from, self.field(), to.clone())]
    }
}

impl<P: Model, C: Model> Link for HasMany<P, C> {
    type From = P;
    type To = C;

    #[allow(private_interfaces)]
    fn hops(self, from: &Source, to: &Source) -> Vec<Hop> {
        vec![Hop::to_children::<C>(from, self.field(), to.clone())]
    }
}

impl<P: Model, C: Model> Link for HasOne<P, C> {
    type From = P;
    type To = C;

    #[allow(private_interfaces)]
    fn hops(self, from: &Source, to: &Source) -> Vec<Hop> {
        vec![Hop::to_children::<C>(from, self.field(), to.clone())]
    }
}

impl<M: Model, A: Model, T: Model> Link for ManyToMany<M, A, T> {
    type From = M;
    type To = T;

    #[allow(private_interfaces)]
    fn hops(self, from: &Source, to: &Source) -> Vec<Hop> {
        // Under a name of its own beside a target that has one, so that the relationship can be
        // joined twice.
        let association = match to.alias() {
            Some(alias) => Source::of::<A>().named(format!("{alias}_link").into()),
            None => Source::of::<A>(),
        };
        let far = Hop::to_parent::<A>(&association, self.far(), to.clone());
        vec![Hop::to_children::<A>(from, self.near(), association), far]
    }
}

/// A relationship between tables under names of their own, for queries on `S`.
///
/// Made by `Relationship::to(&alias)` and [`Alias::along`].
#[must_use = "it does nothing until a query follows it"]
pub struct Leading<R, S> {
    relationship: R,
    from: Source,
    to: Source,
    scope: PhantomData<fn() -> S>,
}

impl<R: Link> Leading<R, R::From> {
    /// From the model's table to the other model's.
    pub(in crate::query) fn new(relationship: R) -> Self {
        Leading {
            relationship,
            from: Source::of::<R::From>(),
            to: Source::of::<R::To>(),
            scope: PhantomData,
        }
    }

    /// Away from this table.
    pub(in crate::query) fn from(self, from: &Alias<R::From>) -> Leading<R, Several> {
        Leading {
            relationship: self.relationship,
            from: from.source().clone(),
            to: self.to,
            scope: PhantomData,
        }
    }
}

impl<R: Link, S> Leading<R, S> {
    /// To this table.
    pub fn to(mut self, to: &Alias<R::To>) -> Self {
        self.to = to.source().clone();
        self
    }

    pub(in crate::query) fn hops(&self) -> Vec<Hop> {
        self.relationship.hops(&self.from, &self.to)
    }
}

impl<R: Clone, S> Clone for Leading<R, S> {
    fn clone(&self) -> Self {
        Leading {
            relationship: self.relationship.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            scope: PhantomData,
        }
    }
}

impl<R: fmt::Debug, S> fmt::Debug for Leading<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from.title(), self.to.title());
        write!(f, "Leading({:?} from {from} to {to})", self.relationship)
    }
}

/// What `join` takes: a relationship, also between aliases.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be joined",
    label = "expected a relationship, such as `Entry::PAYER`",
    note = "any other condition goes through `join_on(table::<Model>(), condition)`"
)]
pub trait IntoJoin {
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_hops(self) -> Vec<Hop>;
}

impl<R: Link> IntoJoin for R {
    #[allow(private_interfaces)]
    fn into_hops(self) -> Vec<Hop> {
        Leading::new(self).hops()
    }
}

impl<R: Link, S> IntoJoin for Leading<R, S> {
    #[allow(private_interfaces)]
    fn into_hops(self) -> Vec<Hop> {
        self.hops()
    }
}
