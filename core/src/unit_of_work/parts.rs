//! Operations that take more than one statement, since rows would wait for each other otherwise.
//!
//! The planner makes it, `chains` and `breaking` split operations in it. A row may be *parked*
//! first, some of its fields set to NULL; and some may come *late*, in a fix-up that follows.
//! It must not decide what is split.

use foldhash::{HashMap, HashMapExt};

use super::changes::{Changes, Op, What};
use super::graph::Edge;
use super::links::{Link, Why};
use super::plan::PlannedStep;
use crate::identity_map::{IdentityMap, StoreId};
use crate::model::ColumnSet;
use crate::statement::shape::Computation;

/// One statement's share in an operation; operations are named by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) op: usize,
    pub(super) share: Share,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Share {
    /// The fields are set to NULL before the operation.
    Park,
    /// The operation, without what comes late.
    Main,
    /// The fix-up: fields that could not be written with the others.
    Late,
}

/// Some fields of an operation, and the node that writes them.
type Split = HashMap<usize, (ColumnSet, usize)>;

/// The nodes of all operations; those of the operations themselves come first, by position.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) nodes: Vec<Node>,
    parked: Split,
    late: Split,
}

/// An edge between nodes, with its link, or none between nodes of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reasoned {
    pub(super) edge: Edge,
    pub(super) link: Option<Link>,
}

impl Parts {
    pub(super) fn new(changes: &Changes) -> Self {
        let node = |op| Node {
            op,
            share: Share::Main,
        };
        Parts {
            nodes: (0..changes.ops.len()).map(node).collect(),
            parked: HashMap::new(),
            late: HashMap::new(),
        }
    }

    /// The fields of an operation that are set to NULL before it.
    pub(super) fn parked(&self, op: usize) -> ColumnSet {
        fields(&self.parked, op)
    }

    /// The fields of an operation that are written behind it.
    pub(super) fn late(&self, op: usize) -> ColumnSet {
        fields(&self.late, op)
    }

    /// Sets fields to NULL before an operation.
    pub(super) fn park(&mut self, op: usize, fields: ColumnSet) {
        add(&mut self.parked, &mut self.nodes, op, Share::Park, fields);
    }

    /// Leaves fields to a fix-up.
    pub(super) fn delay(&mut self, op: usize, fields: ColumnSet) {
        add(&mut self.late, &mut self.nodes, op, Share::Late, fields);
    }

    /// The edges between the nodes, those within a row included.
    pub(super) fn edges(&self, map: &IdentityMap, links: &[Link]) -> Vec<Reasoned> {
        let mut edges = Vec::with_capacity(links.len());
        for link in links {
            edges.push(Reasoned {
                edge: self.edge(map, *link),
                link: Some(*link),
            });
        }
        // The maps are in no order, the nodes are.
        for (number, node) in self.nodes.iter().enumerate() {
            let (before, after) = match node.share {
                Share::Main => continue,
                Share::Park => (number, node.op),
                Share::Late => (node.op, number),
            };
            edges.push(Reasoned {
                edge: Edge { before, after },
                link: None,
            });
        }
        edges
    }

    /// The nodes in which the reason for a link is done and needed.
    fn edge(&self, map: &IdentityMap, link: Link) -> Edge {
        let (before, after) = link.rows();
        if self.parked.is_empty() && self.late.is_empty() {
            return Edge { before, after };
        }
        let fields = link.fields(map);
        match link.why {
            Why::Refers(..) | Why::RefersToNewKey(_) | Why::GoesWith(_) => Edge {
                before,
                after: self.takes(after, fields),
            },
            Why::Leaves(_) => Edge {
                before: self.gives_up(before, fields),
                after,
            },
            Why::Frees(_) => Edge {
                before: self.gives_up(before, fields),
                after: self.takes(after, fields),
            },
            Why::RefersToOldKey(_) | Why::PointsAtGone(_) => Edge {
                before: self.takes(before, fields),
                after,
            },
            Why::FollowsKey(_) | Why::TakesAlong(_) | Why::Apart(_) => Edge { before, after },
        }
    }

