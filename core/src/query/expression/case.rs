//! CASE: one value or another, as conditions say.
//!
//! Callers begin one with `case()`.
//! It must not mix types: all branches have that of the first.

use std::fmt;
use std::marker::PhantomData;

use crate::model::SqlType;
use crate::query::{Expr, IntoExpr, Joined, Operand, Term};
use crate::statement::{Node, Piece};

/// A CASE without a branch. See [`case`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a CASE needs a branch"]
pub struct NoCase(());

/// A CASE with values of type `V`. See [`case`].
#[must_use = "a CASE is no expression until its end"]
pub struct Case<V, S> {
    branches: Vec<(Node, Node)>,
    types: PhantomData<fn() -> (V, S)>,
}

/// `CASE WHEN .. THEN .. ELSE .. END`: the value of the first branch whose condition is met.
///
/// All branches have the type of the first; a plain number there is an `i32`, unless it says
/// otherwise (`1_i64`). The result may be NULL when a branch may, or when there is no
/// [`otherwise`](Case::otherwise).
///
/// ```
/// use sessile::{Model, query::Expr, sql::case};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key)]
///     id: i64,
///     balance: i64,
/// }
///
/// let word: Expr<String, Account> = case()
///     .when(Account::BALANCE.lt(0), "debt")
///     .when(Account::BALANCE.eq(0), "empty")
///     .otherwise("saved")
///     .within();
/// assert_eq!(
///     format!("{word:?}"),
///     "Expr(CASE WHEN balance < $1 THEN $2 WHEN balance = $3 THEN $4 ELSE $5 END)"
/// );
/// ```
pub fn case() -> NoCase {
    NoCase(())
}

impl NoCase {
    /// This value when the condition is met.
    pub fn when<C, O>(self, condition: C, value: O) -> Case<O::Value, Joined<C::Scope, O::Scope>>
    where
        C: IntoExpr<Option<bool>>,
        O: Operand<Value: SqlType>,
    {
        let branch = (condition.into_expr().into_node(), value.into_operand());
        Case::of(vec![branch])
    }
}

impl<V: SqlType, S: crate::query::Scope> Case<V, S> {
    /// This value when the condition is met and none before it was.
    pub fn when<C, R>(
        mut self,
        condition: C,
        value: R,
    ) -> Case<R::Of<V>, Joined<Joined<S, C::Scope>, R::Scope>>
    where
        C: IntoExpr<Option<bool>>,
        R: Term<V::Base>,
    {
        let condition = condition.into_expr().into_node();
        self.branches.push((condition, value.into_term()));
        Case::of(self.branches)
    }

    /// This value when no condition is met: the end.
    pub fn otherwise<R>(mut self, value: R) -> Expr<R::Of<V>, Joined<S, R::Scope>>
    where
        R: Term<V::Base>,
    {
        let mut value = value.into_term();
        if !<R::Of<V>>::NULLABLE {
            let branches = self.branches.into_iter();
            self.branches = branches.map(|(when, then)| (when, then.met())).collect();
            value = value.met();
        }
        Expr::new(self.into_node(Some(value)))
    }

    /// NULL when no condition is met: the end.
    pub fn end(self) -> Expr<Option<V::Base>, S> {
        Expr::new(self.into_node(None))
    }
}

impl<V, S> Case<V, S> {
    fn of(branches: Vec<(Node, Node)>) -> Self {
        Case {
            branches,
            types: PhantomData,
        }
    }

    fn into_node(self, otherwise: Option<Node>) -> Node {
        let mut pieces = vec![Piece::from("CASE")];
        for (condition, value) in self.branches {
            let then = [
                " WHEN ".into(),
                condition.into(),
                " THEN ".into(),
                value.into(),
            ];
            pieces.extend(then);
        }
        if let Some(otherwise) = otherwise {
            pieces.extend([" ELSE ".into(), otherwise.into()]);
        }
        pieces.push(" END".into());
        Node::words(pieces)
    }
}

impl<V, S> Clone for Case<V, S> {
    fn clone(&self) -> Self {
        Case::of(self.branches.clone())
    }
}

impl<V, S> fmt::Debug for Case<V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({:?})", self.clone().into_node(None))
    }
}
