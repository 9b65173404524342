//! Statements as values: the untyped tree, its text, its values, and DDL.
//!
//! The query room puts a typed skin over it; the loader and the unit of work send what it renders.
//! The only room that names `sea_query`. It must not do I/O.

mod bound;
mod ddl;
mod ddl_order;
mod label;
mod marker;
mod names;
mod node;
mod render;
mod select;
pub(crate) mod shape;
mod text;

#[cfg(test)]
pub(crate) mod bank;
#[cfg(test)]
mod ddl_tests;
#[cfg(test)]
mod render_tests;

pub(crate) use bound::{Bound, Parameter, SharedValue};
pub(crate) use ddl::{create_tables, drop_tables};
pub(crate) use label::select as label_of_select;
pub(crate) use node::{Node, Operator, RowIn, Source, Unary};
pub(crate) use render::Rendered;
pub(crate) use select::{Direction, Lock, Nulls, OrderBy, Projection, Select, Strength, Wait};
