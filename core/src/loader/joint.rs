//! Steps that a query joins: what they add to its statement, and what comes of its rows.
//!
//! Paths hold them without their types; `joining` asks for the former, `folding` for the latter.
//! It must not know a relationship: `joinable` puts one behind the trait here.

use std::sync::Arc;

use foldhash::HashSet;

use super::Reader;
use crate::engine::Rows;
use crate::error::Result;
use crate::identity_map::Reading;
use crate::model::{Handle, Model, RawHandle};
use crate::statement::{Join, OrderBy, Source};

/// How many rows a step makes of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// One: a key names one row at most.
    One,
    /// One, if the data is as it should be.
    Few,
    /// Any number.
    Many,
}

/// Rows that were read with others joined to them.
pub(crate) struct JoinedRows<'a> {
    pub(super) rows: &'a Rows,
    /// Where the columns of each table on the way begin.
    pub(super) at: &'a [usize],
    /// For each row the object that something is joined to; none where it is absent itself.
    pub(super) of: &'a [Option<RawHandle>],
    pub(super) reading: Reading,
}

/// Where the columns of a model stand: in which table or query, and from which on.
#[derive(Clone)]
pub(crate) struct Place {
    pub(super) source: Source,
    pub(super) at: usize,
}

/// What a step adds to a statement.
pub(crate) struct Joins {
    pub(super) joins: Vec<Join>,
    /// Where the columns of each model on its way begin, counted from the first that it adds.
    pub(super) at: Vec<usize>,
    /// Where the columns stand of what it leads to.
    pub(super) end: Place,
    /// The order of what it leads to, if that is not the order of keys.
    pub(super) orders: Vec<OrderBy>,
}

impl JoinedRows<'_> {
    /// The objects that lack what is joined to them, each once, and of what was found in the rows
    /// that which belongs to one of them.
    pub(super) fn lacking<C: Model>(
        &self,
        found: &[Option<RawHandle>],
        lacks: impl Fn(&RawHandle) -> bool,
    ) -> (Vec<RawHandle>, Vec<Handle<C>>) {
        let mut seen = HashSet::default();
        let of = self.of.iter().flatten().copied();
        let lacking: Vec<RawHandle> = of.filter(|of| seen.insert(*of) && lacks(of)).collect();
        let all: HashSet<RawHandle> = lacking.iter().copied().collect();
        seen.clear();
        let pairs = self.of.iter().zip(found);
        let found = pairs.filter_map(|(of, found)| of.filter(|of| all.contains(of)).and(*found));
        let found = found.filter(|found| seen.insert(*found));
        (lacking, found.map(Handle::new).collect())
    }
}

/// A step of a path that is fetched by a join, without its types, and those that go on from it.
pub(crate) trait JoinedStep: Send + Sync {
    fn name(&self) -> &'static str;

    fn breadth(&self) -> Breadth;

    fn is_lateral(&self) -> bool;

    fn joins(&self, begin: &Place, name: String) -> Joins;

    fn bring(
        &self,
        reader: &mut Reader<'_>,
        joined: &JoinedRows<'_>,
    ) -> Result<Vec<Option<RawHandle>>>;

    fn next(&self) -> &[Arc<dyn JoinedStep>];
}
