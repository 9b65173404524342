//! Functions and operators of text.
//!
//! Callers import the functions from `sessile::sql`.
//! It must not put text into patterns unescaped: where a pattern is meant, the name says so.

use crate::model::{Column, Model};
use crate::query::expression::kinds::{Nullability, Text};
use crate::query::expression::operators::{Condition, compare};
use crate::query::{Aggregate, Expr, Expression, IntoExpr, Joined, Scope, Term};
use crate::statement::{Node, Operator, Parameter};

macro_rules! one_text {
    ($($(#[$doc:meta])+ $name:ident $function:literal;)+) => {
        $(
            $(#[$doc])+
            pub fn $name<E>(text: E) -> Expr<E::Value, E::Scope>
            where
                E: Expression<Value: Text>,
            {
                Expr::new(Node::call($function, [text.into_expression().into_node()]))
            }
        )+
    };
}
one_text! {
    /// The text in lower case, by the database's rules.
    lower "lower";
    /// The text in upper case, by the database's rules.
    ///
    /// ```
    /// use sessile::sql::{upper, value};
    ///
    /// assert_eq!(format!("{:?}", upper(value("ann"))), "Expr(upper($1))");
    /// ```
    upper "upper";
    /// The text without the spaces at both ends.
    trim "btrim";
    /// The text without the spaces at its beginning.
    ltrim "ltrim";
    /// The text without the spaces at its end.
    rtrim "rtrim";
}

/// The number of characters.
///
/// ```
/// use sessile::sql::{length, value};
///
/// assert_eq!(format!("{:?}", length(value("ann"))), "Expr(length($1))");
/// ```
pub fn length<E>(text: E) -> Expr<<E::Value as Nullability>::Of<i32>, E::Scope>
where
    E: Expression<Value: Text>,
{
    Expr::new(Node::call("length", [text.into_expression().into_node()]))
}

/// So many characters from the beginning; a negative number leaves so many out at the end.
pub fn left<E, N>(text: E, characters: N) -> Expr<N::Of<E::Value>, Joined<E::Scope, N::Scope>>
where
    E: Expression<Value: Text>,
    N: Term<i32>,
{
    let text = text.into_expression().into_node();
    Expr::new(Node::call("left", [text, characters.into_term()]))
}

/// So many characters from the end; a negative number leaves so many out at the beginning.
pub fn right<E, N>(text: E, characters: N) -> Expr<N::Of<E::Value>, Joined<E::Scope, N::Scope>>
where
    E: Expression<Value: Text>,
    N: Term<i32>,
{
    let text = text.into_expression().into_node();
    Expr::new(Node::call("right", [text, characters.into_term()]))
}

/// So many characters from this one on, counted from 1.
///
/// ```
/// use sessile::sql::{substring, value};
///
/// assert_eq!(format!("{:?}", substring(value("ann"), 2, 1)), "Expr(substr($1, $2, $3))");
/// ```
pub fn substring<E, N>(
    text: E,
    from: N,
    characters: i32,
) -> Expr<N::Of<E::Value>, Joined<E::Scope, N::Scope>>
where
    E: Expression<Value: Text>,
    N: Term<i32>,
{
    let text = text.into_expression().into_node();
    let characters = Node::Parameter(Parameter::new(characters));
    Expr::new(Node::call("substr", [text, from.into_term(), characters]))
}

/// The text with each occurrence of one text replaced by another.
pub fn replace<E, F, T>(
    text: E,
    from: F,
    to: T,
) -> Expr<E::Value, Joined<Joined<E::Scope, F::Scope>, T::Scope>>
where
    E: Expression<Value: Text>,
    F: IntoExpr<String>,
    T: IntoExpr<String>,
{
    let text = text.into_expression().into_node();
    let (from, to) = (from.into_expr().into_node(), to.into_expr().into_node());
    Expr::new(Node::call("replace", [text, from, to]))
}

/// One of the parts between delimiters, counted from 1, or from the end by negative numbers; empty
/// where there are fewer. The server refuses part 0.
pub fn split_part<E, D>(
    text: E,
    delimiter: D,
    part: i32,
) -> Expr<E::Value, Joined<E::Scope, D::Scope>>
where
    E: Expression<Value: Text>,
    D: IntoExpr<String>,
{
    let text = text.into_expression().into_node();
    let delimiter = delimiter.into_expr().into_node();
    let part = Node::Parameter(Parameter::new(part));
    Expr::new(Node::call("split_part", [text, delimiter, part]))
}

macro_rules! operators_of_text {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        /// Text: what is put together, and regular expressions.
        impl<$($generics)*> $subject
        where
            V: Text,
        {
            /// `||`: this text with another behind it.
            pub fn concat<R: Term<String>>(
                self,
                other: R,
            ) -> Expr<R::Of<V>, Joined<$scope, R::Scope>> {
                let text = self.into_expression().into_node();
                Expr::new(Node::binary(text, Operator::Concat, other.into_term()))
            }

            /// `~`: whether a part of it is as this regular expression says.
            pub fn matches<R: Term<String>>(self, regex: R) -> Condition<$scope, R, String> {
                compare(self, Operator::Matches, regex)
            }

            /// `!~`
            pub fn not_matches<R: Term<String>>(self, regex: R) -> Condition<$scope, R, String> {
                compare(self, Operator::NotMatches, regex)
            }

            /// `~*`: [`matches`](Self::matches) that takes upper and lower case as the same.
            pub fn matches_insensitive<R: Term<String>>(
                self,
                regex: R,
            ) -> Condition<$scope, R, String> {
                compare(self, Operator::MatchesInsensitive, regex)
            }

            /// `!~*`
            pub fn not_matches_insensitive<R: Term<String>>(
                self,
                regex: R,
            ) -> Condition<$scope, R, String> {
                compare(self, Operator::NotMatchesInsensitive, regex)
            }
        }
    };
}
for_expressions!(operators_of_text);
