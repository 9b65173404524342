//! Several groupings in one query: ROLLUP, CUBE and GROUPING SETS.
//!
//! Methods of `Select`; `grouping` tells the groups apart.
//! It must not change types: what a grouping leaves out is NULL and is read as `.nullable()`.

use crate::query::select::query::nodes;
use crate::query::{Columns, Expr, Grouped, Operands, Select};
use crate::statement::{Node, Piece};

impl<M, S> Select<M, S> {
    /// Groups by all of these, by all but the last, and so on to one group of all rows:
    /// `GROUP BY ROLLUP (..)`. What a group is not grouped by is NULL: read it as `.nullable()`.
    pub fn group_by_rollup<C: Columns<S>>(self, by: C) -> Grouped<M, S> {
        self.group_in("ROLLUP (", by)
    }

    /// Groups by each combination of these: `GROUP BY CUBE (..)`. See
    /// [`group_by_rollup`](Self::group_by_rollup).
    pub fn group_by_cube<C: Columns<S>>(self, by: C) -> Grouped<M, S> {
        self.group_in("CUBE (", by)
    }

    /// Groups by each of these alone: `GROUP BY GROUPING SETS (..)`. See
    /// [`group_by_rollup`](Self::group_by_rollup).
    pub fn group_by_each<C: Columns<S>>(self, by: C) -> Grouped<M, S> {
        self.group_in("GROUPING SETS (", by)
    }

    fn group_in<C: Columns<S>>(mut self, how: &'static str, by: C) -> Grouped<M, S> {
        let by = nodes(by.into_columns().0);
        self.edit().groups.push(listed(how, by));
        Grouped(self)
    }
}

/// Which of these a row is *not* grouped by, as bits, the last operand being the lowest:
/// `GROUPING(..)`.
pub fn grouping<O: Operands>(of: O) -> Expr<i32, O::Scope> {
    Expr::new(listed("GROUPING(", of.into_operands()))
}

fn listed(begin: &'static str, nodes: Vec<Node>) -> Node {
    let mut pieces = vec![Piece::from(begin)];
    for (i, node) in nodes.into_iter().enumerate() {
        if i > 0 {
            pieces.push(", ".into());
        }
        pieces.push(node.into());
    }
    pieces.push(")".into());
    Node::words(pieces)
}
