//! The right side of an operator, which may be NULL where the left side may not.
//!
//! Comparisons, arithmetic and functions of several operands take it.
//! It must not convert between PostgreSQL types.

use crate::model::{Column, Model, SqlType};
use crate::query::{
    Aggregate, CalendarDate, Expr, Expression, Instant, IntoExpr, Nothing, Now, Scope, Today,
};
use crate::statement::Node;

/// A value, column or expression of type `V`, or one that may be NULL: `Option<V>`.
///
/// What is computed with the latter may be NULL too; that is in the type of the result.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used where an expression of type `{V}` is wanted",
    label = "expected a value, column or expression of type `{V}`",
    note = "values are not converted: an `i32` does not stand for an `i64`"
)]
pub trait Term<V> {
    /// The models that it names.
    type Scope: Scope;

    /// The type of a result that is of type `W` as long as this is not NULL.
    type Of<W: SqlType>: SqlType;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_term(self) -> Node;
}

/// What stands for an expression of type `$v`. One impl for all `IntoExpr<V>` would overlap with
/// those below, so each is written out.
macro_rules! plain {
    ($([$($generics:tt)*] $subject:ty: $v:ty, $scope:ty;)+) => {
        $(impl<$($generics)*> Term<$v> for $subject {
            type Scope = $scope;
            type Of<W: SqlType> = W;

            #[allow(private_interfaces)]
            fn into_term(self) -> Node {
                IntoExpr::<$v>::into_expr(self).into_node()
            }
        })+
    };
}
plain! {
    [V: SqlType] V: V, Nothing;
    [V: SqlType] V: Option<V>, Nothing;
    [V: SqlType] &V: V, Nothing;
    [V: SqlType] &V: Option<V>, Nothing;
    [] &str: String, Nothing;
    [] &str: Option<String>, Nothing;
    [M: Model, V] Column<M, V>: V, M;
    [M: Model, V] Column<M, V>: Option<V>, M;
    [V, S: Scope] Expr<V, S>: V, S;
    [V, S: Scope] Expr<V, S>: Option<V>, S;
    [V, S: Scope] Aggregate<V, S>: V, S;
    [V, S: Scope] Aggregate<V, S>: Option<V>, S;
    [V: Instant, S: Scope] Now<S>: V, S;
    [V: Instant, S: Scope] Now<S>: Option<V>, S;
    [V: CalendarDate, S: Scope] Today<S>: V, S;
    [V: CalendarDate, S: Scope] Today<S>: Option<V>, S;
}

macro_rules! nullable {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        impl<$($generics)*> Term<V> for $subject {
            type Scope = $scope;
            type Of<W: SqlType> = Option<W::Base>;

            #[allow(private_interfaces)]
            fn into_term(self) -> Node {
                self.into_expression().into_node()
            }
        }
    };
}
nullable!([M: Model, V] Column<M, Option<V>>, M);
nullable!([V, S: Scope] Expr<Option<V>, S>, S);
nullable!([V, S: Scope] Aggregate<Option<V>, S>, S);
