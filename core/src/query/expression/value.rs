//! What may stand for a value in a query.
//!
//! Operators take the right side through it, `raw` and `execute` their parameters.
//! It must not convert between PostgreSQL types: an `i32` does not stand for a `bigint`.

use crate::model::SqlType;
use crate::query::{Expr, Nothing, Scope};
use crate::statement::{Bound, Node, Parameter};

/// A plain value where one of type `V` is wanted.
///
/// The value itself, or a reference to it; for an `Option` also what is in it; `&str` for text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value of type `{V}`",
    label = "expected a value of type `{V}`"
)]
pub trait IntoValue<V> {
    /// The value.
    fn into_value(self) -> V;
}

/// What an operator takes where an expression of type `V` is wanted: a value, a column or an
/// expression.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used where an expression of type `{V}` is wanted",
    label = "expected a value, column or expression of type `{V}`",
    note = "values are not converted: an `i32` does not stand for an `i64`"
)]
pub trait IntoExpr<V> {
    /// The models that it names.
    type Scope: Scope;

    /// The expression.
    fn into_expr(self) -> Expr<V, Self::Scope>;
}

/// What stands for a value also stands for an expression. One impl of `IntoExpr` for all would
/// overlap with those of columns, so each is written out.
macro_rules! values {
    ($([$($generics:tt)*] $from:ty => $to:ty: $value:ident => $into:expr;)+) => {
        $(
            impl<$($generics)*> IntoValue<$to> for $from {
                fn into_value(self) -> $to {
                    let $value = self;
                    $into
                }
            }

            impl<$($generics)*> IntoExpr<$to> for $from {
                type Scope = Nothing;

                fn into_expr(self) -> Expr<$to> {
                    let value = IntoValue::<$to>::into_value(self);
                    Expr::new(Node::Parameter(Parameter::new(value)))
                }
            }
        )+
    };
}
values!(
    [T: SqlType] T => T: value => value;
    [T: SqlType] T => Option<T>: value => Some(value);
    [T: SqlType] &T => T: value => value.clone();
    [T: SqlType] &T => Option<T>: value => Some(value.clone());
    [] &str => String: text => text.to_owned();
    [] &str => Option<String>: text => Some(text.to_owned());
);

/// A value that says its own type: a parameter of raw SQL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent as a parameter",
    label = "has no PostgreSQL type that is known here"
)]
pub trait Param {
    /// The type that is sent.
    type Value: SqlType;

    /// The value.
    fn into_param(self) -> Self::Value;
}

impl<T: SqlType> Param for T {
    type Value = T;

    fn into_param(self) -> T {
        self
    }
}

impl Param for &str {
    type Value = String;

    fn into_param(self) -> String {
        self.to_owned()
    }
}

impl Param for Option<&str> {
    type Value = Option<String>;

    fn into_param(self) -> Option<String> {
        self.map(str::to_owned)
    }
}

impl Param for &[u8] {
    type Value = Vec<u8>;

    fn into_param(self) -> Vec<u8> {
        self.to_owned()
    }
}

pub(in crate::query) fn bind(param: impl Param) -> Bound {
    Bound::new(param.into_param())
}

/// One array of these values, with the name of their type.
pub(in crate::query) fn bind_array<T: SqlType>(values: Vec<T>) -> (Parameter, &'static str) {
    (Parameter::array(values), T::NAME)
}
