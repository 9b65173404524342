//! Expressions as sea-query's tree, with markers where values are.
//!
//! Called by `render`. A marker is a position among the parameters: sea-query never sees a value,
//! since its own values know fewer types than PostgreSQL and would be sent with wrong widths.
//! It must not write SQL itself, apart from the placeholders.

use std::collections::HashMap;
use std::fmt;

use sea_query::extension::postgres::PgBinOper;
use sea_query::{
    Asterisk, BinOper, Expr, ExprTrait, Func, Keyword, Query, QueryBuilder, SqlWriter, UnOper,
    Value,
};

use super::text::Text;
use super::{Node, Operator, Parameter, RowIn, Source, Unary};
use crate::error::Error;

/// Builds expressions and collects their values.
pub(super) struct Markers {
    sources: Vec<Source>,
    params: Vec<Parameter>,
    positions: HashMap<usize, usize>,
}

impl Markers {
    /// For a statement on these tables.
    pub(super) fn new(sources: Vec<Source>) -> Markers {
        Markers {
            sources,
            params: Vec::new(),
            positions: HashMap::new(),
        }
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

    pub(super) fn expr(&mut self, node: &Node) -> Result<Expr, Error> {
        Ok(match node {
            Node::Column(source, column) => self.column(*source, *column)?,
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
                    Unary::IsNull => operand.binary(BinOper::Is, Expr::Keyword(Keyword::Null)),
                    Unary::IsNotNull => {
                        operand.binary(BinOper::IsNot, Expr::Keyword(Keyword::Null))
                    }
                }
            }
            Node::Between(operands) => {
                let [subject, low, high] = operands.as_ref();
                let subject = self.expr(subject)?;
                subject.between(self.expr(low)?, self.expr(high)?)
            }
            Node::Call(function, arguments) => {
                let arguments = arguments.iter().map(|argument| self.expr(argument));
                let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
                Func::cust(*function).args(arguments).into()
            }
            Node::Star => Expr::col(Asterisk),
            Node::RowIn(row) => self.row_in(row)?,
        })
    }

    /// A column, named by its table.
    pub(super) fn column(&self, source: Source, column: usize) -> Result<Expr, Error> {
        let name = source.table.columns()[column].name.as_str();
        if self.sources.iter().any(|s| s.model == source.model) {
            return Ok(Expr::col((source.table.name(), name)));
        }
        let (model, main) = (source.table.model(), self.sources[0].table.model());
        Err(Error::mapping(format!(
            "the query on {main} names the column {name} of {model}, which is not part of it"
        )))
    }

    fn marker(&mut self, parameter: &Parameter) -> Expr {
        let params = &mut self.params;
        let position = *self
            .positions
            .entry(parameter.identity())
            .or_insert_with(|| {
                params.push(parameter.clone());
                params.len() - 1
            });
        Expr::val(i64::try_from(position).expect("a query has fewer than 2^63 values"))
    }

    fn row_in(&mut self, row: &RowIn) -> Result<Expr, Error> {
        let columns = row.columns.iter().map(|column| self.expr(column));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let arrays: Vec<Expr> = row.arrays.iter().map(|array| self.marker(array)).collect();
        let rows = Query::select()
            .column(Asterisk)
            .from_function(Func::cust("unnest").args(arrays), "wanted")
            .to_owned();
        Ok(Expr::tuple(columns).in_subquery(rows))
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
    }
}

/// Takes sea-query's text, numbers the placeholders and keeps the markers in their order.
pub(super) struct Writer {
    sql: String,
    markers: Vec<Value>,
    numbers: HashMap<i64, usize>,
}

impl Writer {
    pub(super) fn new() -> Writer {
        Writer {
            sql: String::with_capacity(256),
            markers: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.sql.push_str(text);
        Ok(())
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sql)
    }
}

impl SqlWriter for Writer {
    fn push_param<T: QueryBuilder>(&mut self, marker: Value, _: &T) {
        let next = self.markers.len() + 1;
        let number = match marker {
            Value::BigInt(Some(position)) => *self.numbers.entry(position).or_insert(next),
            // A limit is no position and has a placeholder of its own.
            _ => next,
        };
        if number == next {
            self.markers.push(marker);
        }
        self.sql.push('$');
        self.sql.push_str(&number.to_string());
    }

    fn as_writer(&mut self) -> &mut dyn fmt::Write {
        self
    }
}
