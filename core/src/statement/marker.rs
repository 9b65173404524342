//! Expressions as sea-query's tree, with markers where values are.
//!
//! Called by `render`. A marker is a position among the parameters: sea-query never sees a value,
//! since its own values know fewer types than PostgreSQL and would be sent with wrong widths.
//! It must not write SQL itself, apart from the placeholders.

use std::collections::HashMap;
use std::ops::Range;

use bytes::BytesMut;
use postgres_types::Type;
use sea_query::extension::postgres::PgBinOper;
use sea_query::{
    Asterisk, BinOper, Expr, ExprTrait, Func, Keyword, Query as Builder, SubQueryStatement, UnOper,
    Value,
};

use super::frames::Frames;
use super::text::Text;
use super::visit::Values;
use super::writer::Writer;
use super::{
    Correlated, How, Item, Node, Operator, Parameter, Piece, RowIn, Source, Subquery, Template,
    Unary,
};
use crate::error::Error;

/// Builds expressions and collects their values.
pub(super) struct Markers {
    pub(super) frames: Frames,
    params: Vec<Parameter>,
    positions: HashMap<usize, usize>,
    /// Values that equal ones share a placeholder with, see [`share`](Markers::share).
    shared: HashMap<(Type, BytesMut), usize>,
}

impl Markers {
    pub(super) fn new() -> Markers {
        Markers {
            frames: Frames::new(),
            params: Vec::new(),
            positions: HashMap::new(),
            shared: HashMap::new(),
        }
    }

    /// From here on values that equal one of these have its placeholder.
    ///
    /// PostgreSQL compares what is grouped by with what is selected by its text, so `id % $1` and
    /// `id % $2` are two expressions to it, whatever the values are.
    pub(super) fn share(&mut self, values: Values) {
        for parameter in values.0 {
            let position = self.position(&parameter);
            if let Some(equality) = parameter.equality() {
                self.shared.entry(equality).or_insert(position);
            }
        }
    }

    /// Takes in values that a text uses by their numbers; returns their markers.
    pub(super) fn given(&mut self, values: Vec<Parameter>) -> Range<usize> {
        let first = self.params.len();
        self.params.extend(values);
        first..self.params.len()
    }

    /// Puts the values into the order in which the text names them.
    pub(super) fn finish(self, out: Writer) -> Text {
        let param = |marker: &Value| match marker {
            Value::BigInt(Some(position)) => usize::try_from(*position)
                .ok()
                .and_then(|position| self.params.get(position))
                .cloned()
                .expect("a marker is the position of a parameter"),
            // LIMIT and OFFSET, which sea-query takes as numbers only.
            Value::BigUnsigned(Some(count)) => {
                Parameter::new(i64::try_from(*count).unwrap_or(i64::MAX))
            }
            other => unreachable!("only markers are put into the tree, not {other:?}"),
        };
        Text {
            params: out.markers.iter().map(param).collect(),
            sql: out.sql,
        }
    }

