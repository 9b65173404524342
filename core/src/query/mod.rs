//! Queries as typed values.
//!
//! Callers build them and pass them to a session's verbs; the loader renders them.
//! It must not know sessions: a query is built without one and may be kept and cloned.

mod alias;
mod answer;
mod arithmetic;
mod assign;
mod columns;
mod custom;
mod delete;
mod derived;
mod expr;
mod filter;
mod functions;
mod insert;
mod join;
mod link;
mod named;
mod operators;
mod order;
mod raw;
mod reference;
mod rows;
mod scope;
mod select;
mod subquery;
mod target;
mod update;
mod upsert;
mod value;

#[cfg(test)]
mod tests;

pub use alias::{Alias, alias};
pub use answer::{Counted, Objects, Tuples, Values};
pub use assign::Assign;
pub use columns::{Columns, Item, RowOf, row};
pub use custom::{Operand, Operands, fragment, function};
pub use delete::{Delete, delete};
pub use derived::{At, Derived, IntoQuery, NoModel, cte, from, subquery};
pub use expr::{Expr, Expression};
pub use filter::IntoFilter;
pub use functions::{
    Logical, Number, Orderable, Summable, Text, all, any, count, lower, max, min, sum, value,
};
pub use insert::{Insert, InsertColumns, insert};
pub(crate) use insert::{InsertSource, OnConflict, SelectedRows};
pub use join::{IntoSource, TableOf, table};
pub use link::{IntoJoin, Leading, Link};
pub use named::NamedParams;
pub(crate) use order::Orders;
pub use order::{IntoOrders, Order};
pub use raw::{Params, Raw, raw};
pub use reference::IntoParent;
pub use rows::Rows;
pub use scope::{Both, Joined, Nothing, Scope, Several, Within};
pub(crate) use select::Eager;
pub use select::{Grouped, Select, select};
pub use subquery::{array, exists, scalar};
pub use target::Fields;
pub use update::{Update, update};
pub(crate) use upsert::UpsertTarget;
pub use upsert::{Upsert, excluded, upsert};
pub use value::{IntoExpr, IntoValue, Param};
