//! What goes with a query besides what it reads.
//!
//! Queries for objects and projections hold it, the loader follows it.
//! It must not know what an eager load is.

use std::any::{Any, TypeId};
use std::sync::Arc;

use crate::statement::Comments;

/// An eager load, opaque to this room.
pub(crate) type Eager = Arc<dyn Any + Send + Sync>;

/// What goes with a query: what is loaded along with the objects of the main model, and tags for
/// the server's log.
#[derive(Clone, Default)]
pub(in crate::query) struct Along {
    pub(in crate::query) paths: Vec<Eager>,
    pub(in crate::query) models: Vec<TypeId>,
    pub(in crate::query) comments: Comments,
}

impl Along {
    /// The tags alone: nothing is loaded along.
    pub(in crate::query) fn tags_only(self) -> Along {
        Along {
            comments: self.comments,
            ..Along::default()
        }
    }
}