    pub(super) fn exprs<'a>(
        &mut self,
        nodes: impl IntoIterator<Item = &'a Node>,
    ) -> Result<Vec<Expr>, Error> {
        nodes.into_iter().map(|node| self.expr(node)).collect()
    }

    pub(super) fn expr(&mut self, node: &Node) -> Result<Expr, Error> {
        Ok(match node {
            Node::Column(source, column) => self.column(source, *column)?,
            Node::Excluded(source, column) => {
                Expr::col(("excluded", source.column(*column).to_owned()))
            }
            Node::Parameter(parameter) => self.marker(parameter),
            Node::Binary(operator, operands) => {
                let [left, right] = operands.as_ref();
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                left.binary(binary_operator(*operator), right)
            }
            Node::Unary(operator, operand) => {
                let operand = self.expr(operand)?;
                match operator {
                    Unary::Not => Expr::Unary(UnOper::Not, Box::new(operand)),
                    test => {
                        let words = test.text().strip_prefix("IS ").expect("it is a test");
                        operand.binary(BinOper::Is, Expr::Keyword(Keyword::Custom(words.into())))
                    }
                }
            }
            Node::Between(operands) => {
                let [subject, low, high] = operands.as_ref();
                let subject = self.expr(subject)?;
                subject.between(self.expr(low)?, self.expr(high)?)
            }
            Node::Call(function, arguments) => {
                let arguments = self.exprs(arguments.iter())?;
                Func::cust(*function).args(arguments).into()
            }
            Node::Star => Expr::col(Asterisk),
            Node::RowIn(row) => self.row_in(row)?,
            Node::Template(template) => self.template(template)?,
            Node::Subquery(subquery) => self.subquery(subquery)?,
            Node::Correlated(correlated) => self.correlated(correlated)?,
        })
    }

    /// A column, named by its source.
    pub(super) fn column(&self, source: &Source, column: usize) -> Result<Expr, Error> {
        let name = source.column(column).to_owned();
        match self.frames.name(source) {
            Some(place) => Ok(Expr::col((place.to_owned(), name))),
            None => Err(Error::mapping(format!(
                "the query on {} names the column {name} of {}, which is not part of it",
                self.frames.outermost(),
                source.title()
            ))),
        }
    }

    /// The columns of something that is selected.
    ///
    /// # Errors
    /// `Mapping` when it may be NULL and nobody is ready for that.
    pub(super) fn item(&mut self, item: &Item) -> Result<Vec<Expr>, Error> {
        match item {
            Item::Value { node, nullable } => {
                if !nullable && node.may_be_null(&|source| self.frames.is_absent(source)) {
                    return Err(Error::mapping(format!(
                        "{node:?} comes from an outer join and may be NULL: read it as \
                         `.nullable()`"
                    )));
                }
                Ok(vec![self.expr(node)?])
            }
            Item::Row { source, nullable } => {
                if !nullable && self.frames.is_absent(source) {
                    return Err(Error::mapping(format!(
                        "rows of {} come from an outer join and may be absent: read them as \
                         `.nullable()`",
                        source.title()
                    )));
                }
                (0..source.width())
                    .map(|column| self.column(source, column))
                    .collect()
            }
        }
    }

    fn marker(&mut self, parameter: &Parameter) -> Expr {
        let position = self.position(parameter);
        Expr::val(i64::try_from(position).expect("a query has fewer than 2^63 values"))
    }

    fn position(&mut self, parameter: &Parameter) -> usize {
        if let Some(position) = self.positions.get(&parameter.identity()) {
            return *position;
        }
        if !self.shared.is_empty()
            && let Some(equality) = parameter.equality()
            && let Some(position) = self.shared.get(&equality)
        {
            return *position;
        }
        let position = self.params.len();
        self.params.push(parameter.clone());
        self.positions.insert(parameter.identity(), position);
        position
    }

    fn row_in(&mut self, row: &RowIn) -> Result<Expr, Error> {
        let columns = self.exprs(&row.columns)?;
        let arrays: Vec<Expr> = row.arrays.iter().map(|array| self.marker(array)).collect();
        let rows = Builder::select()
            .column(Asterisk)
            .from_function(Func::cust("unnest").args(arrays), "wanted")
            .to_owned();
        Ok(Expr::tuple(columns).in_subquery(rows))
    }

    /// Pieces in the order they stand in. The text of a piece is an operand too: sea-query would
    /// look for placeholders in a template.
    fn template(&mut self, template: &Template) -> Result<Expr, Error> {
        let mut pieces = Vec::with_capacity(template.pieces.len());
        let mut places = String::new();
        for (i, piece) in template.pieces.iter().enumerate() {
            pieces.push(match piece {
                Piece::Text(text) => Expr::cust(text.clone()),
                Piece::Node(node) => self.expr(node)?,
                Piece::Refused(why) => return Err(Error::mapping(why.clone())),
            });
            // With a space before it, or sea-query takes two numbers for one.
            places.push_str(if i == 0 { "$" } else { " $" });
            places.push_str(&(i + 1).to_string());
        }
        Ok(Expr::cust_with_exprs(places, pieces))
    }

    fn subquery(&mut self, subquery: &Subquery) -> Result<Expr, Error> {
        let operands = self.exprs(subquery.operands())?;
        let query = self.query(&subquery.query)?;
        Ok(match subquery.how {
            How::Scalar => {
                Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(query)))
            }
            How::Exists => Expr::exists(query),
            How::Array => Func::cust("array")
                .arg(Expr::SubQuery(
                    None,
                    Box::new(SubQueryStatement::SelectStatement(query)),
                ))
                .into(),
            How::In(_) => row_value(operands).in_subquery(query),
            How::NotIn(_) => row_value(operands).not_in_subquery(query),
        })
    }

    fn correlated(&mut self, correlated: &Correlated) -> Result<Expr, Error> {
        let outer = self.exprs(&correlated.outer)?;
        let query = self.select(&correlated.select, &correlated.what, |markers| {
            let inner = markers.exprs(&correlated.inner)?;
            let pairs = inner.into_iter().zip(outer);
            Ok(pairs.map(|(inner, outer)| inner.eq(outer)).collect())
        })?;
        Ok(match correlated.what {
            super::Projection::Exists => Expr::exists(query),
            _ => Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(query))),
        })
    }
}

/// One operand, or several as a row.
fn row_value(mut operands: Vec<Expr>) -> Expr {
    match operands.len() {
        1 => operands.remove(0),
        _ => Expr::tuple(operands),
    }
}

fn binary_operator(operator: Operator) -> BinOper {
    match operator {
        Operator::Or => BinOper::Or,
        Operator::And => BinOper::And,
        Operator::Equal => BinOper::Equal,
        Operator::NotEqual => BinOper::NotEqual,
        Operator::Less => BinOper::SmallerThan,
        Operator::LessEqual => BinOper::SmallerThanOrEqual,
        Operator::Greater => BinOper::GreaterThan,
        Operator::GreaterEqual => BinOper::GreaterThanOrEqual,
        Operator::Distinct | Operator::NotDistinct => BinOper::Custom(operator.text()),
        Operator::Like => BinOper::Like,
        Operator::NotLike => BinOper::NotLike,
        Operator::ILike => BinOper::PgOperator(PgBinOper::ILike),
        Operator::NotILike => BinOper::PgOperator(PgBinOper::NotILike),
        Operator::Add => BinOper::Add,
        Operator::Subtract => BinOper::Sub,
        Operator::Multiply => BinOper::Mul,
        Operator::Divide => BinOper::Div,
        Operator::Modulo => BinOper::Mod,
        Operator::Concat
        | Operator::Matches
        | Operator::NotMatches
        | Operator::MatchesInsensitive
        | Operator::NotMatchesInsensitive
        | Operator::Contains
        | Operator::ContainedBy
        | Operator::Overlaps
        | Operator::JsonGet
        | Operator::JsonText
        | Operator::JsonPath
        | Operator::JsonPathText
        | Operator::HasKey => BinOper::Custom(operator.text()),
    }
}
