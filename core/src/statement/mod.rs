//! Statements as values: the untyped tree, its text, its values, and DDL.
//!
//! The query room puts a typed skin over it; the loader and the unit of work send what it renders.
//! The only room that names `sea_query`. It must not do I/O.

mod belonging;
mod bound;
mod comment;
mod computed;
mod ddl;
mod ddl_order;
mod frames;
mod label;
mod label_query;
mod lexer;
mod marker;
mod names;
mod node;
mod query;
mod render;
mod render_query;
mod select;
mod set;
pub(crate) mod shape;
mod source;
mod subquery;
mod sweep;
mod template;
mod text;
mod visit;
mod write;
mod writer;

#[cfg(test)]
pub(crate) mod bank;
#[cfg(test)]
mod ddl_tests;
#[cfg(test)]
mod render_tests;

pub(crate) use belonging::Belonging;
pub(crate) use bound::{Bound, Parameter, SharedValue};
pub(crate) use comment::Comments;
pub(crate) use computed::{Computed, ComputedText};
pub(crate) use ddl::{create_tables, drop_tables};
pub(crate) use label_query::query as label_of;
pub(crate) use lexer::{Token, closed, tokens};
pub(crate) use names::numbered;
pub(crate) use node::{Node, Operator, RowIn, Unary};
pub(crate) use query::{About, LockedRow, Query};
pub(crate) use render::Rendered;
pub(crate) use select::{
    Direction, Item, Join, JoinKind, Lock, Nulls, OrderBy, Projection, Select, Strength, Wait,
};
pub(crate) use set::{SetOf, SetOperator};
pub(crate) use source::{Body, Derived, Place, Source};
pub(crate) use subquery::{Correlated, How, Subquery};
pub(crate) use sweep::{Falling, Level, Roots, sweep};
pub(crate) use template::{Piece, Template};
pub(crate) use visit::{DoesMore, Locks, ModelsRead, NamesObjects, NamesUnsaved, Parts, ReadsAny};
pub(crate) use write::{
    Assigned, Back, Conflict, Delete, Insert, InsertSource, Resolution, Selected, Update, Ways,
    copy_in, copy_out, describe,
};
