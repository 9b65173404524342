//! Statements for people: what logs print and tests compare.
//!
//! Called by `render`, and for `Debug` of expressions.
//! It must not show a value, nor be sent to a server.

use std::collections::HashMap;

use super::{Direction, Node, Nulls, Operator, Parameter, Projection, RowIn, Select, Unary};

/// `SELECT account WHERE owner = $1 ORDER BY id LIMIT $2 FOR UPDATE`: no quotes, no tables before
/// columns, no column list for whole rows. Parameters have the numbers that they have in the text.
pub(crate) fn select(select: &Select, what: &Projection) -> String {
    let mut out = Label::default();
    let table = select.from.table.name();
    match what {
        Projection::Whole => out.push(&["SELECT ", table]),
        Projection::Count => out.push(&["COUNT ", table]),
        Projection::Exists => out.push(&["EXISTS ", table]),
        Projection::Columns(columns) => {
            out.push(&["SELECT ", table, " ("]);
            out.list(columns);
            out.push(&[")"]);
        }
    }
    out.clause(" WHERE ", Node::all(select.filters.iter().cloned()));
    if !select.groups.is_empty() {
        out.push(&[" GROUP BY "]);
        out.list(&select.groups);
    }
    out.clause(" HAVING ", Node::all(select.having.iter().cloned()));
    out.orders(select, what);
    for (keyword, count) in [(" LIMIT ", select.limit), (" OFFSET ", select.offset)] {
        if count.is_some() {
            out.push(&[keyword]);
            out.new_parameter();
        }
    }
    if let Some(lock) = select.lock {
        out.push(&[" ", lock.strength.text(), lock.wait.text()]);
    }
    out.text
}

/// One expression.
pub(crate) fn expression(node: &Node) -> String {
    let mut out = Label::default();
    out.node(node, 0);
    out.text
}

#[derive(Default)]
struct Label {
    text: String,
    parameters: usize,
    numbers: HashMap<usize, usize>,
}

impl Label {
    fn push(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
    }

    fn new_parameter(&mut self) {
        self.parameters += 1;
        self.placeholder(self.parameters);
    }

    fn parameter(&mut self, parameter: &Parameter) {
        match self.numbers.get(&parameter.identity()) {
            Some(number) => self.placeholder(*number),
            None => {
                self.new_parameter();
                self.numbers.insert(parameter.identity(), self.parameters);
            }
        }
    }

    fn placeholder(&mut self, number: usize) {
        self.text.push('$');
        self.text.push_str(&number.to_string());
    }

    fn clause(&mut self, keyword: &str, condition: Option<Node>) {
        if let Some(condition) = condition {
            self.push(&[keyword]);
            self.node(&condition, 0);
        }
    }

    fn list(&mut self, nodes: &[Node]) {
        for (i, node) in nodes.iter().enumerate() {
            if i > 0 {
                self.push(&[", "]);
            }
            self.node(node, 0);
        }
    }

    fn orders(&mut self, select: &Select, what: &Projection) {
        let counted = matches!(what, Projection::Count | Projection::Exists);
        if counted && select.limit.is_none() && select.offset.is_none() {
            return;
        }
        for (i, order) in select.orders.iter().enumerate() {
            self.push(&[if i == 0 { " ORDER BY " } else { ", " }]);
            self.node(&order.by, 0);
            if order.direction == Direction::Descending {
                self.push(&[" DESC"]);
            }
            match order.nulls {
                Some(Nulls::First) => self.push(&[" NULLS FIRST"]),
                Some(Nulls::Last) => self.push(&[" NULLS LAST"]),
                None => {}
            }
        }
    }

    /// Writes an expression, in parentheses when it binds looser than its place demands.
    fn node(&mut self, node: &Node, outer: u8) {
        let inner = strength(node);
        if inner < outer {
            self.push(&["("]);
            self.bare(node, inner);
            self.push(&[")"]);
        } else {
            self.bare(node, inner);
        }
    }

    fn bare(&mut self, node: &Node, inner: u8) {
        match node {
            Node::Column(source, column) => self.push(&[&source.table.columns()[*column].name]),
            Node::Parameter(parameter) => self.parameter(parameter),
            Node::Star => self.push(&["*"]),
            Node::Binary(operator, operands) => self.binary(*operator, operands, inner),
            Node::Unary(Unary::Not, operand) => {
                self.push(&["NOT "]);
                self.node(operand, inner);
            }
            Node::Unary(test, operand) => {
                self.node(operand, inner + 1);
                self.push(&[match test {
                    Unary::IsNull => " IS NULL",
                    _ => " IS NOT NULL",
                }]);
            }
            Node::Between(operands) => {
                for (before, operand) in ["", " BETWEEN ", " AND "].into_iter().zip(&**operands) {
                    self.push(&[before]);
                    self.node(operand, inner + 1);
                }
            }
            Node::Call(function, arguments) => {
                self.push(&[function, "("]);
                self.list(arguments);
                self.push(&[")"]);
            }
            Node::RowIn(row) => self.row_in(row),
        }
    }

    fn binary(&mut self, operator: Operator, operands: &[Node; 2], inner: u8) {
        // AND and OR may be regrouped, arithmetic goes from left to right, and comparisons do
        // not chain.
        let (left, right) = match operator {
            Operator::And | Operator::Or => (inner, inner),
            _ if inner == COMPARISON => (inner + 1, inner + 1),
            _ => (inner, inner + 1),
        };
        self.node(&operands[0], left);
        self.push(&[" ", operator.text(), " "]);
        self.node(&operands[1], right);
    }

    fn row_in(&mut self, row: &RowIn) {
        self.push(&["("]);
        self.list(&row.columns);
        self.push(&[") = ANY("]);
        for (i, array) in row.arrays.iter().enumerate() {
            self.push(&[if i > 0 { ", " } else { "" }]);
            self.parameter(array);
        }
        self.push(&[")"]);
    }
}

const COMPARISON: u8 = 4;

/// How tightly an expression holds together.
fn strength(node: &Node) -> u8 {
    match node {
        Node::Binary(Operator::Or, _) => 1,
        Node::Binary(Operator::And, _) => 2,
        Node::Unary(Unary::Not, _) => 3,
        Node::Unary(..) | Node::Between(_) => COMPARISON,
        Node::Binary(Operator::Add | Operator::Subtract, _) => 5,
        Node::Binary(Operator::Multiply | Operator::Divide, _) => 6,
        Node::Binary(..) => COMPARISON,
        Node::Column(..) | Node::Parameter(_) | Node::Star | Node::Call(..) | Node::RowIn(_) => 7,
    }
}
