//! Functions of numbers.
//!
//! Callers import them from `sessile::sql`.
//! It must not offer a function in a type that PostgreSQL would answer with another.

use crate::query::expression::kinds::{Exact, Fraction, Number};
use crate::query::{Expr, Expression, Joined, Term};
use crate::statement::{Node, Parameter};

type Base<E> = <<E as Expression>::Value as crate::model::SqlType>::Base;

/// The number without its sign.
///
/// ```
/// use sessile::sql::{abs, value};
///
/// assert_eq!(format!("{:?}", abs(value(-1))), "Expr(abs($1))");
/// ```
pub fn abs<E>(of: E) -> Expr<E::Value, E::Scope>
where
    E: Expression<Value: Number>,
{
    Expr::new(Node::call("abs", [of.into_expression().into_node()]))
}

macro_rules! one_fraction {
    ($($(#[$doc:meta])+ $name:ident;)+) => {
        $(
            $(#[$doc])+
            pub fn $name<E>(of: E) -> Expr<E::Value, E::Scope>
            where
                E: Expression<Value: Fraction>,
            {
                Expr::new(Node::call(stringify!($name), [of.into_expression().into_node()]))
            }
        )+
    };
}
one_fraction! {
    /// The nearest whole number. In the middle a `Decimal` goes away from zero, an `f64` mostly to
    /// the even one.
    round;
    /// The largest whole number that is not greater.
    floor;
    /// The smallest whole number that is not less.
    ///
    /// ```
    /// use sessile::sql::{ceil, value};
    ///
    /// assert_eq!(format!("{:?}", ceil(value(1.5))), "Expr(ceil($1))");
    /// ```
    ceil;
    /// The square root. The server refuses that of a negative number.
    sqrt;
}

/// The number rounded to so many digits behind the point; a negative number rounds before it.
///
/// For `Decimal` only: PostgreSQL has it for `numeric`.
pub fn round_to<E>(of: E, digits: i32) -> Expr<E::Value, E::Scope>
where
    E: Expression<Value: Exact>,
{
    let digits = Node::Parameter(Parameter::new(digits));
    let of = of.into_expression().into_node();
    Expr::new(Node::call("round", [of, digits]))
}

/// The number to the power of another.
pub fn power<E, R>(of: E, exponent: R) -> Expr<R::Of<E::Value>, Joined<E::Scope, R::Scope>>
where
    E: Expression<Value: Fraction>,
    R: Term<Base<E>>,
{
    let of = of.into_expression().into_node();
    Expr::new(Node::call("power", [of, exponent.into_term()]))
}