    /// The node in which an operation's row has its new values in these fields.
    fn takes(&self, op: usize, fields: ColumnSet) -> usize {
        node_of(&self.late, op, fields).unwrap_or(op)
    }

    /// The node in which an operation's row loses its old values of these fields.
    fn gives_up(&self, op: usize, fields: ColumnSet) -> usize {
        node_of(&self.parked, op, fields).unwrap_or_else(|| self.takes(op, fields))
    }

    /// The statement of a node, as far as it does not depend on other nodes.
    pub(super) fn step(&self, map: &IdentityMap, changes: &Changes, node: Node) -> PlannedStep {
        let op = &changes.ops[node.op];
        match node.share {
            Share::Park => PlannedStep::Park {
                nulled: self.parked(node.op),
                guarded: matches!(op.what, What::Update { guarded: true, .. }),
                ordered: false,
            },
            Share::Main => self.main_step(map, node.op, op),
            Share::Late => self.late_step(map, node.op, op),
        }
    }

    /// What the database computes in the statement of a node: the operation itself asks for that.
    pub(super) fn computed(&self, changes: &Changes, node: Node) -> Computation {
        match node.share {
            Share::Main => changes.ops[node.op].computed,
            Share::Park | Share::Late => Computation::NONE,
        }
    }

    fn main_step(&self, map: &IdentityMap, position: usize, op: &Op) -> PlannedStep {
        match op.what {
            What::Insert { sent, made } => PlannedStep::Insert { sent, made },
            What::Delete => PlannedStep::Delete { ordered: false },
            What::Update {
                changed,
                made,
                guarded,
            } => {
                let late = self.late(position);
                let mut changed = changed.union(self.parked(position)).without(late);
                if !late.is_empty() {
                    // The fix-up counts the version up: there is one change of the row.
                    changed = changed.without(version(map, op.store));
                }
                PlannedStep::Update {
                    changed,
                    made,
                    guarded,
                    ordered: false,
                    last: late.is_empty(),
                }
            }
        }
    }

    fn late_step(&self, map: &IdentityMap, position: usize, op: &Op) -> PlannedStep {
        let late = self.late(position);
        let (version, guarded) = match op.what {
            What::Update { guarded, .. } => (version(map, op.store), guarded),
            // The row was written a moment ago, and with its first version.
            What::Insert { .. } | What::Delete => (ColumnSet::EMPTY, false),
        };
        PlannedStep::Update {
            changed: late.union(version),
            made: map.any(op.store).table().generated_always(),
            guarded,
            ordered: false,
            last: true,
        }
    }

    /// The fields that are NULL in the row around a statement, and not in the object: those that
    /// an INSERT leaves to the fix-up, and those that were parked before an UPDATE.
    pub(super) fn absent(&self, node: Node, step: &PlannedStep) -> ColumnSet {
        match step {
            PlannedStep::Insert { .. } => self.late(node.op),
            PlannedStep::Update { .. } => self.parked(node.op),
            _ => ColumnSet::EMPTY,
        }
    }
}

/// The field of the version, as a set.
pub(super) fn version(map: &IdentityMap, store: StoreId) -> ColumnSet {
    map.any(store).table().version().into_iter().collect()
}

fn fields(split: &Split, op: usize) -> ColumnSet {
    split
        .get(&op)
        .map_or(ColumnSet::EMPTY, |(fields, _)| *fields)
}

fn node_of(split: &Split, op: usize, fields: ColumnSet) -> Option<usize> {
    let (split, node) = split.get(&op)?;
    (!split.intersection(fields).is_empty()).then_some(*node)
}

fn add(split: &mut Split, nodes: &mut Vec<Node>, op: usize, share: Share, fields: ColumnSet) {
    let (split, _) = split.entry(op).or_insert_with(|| {
        nodes.push(Node { op, share });
        (ColumnSet::EMPTY, nodes.len() - 1)
    });
    *split = split.union(fields);
}
