//! Row values: several expressions that are compared together.
//!
//! Callers make them with `tuple`; pages by key compare them.
//! It must not compare with `=` what SQL compares field by field with AND: PostgreSQL does that.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::model::SqlType;
use crate::query::expression::subquery::subquery;
use crate::query::{Expr, Expression, IntoValue, Joined, Rows, Scope, Term};
use crate::statement::{How, Node, Operator, Parameter, Piece, RowIn};

/// Several expressions as one row value. See [`tuple()`].
#[must_use = "a row value does nothing until it is compared"]
pub struct Tuple<T, S> {
    nodes: Vec<Node>,
    types: PhantomData<fn() -> (T, S)>,
}

/// Several columns or expressions as one row value, to be compared with another: from left to
/// right, the first difference decides.
///
/// As in SQL, a comparison that a NULL decides is not met.
///
/// ```
/// use sessile::{Model, sql::tuple};
///
/// #[derive(Model, Clone, Debug)]
/// struct Entry {
///     #[model(key)]
///     id: i64,
///     amount: i64,
/// }
///
/// let after = tuple((Entry::AMOUNT, Entry::ID)).gt((100, 7));
/// assert_eq!(format!("{after:?}"), "Expr(ROW(amount, id) > ROW($1, $2))");
///
/// let two = tuple((Entry::AMOUNT, Entry::ID)).is_in([(100, 7), (50, 8)]);
/// assert_eq!(format!("{two:?}"), "Expr((amount, id) = ANY($1, $2))");
/// ```
pub fn tuple<T: IntoTuple>(of: T) -> Tuple<T::Values, T::Scope> {
    Tuple {
        nodes: of.into_nodes(),
        types: PhantomData,
    }
}

impl<T, S: Scope> Tuple<T, S> {
    /// `=`
    pub fn eq<R: TupleTerm<T>>(self, other: R) -> Expr<bool, Joined<S, R::Scope>> {
        self.compare(Operator::Equal, other)
    }

    /// `<>`
    pub fn ne<R: TupleTerm<T>>(self, other: R) -> Expr<bool, Joined<S, R::Scope>> {
        self.compare(Operator::NotEqual, other)
    }

    /// `<`
    pub fn lt<R: TupleTerm<T>>(self, other: R) -> Expr<bool, Joined<S, R::Scope>> {
        self.compare(Operator::Less, other)
    }

    /// `<=`
    pub fn le<R: TupleTerm<T>>(self, other: R) -> Expr<bool, Joined<S, R::Scope>> {
        self.compare(Operator::LessEqual, other)
    }

    /// `>`
    pub fn gt<R: TupleTerm<T>>(self, other: R) -> Expr<bool, Joined<S, R::Scope>> {
        self.compare(Operator::Greater, other)
    }

    /// `>=`
    pub fn ge<R: TupleTerm<T>>(self, other: R) -> Expr<bool, Joined<S, R::Scope>> {
        self.compare(Operator::GreaterEqual, other)
    }

    /// Whether it is one of these, which are sent as one array for each of its parts, whatever
    /// their number. A `None` among them equals nothing.
    pub fn is_in<I>(self, rows: I) -> Expr<bool, S>
    where
        T: TupleTypes,
        I: IntoIterator,
        I::Item: IntoTupleValues<T>,
    {
        let rows = rows.into_iter().map(IntoTupleValues::into_values).collect();
        Expr::new(match T::into_arrays(rows) {
            Some(arrays) => Node::RowIn(Arc::new(RowIn {
                columns: self.nodes,
                arrays,
            })),
            None => Node::words([Piece::Refused(
                "arrays can't be part of row values in a list: UNNEST would flatten them"
                    .to_owned(),
            )]),
        })
    }

    /// Whether it is one of the rows of a query: `IN (SELECT ..)`.
    pub fn in_query(self, query: Rows<T>) -> Expr<bool, S> {
        Expr::new(subquery(How::In(self.nodes), query))
    }

    /// Whether it is none of the rows of a query: `NOT IN (SELECT ..)`.
    pub fn not_in_query(self, query: Rows<T>) -> Expr<bool, S> {
        Expr::new(subquery(How::NotIn(self.nodes), query))
    }

    fn compare<R: TupleTerm<T>>(
        self,
        operator: Operator,
        other: R,
    ) -> Expr<bool, Joined<S, R::Scope>> {
        let (left, right) = (row(self.nodes), row(other.into_terms()));
        Expr::new(Node::binary(left, operator, right))
    }
}

