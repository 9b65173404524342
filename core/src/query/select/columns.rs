//! Projections: what is read of a query's rows.
//!
//! Taken by `columns` and `group_by`.
//! It must not hold a query: `rows` puts the two together.

use std::marker::PhantomData;

use crate::model::{Column, FromRow, Handle, Model, SqlType};
use crate::query::{Expr, Expression, Within};
use crate::statement::{Item as Selected, Source};

/// One column, expression or row of a result, in a query on `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read in a query on `{M}`",
    label = "expected a column, an expression or `row::<Model>()`"
)]
pub trait Item<M> {
    /// The type of its values.
    type Value: FromRow;

    #[doc(hidden)]
    fn into_item(self) -> Items;
}

/// What `columns` takes in a query on `M`: a column, an expression, `row::<Model>()`, or a tuple
/// of up to twelve.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read in a query on `{M}`",
    label = "expected a column, an expression, `row::<Model>()` or a tuple of them"
)]
pub trait Columns<M> {
    /// What each row becomes.
    type Row: FromRow;

    #[doc(hidden)]
    fn into_columns(self) -> Items;
}

/// What is selected, without types.
#[doc(hidden)]
#[derive(Debug)]
pub struct Items(pub(crate) Vec<Selected>);

/// Whole rows of a model. See [`row`].
#[must_use = "it does nothing until a query reads it"]
pub struct RowOf<M, H = Handle<M>> {
    source: Source,
    nullable: bool,
    types: PhantomData<fn() -> (M, H)>,
}

/// The rows of a model that takes part in a query, as objects of the session: what `columns` gives
/// is a [`Handle`].
///
/// ```
/// use sessile::{Model, model::Fk, sql::{row, select}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key)]
///     id: i64,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// struct Entry {
///     #[model(key)]
///     id: i64,
///     payer: Fk<Account>,
/// }
///
/// // Vec<(Handle<Entry>, Handle<Account>)>
/// let pairs = select::<Entry>()
///     .join(Entry::PAYER)
///     .columns((row::<Entry>(), row::<Account>()));
/// ```
pub fn row<M: Model>() -> RowOf<M> {
    RowOf::of(Source::of::<M>())
}

impl<M: Model> RowOf<M> {
    pub(in crate::query) fn of(source: Source) -> Self {
        RowOf {
            source,
            nullable: false,
            types: PhantomData,
        }
    }

    /// The rows of a table that is outer-joined: what `columns` gives is an `Option` of a handle.
    pub fn nullable(self) -> RowOf<M, Option<Handle<M>>> {
        RowOf {
            source: self.source,
            nullable: true,
            types: PhantomData,
        }
    }
}

impl<M, H> Clone for RowOf<M, H> {
    fn clone(&self) -> Self {
        RowOf {
            source: self.source.clone(),
            nullable: self.nullable,
            types: PhantomData,
        }
    }
}

impl<M, H> std::fmt::Debug for RowOf<M, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RowOf({})", self.source.title())
    }
}

impl<M, N: Model + Within<M>, H: FromRow> Item<M> for RowOf<N, H> {
    type Value = H;

    fn into_item(self) -> Items {
        Items(vec![Selected::Row {
            source: self.source,
            nullable: self.nullable,
        }])
    }
}

impl<M, N: Model + Within<M>, H: FromRow> Columns<M> for RowOf<N, H> {
    type Row = H;

    fn into_columns(self) -> Items {
        Item::<M>::into_item(self)
    }
}

impl<M, N, V: SqlType> Item<M> for Column<N, V>
where
    N: Model + Within<M>,
{
    type Value = V;

    fn into_item(self) -> Items {
        Item::<M>::into_item(self.into_expression())
    }
}

impl<M, V: SqlType, S: Within<M>> Item<M> for Expr<V, S> {
    type Value = V;

    fn into_item(self) -> Items {
        Items(vec![Selected::Value {
            node: self.into_node(),
            nullable: V::NULLABLE,
        }])
    }
}

impl<M, N, V: SqlType> Columns<M> for Column<N, V>
where
    N: Model + Within<M>,
{
    type Row = V;

    fn into_columns(self) -> Items {
        Item::<M>::into_item(self)
    }
}

impl<M, V: SqlType, S: Within<M>> Columns<M> for Expr<V, S> {
    type Row = V;

    fn into_columns(self) -> Items {
        Item::<M>::into_item(self)
    }
}

macro_rules! tuple_columns {
    ($(($($c:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<M, $($c: Item<M>),+> Columns<M> for ($($c,)+) {
                type Row = ($($c::Value,)+);

                fn into_columns(self) -> Items {
                    let mut items = Vec::new();
                    $(items.extend(self.$i.into_item().0);)+
                    Items(items)
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
