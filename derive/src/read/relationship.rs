//! Relationships as they were written.
//!
//! The readers of the struct's attributes make them.
//! It must not know whether what they name exists.

use syn::{Ident, Path};

/// `has_many(name = Child::FIELD)`, `has_one(..)` or `many_to_many(..)`.
pub(crate) struct WrittenRelationship {
    pub(crate) side: Side,
    pub(crate) ident: Ident,
    /// The constant of the child or of the association that refers to this model.
    pub(crate) by: Path,
}

/// What a relationship leads to.
#[derive(Clone)]
pub(crate) enum Side {
    /// Children.
    Many,
    /// A child.
    One,
    /// Rows of a model, to which another constant of the association refers.
    Through { target: Path, far: Path },
}
