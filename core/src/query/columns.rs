//! Projections: a query for columns and expressions instead of whole rows.
//!
//! Made by `columns`, run by the session's `rows`.
//! It must not put anything into the session: its rows are plain values.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use super::{Expr, Expression, Raw, Within};
use crate::error::Error;
use crate::model::{Column, FromRow, KeyLookup, Model, SqlType};
use crate::statement::{self, Node, Projection, Rendered, Select};

/// One column or expression of a result, in a query on `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read in a query on `{M}`",
    label = "expected a column or an expression"
)]
pub trait Item<M> {
    /// The type of its values.
    type Value: SqlType;

    #[doc(hidden)]
    fn into_item(self) -> Nodes;
}

/// What `columns` takes in a query on `M`: a column or expression, or a tuple of up to twelve.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read in a query on `{M}`",
    label = "expected a column, an expression or a tuple of them"
)]
pub trait Columns<M> {
    /// What each row becomes.
    type Row: FromRow;

    #[doc(hidden)]
    fn into_columns(self) -> Nodes;
}

/// Expressions without their types.
#[doc(hidden)]
#[derive(Debug)]
pub struct Nodes(pub(super) Vec<Node>);

impl<M, N, V: SqlType> Item<M> for Column<N, V>
where
    N: Model + Within<M>,
{
    type Value = V;

    fn into_item(self) -> Nodes {
        Nodes(vec![self.into_expression().into_node()])
    }
}

impl<M, V: SqlType, S: Within<M>> Item<M> for Expr<V, S> {
    type Value = V;

    fn into_item(self) -> Nodes {
        Nodes(vec![self.into_node()])
    }
}

impl<M, N, V: SqlType> Columns<M> for Column<N, V>
where
    N: Model + Within<M>,
{
    type Row = V;

    fn into_columns(self) -> Nodes {
        Item::<M>::into_item(self)
    }
}

impl<M, V: SqlType, S: Within<M>> Columns<M> for Expr<V, S> {
    type Row = V;

    fn into_columns(self) -> Nodes {
        Item::<M>::into_item(self)
    }
}

macro_rules! tuple_columns {
    ($(($($c:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<M, $($c: Item<M>),+> Columns<M> for ($($c,)+) {
                type Row = ($($c::Value,)+);

                fn into_columns(self) -> Nodes {
                    let mut nodes = Vec::new();
                    $(nodes.extend(self.$i.into_item().0);)+
                    Nodes(nodes)
                }
            }
        )+
    };
}
tuple_columns!(
    (A 0),
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11),
);

/// A query whose rows are plain values of type `R`: a projection, or raw SQL.
#[must_use = "a query does nothing until a session runs it"]
pub struct Rows<R> {
    kind: Kind<R>,
    row: PhantomData<fn() -> R>,
}

enum Kind<R> {
    Selected(Select, Projection),
    Raw(Raw<R>),
}

impl<R> Rows<R> {
    pub(super) fn selected(select: Select, columns: Vec<Node>) -> Self {
        Rows {
            kind: Kind::Selected(select, Projection::Columns(columns)),
            row: PhantomData,
        }
    }

    /// The models whose tables it reads, or `None` when that can't be told, as for raw SQL.
    pub(crate) fn models(&self) -> Option<Vec<TypeId>> {
        match &self.kind {
            Kind::Selected(select, columns) => Some(select.models(columns)),
            Kind::Raw(_) => None,
        }
    }

    /// Whether it is known to change nothing in the database, not even locks.
    pub(crate) fn is_plain_read(&self) -> bool {
        match &self.kind {
            Kind::Selected(select, _) => select.lock.is_none(),
            Kind::Raw(_) => false,
        }
    }

    /// The statement.
    ///
    /// # Errors
    /// What the lookup says of handles in the filters.
    pub(crate) fn render(&self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        match &self.kind {
            Kind::Selected(select, columns) => select.render(columns, lookup),
            Kind::Raw(raw) => Ok(raw.render()),
        }
    }
}

impl<R> From<Raw<R>> for Rows<R> {
    fn from(raw: Raw<R>) -> Self {
        Rows {
            kind: Kind::Raw(raw),
            row: PhantomData,
        }
    }
}

impl<R> Clone for Rows<R> {
    fn clone(&self) -> Self {
        let kind = match &self.kind {
            Kind::Selected(select, columns) => Kind::Selected(select.clone(), columns.clone()),
            Kind::Raw(raw) => Kind::Raw(raw.clone()),
        };
        Rows {
            kind,
            row: PhantomData,
        }
    }
}

impl<R> fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Selected(select, columns) => {
                let label = statement::label_of_select(select, columns);
                write!(f, "Rows({label})")
            }
            Kind::Raw(raw) => raw.fmt(f),
        }
    }
}
