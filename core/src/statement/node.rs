//! The untyped expression tree.
//!
//! The query room builds it behind its typed skin; `render` and `label` turn it into text.
//! It must not know Rust types: whoever builds a node answers for what it compares.

use std::fmt;
use std::sync::Arc;

use super::{Correlated, Parameter, Piece, Source, Subquery, Template, label};
use crate::model::Model;

/// An expression. Cloning it is cheap: its parts are shared.
#[derive(Clone)]
pub(crate) enum Node {
    /// A column of a table, by its position in the table.
    Column(Source, usize),
    /// A column of the row that an INSERT could not insert, by its position in the table.
    Excluded(Source, usize),
    /// A value.
    Parameter(Parameter),
    /// Two operands with an operator between.
    Binary(Operator, Arc<[Node; 2]>),
    /// One operand.
    Unary(Unary, Arc<Node>),
    /// Subject, lower and upper bound, both included.
    Between(Arc<[Node; 3]>),
    /// A call of a function of PostgreSQL's own, by name.
    Call(&'static str, Arc<[Node]>),
    /// `*`, the argument of `count`.
    Star,
    /// Several columns that together are one of the rows of these arrays.
    RowIn(Arc<RowIn>),
    /// Text with operands between.
    Template(Arc<Template>),
    /// A query as an operand.
    Subquery(Arc<Subquery>),
    /// A query on the rows that belong to a row of the query around it.
    Correlated(Arc<Correlated>),
}

/// `(a, b) IN (SELECT * FROM UNNEST($1, $2))`.
pub(crate) struct RowIn {
    pub(crate) columns: Vec<Node>,
    pub(crate) arrays: Vec<Parameter>,
}

/// What may stand between two operands, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Distinct,
    NotDistinct,
    Like,
    NotLike,
    ILike,
    NotILike,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Concat,
    Matches,
    NotMatches,
    MatchesInsensitive,
    NotMatchesInsensitive,
    Contains,
    ContainedBy,
    Overlaps,
    JsonGet,
    JsonText,
    JsonPath,
    JsonPathText,
    HasKey,
}

/// What may be said about one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Not,
    IsNull,
    IsNotNull,
    IsTrue,
    IsNotTrue,
    IsFalse,
    IsNotFalse,
}

impl Unary {
    /// What SQL writes behind the operand; `NOT` is written before it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Unary::Not => "NOT",
            Unary::IsNull => "IS NULL",
            Unary::IsNotNull => "IS NOT NULL",
            Unary::IsTrue => "IS TRUE",
            Unary::IsNotTrue => "IS NOT TRUE",
            Unary::IsFalse => "IS FALSE",
            Unary::IsNotFalse => "IS NOT FALSE",
        }
    }
}

impl Node {
    /// The column at this position of a model's table.
    pub(crate) fn column<M: Model>(column: usize) -> Node {
        Node::Column(Source::of::<M>(), column)
    }

    /// Two operands with an operator between.
    ///
    /// `= NULL` is never true in SQL, which nobody means who passes `None`; it becomes `IS NULL`,
    /// and `<> NULL` becomes `IS NOT NULL`.
    pub(crate) fn binary(left: Node, operator: Operator, right: Node) -> Node {
        let test = match operator {
            Operator::Equal | Operator::NotDistinct => Some(Unary::IsNull),
            Operator::NotEqual | Operator::Distinct => Some(Unary::IsNotNull),
            _ => None,
        };
        match test {
            Some(test) if right.is_null() => Node::unary(test, left),
            Some(test) if left.is_null() => Node::unary(test, right),
            _ => Node::Binary(operator, Arc::new([left, right])),
        }
    }

    pub(crate) fn unary(operator: Unary, operand: Node) -> Node {
        Node::Unary(operator, Arc::new(operand))
    }

    pub(crate) fn between(subject: Node, low: Node, high: Node) -> Node {
        Node::Between(Arc::new([subject, low, high]))
    }

    pub(crate) fn call(function: &'static str, arguments: impl Into<Arc<[Node]>>) -> Node {
        Node::Call(function, arguments.into())
    }

    /// `subject = ANY(array)`.
    pub(crate) fn is_any_of(subject: Node, array: Parameter) -> Node {
        let any = Node::call("ANY", [Node::Parameter(array)]);
        Node::binary(subject, Operator::Equal, any)
    }

    /// `subject <> ALL(array)`.
    pub(crate) fn is_none_of(subject: Node, array: Parameter) -> Node {
        let all = Node::call("ALL", [Node::Parameter(array)]);
        Node::binary(subject, Operator::NotEqual, all)
    }

    /// All of these; `None` when there are none.
    pub(crate) fn all(nodes: impl IntoIterator<Item = Node>) -> Option<Node> {
        chain(nodes.into_iter().collect(), Operator::And)
    }

    /// One of these at least; `None` when there are none.
    pub(crate) fn any(nodes: impl IntoIterator<Item = Node>) -> Option<Node> {
        chain(nodes.into_iter().collect(), Operator::Or)
    }

    fn is_null(&self) -> bool {
        matches!(self, Node::Parameter(parameter) if parameter.is_null())
    }

    /// Text of our own with operands between.
    pub(crate) fn words(pieces: impl IntoIterator<Item = Piece>) -> Node {
        Node::Template(Arc::new(Template::own(pieces.into_iter().collect())))
    }

    /// As [`words`](Node::words), of what is never NULL, whatever its operands are.
    pub(crate) fn never_null(pieces: impl IntoIterator<Item = Piece>) -> Node {
        let mut template = Template::own(pieces.into_iter().collect());
        template.never_null = true;
        Node::Template(Arc::new(template))
    }

