//! The operators of columns and expressions.
//!
//! Callers write conditions and orders with them.
//! It must not differ between columns and expressions: the list is written once, for both.

use crate::model::{Column, Model, SqlType};
use crate::query::expression::kinds::{Logical, Text};
use crate::query::expression::subquery::subquery;
use crate::query::{Aggregate, Expr, Expression, IntoValue, Joined, Order, Rows, Scope, Term};
use crate::statement::{Direction, How, Node, Operator, Parameter, Unary};

pub(in crate::query) type Condition<S, R, V> = Expr<bool, Joined<S, <R as Term<V>>::Scope>>;

macro_rules! operators {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        /// Comparison. `None` on the right means NULL: `eq(None)` finds the rows without a value,
        /// `ne(None)` those with one. Any other comparison with NULL is not met, as in SQL.
        impl<$($generics)*> $subject {
            /// `=`
            pub fn eq<R: Term<V>>(self, other: R) -> Condition<$scope, R, V> {
                compare(self, Operator::Equal, other)
            }

            /// `<>`; a row whose value is NULL is neither equal nor unequal to a value.
            pub fn ne<R: Term<V>>(self, other: R) -> Condition<$scope, R, V> {
                compare(self, Operator::NotEqual, other)
            }

            /// `<`
            pub fn lt<R: Term<V>>(self, other: R) -> Condition<$scope, R, V> {
                compare(self, Operator::Less, other)
            }

            /// `<=`
            pub fn le<R: Term<V>>(self, other: R) -> Condition<$scope, R, V> {
                compare(self, Operator::LessEqual, other)
            }

            /// `>`
            pub fn gt<R: Term<V>>(self, other: R) -> Condition<$scope, R, V> {
                compare(self, Operator::Greater, other)
            }

            /// `>=`
            pub fn ge<R: Term<V>>(self, other: R) -> Condition<$scope, R, V> {
                compare(self, Operator::GreaterEqual, other)
            }

            /// `IS DISTINCT FROM`: unequal, with NULL taken as a value like any other.
            pub fn is_distinct_from<R: Term<V>>(self, other: R) -> Condition<$scope, R, V> {
                compare(self, Operator::Distinct, other)
            }

            /// `IS NOT DISTINCT FROM`: equal, with NULL taken as a value like any other.
            pub fn is_not_distinct_from<R: Term<V>>(
                self,
                other: R,
            ) -> Condition<$scope, R, V> {
                compare(self, Operator::NotDistinct, other)
            }

            /// `BETWEEN`: not less than `low` and not greater than `high`.
            pub fn between<L, H>(
                self,
                low: L,
                high: H,
            ) -> Expr<bool, Joined<Joined<$scope, L::Scope>, H::Scope>>
            where
                L: Term<V>,
                H: Term<V>,
            {
                Expr::new(Node::between(node(self), low.into_term(), high.into_term()))
            }

            /// Whether there is no value.
            pub fn is_null(self) -> Expr<bool, $scope> {
                Expr::new(Node::unary(Unary::IsNull, node(self)))
            }

            /// Whether there is a value.
            pub fn is_not_null(self) -> Expr<bool, $scope> {
                Expr::new(Node::unary(Unary::IsNotNull, node(self)))
            }

            /// Smallest first; NULLs come last.
            pub fn asc(self) -> Order<$scope> {
                Order::new(node(self), Direction::Ascending)
            }

            /// Largest first; NULLs come first.
            pub fn desc(self) -> Order<$scope> {
                Order::new(node(self), Direction::Descending)
            }
        }

        /// The same value as another type, and as one of those of a query.
        impl<$($generics)*> $subject
        where
            V: SqlType,
        {
            /// `CAST(.. AS ..)`: the value as one of another type, which says itself whether it may
            /// be NULL.
            pub fn cast<T: SqlType>(self) -> Expr<T, $scope> {
                let (value, ty) = (node(self).into(), T::NAME.into());
                Expr::new(Node::words(["CAST(".into(), value, " AS ".into(), ty, ")".into()]))
            }

            /// Whether it is one of the values of a query: `IN (SELECT ..)`.
            pub fn in_query<Q>(self, query: Rows<Q>) -> Expr<bool, $scope>
            where
                Q: SqlType<Base = V::Base>,
            {
                Expr::new(subquery(How::In(vec![node(self)]), query))
            }

            /// Whether it is none of the values of a query: `NOT IN (SELECT ..)`. Not met when the
            /// query has a NULL among its values, as in SQL.
            pub fn not_in_query<Q>(self, query: Rows<Q>) -> Expr<bool, $scope>
            where
                Q: SqlType<Base = V::Base>,
            {
                Expr::new(subquery(How::NotIn(vec![node(self)]), query))
            }

            /// The same, which may be NULL: what is read of an outer-joined table.
            pub fn nullable(self) -> Expr<Option<V::Base>, $scope> {
                Expr::new(node(self))
            }
        }

        /// Lists of values, sent as one array whatever their number.
        impl<$($generics)*> $subject
        where
            V: SqlType,
        {
            /// Whether the value is one of these; a `None` among them finds the rows without a
            /// value. An empty list finds nothing.
            pub fn is_in<I>(self, values: I) -> Expr<bool, $scope>
            where
                I: IntoIterator,
                I::Item: IntoValue<V>,
            {
                Expr::new(one_of(node(self), values))
            }

            /// Whether there is a value that is none of these; a `None` among them changes
            /// nothing. An empty list finds every row, also those without a value.
            pub fn not_in<I>(self, values: I) -> Expr<bool, $scope>
            where
                I: IntoIterator,
                I::Item: IntoValue<V>,
            {
                Expr::new(none_of(node(self), values))
            }
        }

        /// Text.
        impl<$($generics)*> $subject
        where
            V: Text,
        {
            /// `LIKE`: `%` stands for any text, `_` for one character.
            pub fn like<R: Term<String>>(self, pattern: R) -> Condition<$scope, R, String> {
                compare(self, Operator::Like, pattern)
            }

            /// `NOT LIKE`
            pub fn not_like<R: Term<String>>(
                self,
                pattern: R,
            ) -> Condition<$scope, R, String> {
                compare(self, Operator::NotLike, pattern)
            }

            /// `LIKE` that takes upper and lower case as the same.
            pub fn ilike<R: Term<String>>(self, pattern: R) -> Condition<$scope, R, String> {
                compare(self, Operator::ILike, pattern)
            }

            /// `NOT ILIKE`
            pub fn not_ilike<R: Term<String>>(
                self,
                pattern: R,
            ) -> Condition<$scope, R, String> {
                compare(self, Operator::NotILike, pattern)
            }

            /// Whether it begins with exactly this text; `%` and `_` stand for themselves.
            pub fn starts_with(self, text: &str) -> Expr<bool, $scope> {
                Expr::new(like(node(self), format!("{}%", escaped(text))))
            }

            /// Whether it ends with exactly this text.
            pub fn ends_with(self, text: &str) -> Expr<bool, $scope> {
                Expr::new(like(node(self), format!("%{}", escaped(text))))
            }

            /// Whether it contains exactly this text.
            pub fn contains(self, text: &str) -> Expr<bool, $scope> {
                Expr::new(like(node(self), format!("%{}%", escaped(text))))
            }
        }

        /// Conditions. One that may be NULL is not met when it is.
        impl<$($generics)*> $subject
        where
            V: Logical,
        {
            /// Whether both hold.
            pub fn and<R: Term<Option<bool>>>(
                self,
                other: R,
            ) -> Condition<$scope, R, Option<bool>> {
                compare(self, Operator::And, other)
            }

            /// Whether one of them holds, or both.
            pub fn or<R: Term<Option<bool>>>(
                self,
                other: R,
            ) -> Condition<$scope, R, Option<bool>> {
                compare(self, Operator::Or, other)
            }
        }

        impl<$($generics)*> std::ops::Not for $subject
        where
            V: Logical,
        {
            type Output = Expr<bool, $scope>;

            /// Whether it does not hold; the negation of NULL is NULL, which is not met either.
            fn not(self) -> Self::Output {
                Expr::new(Node::unary(Unary::Not, node(self)))
            }
        }
    };
}

