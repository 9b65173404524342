//! The untyped SELECT.
//!
//! The query room fills it in; the loader renders it for what it wants to read.
//! It must not hold text: `render` makes that.

use super::{Body, Node, Parts, Source};

/// A SELECT without what is selected, which is said when it is rendered.
#[derive(Clone)]
pub(crate) struct Select {
    pub(crate) from: Source,
    pub(crate) joins: Vec<Join>,
    pub(crate) filters: Vec<Node>,
    pub(crate) groups: Vec<Node>,
    pub(crate) having: Vec<Node>,
    /// Whether equal rows are one.
    pub(crate) distinct: bool,
    /// One row is kept for each combination of these.
    pub(crate) distinct_on: Vec<Node>,
    pub(crate) orders: Vec<OrderBy>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) lock: Option<Lock>,
}

/// A source that is joined to those before it.
#[derive(Clone)]
pub(crate) struct Join {
    pub(crate) kind: JoinKind,
    pub(crate) source: Source,
    /// The condition; without one, all rows are joined.
    pub(crate) on: Option<Node>,
    /// Whether the joined query may name the sources before it.
    pub(crate) lateral: bool,
}

/// Which rows without a partner stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

/// What a SELECT reads.
#[derive(Clone, Debug)]
pub(crate) enum Projection {
    /// Every column of the main source, in its order.
    Whole,
    /// The number of rows, one `bigint`.
    Count,
    /// Whether there is a row, one `boolean`.
    Exists,
    /// These, one after the other.
    Columns(Vec<Item>),
}

/// One thing that is selected.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A value, and whether whoever reads it is ready for NULL.
    Value { node: Node, nullable: bool },
    /// Every column of a source, and whether whoever reads it is ready for its absence.
    Row { source: Source, nullable: bool },
}

impl Item {
    pub(crate) fn value(node: Node) -> Item {
        Item::Value {
            node,
            nullable: true,
        }
    }

    /// The same, where a condition that is read as a plain `bool` says whether it is met.
    pub(crate) fn met(self) -> Item {
        match self {
            Item::Value {
                node,
                nullable: false,
            } => Item::Value {
                node: node.met(),
                nullable: false,
            },
            other => other,
        }
    }

    pub(crate) fn visit(&self, parts: &mut dyn Parts) {
        match self {
            Item::Value { node, .. } => node.visit(parts),
            Item::Row { source, .. } => parts.source(source),
        }
    }

    /// The number of its columns.
    pub(crate) fn width(&self) -> usize {
        match self {
            Item::Value { .. } => 1,
            Item::Row { source, .. } => source.width(),
        }
    }

    /// Whether there is one of it for each row, as of no aggregate and no function of the caller's.
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Item::Value { node, .. } => matches!(node, Node::Column(..)),
            Item::Row { .. } => true,
        }
    }
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

/// The row locks that are taken.
#[derive(Clone, Debug)]
pub(crate) struct Lock {
    pub(crate) strength: Strength,
    pub(crate) wait: Wait,
    /// Whose rows are locked; the main source's when there are none.
    pub(crate) of: Vec<Source>,
}

/// How strong a row lock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    Update,
    NoKeyUpdate,
    Share,
    KeyShare,
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
            joins: Vec::new(),
            filters: Vec::new(),
            groups: Vec::new(),
            having: Vec::new(),
            distinct: false,
            distinct_on: Vec::new(),
            orders: Vec::new(),
            limit: None,
            offset: None,
            lock: None,
        }
    }

    /// Whether the rows that are found are not simply the rows that match: a count of them must
    /// count the whole query's result.
    pub(crate) fn is_cut(&self) -> bool {
        self.limit.is_some()
            || self.offset.is_some()
            || self.distinct
            || !self.distinct_on.is_empty()
            || !self.groups.is_empty()
            || !self.having.is_empty()
    }

    /// Whether it has an order or a limit.
    pub(crate) fn is_ordered_or_cut(&self) -> bool {
        !self.orders.is_empty() || self.limit.is_some() || self.offset.is_some()
    }

    /// Whether the rows of a source are locked: by it, or by the query that the source is.
    pub(crate) fn locks(&self, source: &Source) -> bool {
        let named = |lock: &Lock| match lock.of.as_slice() {
            [] => self.from.is(source),
            of => of.iter().any(|locked| locked.is(source)),
        };
        if source.as_table().is_some() {
            return self.lock.as_ref().is_some_and(named);
        }
        match source.as_derived().map(|derived| &derived.body) {
            Some(Body::Query(query)) => query.locked_rows().iter().any(|row| row.at == 0),
            _ => false,
        }
    }
}

impl JoinKind {
    pub(crate) fn text(self) -> &'static str {
        match self {
            JoinKind::Inner => "JOIN",
            JoinKind::Left => "LEFT JOIN",
            JoinKind::Right => "RIGHT JOIN",
            JoinKind::Full => "FULL JOIN",
            JoinKind::Cross => "CROSS JOIN",
        }
    }
}

impl Strength {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Strength::Update => "FOR UPDATE",
            Strength::NoKeyUpdate => "FOR NO KEY UPDATE",
            Strength::Share => "FOR SHARE",
            Strength::KeyShare => "FOR KEY SHARE",
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