fn row(nodes: Vec<Node>) -> Node {
    let mut pieces = Vec::with_capacity(2 * nodes.len() + 1);
    for (i, node) in nodes.into_iter().enumerate() {
        pieces.push(Piece::from(if i == 0 { "ROW(" } else { ", " }));
        pieces.push(node.into());
    }
    pieces.push(")".into());
    Node::words(pieces)
}

impl<T, S> Clone for Tuple<T, S> {
    fn clone(&self) -> Self {
        Tuple {
            nodes: self.nodes.clone(),
            types: PhantomData,
        }
    }
}

impl<T, S> fmt::Debug for Tuple<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tuple({:?})", row(self.nodes.clone()))
    }
}

/// What becomes a row value: a tuple of two to six columns or expressions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no row value",
    label = "expected a tuple of two to six columns or expressions"
)]
pub trait IntoTuple {
    /// The types of its values.
    type Values;

    /// The models that it names.
    type Scope: Scope;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_nodes(self) -> Vec<Node>;
}

/// What a row value with these types is compared with: a tuple of values, columns or expressions,
/// or another row value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be compared with a row value of types `{T}`",
    label = "expected a tuple of values, columns or expressions of types `{T}`"
)]
pub trait TupleTerm<T> {
    /// The models that it names.
    type Scope: Scope;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_terms(self) -> Vec<Node>;
}

impl<T, S: Scope> TupleTerm<T> for Tuple<T, S> {
    type Scope = S;

    #[allow(private_interfaces)]
    fn into_terms(self) -> Vec<Node> {
        self.nodes
    }
}

/// Plain values where a tuple of type `T` is wanted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tuple of values of types `{T}`",
    label = "expected values of types `{T}`"
)]
pub trait IntoTupleValues<T> {
    #[doc(hidden)]
    fn into_values(self) -> T;
}

/// Tuples of types that a list of row values may have.
#[diagnostic::on_unimplemented(message = "`{Self}` is no tuple of column types")]
pub trait TupleTypes: Sized {
    /// One array for each part; `None` where one would be an array of arrays.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_arrays(rows: Vec<Self>) -> Option<Vec<Parameter>>;
}

macro_rules! tuples {
    (@joined $first:ty) => { $first };
    (@joined $first:ty, $($rest:ty),+) => { Joined<$first, tuples!(@joined $($rest),+)> };
    ($(($($e:ident $v:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<$($e: Expression),+> IntoTuple for ($($e,)+) {
                type Values = ($($e::Value,)+);
                type Scope = tuples!(@joined $(<$e as Expression>::Scope),+);

                #[allow(private_interfaces)]
                fn into_nodes(self) -> Vec<Node> {
                    vec![$(self.$i.into_expression().into_node()),+]
                }
            }

            impl<$($v,)+ $($e: Term<$v>),+> TupleTerm<($($v,)+)> for ($($e,)+) {
                type Scope = tuples!(@joined $(<$e as Term<$v>>::Scope),+);

                #[allow(private_interfaces)]
                fn into_terms(self) -> Vec<Node> {
                    vec![$(self.$i.into_term()),+]
                }
            }

            impl<$($v,)+ $($e: IntoValue<$v>),+> IntoTupleValues<($($v,)+)> for ($($e,)+) {
                fn into_values(self) -> ($($v,)+) {
                    ($(self.$i.into_value(),)+)
                }
            }

            impl<$($v: SqlType),+> TupleTypes for ($($v,)+) {
                #[allow(private_interfaces)]
                fn into_arrays(rows: Vec<Self>) -> Option<Vec<Parameter>> {
                    if $($v::IS_ARRAY)||+ {
                        return None;
                    }
                    Some(vec![$({
                        let part = rows.iter().map(|row| row.$i.clone());
                        Parameter::array(part.collect::<Vec<$v>>())
                    }),+])
                }
            }
        )+
    };
}
tuples!(
    (A V 0, B W 1),
    (A V 0, B W 1, C X 2),
    (A V 0, B W 1, C X 2, D Y 3),
    (A V 0, B W 1, C X 2, D Y 3, E Z 4),
    (A V 0, B W 1, C X 2, D Y 3, E Z 4, F Q 5),
);
