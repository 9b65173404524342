//! What a view asks of a path: names, whether all is loaded, and the fields themselves.
//!
//! The files beside it implement it for the paths that load, and write objects by it.
//! It must not show what is not loaded: `check` finds that before anything is written.

use serde::ser::SerializeMap;

use crate::error::{Error, Result};
use crate::identity_map::IdentityMap;
use crate::model::{Handle, Model, RawHandle};

/// What `view` takes besides an object of `M`: a relationship, a path, a tuple of them, or `()`.
///
/// Every path of relationships is one, if all models that it leads to are `Serialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be shown with objects of `{M}`",
    label = "this leads away from another model, or to one that is not `Serialize`",
    note = "`view` takes relationships of `{M}`, paths that begin with one, and tuples of them; \
            all models on the way derive `serde::Serialize`"
)]
pub trait IntoView<M: Model> {
    /// How many fields it adds.
    #[doc(hidden)]
    fn branches(&self) -> usize;

    #[doc(hidden)]
    fn name(&self, branch: usize) -> &'static str;

    /// Whether all that it leads to is loaded.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn check(&self, at: &At<'_, M>) -> Result<()>;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn write<S: SerializeMap>(
        &self,
        branch: usize,
        at: &At<'_, M>,
        out: &mut S,
    ) -> Result<(), S::Error>;
}

/// An object of a view, and those above it.
pub(crate) struct At<'a, M> {
    pub(super) map: &'a IdentityMap,
    pub(super) of: Handle<M>,
    pub(super) above: Option<&'a Trail<'a>>,
}

/// The objects from the top of a view to one in it.
#[derive(Clone, Copy)]
pub(super) struct Trail<'a> {
    of: RawHandle,
    above: Option<&'a Trail<'a>>,
}

impl<'a, M> At<'a, M> {
    pub(super) fn top(map: &'a IdentityMap, of: Handle<M>) -> Self {
        let above = None;
        At { map, of, above }
    }

    pub(super) fn trail(&self) -> Trail<'a> {
        Trail {
            of: self.of.raw,
            above: self.above,
        }
    }
}

impl Trail<'_> {
    pub(super) fn has(&self, of: RawHandle) -> bool {
        self.of == of || self.above.is_some_and(|above| above.has(of))
    }
}

/// Checks the path of one object.
pub(super) fn check<M: Model, V: IntoView<M>>(path: &V, at: &At<'_, M>) -> Result<()> {
    for branch in 1..path.branches() {
        let name = path.name(branch);
        if (0..branch).any(|earlier| path.name(earlier) == name) {
            return Err(Error::mapping(format!(
                "a view of {} has two branches with the name {name}",
                M::NAME
            )));
        }
    }
    path.check(at)
}
