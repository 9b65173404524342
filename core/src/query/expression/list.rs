//! Operators of arrays.
//!
//! Methods of columns and expressions whose values are a `Vec`.
//! It must not take a list of Rust values for a condition on single values: that is `is_in`.

use crate::model::{Column, Model, SqlType};
use crate::query::expression::kinds::{List, Nullability};
use crate::query::expression::operators::{Condition, compare};
use crate::query::{Aggregate, Expr, Expression, Joined, Scope, Term};
use crate::statement::{Node, Operator};

type Element<V> = <<V as List>::Element as SqlType>::Base;

/// The number of elements.
///
/// ```
/// use sessile::sql::{cardinality, value};
///
/// assert_eq!(format!("{:?}", cardinality(value(vec![1, 2]))), "Expr(cardinality($1))");
/// ```
pub fn cardinality<E>(list: E) -> Expr<<E::Value as Nullability>::Of<i32>, E::Scope>
where
    E: Expression<Value: List>,
{
    let list = list.into_expression().into_node();
    Expr::new(Node::call("cardinality", [list]))
}

macro_rules! operators_of_lists {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        /// Arrays.
        impl<$($generics)*> $subject
        where
            V: List,
        {
            /// `= ANY`: whether it has this element.
            pub fn has<R: Term<Element<V>>>(
                self,
                element: R,
            ) -> Expr<bool, Joined<$scope, R::Scope>> {
                let list = self.into_expression().into_node();
                let any = Node::call("ANY", [list]);
                Expr::new(Node::binary(element.into_term(), Operator::Equal, any))
            }

            /// `@>`: whether it has all of these elements.
            pub fn has_all<R: Term<V::Base>>(self, list: R) -> Condition<$scope, R, V::Base> {
                compare(self, Operator::Contains, list)
            }

            /// `<@`: whether it has no other elements than these.
            pub fn is_within<R: Term<V::Base>>(self, list: R) -> Condition<$scope, R, V::Base> {
                compare(self, Operator::ContainedBy, list)
            }

            /// `&&`: whether it has one of these elements.
            pub fn overlaps<R: Term<V::Base>>(self, list: R) -> Condition<$scope, R, V::Base> {
                compare(self, Operator::Overlaps, list)
            }
        }
    };
}
for_expressions!(operators_of_lists);
