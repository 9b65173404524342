//! Relationships that can be fetched by a join, and how one becomes a step without its types.
//!
//! `by_join` and `joined_part` implement the trait; `joined()` makes steps of what implements it.
//! It must not know which relationships there are.

use std::marker::PhantomData;
use std::sync::Arc;

use super::Reader;
use super::joint::{Breadth, JoinedRows, JoinedStep, Joins, Place};
use super::related::Related;
use crate::error::Result;
use crate::model::{Model, RawHandle};

/// A relationship that can be fetched by a join.
#[diagnostic::on_unimplemented(message = "`{Self}` can't be fetched by a join")]
pub trait Joinable<M: Model>: Related<M> {
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn breadth(&self) -> Breadth;

    /// Whether it is a query that looks at the row it is joined to.
    #[doc(hidden)]
    fn is_lateral(&self) -> bool {
        false
    }

    /// The joins away from there, what it leads to under this name.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn joins(&self, begin: &Place, name: String) -> Joins;

    /// Brings in what was joined, as loading it does; the object that each row leads to.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>>;
}

/// A relationship, and the joined steps behind it.
struct Joint<M, R> {
    relationship: R,
    next: Vec<Arc<dyn JoinedStep>>,
    from: PhantomData<fn() -> M>,
}

/// A step over this relationship, with the joined steps behind it.
pub(super) fn joint<M: Model>(
    relationship: impl Joinable<M>,
    next: Vec<Arc<dyn JoinedStep>>,
) -> Arc<dyn JoinedStep> {
    Arc::new(Joint {
        relationship,
        next,
        from: PhantomData,
    })
}

impl<M: Model, R: Joinable<M>> JoinedStep for Joint<M, R> {
    fn name(&self) -> &'static str {
        self.relationship.name()
    }

    fn breadth(&self) -> Breadth {
        self.relationship.breadth()
    }

    fn is_lateral(&self) -> bool {
        self.relationship.is_lateral()
    }

    fn joins(&self, begin: &Place, name: String) -> Joins {
        self.relationship.joins(begin, name)
    }

    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>> {
        self.relationship.bring(reader, joined)
    }

    fn next(&self) -> &[Arc<dyn JoinedStep>] {
        &self.next
    }
}
