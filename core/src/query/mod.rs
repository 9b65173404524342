//! Queries as typed values.
//!
//! Callers build them and pass them to a session's verbs; the loader renders them.
//! It must not know sessions: a query is built without one and may be kept and cloned.

// The result of a function says which models it names and whether it may be NULL: long types, and
// an alias for each would hide just that.
#![allow(clippy::type_complexity)]

#[macro_use]
mod expression;

mod aggregate;

mod select;

mod write;

mod page;

#[cfg(test)]
mod tests;

pub use aggregate::aggregate_functions::{
    array_agg, avg, bool_and, bool_or, count, count_distinct, count_of, jsonb_agg,
    jsonb_object_agg, max, min, stddev, string_agg, sum, variance,
};
pub use aggregate::aggregates::{Aggregate, aggregate};
pub use aggregate::frame::{
    FrameBound, IntoFrame, current_row, following, following_by, preceding, preceding_by,
};
pub use aggregate::grouping::grouping;
pub use expression::case::{Case, NoCase, case};
pub use expression::conditional::{coalesce, greatest, least, nullif};
pub use expression::custom::{Operand, Operands, fragment, function};
pub use expression::expr::{Expr, Expression};
pub use expression::filter::IntoFilter;
pub use expression::functions::{all, any, value};
pub use expression::kinds::{
    Additive, Averageable, CalendarDate, Exact, Fraction, Instant, Json, List, Logical, Modular,
    Nullability, Number, Orderable, Summable, Temporal, Text, Timestamps,
};
pub use expression::list::cardinality;
pub use expression::numeric::{abs, ceil, floor, power, round, round_to, sqrt};
pub(crate) use expression::order::Orders;
pub use expression::order::{IntoOrders, Order, OrderKeys};
pub use expression::reference::IntoParent;
pub use expression::scope::{Both, Joined, Nothing, Scope, Several, Within};
pub(crate) use page::keyset::Keyset;
pub use page::page_token::PageToken;
pub use page::runtime::{Named, column_named, columns_named, named};
pub use select::alias::{Alias, alias};
pub(crate) use select::along::Eager;
pub use select::columns::{Columns, Item, RowOf, row};
pub(crate) use select::derived::source_of;
pub use select::derived::{At, Derived, IntoQuery, NoModel, cte, from, subquery};
pub use select::explain::{Explain, ExplainOptions, Explanation, PlanNode};
pub use select::join::{IntoSource, TableOf, table};
pub use select::link::{IntoJoin, Leading, Link};
pub use select::named::NamedParams;
pub use select::raw::{Params, Raw, raw};
pub use select::recursive::{recursive, recursive_all};
pub use select::rows::Rows;
pub use write::answer::{Counted, Objects, Tuples, Values};
pub use write::assign::Assign;
pub use write::delete::{Delete, delete};
pub use write::insert::{Insert, InsertColumns, insert};
pub(crate) use write::insert::{InsertSource, OnConflict, SelectedRows};

pub use aggregate::window::{Partition, Window, window};
pub use aggregate::window_functions::{
    WindowFunction, cume_dist, dense_rank, first_value, lag, lag_by, last_value, lead, lead_by,
    nth_value, ntile, percent_rank, rank, row_number,
};
pub use expression::subquery::{array, exists, scalar};
pub use expression::term::Term;
pub use expression::text::{
    left, length, lower, ltrim, replace, right, rtrim, split_part, substring, trim, upper,
};
pub use expression::time::{
    DatePart, Now, TimeUnit, Today, current_date, date_trunc, date_trunc_in, extract, now,
};
pub use expression::tuple::{IntoTuple, IntoTupleValues, Tuple, TupleTerm, TupleTypes, tuple};
pub use expression::value::{IntoExpr, IntoValue, Param};
pub use page::sort_keys::SortKeys;
pub use select::query::{Grouped, Select, select};
pub use select::set::IntoRows;
pub use select::values::{ValueRow, values};
pub use write::target::Fields;
pub use write::update::{Update, update};
pub(crate) use write::upsert::UpsertTarget;
pub use write::upsert::{Upsert, excluded, upsert};
