//! `+`, `-`, `*` and `/` of columns and expressions.
//!
//! Callers compute with them: `Account::BALANCE + 1`.
//! It must not widen types: both sides have one type, and the server reports an overflow.

use std::ops::{Add, Div, Mul, Sub};

use super::functions::Number;
use super::{Expr, Expression, IntoExpr, Joined, Scope};
use crate::model::{Column, Model};
use crate::statement::{Node, Operator};

macro_rules! arithmetic {
    ([$($generics:tt)*] $subject:ty, $scope:ty, $name:ident $method:ident $operator:ident) => {
        impl<$($generics)*, R> $name<R> for $subject
        where
            V: Number,
            R: IntoExpr<V>,
        {
            type Output = Expr<V, Joined<$scope, R::Scope>>;

            fn $method(self, other: R) -> Self::Output {
                let left = self.into_expression().into_node();
                let right = other.into_expr().into_node();
                Expr::new(Node::binary(left, Operator::$operator, right))
            }
        }
    };
}

arithmetic!([M: Model, V] Column<M, V>, M, Add add Add);
arithmetic!([M: Model, V] Column<M, V>, M, Sub sub Subtract);
arithmetic!([M: Model, V] Column<M, V>, M, Mul mul Multiply);
arithmetic!([M: Model, V] Column<M, V>, M, Div div Divide);
arithmetic!([V, S: Scope] Expr<V, S>, S, Add add Add);
arithmetic!([V, S: Scope] Expr<V, S>, S, Sub sub Subtract);
arithmetic!([V, S: Scope] Expr<V, S>, S, Mul mul Multiply);
arithmetic!([V, S: Scope] Expr<V, S>, S, Div div Divide);
