//! Scopes: which models an expression names, in its type.
//!
//! Every expression has one; a query on one model takes only what lies within that model.
//! It must not exist at run time: scopes are types without values.

use std::fmt;
use std::marker::PhantomData;

use crate::model::Model;

/// The scope of an expression that names no model, such as a value.
#[derive(Clone, Copy, Debug)]
pub enum Nothing {}

/// The scope of an expression that names what `A` names and what `B` names.
pub struct Both<A, B> {
    scopes: PhantomData<fn() -> (A, B)>,
}

impl<A, B> fmt::Debug for Both<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Both")
    }
}

/// The models that an expression names: [`Nothing`], a model, [`Both`] of two scopes, or
/// [`Several`].
pub trait Scope: 'static {
    /// This scope and another one; [`Nothing`] adds nothing.
    type And<Other: Scope>: Scope;

    #[doc(hidden)]
    type After<First: Scope>: Scope;
}

/// What an expression names that is put together from two others.
pub type Joined<A, B> = <A as Scope>::And<B>;

impl Scope for Nothing {
    type And<Other: Scope> = Other;
    type After<First: Scope> = First;
}

impl<M: Model> Scope for M {
    type And<Other: Scope> = Other::After<M>;
    type After<First: Scope> = Both<First, M>;
}

impl<A: Scope, B: Scope> Scope for Both<A, B> {
    type And<Other: Scope> = Other::After<Both<A, B>>;
    type After<First: Scope> = Both<First, Both<A, B>>;
}

/// The scope of expressions on an alias or on a query that is read like a table; and that of a
/// query on several tables, which takes every expression.
///
/// Whether the tables that are named take part is checked when the statement is made.
#[derive(Clone, Copy, Debug)]
pub enum Several {}

impl Scope for Several {
    type And<Other: Scope> = Other::After<Several>;
    type After<First: Scope> = Both<First, Several>;
}

/// A scope that names no other model than `M`.
#[diagnostic::on_unimplemented(
    message = "an expression on `{Self}` in a query on `{M}`",
    label = "names `{Self}`, which is not part of the query",
    note = "a query on one model takes expressions on that model only; `join` brings in another"
)]
pub trait Within<M>: Scope {}

impl<M: Model> Within<M> for M {}
impl<M: Model> Within<Several> for M {}
impl Within<Several> for Several {}
impl<M> Within<M> for Nothing {}
impl<M, A: Within<M>, B: Within<M>> Within<M> for Both<A, B> {}
