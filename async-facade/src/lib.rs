//! The async facade.
