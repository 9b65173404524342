//! What a statement that writes answers with, as types.
//!
//! The builders beside it carry one; the unit of work turns the statement's result into it.
//! It must not exist at run time: these are types without values.

use std::fmt;
use std::marker::PhantomData;

/// The number of rows that were written.
#[derive(Clone, Copy, Debug)]
pub enum Counted {}

/// The rows that were written, as objects of the session.
#[derive(Clone, Copy, Debug)]
pub enum Objects {}

/// The rows that were written, as plain values of the model.
#[derive(Clone, Copy, Debug)]
pub enum Values {}

/// Columns of the rows that were written, as plain values of type `R`.
pub struct Tuples<R>(PhantomData<fn() -> R>);

impl<R> fmt::Debug for Tuples<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tuples")
    }
}
