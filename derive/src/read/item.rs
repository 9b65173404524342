//! The items inside `#[model(..)]` and `#[row(..)]`.
//!
//! All readers, of structs and of fields, take their attributes apart with it.
//! It must not know which items there are.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Token};

use crate::errors::Errors;
use crate::naming::did_you_mean;

/// The items of all `#[model(..)]`, or of another name, among these attributes.
pub(super) fn items(attributes: &[Attribute], of: &str, errors: &mut Errors) -> Vec<Meta> {
    let mut items = Vec::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident(of)) {
        let Meta::List(list) = &attribute.meta else {
            errors.add(&attribute.meta, format!("write `#[{of}(..)]`"));
            continue;
        };
        match list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
            Ok(found) => items.extend(found),
            Err(error) => errors.add_syntax(error),
        }
    }
    items
}

/// The name of an item; empty for a path of several segments, which is no item's.
pub(super) fn name(item: &Meta) -> String {
    item.path()
        .get_ident()
        .map(Ident::to_string)
        .unwrap_or_default()
}

/// Whether the item is a word alone.
pub(super) fn word(item: &Meta, errors: &mut Errors) -> bool {
    let alone = matches!(item, Meta::Path(_));
    if !alone {
        errors.add(item, format!("write `{}` alone", name(item)));
    }
    alone
}

/// The text of an item such as `table = "account"`.
pub(super) fn text(item: &Meta, errors: &mut Errors) -> Option<LitStr> {
    let name = name(item);
    let text = match item {
        Meta::NameValue(pair) => literal(&pair.value),
        Meta::Path(_) | Meta::List(_) => None,
    };
    match text {
        None => errors.add(item, format!("write `{name} = \"..\"`")),
        Some(text) if text.value().trim().is_empty() => {
            errors.add(text, format!("`{name}` must not be empty"));
        }
        Some(text) => return Some(text),
    }
    None
}

/// The text of a string literal.
pub(super) fn literal(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.clone()),
        _ => None,
    }
}

/// What is inside the parentheses of an item such as `unique(a, b)`, divided at commas.
pub(super) fn list<T: syn::parse::Parse>(
    item: &Meta,
    example: &str,
    errors: &mut Errors,
) -> Vec<T> {
    let Meta::List(list) = item else {
        errors.add(item, format!("write `{example}`"));
        return Vec::new();
    };
    match list.parse_args_with(Punctuated::<T, Token![,]>::parse_terminated) {
        Ok(found) if found.is_empty() => errors.add(item, format!("write `{example}`")),
        Ok(found) => return found.into_iter().collect(),
        Err(error) => errors.add_syntax(error),
    }
    Vec::new()
}

/// Notes an item that there is not, with those that there are.
pub(super) fn unknown(item: &Meta, place: &str, allowed: &[&str], errors: &mut Errors) {
    let written = item.path().to_token_stream().to_string().replace(' ', "");
    let meant = did_you_mean(&written, allowed.iter().copied());
    let allowed = allowed.join("`, `");
    errors.add(
        item.path(),
        format!("unknown attribute `{written}`{meant}\n{place} takes `{allowed}`"),
    );
}
