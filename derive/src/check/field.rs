//! From a field as written to a field of the model.
//!
//! Called once a mapped field, after its rules were checked.
//! It must not note mistakes; what contradicts itself is taken one way or the other.

use quote::format_ident;
use syn::ext::IdentExt;

use crate::model::{Field, Generated, Kind, Reference, Role};
use crate::naming;
use crate::read::{OnDelete, WrittenField};
use crate::types;

/// The field at this position among the mapped fields.
pub(super) fn field(written: WrittenField, position: usize) -> Field {
    let name = written.ident.unraw().to_string();
    let constant = naming::constant_case(&name);
    Field {
        position,
        constant: format_ident!("{}", constant, span = written.ident.span()),
        access: format_ident!("__{}", constant),
        kind: kind(&written),
        role: role(&written),
        generated: generated(&written),
        unique: written.has("unique"),
        deferrable: written.has("deferrable"),
        index: written.has("index"),
        default: written.default,
        rename: written.rename,
        check: written.check,
        name,
        ident: written.ident,
        vis: written.vis,
        ty: written.ty,
    }
}

fn kind(written: &WrittenField) -> Kind {
    if let Some(parent) = types::parent_of(&written.ty) {
        return Kind::Reference(Reference {
            parent: Box::new(parent.clone()),
            on_delete: written.on_delete.unwrap_or(OnDelete::Restrict),
            orphan: written.has("orphan"),
        });
    }
    match &written.sql_type {
        _ if written.has("json") => Kind::Json,
        Some(name) => Kind::Named(name.clone()),
        None => Kind::Known,
    }
}

fn role(written: &WrittenField) -> Role {
    if written.has("key") {
        Role::Key
    } else if written.has("version") {
        Role::Version
    } else {
        Role::Plain
    }
}

fn generated(written: &WrittenField) -> Generated {
    if written.always {
        Generated::Always
    } else if written.has("generated") || written.default.is_some() {
        Generated::ByDefault
    } else {
        Generated::Never
    }
}
