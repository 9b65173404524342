//! Statements for people: what logs print and tests compare.
//!
//! Called by `render`, and for `Debug` of expressions.
//! It must not show a value, nor be sent to a server.

use std::collections::HashMap;

use super::{
    Correlated, Direction, How, Item, Join, Node, Nulls, Operator, OrderBy, Parameter, Piece,
    Place, Projection, RowIn, Select, Source, Subquery, Template, Unary,
};

/// One expression.
pub(crate) fn expression(node: &Node) -> String {
    let mut out = Label::default();
    out.node(node, 0);
    out.text
}

/// A label that is being written.
#[derive(Default)]
pub(super) struct Label {
    pub(super) text: String,
    parameters: usize,
    numbers: HashMap<usize, usize>,
    /// Whether columns are shown with their tables.
    qualified: bool,
}

impl Label {
    pub(super) fn push(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
    }

    pub(super) fn new_parameter(&mut self) {
        self.parameters += 1;
        self.placeholder(self.parameters);
    }

    pub(super) fn parameter(&mut self, parameter: &Parameter) {
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

    /// One SELECT; `more` are conditions that its place adds.
    pub(super) fn select(&mut self, select: &Select, what: &Projection, more: &[Node]) {
        let outside = self.qualified;
        self.qualified |= !select.joins.is_empty();
        self.push(&[match what {
            Projection::Whole | Projection::Columns(_) => "SELECT ",
            Projection::Count => "COUNT ",
            Projection::Exists => "EXISTS ",
        }]);
        match (select.distinct, select.distinct_on.as_slice()) {
            (true, _) => self.push(&["DISTINCT "]),
            (false, []) => {}
            (false, on) => {
                self.push(&["DISTINCT ON ("]);
                self.list(on);
                self.push(&[") "]);
            }
        }
        self.source(&select.from);
        if let Projection::Columns(items) = what {
            self.items(items);
        }
        select.joins.iter().for_each(|join| self.join(join));
        let filters = select.filters.iter().chain(more).cloned();
        self.clause(" WHERE ", Node::all(filters));
        if !select.groups.is_empty() {
            self.push(&[" GROUP BY "]);
            self.list(&select.groups);
        }
        self.clause(" HAVING ", Node::all(select.having.iter().cloned()));
        self.orders(select, what);
        self.limits(select.limit, select.offset);
        if let Some(lock) = &select.lock {
            self.push(&[" ", lock.strength.text()]);
            let main = std::slice::from_ref(&select.from);
            let of = match (lock.of.is_empty(), select.joins.is_empty()) {
                (true, false) => main,
                _ => lock.of.as_slice(),
            };
            for (i, of) in of.iter().enumerate() {
                self.push(&[if i == 0 { " OF " } else { ", " }, of.name()]);
            }
            self.push(&[lock.wait.text()]);
        }
        self.qualified = outside;
    }

    pub(super) fn limits(&mut self, limit: Option<u64>, offset: Option<u64>) {
        for (keyword, count) in [(" LIMIT ", limit), (" OFFSET ", offset)] {
            if count.is_some() {
                self.push(&[keyword]);
                self.new_parameter();
            }
        }
    }

    /// A table by its name, a query in parentheses with its name behind.
    fn source(&mut self, source: &Source) {
        match (source.as_derived(), source.as_table()) {
            (Some(derived), _) if derived.place == Place::Here => {
                self.push(&["("]);
                self.body(&derived.body);
                self.push(&[") ", source.name()]);
            }
            (Some(derived), _) if *derived.name != *source.name() => {
                self.push(&[&derived.name, " ", source.name()]);
            }
            (_, Some(table)) if table.name() != source.name() => {
                self.push(&[table.name(), " ", source.name()]);
            }
            _ => self.push(&[source.name()]),
        }
    }

    pub(super) fn items(&mut self, items: &[Item]) {
        for (i, item) in items.iter().enumerate() {
            self.push(&[if i == 0 { " (" } else { ", " }]);
            match item {
                Item::Value { node, .. } => self.node(node, 0),
                Item::Row { source, .. } => self.push(&[source.name(), ".*"]),
            }
        }
        if !items.is_empty() {
            self.push(&[")"]);
        }
    }

    fn join(&mut self, join: &Join) {
        self.push(&[" ", join.kind.text(), " "]);
        if join.lateral {
            self.push(&["LATERAL "]);
        }
        self.source(&join.source);
        self.clause(" ON ", join.on.clone());
    }

    fn clause(&mut self, keyword: &str, condition: Option<Node>) {
        if let Some(condition) = condition {
            self.push(&[keyword]);
            self.node(&condition, 0);
        }
    }

    pub(super) fn list(&mut self, nodes: &[Node]) {
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
        self.order_keys(&select.orders);
    }

    pub(super) fn order_keys(&mut self, orders: &[OrderBy]) {
        for (i, order) in orders.iter().enumerate() {
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
    pub(super) fn node(&mut self, node: &Node, outer: u8) {
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
            Node::Column(source, column) if self.qualified => {
                self.push(&[source.name(), ".", source.column(*column)]);
            }
            Node::Column(source, column) => self.push(&[source.column(*column)]),
            Node::Parameter(parameter) => self.parameter(parameter),
            Node::Excluded(source, column) => {
                self.push(&["excluded.", source.column(*column)]);
            }
            Node::Star => self.push(&["*"]),
            Node::Binary(operator, operands) => self.binary(*operator, operands, inner),
            Node::Unary(Unary::Not, operand) => {
                self.push(&["NOT "]);
                self.node(operand, inner);
            }
            Node::Unary(test, operand) => {
                self.node(operand, inner + 1);
                self.push(&[" ", test.text()]);
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
            Node::Template(template) => self.template(template),
            Node::Subquery(subquery) => self.subquery(subquery),
            Node::Correlated(correlated) => self.correlated(correlated),
        }
    }

    pub(super) fn template(&mut self, template: &Template) {
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => self.push(&[text]),
                Piece::Node(node) => self.node(node, LOOSEST),
                Piece::Refused(_) => self.push(&["?"]),
            }
        }
    }

    fn subquery(&mut self, subquery: &Subquery) {
        match subquery.operands() {
            [] => {}
            [one] => self.node(one, COMPARISON + 1),
            row => {
                self.push(&["("]);
                self.list(row);
                self.push(&[")"]);
            }
        }
        self.push(&[match subquery.how {
            How::Scalar => "(",
            How::Exists => "EXISTS (",
            How::Array => "ARRAY (",
            How::In(_) => " IN (",
            How::NotIn(_) => " NOT IN (",
        }]);
        self.query(&subquery.query);
        self.push(&[")"]);
    }

    /// The equal columns are its first conditions.
    fn correlated(&mut self, correlated: &Correlated) {
        let pairs = correlated.inner.iter().zip(&correlated.outer);
        let equal = |(inner, outer): (&Node, &Node)| {
            Node::binary(inner.clone(), Operator::Equal, outer.clone())
        };
        let equal: Vec<Node> = pairs.map(equal).collect();
        let outside = std::mem::replace(&mut self.qualified, true);
        self.push(&["("]);
        self.select(&correlated.select, &correlated.what, &equal);
        self.push(&[")"]);
        self.qualified = outside;
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

const LOOSEST: u8 = 0;
const COMPARISON: u8 = 4;

/// How tightly an expression holds together.
fn strength(node: &Node) -> u8 {
    match node {
        Node::Binary(Operator::Or, _) => 1,
        Node::Binary(Operator::And, _) => 2,
        Node::Unary(Unary::Not, _) => 3,
        Node::Unary(..) | Node::Between(_) => COMPARISON,
        Node::Binary(Operator::Add | Operator::Subtract, _) => 6,
        Node::Binary(Operator::Multiply | Operator::Divide | Operator::Modulo, _) => 7,
        Node::Binary(operator, _) if is_other(*operator) => 5,
        Node::Binary(..) => COMPARISON,
        Node::Subquery(subquery) if !subquery.operands().is_empty() => COMPARISON,
        _ => 8,
    }
}

/// The operators that bind between comparisons and arithmetic.
fn is_other(operator: Operator) -> bool {
    use Operator::{
        Concat, ContainedBy, Contains, HasKey, JsonGet, JsonPath, JsonPathText, JsonText, Matches,
        MatchesInsensitive, NotMatches, NotMatchesInsensitive, Overlaps,
    };
    matches!(
        operator,
        Concat
            | Matches
            | NotMatches
            | MatchesInsensitive
            | NotMatchesInsensitive
            | Contains
            | ContainedBy
            | Overlaps
            | JsonGet
            | JsonText
            | JsonPath
            | JsonPathText
            | HasKey
    )
}
