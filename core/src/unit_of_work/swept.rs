//! Deletes of rows that are not planned one by one.
//!
//! `sweep` makes them, plans hold them.
//! It must not know which rows go.

use crate::identity_map::StoreId;
use crate::model::Table;
use crate::statement::shape::Shaped;

/// A DELETE of rows that go with the planned ones.
#[derive(Debug)]
pub(super) struct Sweep {
    /// The table of the rows that go.
    pub(super) table: &'static Table,
    /// Whether it deletes the planned rows as well: they are in the same table.
    pub(super) with_roots: bool,
    /// The store of the rows that go, when their keys come back.
    pub(super) back: Option<StoreId>,
    pub(super) shaped: Shaped,
}
