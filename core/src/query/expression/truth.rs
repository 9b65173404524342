//! Tests of conditions that know NULL: met, not met, or neither.
//!
//! Methods of columns, expressions and aggregates.
//! It must not answer NULL: every test is true or false.

use crate::model::{Column, Model};
use crate::query::expression::kinds::Logical;
use crate::query::{Aggregate, Expr, Expression, Scope};
use crate::statement::{Node, Unary};

macro_rules! truth {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        /// Whether a condition is met, with an answer also where it is NULL.
        impl<$($generics)*> $subject
        where
            V: Logical,
        {
            /// `IS TRUE`: whether it is met.
            pub fn is_true(self) -> Expr<bool, $scope> {
                Expr::new(Node::unary(Unary::IsTrue, self.into_expression().into_node()))
            }

            /// `IS NOT TRUE`: whether it is not met, or NULL.
            pub fn is_not_true(self) -> Expr<bool, $scope> {
                Expr::new(Node::unary(Unary::IsNotTrue, self.into_expression().into_node()))
            }

            /// `IS FALSE`: whether it is known not to be met.
            pub fn is_false(self) -> Expr<bool, $scope> {
                Expr::new(Node::unary(Unary::IsFalse, self.into_expression().into_node()))
            }

            /// `IS NOT FALSE`: whether it is met, or NULL.
            pub fn is_not_false(self) -> Expr<bool, $scope> {
                Expr::new(Node::unary(Unary::IsNotFalse, self.into_expression().into_node()))
            }
        }
    };
}
for_expressions!(truth);
