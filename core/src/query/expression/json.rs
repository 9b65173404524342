//! Operators of JSON.
//!
//! Methods of columns and expressions whose values are `serde_json::Value`, and of columns that
//! are stored as `jsonb`.
//! It must not put keys into the text: they are parameters.

use crate::model::{Column, Model};
use crate::query::expression::kinds::Json;
use crate::query::{Aggregate, Expr, Expression, Joined, Scope, Term};
use crate::statement::{Node, Operator, Parameter, Piece};
use serde_json::Value;

macro_rules! operators_of_json {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        impl<$($generics)*> $subject {
            /// A column that is stored as `jsonb`, such as a `#[model(json)]` one, as JSON.
            ///
            /// On a column of another type the query fails with
            /// [`Mapping`](crate::ErrorKind::Mapping) when it runs.
            pub fn json(self) -> Expr<Option<Value>, $scope> {
                Expr::new(as_json(self.into_expression().into_node()))
            }
        }

        /// JSON. What is not there, also because there is an array or a scalar instead of an
        /// object, is NULL.
        impl<$($generics)*> $subject
        where
            V: Json,
        {
            /// `->`: the value under this key.
            pub fn get(self, key: &str) -> Expr<Option<Value>, $scope> {
                Expr::new(under(self, Operator::JsonGet, key.to_owned()))
            }

            /// `->>`: the value under this key as text; that of a JSON string without its quotes.
            pub fn get_text(self, key: &str) -> Expr<Option<String>, $scope> {
                Expr::new(under(self, Operator::JsonText, key.to_owned()))
            }

            /// `->`: the element of an array, counted from 0, or from the end by negative numbers.
            pub fn at(self, index: i32) -> Expr<Option<Value>, $scope> {
                Expr::new(under(self, Operator::JsonGet, index))
            }

            /// `#>`: the value that keys and indexes lead to, one after the other.
            pub fn path<'a, I>(self, path: I) -> Expr<Option<Value>, $scope>
            where
                I: IntoIterator<Item = &'a str>,
            {
                Expr::new(under(self, Operator::JsonPath, owned(path)))
            }

            /// `#>>`: the value that keys and indexes lead to, as text.
            pub fn path_text<'a, I>(self, path: I) -> Expr<Option<String>, $scope>
            where
                I: IntoIterator<Item = &'a str>,
            {
                Expr::new(under(self, Operator::JsonPathText, owned(path)))
            }

            /// `@>`: whether these pairs, elements or this value are in it.
            pub fn contains_json<R: Term<Value>>(
                self,
                json: R,
            ) -> Expr<bool, Joined<$scope, R::Scope>> {
                let left = self.into_expression().into_node();
                Expr::new(Node::binary(left, Operator::Contains, json.into_term()))
            }

            /// `?`: whether there is this key, or this string in an array.
            pub fn has_key(self, key: &str) -> Expr<bool, $scope> {
                Expr::new(under(self, Operator::HasKey, key.to_owned()))
            }
        }
    };
}
for_expressions!(operators_of_json);

fn under(json: impl Expression, operator: Operator, what: impl crate::model::SqlType) -> Node {
    let json = json.into_expression().into_node();
    Node::binary(json, operator, Node::Parameter(Parameter::new(what)))
}

fn owned<'a>(path: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    path.into_iter().map(str::to_owned).collect()
}

/// The node, unless it is a column that is known not to be JSON.
fn as_json(node: Node) -> Node {
    let Node::Column(source, column) = &node else {
        return node;
    };
    let Some(table) = source.as_table() else {
        return node;
    };
    let column = &table.columns()[*column];
    if column.ty.name == "jsonb" {
        return node;
    }
    Node::words([Piece::Refused(format!(
        "{} of {} is {}, not jsonb",
        column.name,
        source.title(),
        column.ty.name
    ))])
}
