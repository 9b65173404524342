//! Whether names clash, and whether the fields that groups name exist.
//!
//! Called when all fields are known.
//! It must not look at what the fields are.

use proc_macro2::Ident;
use quote::format_ident;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::model::{Field, Model, Relationship};
use crate::naming;
use crate::read::WrittenRelationship;

/// A relationship as written, with the names that follow from it.
pub(super) fn relationship(written: WrittenRelationship) -> Relationship {
    let name = written.ident.unraw().to_string();
    let mut child = written.by.clone();
    // What is left of `Entry::PAYER` is `Entry`; the reader saw to it that something is.
    child.segments.pop();
    child.segments.pop_punct();
    Relationship {
        side: written.side,
        constant: format_ident!(
            "{}",
            naming::constant_case(&name),
            span = written.ident.span()
        ),
        name,
        child,
        by: written.by,
    }
}

/// Two value fields must not have one column; how the columns of references are called is known
/// only when their parents are.
pub(super) fn check_columns(model: &Model, errors: &mut Errors) {
    let mut seen: Vec<(String, &Field)> = Vec::new();
    for field in model.fields.iter().filter(|f| f.reference().is_none()) {
        let column = match &field.rename {
            Some(name) => name.value(),
            None => field.name.clone(),
        };
        if let Some((_, first)) = seen.iter().find(|(name, _)| *name == column) {
            let message = format!(
                "column `{column}` is field `{}` already: write another `rename`",
                first.name
            );
            match &field.rename {
                Some(name) => errors.add(name, message),
                None => errors.add(&field.ident, message),
            }
        }
        seen.push((column, field));
    }
}

/// Fields and relationships share the struct's constants; a second one is left out.
pub(super) fn check_constants(model: &mut Model, errors: &mut Errors) {
    let mut seen: Vec<(Ident, String)> = Vec::new();
    let mut is_new = |constant: &Ident, what: String| {
        let Some((_, first)) = seen.iter().find(|(c, _)| c == constant) else {
            seen.push((constant.clone(), what));
            return true;
        };
        let message =
            format!("{first} and {what} both want the constant `{constant}`: rename one of them");
        errors.add(constant, message);
        false
    };
    model
        .fields
        .retain(|f| is_new(&f.constant, format!("field `{}`", f.name)));
    model
        .relationships
        .retain(|r| is_new(&r.constant, format!("relationship `{}`", r.name)));
}

/// The fields that `unique(..)` and `index(..)` name must be there.
pub(super) fn check_groups(model: &Model, names: &[String], errors: &mut Errors) {
    for group in model.uniques.iter().chain(&model.indexes) {
        let mut seen: Vec<String> = Vec::new();
        for ident in &group.fields {
            let name = ident.unraw().to_string();
            if seen.contains(&name) {
                errors.add(ident, format!("`{name}` is written twice: leave one out"));
            } else if !names.contains(&name) {
                let meant = naming::did_you_mean(&name, names.iter().map(String::as_str));
                errors.add(ident, format!("there is no field `{name}`{meant}"));
            } else if model.skipped.iter().any(|s| s.ident.unraw() == name) {
                errors.add(
                    ident,
                    format!("`{name}` has no column: leave it out, or its `skip`"),
                );
            }
            seen.push(name);
        }
    }
}
