//! What makes no sense in a struct with `#[derive(FromRow)]`.
//!
//! The second step of that derive: it gives the projection to expand.
//! It must not stop at a mistake, as all of this room.

use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::model::{Projected, ProjectedKind, Projection, Skipped};
use crate::read::{WrittenColumn, WrittenProjection};
use crate::types;

/// Checks a struct, and makes a projection of it as well as it goes.
pub(crate) fn check_projection(written: WrittenProjection, errors: &mut Errors) -> Projection {
    if !written.generics.params.is_empty() {
        errors.add(
            &written.generics,
            "a row's struct can't be generic: write one with concrete, owned types",
        );
    }
    let mut projection = Projection {
        name: written.ident.unraw().to_string(),
        ident: written.ident,
        generics: written.generics,
        fields: Vec::new(),
        skipped: Vec::new(),
    };
    let Some(fields) = written.fields else {
        return projection;
    };
    for field in fields {
        add_field(&mut projection, field, errors);
    }
    if projection.fields.is_empty() {
        let message = "a row has at least one column: write a field that is not skipped";
        errors.add(&projection.ident, message);
    }
    projection
}

fn add_field(projection: &mut Projection, written: WrittenColumn, errors: &mut Errors) {
    if written.item("skip").is_some() {
        for other in ["rename", "json"] {
            if let Some(item) = written.item(other) {
                let message = format!("`skip` leaves the field out: remove `{other}` or `skip`");
                errors.add(item, message);
            }
        }
        projection.skipped.push(Skipped {
            ident: written.ident,
            ty: written.ty,
        });
        return;
    }
    let name = written.ident.unraw().to_string();
    let column = written
        .rename
        .as_ref()
        .map_or_else(|| name.clone(), |rename| rename.value());
    if let Some(other) = projection.fields.iter().find(|f| f.column == column) {
        let other = &other.name;
        errors.add(
            &written.ident,
            format!("`{other}` and `{name}` are both the column `{column}`: `rename` one of them"),
        );
    }
    projection.fields.push(Projected {
        kind: kind(&written),
        ident: written.ident,
        ty: written.ty,
        name,
        column,
    });
}

fn kind(written: &WrittenColumn) -> ProjectedKind {
    let inner = types::option_of(&written.ty);
    if written.item("json").is_some() {
        return ProjectedKind::Json;
    }
    let handle = types::argument_of(inner.unwrap_or(&written.ty), "Handle");
    match handle {
        Some(_) => ProjectedKind::Object,
        None => ProjectedKind::Known,
    }
}