for_expressions!(operators);

fn node(subject: impl Expression) -> Node {
    subject.into_expression().into_node()
}

pub(in crate::query) fn compare<E, R, V>(
    left: E,
    operator: Operator,
    right: R,
) -> Condition<E::Scope, R, V>
where
    E: Expression,
    R: Term<V>,
{
    Expr::new(Node::binary(node(left), operator, right.into_term()))
}

/// The values of a list without its NULLs, and whether there were any.
fn split_nulls<V, I>(values: I) -> (Vec<V>, bool)
where
    V: SqlType,
    I: IntoIterator,
    I::Item: IntoValue<V>,
{
    let values = values.into_iter().map(IntoValue::into_value);
    let (nulls, values): (Vec<V>, Vec<V>) = values.partition(SqlType::is_null);
    (values, !nulls.is_empty())
}

fn one_of<V, I>(subject: Node, values: I) -> Node
where
    V: SqlType,
    I: IntoIterator,
    I::Item: IntoValue<V>,
{
    let (values, with_null) = split_nulls(values);
    let found = if V::IS_ARRAY {
        Node::any(each(&subject, Operator::Equal, values)).unwrap_or_else(|| constant(false))
    } else {
        Node::is_any_of(subject.clone(), Parameter::array(values))
    };
    match with_null {
        true => Node::binary(found, Operator::Or, Node::unary(Unary::IsNull, subject)),
        false => found,
    }
}

fn none_of<V, I>(subject: Node, values: I) -> Node
where
    V: SqlType,
    I: IntoIterator,
    I::Item: IntoValue<V>,
{
    let (values, with_null) = split_nulls(values);
    let found = if V::IS_ARRAY {
        Node::all(each(&subject, Operator::NotEqual, values)).unwrap_or_else(|| constant(true))
    } else {
        Node::is_none_of(subject.clone(), Parameter::array(values))
    };
    match with_null {
        true => Node::binary(found, Operator::And, Node::unary(Unary::IsNotNull, subject)),
        false => found,
    }
}

/// Comparisons one by one, for arrays: an array of arrays is one flat array to PostgreSQL.
fn each<V: SqlType>(
    subject: &Node,
    operator: Operator,
    values: Vec<V>,
) -> impl Iterator<Item = Node> {
    values.into_iter().map(move |value| {
        let value = Node::Parameter(Parameter::new(value));
        Node::binary(subject.clone(), operator, value)
    })
}

fn constant(truth: bool) -> Node {
    Node::Parameter(Parameter::new(truth))
}

fn like(subject: Node, pattern: String) -> Node {
    let pattern = Node::Parameter(Parameter::new(pattern));
    Node::binary(subject, Operator::Like, pattern)
}

/// Text with the characters that LIKE treats specially made plain.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if matches!(c, '\\' | '%' | '_') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
