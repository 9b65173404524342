//! `+`, `-`, `*`, `/` and `%` of columns and expressions.
//!
//! Callers compute with them: `Account::BALANCE + 1`.
//! It must not widen types: both sides have one type, and the server reports an overflow.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use crate::model::{Column, Model};
use crate::query::expression::kinds::{Additive, Modular, Number};
use crate::query::{Aggregate, Expr, Expression, Joined, Scope, Term};
use crate::statement::{Node, Operator};

macro_rules! operator {
    (
        [$($generics:tt)*] $subject:ty, $scope:ty,
        $kind:ident $right:ty, $name:ident $method:ident $operator:ident
    ) => {
        impl<$($generics)*, R> $name<R> for $subject
        where
            V: $kind,
            R: Term<$right>,
        {
            type Output = Expr<R::Of<V>, Joined<$scope, R::Scope>>;

            fn $method(self, other: R) -> Self::Output {
                let left = self.into_expression().into_node();
                Expr::new(Node::binary(left, Operator::$operator, other.into_term()))
            }
        }
    };
}

/// The result may be NULL when one of the sides may. Integers divide as PostgreSQL does it:
/// towards zero; the server refuses a division by zero.
macro_rules! arithmetic {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        operator!([$($generics)*] $subject, $scope, Additive V::Addend, Add add Add);
        operator!([$($generics)*] $subject, $scope, Additive V::Addend, Sub sub Subtract);
        operator!([$($generics)*] $subject, $scope, Number V, Mul mul Multiply);
        operator!([$($generics)*] $subject, $scope, Number V, Div div Divide);
        operator!([$($generics)*] $subject, $scope, Modular V, Rem rem Modulo);

        impl<$($generics)*> Neg for $subject
        where
            V: Number,
        {
            type Output = Expr<V, $scope>;

            fn neg(self) -> Self::Output {
                let operand = self.into_expression().into_node();
                Expr::new(Node::words(["-(".into(), operand.into(), ")".into()]))
            }
        }
    };
}
for_expressions!(arithmetic);