    /// A condition as it is read: whether it is met. One that is NULL is not met, as in a filter,
    /// and a `bool` could not hold it. Anything else is read as it is.
    pub(crate) fn met(self) -> Node {
        let is_condition = match &self {
            Node::Binary(operator, _) => operator.is_condition(),
            Node::Subquery(subquery) => !subquery.operands().is_empty(),
            Node::Unary(..) | Node::Between(_) | Node::RowIn(_) => true,
            _ => false,
        };
        match is_condition && self.is_nullable() {
            true => Node::unary(Unary::IsTrue, self),
            false => self,
        }
    }

    /// Whether it may be NULL in some row, as far as is known here.
    fn is_nullable(&self) -> bool {
        match self {
            Node::Column(source, column) | Node::Excluded(source, column) => {
                source.is_nullable(*column)
            }
            Node::Parameter(parameter) => parameter.is_null(),
            Node::Binary(Operator::Distinct | Operator::NotDistinct, _) => false,
            Node::Binary(_, operands) => operands.iter().any(Node::is_nullable),
            Node::Unary(Unary::Not, operand) => operand.is_nullable(),
            Node::Unary(..) | Node::Star => false,
            Node::Between(operands) => operands.iter().any(Node::is_nullable),
            Node::Call("count", _) => false,
            Node::Call("coalesce", arguments) => arguments.iter().all(Node::is_nullable),
            // The array of a list has no NULLs in it.
            Node::Call("ANY" | "ALL", arguments) => !matches!(arguments[..], [Node::Parameter(_)]),
            // An aggregate of nothing is NULL.
            Node::Call(..) => true,
            Node::RowIn(row) => row.columns.iter().any(Node::is_nullable),
            Node::Template(template) => !template.never_null,
            // A NULL among the rows, or no row.
            Node::Subquery(subquery) => !matches!(subquery.how, super::How::Exists),
            Node::Correlated(correlated) => !matches!(correlated.what, super::Projection::Exists),
        }
    }

    /// Whether it may be NULL because a source in it may be all NULL, as an outer join makes it.
    pub(crate) fn may_be_null(&self, absent: &dyn Fn(&Source) -> bool) -> bool {
        let any = |nodes: &[Node]| nodes.iter().any(|n| n.may_be_null(absent));
        match self {
            Node::Column(source, _) => absent(source),
            Node::Parameter(_) | Node::Star | Node::RowIn(_) | Node::Excluded(..) => false,
            Node::Subquery(_) | Node::Correlated(_) => false,
            Node::Binary(Operator::Distinct | Operator::NotDistinct, _) => false,
            Node::Binary(_, operands) => any(&operands[..]),
            Node::Unary(Unary::Not, operand) => operand.may_be_null(absent),
            Node::Unary(..) => false,
            Node::Between(operands) => any(&operands[..]),
            Node::Call("count", _) => false,
            Node::Call("coalesce", arguments) => arguments.iter().all(|n| n.may_be_null(absent)),
            Node::Call(_, arguments) => any(arguments),
            Node::Template(template) if template.never_null => false,
            Node::Template(template) => template.nodes().any(|n| n.may_be_null(absent)),
        }
    }
}

/// Operands with one operator between them all.
///
/// A long list becomes a tree of low depth: a thread's stack would not hold a chain of thousands.
fn chain(mut nodes: Vec<Node>, operator: Operator) -> Option<Node> {
    const LONGEST: usize = 64;
    if nodes.len() <= LONGEST {
        let operands = nodes.into_iter();
        return operands.reduce(|a, b| Node::binary(a, operator, b));
    }
    let second = nodes.split_off(nodes.len() / 2);
    let halves = [chain(nodes, operator)?, chain(second, operator)?];
    Some(Node::Binary(operator, Arc::new(halves)))
}

impl fmt::Debug for Node {
    // Values appear as `$1`, `$2`: they are nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&label::expression(self))
    }
}

impl Operator {
    /// Whether the answer is yes or no.
    fn is_condition(self) -> bool {
        use Operator::{
            Add, Concat, Divide, JsonGet, JsonPath, JsonPathText, JsonText, Modulo, Multiply,
            Subtract,
        };
        let computes = matches!(
            self,
            Add | Subtract
                | Multiply
                | Divide
                | Modulo
                | Concat
                | JsonGet
                | JsonText
                | JsonPath
                | JsonPathText
        );
        !computes
    }

    /// As SQL writes it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Operator::Or => "OR",
            Operator::And => "AND",
            Operator::Equal => "=",
            Operator::NotEqual => "<>",
            Operator::Less => "<",
            Operator::LessEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterEqual => ">=",
            Operator::Distinct => "IS DISTINCT FROM",
            Operator::NotDistinct => "IS NOT DISTINCT FROM",
            Operator::Like => "LIKE",
            Operator::NotLike => "NOT LIKE",
            Operator::ILike => "ILIKE",
            Operator::NotILike => "NOT ILIKE",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Modulo => "%",
            Operator::Concat => "||",
            Operator::Matches => "~",
            Operator::NotMatches => "!~",
            Operator::MatchesInsensitive => "~*",
            Operator::NotMatchesInsensitive => "!~*",
            Operator::Contains => "@>",
            Operator::ContainedBy => "<@",
            Operator::Overlaps => "&&",
            Operator::JsonGet => "->",
            Operator::JsonText => "->>",
            Operator::JsonPath => "#>",
            Operator::JsonPathText => "#>>",
            Operator::HasKey => "?",
        }
    }
}
