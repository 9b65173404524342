//! A statement's text before its values are known.
//!
//! `marker` makes it, `render` finds the values.
//! It must not know the tree that it came from.

use super::{Bound, Parameter};
use crate::error::Error;
use crate::model::KeyLookup;

/// Text whose values are still to be found.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) sql: String,
    pub(crate) params: Vec<Parameter>,
}

impl Text {
    /// The values, as they are in this session.
    ///
    /// # Errors
    /// As [`Parameter::resolve`].
    pub(crate) fn resolve(&self, lookup: &dyn KeyLookup) -> Result<Vec<Bound>, Error> {
        self.params.iter().map(|p| p.resolve(lookup)).collect()
    }
}
