//! A field's attributes.
//!
//! The reader calls it once a field.
//! It must not look at the field's type, or at how attributes go together.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Field, Ident, LitStr, Meta, Type, Visibility};

use super::item;
use crate::errors::Errors;

/// What a field may say.
const ALLOWED: [&str; 14] = [
    "key",
    "generated",
    "default",
    "version",
    "json",
    "unique",
    "deferrable",
    "index",
    "check",
    "skip",
    "rename",
    "sql_type",
    "on_delete",
    "orphan",
];

/// A field as it was written.
pub(crate) struct WrittenField {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    /// Each attribute once, in the order written; the values of some are below.
    pub(crate) items: Vec<Meta>,
    pub(crate) always: bool,
    pub(crate) default: Option<LitStr>,
    pub(crate) check: Option<LitStr>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) sql_type: Option<LitStr>,
    pub(crate) on_delete: Option<OnDelete>,
}

/// What happens to a row when its parent is deleted, and who does it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDelete {
    Restrict,
    Cascade,
    SetNull,
    CascadeClient,
}

impl WrittenField {
    /// Reads a field of the struct with this name.
    pub(super) fn read(field: Field, model: &Ident, errors: &mut Errors) -> Option<WrittenField> {
        let mut written = WrittenField {
            ident: field.ident?,
            vis: field.vis,
            ty: without_self(field.ty, model),
            items: Vec::new(),
            always: false,
            default: None,
            check: None,
            rename: None,
            sql_type: None,
            on_delete: None,
        };
        for item in item::items(&field.attrs, "model", errors) {
            written.take(item, errors);
        }
        Some(written)
    }

    /// The attribute with this name, if it was written.
    pub(crate) fn item(&self, name: &str) -> Option<&Meta> {
        self.items.iter().find(|item| item.path().is_ident(name))
    }

    /// Whether the attribute with this name was written.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.item(name).is_some()
    }

    fn take(&mut self, item: Meta, errors: &mut Errors) {
        let name = item::name(&item);
        if self.has(&name) {
            errors.add(item, format!("`{name}` is written twice: leave one out"));
            return;
        }
        match name.as_str() {
            "key" | "version" | "json" | "unique" | "deferrable" | "index" | "skip" => {
                item::word(&item, errors);
            }
            "generated" => self.always = is_always(&item, errors),
            "default" => self.default = item::text(&item, errors),
            "check" => self.check = item::text(&item, errors),
            "rename" => self.rename = item::text(&item, errors),
            "sql_type" => self.sql_type = item::text(&item, errors),
            "on_delete" => self.on_delete = on_delete(&item, errors),
            "orphan" => is_delete(&item, errors),
            "embed" => {
                errors.add(
                    item,
                    "`embed` is not supported yet: write the fields out, or use `json`",
                );
                return;
            }
            _ => {
                item::unknown(&item, "a field", &ALLOWED, errors);
                return;
            }
        }
        self.items.push(item);
    }
}

/// Whether it says `generated(always)`.
fn is_always(item: &Meta, errors: &mut Errors) -> bool {
    if let Meta::List(list) = item
        && list.tokens.to_string() == "always"
    {
        return true;
    }
    if !matches!(item, Meta::Path(_)) {
        errors.add(item, "write `generated` or `generated(always)`");
    }
    false
}

fn on_delete(item: &Meta, errors: &mut Errors) -> Option<OnDelete> {
    let action = match item {
        Meta::NameValue(pair) => without_spaces(&pair.value),
        Meta::Path(_) | Meta::List(_) => String::new(),
    };
    match action.as_str() {
        "restrict" => Some(OnDelete::Restrict),
        "cascade" => Some(OnDelete::Cascade),
        "set_null" => Some(OnDelete::SetNull),
        "cascade(client)" => Some(OnDelete::CascadeClient),
        _ => {
            errors.add(
                item,
                "write `on_delete = restrict`, `cascade`, `set_null` or `cascade(client)`",
            );
            None
        }
    }
}

/// Checks that it says `orphan = delete`.
fn is_delete(item: &Meta, errors: &mut Errors) {
    let says_so = match item {
        Meta::NameValue(pair) => without_spaces(&pair.value) == "delete",
        Meta::Path(_) | Meta::List(_) => false,
    };
    if !says_so {
        errors.add(item, "write `orphan = delete`");
    }
}

fn without_spaces(value: &Expr) -> String {
    let tokens = value.to_token_stream().to_string();
    tokens.split_whitespace().collect()
}

/// The type with the struct's name for `Self`: the generated constants stand outside its `impl`.
fn without_self(ty: Type, model: &Ident) -> Type {
    let tokens = name_self(ty.to_token_stream(), model);
    syn::parse2(tokens).unwrap_or(ty)
}

fn name_self(tokens: TokenStream, model: &Ident) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut name = model.clone();
                name.set_span(ident.span());
                TokenTree::Ident(name)
            }
            TokenTree::Group(group) => {
                let mut named = Group::new(group.delimiter(), name_self(group.stream(), model));
                named.set_span(group.span());
                TokenTree::Group(named)
            }
            other => other,
        })
        .collect()
}
