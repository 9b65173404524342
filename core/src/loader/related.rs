//! What leads away from a model: where to, what is at hand, and how the rest is loaded.
//!
//! The session's verbs and eager paths follow relationships through the trait here.
//! It must not load what is at hand, nor decide for which objects something is loaded.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use super::Reader;
use super::by_reference::{children, is_loaded, load_children, load_parents, parent};
use super::joint::JoinedStep;
use crate::error::{Error, ErrorKind, Result};
use crate::identity_map::IdentityMap;
use crate::model::{BelongsTo, Handle, HasMany, HasOne, Model, Multiplicity, RawHandle};

/// A relationship that leads away from model `M`: a constant such as `Account::OUTGOING`, or one
/// made from it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not lead away from `{M}`",
    label = "not a relationship of `{M}`"
)]
pub trait Related<M: Model>: Clone + fmt::Debug + Send + Sync + 'static {
    /// The model that it leads to.
    type Target: Model;

    /// What it leads to: a handle, an `Option` of one, or a list.
    type Output;

    /// Adds the models whose rows it is made of.
    #[doc(hidden)]
    fn add_models(&self, models: &mut Vec<TypeId>);

    /// Whether it names an object that has no key yet.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn names_unsaved(&self, _: &IdentityMap) -> bool {
        false
    }

    /// What it is followed by at what it leads to: itself, where it is recursive.
    #[doc(hidden)]
    type Again: Related<Self::Target, Target = Self::Target, Again = Self::Again>;

    #[doc(hidden)]
    fn again(&self) -> Option<Self::Again> {
        None
    }

    /// What it is called in JSON.
    #[doc(hidden)]
    fn name(&self) -> &'static str;

    /// What is at hand, or `None` when something must be loaded.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn find(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<Self::Target>>>;

    /// What is at hand of a single step.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn find_level(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<Self::Target>>> {
        self.find(map, of)
    }

    /// Whether nothing must be loaded.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn is_loaded(&self, map: &IdentityMap, of: Handle<M>) -> bool {
        self.find(map, of).is_some()
    }

    /// Loads it for these objects, which lack it.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()>;

    /// How a query fetches it by a join, with the joined steps behind it, if it is to.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn joint(&self, _: Vec<Arc<dyn JoinedStep>>) -> Option<Arc<dyn JoinedStep>> {
        None
    }

    /// The error for a row that must be there and is not.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn refuse_absent(&self, found: &Found<Self::Target>) -> Result<()> {
        match found {
            Found::One(None) => self.output(Found::One(None)).map(drop),
            _ => Ok(()),
        }
    }

    /// The answer when it was loaded and is still not at hand.
    #[doc(hidden)]
    fn missing(&self) -> Result<Self::Output> {
        self.output(Found::One(None))
    }

    /// What was found, as the verbs return it.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn output(&self, found: Found<Self::Target>) -> Result<Self::Output>;
}

/// What a relationship leads to.
#[derive(Debug)]
pub(crate) enum Found<T> {
    One(Option<Handle<T>>),
    Many(Vec<Handle<T>>),
}

impl<T> Found<T> {
    /// All of it.
    pub(crate) fn handles(&self) -> &[Handle<T>] {
        match self {
            Found::One(one) => one.as_slice(),
            Found::Many(many) => many,
        }
    }

    /// As a list.
    pub(crate) fn many(self) -> Vec<Handle<T>> {
        match self {
            Found::One(one) => one.into_iter().collect(),
            Found::Many(many) => many,
        }
    }

    /// As what there is at most one of.
    pub(crate) fn at_most_one(self) -> Option<Handle<T>> {
        match self {
            Found::One(one) => one,
            Found::Many(many) => many.into_iter().next(),
        }
    }
}

/// The error for a row on the way of a relationship that is gone, while its object has changes
/// that a flush must judge.
pub(super) fn lost<T: Model>(relationship: &impl fmt::Debug) -> Error {
    Error::new(ErrorKind::NotFound {
        model: T::NAME,
        key: format!("that {relationship:?} leads to"),
    })
}

/// What a relationship to one row leads to; two are too many (LD-4).
pub(super) fn only<T: Model>(found: &[Handle<T>]) -> Result<Found<T>> {
    match found {
        [] => Ok(Found::One(None)),
        [one] => Ok(Found::One(Some(*one))),
        _ => Err(Error::new(ErrorKind::TooMany { model: T::NAME })),
    }
}

