//! The untyped SELECT.
//!
//! The query room fills it in; the loader renders it for what it wants to read.
//! It must not hold text: `render` makes that.

use std::any::TypeId;

use super::{Node, Source};

/// A SELECT without what is selected, which is said when it is rendered.
#[derive(Clone)]
pub(crate) struct Select {
    pub(crate) from: Source,
    pub(crate) filters: Vec<Node>,
    pub(crate) groups: Vec<Node>,
    pub(crate) having: Vec<Node>,
    pub(crate) orders: Vec<OrderBy>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) lock: Option<Lock>,
}

/// What a SELECT reads.
#[derive(Clone, Debug)]
pub(crate) enum Projection {
    /// Every column of the table, in table order.
    Whole,
    /// The number of rows, one `bigint`.
    Count,
    /// Whether there is a row, one `boolean`.
    Exists,
    /// These expressions.
    Columns(Vec<Node>),
}

/// One key of an order.
#[derive(Clone, Debug)]
pub(crate) struct OrderBy {
    pub(crate) by: Node,
    pub(crate) direction: Direction,
    pub(crate) nulls: Option<Nulls>,
}

/// Smallest or largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// Where NULLs come; PostgreSQL takes them as larger than anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    First,
    Last,
}

/// The row lock that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    pub(crate) strength: Strength,
    pub(crate) wait: Wait,
}

/// How strong a row lock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    Update,
    NoKeyUpdate,
    Share,
}

/// What to do about rows that somebody else has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Block,
    Fail,
    Skip,
}

impl Select {
    pub(crate) fn from(from: Source) -> Select {
        Select {
            from,
            filters: Vec::new(),
            groups: Vec::new(),
            having: Vec::new(),
            orders: Vec::new(),
            limit: None,
            offset: None,
            lock: None,
        }
    }

    /// The models whose tables are read, each once, the main one first.
    pub(crate) fn models(&self, projection: &Projection) -> Vec<TypeId> {
        let mut models = vec![self.from.model];
        self.sources(projection, &mut |source| {
            if !models.contains(&source.model) {
                models.push(source.model);
            }
        });
        models
    }

    /// Calls `visit` for the table of each column that is named.
    pub(crate) fn sources(&self, projection: &Projection, visit: &mut dyn FnMut(Source)) {
        if let Projection::Columns(columns) = projection {
            columns.iter().for_each(|n| n.sources(visit));
        }
        let clauses = [&self.filters, &self.groups, &self.having];
        for node in clauses.into_iter().flatten() {
            node.sources(visit);
        }
        self.orders.iter().for_each(|o| o.by.sources(visit));
    }

    /// Whether the rows that are found are not simply the rows that match: a count of them must
    /// count the whole query's result.
    pub(crate) fn is_cut(&self) -> bool {
        self.limit.is_some()
            || self.offset.is_some()
            || !self.groups.is_empty()
            || !self.having.is_empty()
    }
}

impl Strength {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Strength::Update => "FOR UPDATE",
            Strength::NoKeyUpdate => "FOR NO KEY UPDATE",
            Strength::Share => "FOR SHARE",
        }
    }
}

impl Wait {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Wait::Block => "",
            Wait::Fail => " NOWAIT",
            Wait::Skip => " SKIP LOCKED",
        }
    }
}
