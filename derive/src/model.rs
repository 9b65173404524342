//! A model, as far as it could be made out.
//!
//! Checking makes it, expanding turns it into code.
//! When mistakes were found it is good for the stand-in, and must not be expanded otherwise.

use proc_macro2::{Ident, Literal};
use syn::{Generics, LitStr, Path, Type, Visibility};

use crate::read::{OnDelete, Side, WrittenCheck, WrittenGroup};

pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) generics: Generics,
    /// The struct's name.
    pub(crate) name: String,
    pub(crate) schema: Option<LitStr>,
    pub(crate) table: String,
    /// The mapped fields.
    pub(crate) fields: Vec<Field>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) relationships: Vec<Relationship>,
    pub(crate) uniques: Vec<WrittenGroup>,
    pub(crate) indexes: Vec<WrittenGroup>,
    pub(crate) checks: Vec<WrittenCheck>,
}

/// A field that is mapped to columns.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) name: String,
    /// Its position among the mapped fields.
    pub(crate) position: usize,
    /// Its constant on the struct, such as `BALANCE`.
    pub(crate) constant: Ident,
    /// The constant that knows how it is sent and read, such as `__BALANCE`.
    pub(crate) access: Ident,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) generated: Generated,
    pub(crate) default: Option<LitStr>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) check: Option<LitStr>,
    pub(crate) unique: bool,
    pub(crate) deferrable: bool,
    pub(crate) index: bool,
}

/// How a field is stored.
pub(crate) enum Kind {
    /// A type that implements `SqlType`.
    Known,
    /// A type whose PostgreSQL type the user named.
    Named(LitStr),
    Json,
    Reference(Reference),
}

pub(crate) struct Reference {
    pub(crate) parent: Box<Type>,
    pub(crate) on_delete: OnDelete,
    /// Whether the row is deleted when the reference becomes None.
    pub(crate) orphan: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Key,
    Version,
    Plain,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generated {
    Never,
    ByDefault,
    Always,
}

/// A field that is not mapped.
pub(crate) struct Skipped {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// A relationship to children, or through an association.
pub(crate) struct Relationship {
    pub(crate) side: Side,
    /// Its constant on the struct, such as `OUTGOING`.
    pub(crate) constant: Ident,
    /// As it was written, such as `outgoing`.
    pub(crate) name: String,
    /// The child, or the association.
    pub(crate) child: Path,
    /// Its constant that refers to this model.
    pub(crate) by: Path,
}

impl Model {
    /// The fields of the key, in struct order.
    pub(crate) fn key(&self) -> Vec<&Field> {
        self.fields
            .iter()
            .filter(|field| field.role == Role::Key)
            .collect()
    }

    pub(crate) fn version(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.role == Role::Version)
    }

    /// The fields that are references, with where they point.
    pub(crate) fn references(&self) -> impl Iterator<Item = (&Field, &Reference)> {
        self.fields
            .iter()
            .filter_map(|field| Some((field, field.reference()?)))
    }
}

impl Field {
    /// Its position, as it is written in code.
    pub(crate) fn index(&self) -> Literal {
        Literal::usize_unsuffixed(self.position)
    }

    pub(crate) fn reference(&self) -> Option<&Reference> {
        match &self.kind {
            Kind::Reference(reference) => Some(reference),
            Kind::Known | Kind::Named(_) | Kind::Json => None,
        }
    }
}

/// What a row becomes that is no model: a struct with `#[derive(FromRow)]`.
pub(crate) struct Projection {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The struct's name.
    pub(crate) name: String,
    /// The fields that are columns.
    pub(crate) fields: Vec<Projected>,
    pub(crate) skipped: Vec<Skipped>,
}

/// A field that is a column of a result, or a row of it.
pub(crate) struct Projected {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) name: String,
    pub(crate) column: String,
    pub(crate) kind: ProjectedKind,
}

/// How such a field is read.
pub(crate) enum ProjectedKind {
    /// A type that implements `SqlType`.
    Known,
    Json,
    /// The handle of an object.
    Object,
}
