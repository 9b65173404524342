//! `Expr`: a typed expression.
//!
//! Operators and functions make them; filters, orders and projections take them.
//! It must not hold more than the untyped tree: value type and scope exist for the compiler.

use std::fmt;
use std::marker::PhantomData;

use crate::model::{Column, Model};
use crate::query::{IntoExpr, Nothing, Scope, Within};
use crate::statement::Node;

/// An expression with values of type `V` that names the models of scope `S`.
///
/// Columns become expressions by operators and functions: `Account::BALANCE.ge(1_000)` is an
/// `Expr<bool, Account>`. Nullability is in the value type, as `Option`; comparisons are plain
/// `bool` all the same, since SQL takes a condition that is NULL as not met.
///
/// Cloning it is cheap, and it holds no session: keep it, share it, send it.
#[must_use = "an expression does nothing until a query uses it"]
pub struct Expr<V, S = Nothing> {
    node: Node,
    types: PhantomData<fn() -> (V, S)>,
}

impl<V, S> Expr<V, S> {
    pub(crate) fn new(node: Node) -> Self {
        Expr {
            node,
            types: PhantomData,
        }
    }

    pub(crate) fn into_node(self) -> Node {
        self.node
    }

    /// The same expression as one on model `M`.
    ///
    /// An expression put together from two on the same model has the scope `Both<M, M>`; this
    /// gives functions a return type to write down, and loops a type that stays.
    ///
    /// ```
    /// use sessile::{Model, query::Expr};
    ///
    /// #[derive(Model, Clone, Debug)]
    /// struct Account {
    ///     #[model(key)]
    ///     id: i64,
    ///     balance: i64,
    ///     active: bool,
    /// }
    ///
    /// fn rich() -> Expr<bool, Account> {
    ///     Account::BALANCE.ge(1_000).and(Account::ACTIVE).within()
    /// }
    /// assert_eq!(format!("{:?}", rich()), "Expr(balance >= $1 AND active)");
    /// ```
    pub fn within<M: Model>(self) -> Expr<V, M>
    where
        S: Within<M>,
    {
        Expr::new(self.node)
    }
}

impl<V, S> Clone for Expr<V, S> {
    fn clone(&self) -> Self {
        Expr::new(self.node.clone())
    }
}

impl<V, S> fmt::Debug for Expr<V, S> {
    // Values appear as `$1`, `$2`: they are nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expr({:?})", self.node)
    }
}

/// A column or an expression: what functions such as `sum` take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an expression",
    label = "neither a column nor an expression",
    note = "a plain value becomes one by `value(..)`"
)]
pub trait Expression {
    /// The type of its values.
    type Value;

    /// The models that it names.
    type Scope: Scope;

    /// The expression.
    fn into_expression(self) -> Expr<Self::Value, Self::Scope>;
}

impl<M: Model, V> Expression for Column<M, V> {
    type Value = V;
    type Scope = M;

    fn into_expression(self) -> Expr<V, M> {
        let column = M::table().fields()[self.field()].columns.start;
        Expr::new(Node::column::<M>(column))
    }
}

impl<V, S: Scope> Expression for Expr<V, S> {
    type Value = V;
    type Scope = S;

    fn into_expression(self) -> Expr<V, S> {
        self
    }
}

impl<M: Model, V> IntoExpr<V> for Column<M, V> {
    type Scope = M;

    fn into_expr(self) -> Expr<V, M> {
        self.into_expression()
    }
}

impl<M: Model, V> IntoExpr<Option<V>> for Column<M, V> {
    type Scope = M;

    fn into_expr(self) -> Expr<Option<V>, M> {
        Expr::new(self.into_expression().into_node())
    }
}

impl<V, S: Scope> IntoExpr<V> for Expr<V, S> {
    type Scope = S;

    fn into_expr(self) -> Expr<V, S> {
        self
    }
}

impl<V, S: Scope> IntoExpr<Option<V>> for Expr<V, S> {
    type Scope = S;

    fn into_expr(self) -> Expr<Option<V>, S> {
        Expr::new(self.node)
    }
}
