//! Rows of values: a table that the caller brings along.
//!
//! Callers make it with `values` and join it or select from it.
//! It must not grow the text with the number of rows: each column is one array.

use std::borrow::Cow;

use crate::model::SqlType;
use crate::query::expression::value::bind_array;
use crate::query::{Derived, Param};
use crate::statement::{Parameter, Place, Query};

/// Rows of values in FROM, under this name: as many parameters as columns, whatever the number of
/// rows.
///
/// A row is a tuple of up to eight values, or a single value; `Option` for those that may be NULL.
/// Types that are arrays themselves are refused with [`Mapping`](crate::ErrorKind::Mapping), since
/// `unnest` would flatten them. Without an order the rows come in any.
///
/// ```
/// use sessile::{Model, sql::{select, values}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key)]
///     id: i64,
///     owner: String,
///     balance: i64,
/// }
///
/// let wanted = values("wanted", [(1_i64, "first"), (2, "second")]);
/// // Vec<(String, String)>
/// let found = select::<Account>()
///     .join_on(&wanted, wanted.at::<0>().eq(Account::ID))
///     .columns((Account::OWNER, wanted.at::<1>()));
/// assert_eq!(
///     format!("{found:?}"),
///     "Rows(SELECT account (account.owner, wanted.column_2) \
///      JOIN (VALUES ($1, $2)) wanted ON wanted.column_1 = account.id)"
/// );
/// ```
pub fn values<V: ValueRow>(
    name: impl Into<Cow<'static, str>>,
    rows: impl IntoIterator<Item = V>,
) -> Derived<V::Row> {
    let query = match V::ARRAYS {
        false => Query::Values(V::columns(rows).0.into()),
        true => Query::Refused("rows of values can't have arrays in them"),
    };
    Derived::of(name.into(), query, Place::Here)
}

/// A row of [`values`]: a value, or a tuple of up to eight.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no row of values",
    label = "expected a tuple of values with PostgreSQL types"
)]
pub trait ValueRow {
    /// The row as it is read.
    type Row;

    #[doc(hidden)]
    const ARRAYS: bool;

    #[doc(hidden)]
    fn columns(rows: impl IntoIterator<Item = Self>) -> Arrays
    where
        Self: Sized;
}

/// Columns of values without their types.
#[doc(hidden)]
#[derive(Debug)]
pub struct Arrays(pub(in crate::query) Vec<(Parameter, &'static str)>);

impl<P: Param> ValueRow for P {
    type Row = P::Value;
    const ARRAYS: bool = P::Value::IS_ARRAY;

    fn columns(rows: impl IntoIterator<Item = Self>) -> Arrays {
        let column = rows.into_iter().map(Param::into_param).collect();
        Arrays(vec![bind_array::<P::Value>(column)])
    }
}

macro_rules! value_rows {
    ($(($($p:ident $c:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<$($p: Param),+> ValueRow for ($($p,)+) {
                type Row = ($($p::Value,)+);
                const ARRAYS: bool = $($p::Value::IS_ARRAY ||)+ false;

                fn columns(rows: impl IntoIterator<Item = Self>) -> Arrays {
                    $(let mut $c = Vec::new();)+
                    for row in rows {
                        $($c.push(row.$i.into_param());)+
                    }
                    Arrays(vec![$(bind_array::<$p::Value>($c)),+])
                }
            }
        )+
    };
}
value_rows!(
    (A a 0),
    (A a 0, B b 1),
    (A a 0, B b 1, C c 2),
    (A a 0, B b 1, C c 2, D d 3),
    (A a 0, B b 1, C c 2, D d 3, E e 4),
    (A a 0, B b 1, C c 2, D d 3, E e 4, F f 5),
    (A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6),
    (A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6, H h 7),
);
