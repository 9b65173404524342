//! Expressions: what can be computed and compared, and with which types.
//!
//! Callers write conditions, orders and columns with them.
//! It must not know statements: an expression is a part of whichever takes it.

#[macro_use]
pub(super) mod subjects;

pub(super) mod arithmetic;
pub(super) mod case;
pub(super) mod conditional;
pub(super) mod custom;
pub(super) mod expr;
pub(super) mod filter;
pub(super) mod functions;
pub(super) mod json;
pub(super) mod kinds;
pub(super) mod list;
pub(super) mod numeric;
pub(super) mod operators;
pub(super) mod order;
pub(super) mod reference;
pub(super) mod scope;
pub(super) mod sql_function;
pub(super) mod subquery;
pub(super) mod term;
pub(super) mod text;
pub(super) mod time;
pub(super) mod truth;
pub(super) mod tuple;
pub(super) mod value;
