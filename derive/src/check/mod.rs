//! Finds what makes no sense, and says what to write instead.
//!
//! The second step of the derive: it takes what was read and gives the model to expand.
//! It must not stop at a mistake, so that all are found; what is wrong is left out of the model.

mod field;
mod names;
mod projection;
mod rules;

pub(crate) use projection::check_projection;

use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::model::{Model, Role, Skipped};
use crate::naming;
use crate::read::{Written, WrittenField, WrittenStruct};

/// The greatest number of mapped fields; `ColumnSet` has a bit for each.
const MOST_FIELDS: usize = 128;

/// Checks a struct, and makes a model of it as well as it goes.
pub(crate) fn check(written: Written, errors: &mut Errors) -> Model {
    check_generics(&written.structure, errors);
    let mut model = model_without_fields(written.structure);
    let Some(fields) = written.fields else {
        return model;
    };
    let names: Vec<String> = fields.iter().map(|f| f.ident.unraw().to_string()).collect();
    check_key(&model, &fields, errors);
    for field in fields {
        add_field(&mut model, field, errors);
    }
    check_count(&model, errors);
    check_versions(&model, errors);
    names::check_columns(&model, errors);
    names::check_constants(&mut model, errors);
    names::check_groups(&model, &names, errors);
    model
}

fn check_generics(structure: &WrittenStruct, errors: &mut Errors) {
    if !structure.generics.params.is_empty() {
        errors.add(
            &structure.generics,
            "a model can't be generic: write a struct with concrete, owned types",
        );
    }
}

fn model_without_fields(structure: WrittenStruct) -> Model {
    let name = structure.ident.unraw().to_string();
    let table = structure
        .table
        .map_or_else(|| naming::snake_case(&name), |table| table.value());
    Model {
        ident: structure.ident,
        vis: structure.vis,
        generics: structure.generics,
        name,
        schema: structure.schema,
        table,
        fields: Vec::new(),
        skipped: Vec::new(),
        relationships: structure
            .relationships
            .into_iter()
            .map(names::relationship)
            .collect(),
        uniques: structure.uniques,
        indexes: structure.indexes,
        checks: structure.checks,
    }
}

fn add_field(model: &mut Model, written: WrittenField, errors: &mut Errors) {
    rules::check(&written, &model.ident, errors);
    if written.has("skip") {
        model.skipped.push(Skipped {
            ident: written.ident,
            ty: written.ty,
        });
    } else {
        let position = model.fields.len();
        model.fields.push(field::field(written, position));
    }
}

fn check_count(model: &Model, errors: &mut Errors) {
    if let Some(first) = model.fields.get(MOST_FIELDS) {
        errors.add(
            &first.ident,
            format!("a model has at most {MOST_FIELDS} mapped fields: store some as `json`"),
        );
    }
}

fn check_key(model: &Model, fields: &[WrittenField], errors: &mut Errors) {
    if !fields.iter().any(|field| field.has("key")) {
        errors.add(
            &model.ident,
            "a model needs a key: write `#[model(key)]` on one field, or on several",
        );
    }
}

fn check_versions(model: &Model, errors: &mut Errors) {
    let versions = model.fields.iter().filter(|f| f.role == Role::Version);
    for second in versions.skip(1) {
        errors.add(
            &second.ident,
            "a model has one version: leave out `version` here",
        );
    }
}

/// Notes a mistake in an attribute of a field.
fn wrong_item(field: &WrittenField, item: &str, message: &str, errors: &mut Errors) {
    match field.item(item) {
        Some(item) => errors.add(item, message),
        None => errors.add(&field.ident, message),
    }
}
