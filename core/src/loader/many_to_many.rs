//! Many-to-many: from a row through association objects to the rows on their other side.
//!
//! Paths and verbs follow it as any other relationship.
//! It must not keep which rows belong together: the loaded associations say that (RL-1).

use std::any::TypeId;

use super::Reader;
use super::by_reference::{children, is_loaded, load_children, load_parents, parent};
use super::related::{End, Found, Related, lost};
use crate::error::Result;
use crate::identity_map::IdentityMap;
use crate::model::{Handle, ManyToMany, Model, RawHandle};

#[allow(private_interfaces)]
impl<M: Model, A: Model, T: Model> Related<M> for ManyToMany<M, A, T> {
    type Target = T;
    type Output = Vec<Handle<T>>;
    type Again = End;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        models.extend([TypeId::of::<A>(), TypeId::of::<T>()]);
    }

    fn name(&self) -> &'static str {
        ManyToMany::name(*self)
    }

    fn find(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<T>>> {
        let associations = children::<A>(map, of.raw, self.near())?;
        far_side(map, &associations, self.far())
    }

    /// At most 2 statements: the associations that are not loaded, and those rows on the other
    /// side that the session does not have.
    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        let map = &*reader.map;
        let lacking = of.iter().copied();
        let lacking: Vec<RawHandle> = lacking
            .filter(|raw| !is_loaded::<A>(map, *raw, self.near()))
            .collect();
        if !lacking.is_empty() {
            load_children::<M, A>(reader, &lacking, self.near())?;
        }
        let map = &*reader.map;
        let associations = of
            .iter()
            .filter_map(|raw| children::<A>(map, *raw, self.near()));
        let associations: Vec<RawHandle> = associations.flatten().map(|a| a.raw).collect();
        load_parents::<A, T>(reader, &associations, self.far())
    }

    fn output(&self, found: Found<T>) -> Result<Self::Output> {
        Ok(found.many())
    }

    fn missing(&self) -> Result<Self::Output> {
        Err(lost::<T>(self))
    }
}

/// The rows on the other side, each once, in the order of the associations; `None` when one of
/// them is not at hand.
pub(super) fn far_side<A: Model, T: Model>(
    map: &IdentityMap,
    associations: &[Handle<A>],
    far: usize,
) -> Option<Result<Found<T>>> {
    let mut seen = foldhash::HashSet::default();
    let mut found = Vec::with_capacity(associations.len());
    for association in associations {
        match parent::<A, T>(map, *association, far) {
            Ok(target) => found.extend(target?.filter(|target| seen.insert(*target))),
            Err(error) => return Some(Err(error)),
        }
    }
    Some(Ok(Found::Many(found)))
}
