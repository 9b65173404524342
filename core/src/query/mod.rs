//! Queries as typed values.
//!
//! Callers build them and pass them to a session's verbs; the loader renders them.
//! It must not know sessions: a query is built without one and may be kept and cloned.

// The result of a function says which models it names and whether it may be NULL: long types, and
// an alias for each would hide just that.
#![allow(clippy::type_complexity)]

#[macro_use]
mod subjects;

mod aggregate;
mod aggregate_functions;
mod alias;
mod along;
mod answer;
mod arithmetic;
mod assign;
mod case;
mod columns;
mod comment;
mod conditional;
mod custom;
mod delete;
mod derived;
mod explain;
mod expr;
mod filter;
mod frame;
mod functions;
mod grouping;
mod insert;
mod join;
mod json;
mod keyset;
mod kinds;
mod link;
mod list;
mod lock;
mod named;
mod numeric;
mod operators;
mod order;
mod page_token;
mod raw;
mod recursive;
mod reference;
mod rows;
mod runtime;
mod scope;
mod select;
mod set;
mod sort_keys;
mod sql_function;
mod subquery;
mod target;
mod term;
mod text;
mod time;
mod truth;
mod tuple;
mod update;
mod upsert;
mod value;
mod values;
mod window;
mod window_functions;
mod words;

#[cfg(test)]
mod tests;

pub use aggregate::{Aggregate, aggregate};
pub use aggregate_functions::{
    array_agg, avg, bool_and, bool_or, count, count_distinct, count_of, jsonb_agg,
    jsonb_object_agg, max, min, stddev, string_agg, sum, variance,
};
pub use alias::{Alias, alias};
pub(crate) use along::Eager;
pub use answer::{Counted, Objects, Tuples, Values};
pub use assign::Assign;
pub use case::{Case, NoCase, case};
pub use columns::{Columns, Item, RowOf, row};
pub use conditional::{coalesce, greatest, least, nullif};
pub use custom::{Operand, Operands, fragment, function};
pub use delete::{Delete, delete};
pub use derived::{At, Derived, IntoQuery, NoModel, cte, from, subquery};
pub use explain::{Explain, ExplainOptions, Explanation, PlanNode};
pub use expr::{Expr, Expression};
pub use filter::IntoFilter;
pub use frame::{
    FrameBound, IntoFrame, current_row, following, following_by, preceding, preceding_by,
};
pub use functions::{all, any, value};
pub use grouping::grouping;
pub use insert::{Insert, InsertColumns, insert};
pub(crate) use insert::{InsertSource, OnConflict, SelectedRows};
pub use join::{IntoSource, TableOf, table};
pub(crate) use keyset::Keyset;
pub use kinds::{
    Additive, Averageable, CalendarDate, Exact, Fraction, Instant, Json, List, Logical, Modular,
    Nullability, Number, Orderable, Summable, Temporal, Text, Timestamps,
};
pub use link::{IntoJoin, Leading, Link};
pub use list::cardinality;
pub use named::NamedParams;
pub use numeric::{abs, ceil, floor, power, round, round_to, sqrt};
pub(crate) use order::Orders;
pub use order::{IntoOrders, Order, OrderKeys};
pub use page_token::PageToken;
pub use raw::{Params, Raw, raw};
pub use recursive::{recursive, recursive_all};
pub use reference::IntoParent;
pub use rows::Rows;
pub use runtime::{Named, column_named, columns_named, named};
pub use scope::{Both, Joined, Nothing, Scope, Several, Within};

pub use select::{Grouped, Select, select};
pub use set::IntoRows;
pub use sort_keys::SortKeys;
pub use subquery::{array, exists, scalar};
pub use target::Fields;
pub use term::Term;
pub use text::{
    left, length, lower, ltrim, replace, right, rtrim, split_part, substring, trim, upper,
};
pub use time::{
    DatePart, Now, TimeUnit, Today, current_date, date_trunc, date_trunc_in, extract, now,
};
pub use tuple::{IntoTuple, IntoTupleValues, Tuple, TupleTerm, TupleTypes, tuple};
pub use update::{Update, update};
pub(crate) use upsert::UpsertTarget;
pub use upsert::{Upsert, excluded, upsert};
pub use value::{IntoExpr, IntoValue, Param};
pub use values::{ValueRow, values};
pub use window::{Partition, Window, window};
pub use window_functions::{
    WindowFunction, cume_dist, dense_rank, first_value, lag, lag_by, last_value, lead, lead_by,
    nth_value, ntile, percent_rank, rank, row_number,
};
