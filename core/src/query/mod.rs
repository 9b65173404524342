//! Queries as typed values.
//!
//! Callers build them and pass them to a session's verbs; the loader renders them.
//! It must not know sessions: a query is built without one and may be kept and cloned.

mod arithmetic;
mod columns;
mod expr;
mod filter;
mod functions;
mod operators;
mod order;
mod raw;
mod reference;
mod scope;
mod select;
mod value;

#[cfg(test)]
mod tests;

pub use columns::{Columns, Item, Rows};
pub use expr::{Expr, Expression};
pub use filter::IntoFilter;
pub use functions::{
    Logical, Number, Orderable, Summable, Text, all, any, count, lower, max, min, sum, value,
};
pub use order::{IntoOrders, Order};
pub use raw::{Params, Raw, raw};
pub use reference::IntoParent;
pub use scope::{Both, Joined, Nothing, Scope, Within};
pub use select::{Grouped, Select, select};
pub use value::{IntoExpr, IntoValue, Param};
