//! Tables under a name of their own, so that one can take part several times.
//!
//! Callers make them with `alias` and name their columns through them.
//! It must not hold a query.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::model::{BelongsTo, Column, Model, Multiplicity, SqlType};
use crate::query::{Expr, Leading, Link, RowOf, Several};
use crate::statement::{Node, Source};

/// A model's table under a name of its own. See [`alias`].
#[must_use = "an alias does nothing until a query names it"]
pub struct Alias<M> {
    source: Source,
    model: PhantomData<fn() -> M>,
}

/// A model's table under a name of its own: for a table that takes part several times, as in a
/// self-join.
///
/// Joined along a relationship by `Relationship::to(&alias)`, or with a condition of one's own by
/// [`join_on`](crate::query::Select::join_on). Two aliases of one model with one name are the same.
///
/// ```
/// use sessile::{Model, model::Fk, sql::{alias, select}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Employee {
///     #[model(key)]
///     id: i64,
///     salary: i64,
///     boss: Option<Fk<Employee>>,
/// }
///
/// let boss = alias::<Employee>("boss");
/// let earns_more = select::<Employee>()
///     .join(Employee::BOSS.to(&boss))
///     .filter(Employee::SALARY.gt(boss.column(Employee::SALARY)));
/// assert_eq!(
///     format!("{earns_more:?}"),
///     "Select(SELECT employee JOIN employee boss ON boss.id = employee.boss_id \
///      WHERE employee.salary > boss.salary)"
/// );
/// ```
pub fn alias<M: Model>(name: impl Into<Cow<'static, str>>) -> Alias<M> {
    let name = name.into().into_owned();
    Alias::of(Source::of::<M>().named(name.into()))
}

impl<M: Model> Alias<M> {
    pub(in crate::query) fn of(source: Source) -> Self {
        Alias {
            source,
            model: PhantomData,
        }
    }

    pub(in crate::query) fn source(&self) -> &Source {
        &self.source
    }

    /// A column of it.
    pub fn column<V>(&self, column: Column<M, V>) -> Expr<V, Several> {
        Expr::new(column_of(&self.source, column))
    }

    /// The key that a reference of it holds, for references to keys of one column.
    pub fn key<P, K>(&self, reference: BelongsTo<M, P, K>) -> Expr<K::Of<P::Key>, Several>
    where
        P: Model<Key: SqlType>,
        K: Multiplicity,
    {
        let column = M::table().fields()[reference.field()].columns.start;
        Expr::new(Node::Column(self.source.clone(), column))
    }

    /// Its rows, as objects of the session. See [`row`](crate::query::row).
    pub fn row(&self) -> RowOf<M> {
        RowOf::of(self.source.clone())
    }

    /// A relationship that leads away from it.
    pub fn along<R: Link<From = M>>(&self, relationship: R) -> Leading<R, Several> {
        Leading::new(relationship).from(self)
    }
}

/// A column of a model as one of another source with the same columns.
pub(in crate::query) fn column_of<M: Model, V>(source: &Source, column: Column<M, V>) -> Node {
    let position = M::table().fields()[column.field()].columns.start;
    Node::Column(source.clone(), position)
}

impl<M> Clone for Alias<M> {
    fn clone(&self) -> Self {
        Alias {
            source: self.source.clone(),
            model: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Alias<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alias({})", self.source.title())
    }
}
