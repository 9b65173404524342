//! What the derive writes down about a struct, before a table is made of it.
//!
//! Derived code fills it in; `table_build` turns it into a `Table`.
//! It must not be named by hand-written code.

use std::any::TypeId;

use super::Model;
use super::table::{Generated, OnDelete, Table};
use super::type_info::{KeyColumn, TypeInfo};

/// What the derive wrote down about a struct.
#[doc(hidden)]
#[derive(Debug)]
pub struct TableSpec {
    pub model: &'static str,
    pub schema: Option<&'static str>,
    pub name: &'static str,
    pub fields: Vec<FieldSpec>,
    pub uniques: Vec<NamedFields>,
    pub indexes: Vec<NamedFields>,
    pub checks: Vec<CheckSpec>,
}

/// What the derive wrote down about a field.
#[doc(hidden)]
#[derive(Debug)]
pub struct FieldSpec {
    pub name: &'static str,
    /// The column's name; for a reference to a composite key, the prefix of its columns' names.
    pub rename: Option<&'static str>,
    pub kind: FieldKind,
    pub nullable: bool,
    pub key: bool,
    pub version: bool,
    pub generated: Generated,
    pub default: Option<&'static str>,
    pub unique: bool,
    pub deferrable: bool,
    pub orphan: bool,
    pub index: bool,
    pub check: Option<&'static str>,
}

/// Whether a field is a value or a reference.
#[doc(hidden)]
#[derive(Debug)]
pub enum FieldKind {
    Value(TypeInfo),
    Reference(ForeignKeySpec),
}

/// Where a reference points, and what deleting that row does.
#[doc(hidden)]
#[derive(Debug)]
pub struct ForeignKeySpec {
    pub target: fn() -> &'static Table,
    pub target_id: TypeId,
    pub target_key: fn() -> Vec<KeyColumn>,
    pub on_delete: OnDelete,
    pub client: bool,
}

impl ForeignKeySpec {
    /// A reference to `P`.
    pub fn to<P: Model>(on_delete: OnDelete, client: bool) -> ForeignKeySpec {
        ForeignKeySpec {
            target: P::table,
            target_id: TypeId::of::<P>(),
            target_key: P::key_columns,
            on_delete,
            client,
        }
    }
}

/// A named group of fields; the name is made up when there is none.
#[doc(hidden)]
#[derive(Debug)]
pub struct NamedFields {
    pub name: Option<&'static str>,
    pub fields: Vec<&'static str>,
    pub deferrable: bool,
}

/// A check on several fields.
#[doc(hidden)]
#[derive(Debug)]
pub struct CheckSpec {
    pub name: Option<&'static str>,
    pub sql: &'static str,
}
