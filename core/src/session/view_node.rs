//! The objects of a view as they are written, with those below them.
//!
//! Called by views, and by the paths for each object that they lead to.
//! It must not go round in circles: an object below itself is not gone on from.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use super::fields::{Fields, Replace};
use super::related::not_loaded;
use super::view_path::{At, IntoView, Trail, check};
use crate::error::Result;
use crate::identity_map::handle_error;
use crate::loader::{Found, Related};
use crate::model::{Handle, Model, RawHandle};

/// One object of a view.
pub(super) struct Node<'a, M, V> {
    pub(super) at: At<'a, M>,
    pub(super) path: &'a V,
}

impl<M: Model + Serialize, V: IntoView<M>> Serialize for Node<'_, M, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = self.at.map.read(self.at.of);
        let row = row.map_err(|problem| S::Error::custom(handle_error::<M>(problem)))?;
        // The number of fields is known to the object alone.
        let mut out = serializer.serialize_map(None)?;
        let mut branches = Branches {
            node: self,
            written: vec![false; self.path.branches()],
        };
        row.serialize(Fields::new(&mut out, &mut branches))?;
        for (branch, written) in branches.written.iter().enumerate() {
            if !written {
                self.path.write(branch, &self.at, &mut out)?;
            }
        }
        out.end()
    }
}

/// The branches of a node, which take the place of fields with their names.
struct Branches<'a, M, V> {
    node: &'a Node<'a, M, V>,
    written: Vec<bool>,
}

impl<M: Model, V: IntoView<M>> Replace for Branches<'_, M, V> {
    fn replace<S: SerializeMap>(&mut self, field: &str, out: &mut S) -> Result<bool, S::Error> {
        let Node { at, path } = self.node;
        let branch = (0..self.written.len()).find(|branch| path.name(*branch) == field);
        let Some(branch) = branch else {
            return Ok(false);
        };
        self.written[branch] = true;
        path.write(branch, at, out)?;
        Ok(true)
    }
}

/// What stands at what a step leads to: the same step again if it is recursive, and the rest of
/// the path.
#[derive(Debug)]
struct Below<'n, A, N> {
    again: Option<A>,
    next: &'n N,
}

impl<'n, A, N> Below<'n, A, N> {
    /// At this object. One that is above itself is not followed again.
    fn of<M: Model, R>(step: &R, next: &'n N, to: RawHandle, trail: &Trail<'_>) -> Self
    where
        R: Related<M, Again = A>,
    {
        let again = step.again().filter(|_| !trail.has(to));
        Below { again, next }
    }
}

/// Checks what a step leads to, and the rest of the path from there.
pub(super) fn check_step<M: Model, R: Related<M>, N>(
    step: &R,
    next: &N,
    at: &At<'_, M>,
) -> Result<()>
where
    R::Target: Serialize,
    N: IntoView<R::Target>,
{
    let Some(found) = step.find_level(at.map, at.of) else {
        return Err(not_loaded(step));
    };
    let found = found?;
    let trail = at.trail();
    for to in found.handles() {
        let below = At {
            map: at.map,
            of: *to,
            above: Some(&trail),
        };
        check(&Below::of(step, next, to.raw, &trail), &below)?;
    }
    step.refuse_absent(&found)
}

/// Writes what a step leads to, and the rest of the path from there.
pub(super) fn write_step<M: Model, R: Related<M>, N, S: SerializeMap>(
    step: &R,
    next: &N,
    at: &At<'_, M>,
    out: &mut S,
) -> Result<(), S::Error>
where
    R::Target: Serialize,
    N: IntoView<R::Target>,
{
    let found = match step.find_level(at.map, at.of) {
        Some(Ok(found)) => found,
        // Not with the session at hand, as it was checked.
        Some(Err(error)) => return Err(serde::ser::Error::custom(error)),
        None => return Err(serde::ser::Error::custom(not_loaded(step))),
    };
    let value = Value {
        step,
        next,
        found,
        at,
    };
    out.serialize_entry(step.name(), &value)
}

/// What a step leads to.
struct Value<'a, M, R: Related<M>, N>
where
    M: Model,
{
    step: &'a R,
    next: &'a N,
    found: Found<R::Target>,
    at: &'a At<'a, M>,
}

impl<M: Model, R: Related<M>, N> Value<'_, M, R, N>
where
    R::Target: Serialize,
    N: IntoView<R::Target>,
{
    fn one(&self, to: Handle<R::Target>) -> Nested<'_, M, R, N> {
        Nested { value: self, to }
    }
}

impl<M: Model, R: Related<M>, N> Serialize for Value<'_, M, R, N>
where
    R::Target: Serialize,
    N: IntoView<R::Target>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.found {
            Found::One(None) => serializer.serialize_none(),
            Found::One(Some(to)) => serializer.serialize_some(&self.one(*to)),
            Found::Many(many) => serializer.collect_seq(many.iter().map(|to| self.one(*to))),
        }
    }
}

/// One of the objects that a step leads to.
struct Nested<'a, M: Model, R: Related<M>, N> {
    value: &'a Value<'a, M, R, N>,
    to: Handle<R::Target>,
}

impl<M: Model, R: Related<M>, N> Serialize for Nested<'_, M, R, N>
where
    R::Target: Serialize,
    N: IntoView<R::Target>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Value { step, next, at, .. } = self.value;
        let trail = at.trail();
        let below = Below::of(*step, *next, self.to.raw, &trail);
        let at = At {
            map: at.map,
            of: self.to,
            above: Some(&trail),
        };
        Node { at, path: &below }.serialize(serializer)
    }
}

#[allow(private_interfaces)]
impl<M, A, N> IntoView<M> for Below<'_, A, N>
where
    M: Model + Serialize,
    A: Related<M, Target = M, Again = A>,
    N: IntoView<M>,
{
    fn branches(&self) -> usize {
        usize::from(self.again.is_some()) + self.next.branches()
    }

    fn name(&self, branch: usize) -> &'static str {
        match (&self.again, branch) {
            (Some(again), 0) => again.name(),
            (again, branch) => self.next.name(branch - usize::from(again.is_some())),
        }
    }

    fn check(&self, at: &At<'_, M>) -> Result<()> {
        if let Some(again) = &self.again {
            check_step(again, self.next, at)?;
        }
        self.next.check(at)
    }

    fn write<S: SerializeMap>(
        &self,
        branch: usize,
        at: &At<'_, M>,
        out: &mut S,
    ) -> Result<(), S::Error> {
        match (&self.again, branch) {
            (Some(again), 0) => write_step(again, self.next, at, out),
            (again, branch) => {
                let branch = branch - usize::from(again.is_some());
                self.next.write(branch, at, out)
            }
        }
    }
}
