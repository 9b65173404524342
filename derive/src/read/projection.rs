//! What was written of a struct with `#[derive(FromRow)]`.
//!
//! The first step of that derive; checking takes its result.
//! It must not judge, as all of this room.

use quote::ToTokens;
use syn::{Data, DeriveInput, Field, Fields, Generics, Ident, LitStr, Meta, Type};

use super::item;
use crate::errors::Errors;

/// What a field may say.
const ALLOWED: [&str; 3] = ["rename", "json", "skip"];

/// The struct, as written.
pub(crate) struct WrittenProjection {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// `None` when it is no struct with named fields, which is a mistake that was noted.
    pub(crate) fields: Option<Vec<WrittenColumn>>,
}

/// A field, as written.
pub(crate) struct WrittenColumn {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// Each attribute once.
    pub(crate) items: Vec<Meta>,
    pub(crate) rename: Option<LitStr>,
}

/// Reads the input of the derive.
pub(crate) fn read_projection(input: DeriveInput, errors: &mut Errors) -> WrittenProjection {
    for item in item::items(&input.attrs, "row", errors) {
        errors.add(item, "`#[row(..)]` stands on fields only");
    }
    let ident = input.ident;
    let place = match input.data {
        Data::Struct(data) => match data.fields {
            Fields::Named(fields) => {
                let fields = fields.named.into_iter();
                let read = fields.filter_map(|field| WrittenColumn::read(field, errors));
                return WrittenProjection {
                    ident,
                    generics: input.generics,
                    fields: Some(read.collect()),
                };
            }
            Fields::Unnamed(fields) => fields.to_token_stream(),
            Fields::Unit => ident.to_token_stream(),
        },
        Data::Enum(data) => data.enum_token.to_token_stream(),
        Data::Union(data) => data.union_token.to_token_stream(),
    };
    let message = format!("columns become named fields: write `struct {ident} {{ .. }}`");
    errors.add(place, message);
    WrittenProjection {
        ident,
        generics: input.generics,
        fields: None,
    }
}

impl WrittenColumn {
    fn read(field: Field, errors: &mut Errors) -> Option<WrittenColumn> {
        let mut written = WrittenColumn {
            ident: field.ident?,
            ty: field.ty,
            items: Vec::new(),
            rename: None,
        };
        for item in item::items(&field.attrs, "row", errors) {
            written.take(item, errors);
        }
        Some(written)
    }

    /// The attribute with this name, if it was written.
    pub(crate) fn item(&self, name: &str) -> Option<&Meta> {
        self.items.iter().find(|item| item.path().is_ident(name))
    }

    fn take(&mut self, item: Meta, errors: &mut Errors) {
        let name = item::name(&item);
        if self.item(&name).is_some() {
            errors.add(item, format!("`{name}` is written twice: leave one out"));
            return;
        }
        match name.as_str() {
            "json" | "skip" => {
                item::word(&item, errors);
            }
            "rename" => self.rename = item::text(&item, errors),
            _ => {
                item::unknown(&item, "a field", &ALLOWED, errors);
                return;
            }
        }
        self.items.push(item);
    }
}
