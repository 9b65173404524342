//! The derive macros of [Sessile](https://docs.rs/sessile).
//!
//! Users reach them through `sessile`, which re-exports them and documents their attributes.
//! A struct goes through three steps, and no step looks back:
//!
//! 1. `read` takes what was written, with its spans, and leaves out what it can't read.
//! 2. `check` finds what makes no sense and gives the `model`, as good as it could be read.
//! 3. `expand` writes the code, which names nothing but `::sessile::__private`.
//!
//! Mistakes are collected by `errors` in the first two steps and shown together. A struct with
//! mistakes gets a stand-in implementation: its uses must not be further errors.

mod check;
mod errors;
mod expand;
mod model;
mod naming;
mod read;
mod types;

use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_macro_input};

use errors::Errors;

/// Makes a struct with named fields a model: a row of a table.
///
/// It needs `Clone` and `Debug` beside it, and one field or several with `#[model(key)]`. A field
/// of type `Fk<P>` or `Option<Fk<P>>` is a reference to a row of model `P`; it is known by that
/// name, not through an alias. Each field gets a constant on the struct, such as
/// `Account::BALANCE`, with the field's visibility.
///
/// `#[model(..)]` on the struct takes
///
/// - `table = ".."`: the table's name; by default the struct's, in snake case
/// - `schema = ".."`: the schema, which is otherwise found by `search_path`
/// - `has_many(name = Child::FIELD)`, `has_one(name = Child::FIELD)`: a constant `NAME` for the
///   children that refer to this model by that field
/// - `many_to_many(name: Target = (Association::NEAR, Association::FAR))`: a constant `NAME` for
///   the rows of `Target` that objects of `Association` join with this model: `NEAR` refers to
///   this model, `FAR` to the other
/// - `unique(a, b)`, `index(a, b)`: a constraint or an index on several fields; `name = ".."`
///   inside names it
/// - `check = ".."` or `check("..", name = "..")`: a check constraint, as SQL
///
/// and on a field
///
/// - `key`: part of the primary key
/// - `generated`: made by the database when the field equals `Default::default()` at the INSERT
/// - `generated(always)`: made by the database at every INSERT and UPDATE, and never sent
/// - `default = ".."`: the column's default, as SQL; implies `generated`
/// - `version`: changed by every UPDATE, which fails if the row has another; a counter, a uuid, a
///   timestamp, or `Xmin` for the one that PostgreSQL keeps itself
/// - `json`: stored as jsonb, for any type that serde can write and read
/// - `sql_type = ".."`: the PostgreSQL type of a type that is not known here
/// - `rename = ".."`: the column's name; for a reference to a composite key, their prefix
/// - `unique`, `index`, `check = ".."`: as on the struct, for this field alone
/// - `on_delete = restrict`, `cascade`, `set_null` or `cascade(client)`: what happens when the
///   row referred to is deleted; `restrict` by default
/// - `orphan = delete`: on an optional reference: the row is deleted when the program sets the
///   reference to None
/// - `skip`: not mapped; `Default::default()` in an object that was loaded
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = Errors::new();
    let written = read::read(input, &mut errors);
    let model = check::check(written, &mut errors);
    match errors.finish() {
        Ok(()) => expand::expand(&model).into(),
        Err(error) => {
            let error = error.into_compile_error();
            let stand_in = expand::stand_in(&model);
            quote!(#error #stand_in).into()
        }
    }
}

/// Makes a struct with named fields what rows of a result become.
///
/// Raw SQL finds the fields by the names of its columns, in whatever order; a column that is
/// missing is a `Mapping` error that names the field and the columns that there are, and others are
/// left out. A query gives its `columns` in the order of the fields, by `as_struct`, and the
/// compiler checks their types. A field may be a `Handle` there, which raw SQL can't fill.
///
/// `#[row(..)]` on a field takes
///
/// - `rename = ".."`: the column's name
/// - `json`: read from json or jsonb, for any type that serde can read
/// - `skip`: no column; `Default::default()`
#[proc_macro_derive(FromRow, attributes(row))]
pub fn derive_from_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = Errors::new();
    let written = read::read_projection(input, &mut errors);
    let projection = check::check_projection(written, &mut errors);
    match errors.finish() {
        Ok(()) => expand::expand_projection(&projection).into(),
        Err(error) => {
            let error = error.into_compile_error();
            let stand_in = expand::stand_in_projection(&projection);
            quote!(#error #stand_in).into()
        }
    }
}
