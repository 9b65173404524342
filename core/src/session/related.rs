//! Verbs that follow relationships.
//!
//! Users call `related` and `loaded`; the loader does the work.
//! It must not cost a statement per object: siblings are loaded together (LD-2).

use std::any::TypeId;

use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::identity_map::{IdentityMap, handle_error};
use crate::loader::{self, Reader};
use crate::model::{BelongsTo, Handle, HasMany, HasOne, Model, Multiplicity, RawHandle, Reference};

impl Session {
    /// What a relationship leads to: a handle, an optional handle, or a list of handles.
    ///
    /// No statement when it is loaded, or for a reference whose row the session has or that is
    /// absent. Otherwise 1, after a flush of what waits: it loads the relationship for up to 256
    /// siblings too that lack it, the nearest of the objects that came by the same query, or by
    /// `get` in the same transaction. So a loop over objects costs one statement, not one an
    /// object.
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle;
    /// [`NotFound`](ErrorKind::NotFound) when a required reference leads nowhere;
    /// [`TooMany`](ErrorKind::TooMany) when a to-one relationship finds two; and as
    /// [`all`](Session::all).
    pub fn related<M: Model, R: Related<M>>(
        &mut self,
        of: Handle<M>,
        relationship: R,
    ) -> Result<R::Output> {
        self.usable()?;
        self.map.read(of).map_err(handle_error::<M>)?;
        if let Some(found) = relationship.find(&self.map, of) {
            return found;
        }
        self.statistics.lazy_loads += 1;
        let siblings_at_most = self.habits().siblings;
        self.read(&[TypeId::of::<M>(), relationship.model()], |reader| {
            let map = &*reader.map;
            // The flush may have deleted it.
            map.read(of).map_err(handle_error::<M>)?;
            let siblings = map.find(of)?.0.siblings(of.raw.slot);
            let lacking =
                siblings.filter(|raw| relationship.find(map, Handle::new(*raw)).is_none());
            let all = std::iter::once(of.raw).chain(lacking.take(siblings_at_most));
            let all: Vec<RawHandle> = all.collect();
            relationship.load(reader, all)
        })?;
        match relationship.find(&self.map, of) {
            Some(found) => found,
            None => relationship.missing(),
        }
    }

    /// What a relationship leads to, if that is loaded. No I/O.
    ///
    /// The handles are owned, so a loop over children may write the parent. A flush keeps loaded
    /// collections right: children join and leave them as their references change.
    ///
    /// # Errors
    /// [`NotLoaded`](ErrorKind::NotLoaded), and [`Handle`](ErrorKind::Handle) for a foreign or
    /// gone handle.
    pub fn loaded<M: Model, R: Related<M>>(
        &self,
        of: Handle<M>,
        relationship: R,
    ) -> Result<R::Output> {
        self.map.read(of).map_err(handle_error::<M>)?;
        relationship.find(&self.map, of).unwrap_or_else(|| {
            Err(Error::new(ErrorKind::NotLoaded {
                relationship: relationship.name(),
            }))
        })
    }
}

/// A relationship that leads away from model `M`.
pub trait Related<M: Model>: Copy {
    /// What it leads to.
    type Output;

    #[doc(hidden)]
    fn model(self) -> TypeId;

    #[doc(hidden)]
    fn name(self) -> String;

    /// What is at hand, or `None` when something must be loaded.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn find(self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Self::Output>>;

    /// Loads it for these objects, the first of which asked.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn load(self, reader: &mut Reader<'_>, of: Vec<RawHandle>) -> Result<()>;

    /// The answer when a load found nothing.
    #[doc(hidden)]
    fn missing(self) -> Result<Self::Output>;
}

impl<P: Model, C: Model> Related<P> for HasMany<P, C> {
    type Output = Vec<Handle<C>>;

    fn model(self) -> TypeId {
        TypeId::of::<C>()
    }

    fn name(self) -> String {
        format!("{self:?}")
    }

    #[allow(private_interfaces)]
    fn find(self, map: &IdentityMap, of: Handle<P>) -> Option<Result<Self::Output>> {
        loader::children(map, of.raw, self.field()).map(Ok)
    }

    #[allow(private_interfaces)]
    fn load(self, reader: &mut Reader<'_>, of: Vec<RawHandle>) -> Result<()> {
        loader::load_children::<P, C>(reader, &of, self.field())
    }

    fn missing(self) -> Result<Self::Output> {
        Ok(Vec::new())
    }
}

impl<P: Model, C: Model> Related<P> for HasOne<P, C> {
    type Output = Option<Handle<C>>;

    fn model(self) -> TypeId {
        TypeId::of::<C>()
    }

    fn name(self) -> String {
        format!("{self:?}")
    }

    #[allow(private_interfaces)]
    fn find(self, map: &IdentityMap, of: Handle<P>) -> Option<Result<Self::Output>> {
        let children = loader::children(map, of.raw, self.field())?;
        Some(match children.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(Error::new(ErrorKind::TooMany { model: C::NAME })),
        })
    }

    #[allow(private_interfaces)]
    fn load(self, reader: &mut Reader<'_>, of: Vec<RawHandle>) -> Result<()> {
        loader::load_children::<P, C>(reader, &of, self.field())
    }

    fn missing(self) -> Result<Self::Output> {
        Ok(None)
    }
}

impl<C: Model, P: Model, K: Multiplicity> Related<C> for BelongsTo<C, P, K> {
    type Output = K::Of<Handle<P>>;

    fn model(self) -> TypeId {
        TypeId::of::<P>()
    }

    fn name(self) -> String {
        format!("{self:?}")
    }

    #[allow(private_interfaces)]
    fn find(self, map: &IdentityMap, of: Handle<C>) -> Option<Result<Self::Output>> {
        let child = match map.read(of) {
            Ok(child) => child,
            Err(problem) => return Some(Err(handle_error::<C>(problem))),
        };
        let target = match child.reference(self.field()) {
            None => None,
            Some(Reference::Unset) => return Some(self.missing()),
            Some(Reference::Handle(raw)) => Some(Handle::new(raw)),
            Some(Reference::Key(key)) => {
                let (store, key) = (map.store_ref::<P>()?, key.downcast_ref()?);
                let clock = map.clock();
                match store.find(key) {
                    Some(slot) if store.is_current(slot, clock) => Some(store.typed(slot)),
                    None if store.is_absent(key, clock) => return Some(self.missing()),
                    _ => return None,
                }
            }
        };
        K::of(target).map(Ok)
    }

    #[allow(private_interfaces)]
    fn load(self, reader: &mut Reader<'_>, of: Vec<RawHandle>) -> Result<()> {
        loader::load_parents::<C, P>(reader, &of, self.field())
    }

    fn missing(self) -> Result<Self::Output> {
        K::of(None).ok_or_else(|| {
            Error::new(ErrorKind::NotFound {
                model: P::NAME,
                key: format!("that {self:?} refers to"),
            })
        })
    }
}
