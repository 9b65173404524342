//! Which attributes go together, and with which types.
//!
//! Called once a field, before the field is taken into the model.
//! It must not look at other fields.

use syn::Ident;

use super::wrong_item;
use crate::errors::Errors;
use crate::read::{OnDelete, WrittenField};
use crate::types;

/// Attributes that contradict each other on a value; the mistake is shown at the second.
const CONFLICTS: [(&str, &str, &str); 7] = [
    (
        "key",
        "json",
        "a key can't be stored as json: use a column type",
    ),
    (
        "key",
        "version",
        "a version changes and a key does not: use two fields",
    ),
    (
        "json",
        "sql_type",
        "`json` means jsonb: leave out `sql_type`, or `json`",
    ),
    (
        "json",
        "version",
        "a version is a number, uuid or timestamp: leave out `json`",
    ),
    (
        "version",
        "sql_type",
        "a version has a type that is known here: leave out `sql_type`",
    ),
    (
        "version",
        "generated",
        "the session counts versions: leave out `generated`",
    ),
    (
        "version",
        "default",
        "the session gives the first version: leave out `default`",
    ),
];

/// What a reference can't have.
const NOT_ON_REFERENCES: [(&str, &str); 5] = [
    (
        "json",
        "a reference is stored as the key it holds: leave out `json`",
    ),
    (
        "sql_type",
        "a reference has the type of the key it holds: leave out `sql_type`",
    ),
    (
        "generated",
        "a reference is set by the program: leave out `generated`",
    ),
    (
        "default",
        "a reference is set by the program: leave out `default`",
    ),
    (
        "version",
        "a version is no reference: use a field of its own",
    ),
];

/// Checks one field of the struct with this name.
pub(super) fn check(field: &WrittenField, model: &Ident, errors: &mut Errors) {
    if field.has("skip") {
        check_skipped(field, errors);
    } else if types::parent_of(&field.ty).is_some() {
        check_reference(field, model, errors);
    } else {
        check_value(field, errors);
    }
}

fn check_skipped(field: &WrittenField, errors: &mut Errors) {
    for item in &field.items {
        if !item.path().is_ident("skip") {
            errors.add(
                item,
                "a skipped field has no column: leave this out, or `skip`",
            );
        }
    }
}

fn check_option(field: &WrittenField, what: &str, errors: &mut Errors) {
    if field.has(what) && types::option_of(&field.ty).is_some() {
        let message = format!("a {what} is never NULL: write the type without `Option`");
        errors.add(&field.ty, message);
    }
}

fn check_reference(field: &WrittenField, model: &Ident, errors: &mut Errors) {
    check_option(field, "key", errors);
    for (name, message) in NOT_ON_REFERENCES {
        if field.has(name) {
            wrong_item(field, name, message, errors);
        }
    }
    let required = types::option_of(&field.ty).is_none();
    if required && field.on_delete == Some(OnDelete::SetNull) {
        wrong_item(
            field,
            "on_delete",
            "this reference can't be NULL: write `Option<Fk<..>>`, or `cascade`",
            errors,
        );
    }
    if required && field.has("orphan") {
        wrong_item(
            field,
            "orphan",
            "this reference is never None: write `Option<Fk<..>>`, or leave out `orphan`",
            errors,
        );
    }
    let parent = types::parent_of(&field.ty);
    if field.has("key") && parent.is_some_and(|parent| types::is_named(parent, model)) {
        errors.add(
            &field.ty,
            "a key can't refer to its own model: refer to it with a field that is no key",
        );
    }
}

fn check_value(field: &WrittenField, errors: &mut Errors) {
    check_option(field, "key", errors);
    check_option(field, "version", errors);
    for (first, second, message) in CONFLICTS {
        if field.has(first) && field.has(second) {
            wrong_item(field, second, message, errors);
        }
    }
    if field.has("on_delete") {
        wrong_item(
            field,
            "on_delete",
            "only references have `on_delete`: write the type as `Fk<..>` or `Option<Fk<..>>`",
            errors,
        );
    }
    if field.has("orphan") {
        wrong_item(
            field,
            "orphan",
            "only references have `orphan`: write the type as `Option<Fk<..>>`",
            errors,
        );
    }
    if field.has("deferrable") && !field.has("unique") {
        wrong_item(
            field,
            "deferrable",
            "only references and `unique` fields are checked late: add `unique`, \
             or leave this out",
            errors,
        );
    }
    if types::argument_of(&field.ty, "Vec").is_some_and(|ty| types::parent_of(ty).is_some()) {
        errors.add(
            &field.ty,
            "a collection is no field: put an `Fk` into the other model, \
             and `has_many(..)` on this struct",
        );
    }
}
