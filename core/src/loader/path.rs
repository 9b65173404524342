//! Eager paths: what a query loads along with its rows.
//!
//! Callers pass relationships to `Select::with`; `by_query` follows them.
//! It must not cost a statement per row: the number depends on the path alone.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use foldhash::HashMap;

use super::reader::Reader;
use super::related::{load_children, load_parents, lonely};
use crate::error::Error;
use crate::model::{BelongsTo, Handle, HasMany, HasOne, Model, Multiplicity, RawHandle};
use crate::query::{Eager, Select};

/// What follows a path from some objects of `M`.
type Load<M> = dyn Fn(&mut Reader<'_>, &[Handle<M>]) -> Result<(), Error> + Send + Sync;

/// The same from handles whose model is known elsewhere.
type LoadAny = dyn Fn(&mut Reader<'_>, &[RawHandle]) -> Result<(), Error> + Send + Sync;

/// A load that a query carries without knowing what it is.
pub(super) struct Loads {
    /// The model that it leads away from.
    pub(super) model: TypeId,
    pub(super) load: Box<LoadAny>,
}

/// Follows the paths of a query from the objects that it found.
pub(super) fn follow(
    reader: &mut Reader<'_>,
    paths: &[Eager],
    found: &HashMap<TypeId, Vec<RawHandle>>,
) -> Result<(), Error> {
    for loads in paths.iter().filter_map(|path| path.downcast_ref::<Loads>()) {
        if let Some(objects) = found.get(&loads.model).filter(|o| !o.is_empty()) {
            (loads.load)(reader, objects)?;
        }
    }
    Ok(())
}

/// What a query of `M` loads along with its rows; made from a relationship.
#[derive(Clone)]
pub struct Path<M> {
    load: Arc<Load<M>>,
    models: Vec<TypeId>,
}

impl<M> fmt::Debug for Path<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Path")
    }
}

/// A relationship, or a path that begins with one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not lead away from `{M}`",
    note = "`with` takes the relationships of the model that is selected"
)]
pub trait IntoPath<M> {
    /// The path.
    fn into_path(self) -> Path<M>;
}

impl<M> IntoPath<M> for Path<M> {
    fn into_path(self) -> Path<M> {
        self
    }
}

impl<P: Model, C: Model> IntoPath<P> for HasMany<P, C> {
    fn into_path(self) -> Path<P> {
        to_children::<P, C>(self.field())
    }
}

impl<P: Model, C: Model> IntoPath<P> for HasOne<P, C> {
    fn into_path(self) -> Path<P> {
        to_children::<P, C>(self.field())
    }
}

impl<C: Model, P: Model, K: Multiplicity> IntoPath<C> for BelongsTo<C, P, K> {
    fn into_path(self) -> Path<C> {
        let field = self.field();
        Path {
            load: Arc::new(move |reader, children| {
                let raw: Vec<RawHandle> = children.iter().map(|child| child.raw).collect();
                load_parents::<C, P>(reader, &raw, field)
            }),
            models: vec![TypeId::of::<P>()],
        }
    }
}

fn to_children<P: Model, C: Model>(field: usize) -> Path<P> {
    Path {
        load: Arc::new(move |reader, parents| {
            let parents = parents.iter().map(|parent| parent.raw);
            let parents = lonely::<C>(reader, parents, field);
            if parents.is_empty() {
                return Ok(());
            }
            load_children::<P, C>(reader, &parents, field)
        }),
        models: vec![TypeId::of::<C>()],
    }
}

impl<M: Model, S> Select<M, S> {
    /// Loads a relationship of the rows along with them.
    ///
    /// 1 more statement, whatever the number of rows; none for a to-one relationship whose rows
    /// the session has, or when no row is found. What is loaded already is left as it is.
    pub fn with(self, path: impl IntoPath<M>) -> Self {
        let path = path.into_path();
        let loads = Loads {
            model: TypeId::of::<M>(),
            load: Box::new(move |reader, found| {
                let found: Vec<Handle<M>> = found.iter().copied().map(Handle::new).collect();
                (path.load)(reader, &found)
            }),
        };
        self.add_path(Arc::new(loads), path.models)
    }
}
