//! Verbs that follow relationships.
//!
//! Users call `related`, `load` and `loaded`; the loader does the work.
//! It must not cost a statement per object: siblings are loaded together (LD-2).

use std::any::TypeId;
use std::fmt;

use super::session::Session;
use crate::engine::LazyLoad;
use crate::error::{Error, ErrorKind, Result};
use crate::identity_map::handle_error;
use crate::loader::{IntoPath, Related};
use crate::model::{Handle, Model, RawHandle};

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
        let siblings = self.habits().siblings;
        self.follow(of, &relationship, siblings)
    }

    /// What a relationship leads to, loaded for this object alone (LD-2).
    ///
    /// As [`related`](Session::related), which a loop over objects should use: this costs a
    /// statement for each of them. It is for objects whose siblings are of no interest.
    ///
    /// # Errors
    /// As [`related`](Session::related).
    pub fn related_one<M: Model, R: Related<M>>(
        &mut self,
        of: Handle<M>,
        relationship: R,
    ) -> Result<R::Output> {
        self.follow(of, &relationship, 0)
    }

    fn follow<M: Model, R: Related<M>>(
        &mut self,
        of: Handle<M>,
        relationship: &R,
        siblings: usize,
    ) -> Result<R::Output> {
        self.usable()?;
        self.map.read(of).map_err(handle_error::<M>)?;
        if let Some(found) = relationship.find(&self.map, of) {
            return relationship.output(found?);
        }
        if self.lazy_forbidden > 0 {
            return Err(not_loaded(relationship));
        }
        if relationship.names_unsaved(&self.map) {
            self.autoflush_all("a relationship whose condition names a new object")?;
        }
        let mut models = vec![TypeId::of::<M>()];
        relationship.add_models(&mut models);
        let objects = self.read(&models, |reader| {
            let map = &*reader.map;
            // The flush may have deleted it.
            map.read(of).map_err(handle_error::<M>)?;
            let lacking = map.find(of)?.0.siblings(of.raw.slot);
            let lacking = lacking.filter(|raw| !relationship.is_loaded(map, Handle::new(*raw)));
            let all = std::iter::once(of.raw).chain(lacking.take(siblings));
            let all: Vec<RawHandle> = all.collect();
            relationship.load(reader, &all)?;
            Ok(all.len())
        })?;
        self.note_lazy_load::<M>(relationship, objects);
        match relationship.find(&self.map, of) {
            Some(found) => relationship.output(found?),
            None => relationship.missing(),
        }
    }

    fn note_lazy_load<M: Model>(&mut self, relationship: &impl Related<M>, objects: usize) {
        self.statistics.lazy_loads += 1;
        self.habits().tell_lazy_load(&LazyLoad {
            relationship: format!("{relationship:?}"),
            model: M::NAME,
            objects,
        });
    }

    /// Loads what a path leads to for objects that are here: one, or a slice or list of them.
    ///
    /// 1 statement for each step to many, whatever the number of objects, 2 for one through an
    /// association; for a step to one only if the session lacks a row that it leads to; none when
    /// everything is at hand. Before them a flush, if objects of the models that it reads wait for
    /// one. What is loaded already is left as it is (LD-1).
    ///
    /// # Errors
    /// [`Handle`](ErrorKind::Handle) for a foreign or gone handle, and as
    /// [`all`](Session::all).
    pub fn load<M: Model>(
        &mut self,
        of: impl AsRef<[Handle<M>]>,
        path: impl IntoPath<M>,
    ) -> Result<()> {
        self.usable()?;
        let of = of.as_ref();
        let path = path.into_path();
        self.readable(of)?;
        let mut models = vec![TypeId::of::<M>()];
        models.extend(path.models());
        if of.is_empty() {
            return Ok(());
        }
        self.read(&models, |reader| {
            // The flush may have deleted some.
            let map = &*reader.map;
            let here = of.iter().copied().filter(|of| map.read(*of).is_ok());
            let here: Vec<Handle<M>> = here.collect();
            path.load(reader, &here)
        })
    }

    /// Refuses handles that can't be read.
    pub(super) fn readable<M: Model>(&self, handles: &[Handle<M>]) -> Result<()> {
        handles.iter().try_for_each(|handle| {
            let row = self.map.read(*handle);
            row.map(drop).map_err(handle_error::<M>)
        })
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
        match relationship.find(&self.map, of) {
            Some(found) => relationship.output(found?),
            None => Err(not_loaded(&relationship)),
        }
    }
}

/// The error for a relationship that would have to be loaded.
pub(super) fn not_loaded(relationship: &impl fmt::Debug) -> Error {
    Error::new(ErrorKind::NotLoaded {
        relationship: format!("{relationship:?}"),
    })
}