#[allow(private_interfaces)]
impl<P: Model, C: Model> Related<P> for HasMany<P, C> {
    type Target = C;
    type Output = Vec<Handle<C>>;
    type Again = End;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        models.push(TypeId::of::<C>());
    }

    fn name(&self) -> &'static str {
        HasMany::name(*self)
    }

    fn find(&self, map: &IdentityMap, of: Handle<P>) -> Option<Result<Found<C>>> {
        Some(Ok(Found::Many(children(map, of.raw, self.field())?)))
    }

    fn is_loaded(&self, map: &IdentityMap, of: Handle<P>) -> bool {
        is_loaded::<C>(map, of.raw, self.field())
    }

    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        load_children::<P, C>(reader, of, self.field())
    }

    fn output(&self, found: Found<C>) -> Result<Self::Output> {
        Ok(found.many())
    }
}

#[allow(private_interfaces)]
impl<P: Model, C: Model> Related<P> for HasOne<P, C> {
    type Target = C;
    type Output = Option<Handle<C>>;
    type Again = End;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        models.push(TypeId::of::<C>());
    }

    fn name(&self) -> &'static str {
        HasOne::name(*self)
    }

    fn find(&self, map: &IdentityMap, of: Handle<P>) -> Option<Result<Found<C>>> {
        Some(only(&children(map, of.raw, self.field())?))
    }

    fn is_loaded(&self, map: &IdentityMap, of: Handle<P>) -> bool {
        is_loaded::<C>(map, of.raw, self.field())
    }

    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        load_children::<P, C>(reader, of, self.field())
    }

    fn output(&self, found: Found<C>) -> Result<Self::Output> {
        Ok(found.at_most_one())
    }
}

#[allow(private_interfaces)]
impl<C: Model, P: Model, K: Multiplicity> Related<C> for BelongsTo<C, P, K> {
    type Target = P;
    type Output = K::Of<Handle<P>>;
    type Again = End;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        models.push(TypeId::of::<P>());
    }

    fn name(&self) -> &'static str {
        BelongsTo::name(*self)
    }

    fn find(&self, map: &IdentityMap, of: Handle<C>) -> Option<Result<Found<P>>> {
        match parent::<C, P>(map, of, self.field()) {
            Ok(found) => found.map(|parent| Ok(Found::One(parent))),
            Err(error) => Some(Err(error)),
        }
    }

    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        load_parents::<C, P>(reader, of, self.field())
    }

    fn output(&self, found: Found<P>) -> Result<Self::Output> {
        K::of(found.at_most_one()).ok_or_else(|| {
            Error::new(ErrorKind::NotFound {
                model: P::NAME,
                key: format!("that {self:?} refers to"),
            })
        })
    }
}

/// What a relationship is followed by that is not recursive: nothing.
#[derive(Clone, Copy, Debug)]
pub enum End {}

#[allow(private_interfaces)]
impl<M: Model> Related<M> for End {
    type Target = M;
    type Output = Vec<Handle<M>>;
    type Again = End;

    fn add_models(&self, _: &mut Vec<TypeId>) {}

    fn name(&self) -> &'static str {
        match *self {}
    }

    fn find(&self, _: &IdentityMap, _: Handle<M>) -> Option<Result<Found<M>>> {
        match *self {}
    }

    fn load(&self, _: &mut Reader<'_>, _: &[RawHandle]) -> Result<()> {
        match *self {}
    }

    fn output(&self, _: Found<M>) -> Result<Self::Output> {
        match *self {}
    }
}

/// A relationship under another name in JSON. See `named`.
#[derive(Clone)]
pub struct Named<R> {
    relationship: R,
    name: &'static str,
}

impl<R> Named<R> {
    pub(super) fn new(relationship: R, name: &'static str) -> Self {
        Named { relationship, name }
    }
}

impl<R: fmt::Debug> fmt::Debug for Named<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({})", self.relationship, self.name)
    }
}

#[allow(private_interfaces)]
impl<M: Model, R: Related<M>> Related<M> for Named<R> {
    type Target = R::Target;
    type Output = R::Output;
    type Again = Named<R::Again>;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        self.relationship.add_models(models);
    }

    fn names_unsaved(&self, map: &IdentityMap) -> bool {
        self.relationship.names_unsaved(map)
    }

    fn again(&self) -> Option<Self::Again> {
        let again = self.relationship.again()?;
        Some(Named::new(again, self.name))
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn find(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<R::Target>>> {
        self.relationship.find(map, of)
    }

    fn find_level(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<R::Target>>> {
        self.relationship.find_level(map, of)
    }

    fn is_loaded(&self, map: &IdentityMap, of: Handle<M>) -> bool {
        self.relationship.is_loaded(map, of)
    }

    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        self.relationship.load(reader, of)
    }

    fn joint(&self, next: Vec<Arc<dyn JoinedStep>>) -> Option<Arc<dyn JoinedStep>> {
        self.relationship.joint(next)
    }

    fn missing(&self) -> Result<Self::Output> {
        self.relationship.missing()
    }

    fn output(&self, found: Found<R::Target>) -> Result<Self::Output> {
        self.relationship.output(found)
    }
}
