//! What an engine's sessions do without being told each time.
//!
//! The builder collects it; sessions read it.
//! It must not hold what concerns connections.

use std::fmt;
use std::sync::Arc;

/// A lazy load that was made. See
/// [`EngineBuilder::on_lazy_load`](crate::EngineBuilder::on_lazy_load).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LazyLoad {
    /// What was loaded, such as `User.articles`.
    pub relationship: String,
    /// The model of the objects for which it was loaded.
    pub model: &'static str,
    /// How many objects it was loaded for: the one that was asked for, and its siblings.
    pub objects: usize,
}

/// Hears of lazy loads.
type Hook = Arc<dyn Fn(&LazyLoad) + Send + Sync>;

/// Settings of the sessions of an engine.
#[derive(Clone)]
pub(crate) struct Habits {
    /// Whether several rows are locked in key order before they are written.
    pub(crate) ordered_locks: bool,
    /// How many siblings a lazy load takes along.
    pub(crate) siblings: usize,
    /// Who hears of lazy loads.
    pub(super) on_lazy_load: Option<Hook>,
}

impl Habits {
    /// Reports a lazy load.
    pub(crate) fn tell_lazy_load(&self, load: &LazyLoad) {
        tracing::debug!(
            target: "sessile::lazy",
            relationship = load.relationship,
            model = load.model,
            objects = load.objects as u64,
            "lazy load",
        );
        if let Some(hook) = &self.on_lazy_load {
            hook(load);
        }
    }
}

impl Default for Habits {
    fn default() -> Self {
        Habits {
            ordered_locks: true,
            siblings: 256,
            on_lazy_load: None,
        }
    }
}

impl fmt::Debug for Habits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Habits")
            .field("ordered_locks", &self.ordered_locks)
            .field("siblings", &self.siblings)
            .finish_non_exhaustive()
    }
}
