//! The key: its type, and how it is sent and read.
//!
//! It writes `Key`, `KEY_COLUMNS`, `key`, `encode_key` and `decode_key`.
//! A part that is a reference is the parent's key; it must not be taken for a single column.
//!
//! The methods name the key's type rather than `Self::Key`: a struct without `Clone` would be
//! told so at each mention of that.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Index};

use crate::model::{Field, Model};

/// The key's type: the only field's, or a tuple.
pub(super) fn key_type(model: &Model) -> TokenStream {
    let parts: Vec<TokenStream> = model.key().into_iter().map(part_type).collect();
    match parts.as_slice() {
        [part] => part.clone(),
        parts => quote!((#(#parts),*)),
    }
}

/// The types of the key's fields, as a tuple.
pub(super) fn key_parts(model: &Model) -> TokenStream {
    let parts = model
        .key()
        .into_iter()
        .map(|field| match field.reference() {
            None => {
                let ty = &field.ty;
                quote!(#ty)
            }
            Some(reference) => {
                let parent = &reference.parent;
                quote!(::sessile::__private::Fk<#parent>)
            }
        });
    quote!((#(#parts,)*))
}

fn part_type(field: &Field) -> TokenStream {
    match field.reference() {
        None => {
            let ty = &field.ty;
            quote!(#ty)
        }
        Some(reference) => {
            let parent = &reference.parent;
            quote!(<#parent as ::sessile::__private::Model>::Key)
        }
    }
}

/// The number of columns; every model has at least the default, one.
pub(super) fn key_columns(model: &Model) -> TokenStream {
    let parts = model
        .key()
        .into_iter()
        .map(|field| match field.reference() {
            None => quote!(1),
            Some(reference) => {
                let parent = &reference.parent;
                quote!(<#parent as ::sessile::__private::Model>::KEY_COLUMNS)
            }
        });
    quote!(const KEY_COLUMNS: usize = #(#parts)+*;)
}

/// The items that are about the key.
pub(super) fn key(model: &Model) -> TokenStream {
    let ty = key_type(model);
    let parts = key_parts(model);
    let columns = key_columns(model);
    let key_of_self = key_of_self(&model.key());
    let encode = encode(model);
    let decode = decode(&model.key());
    quote! {
        type Key = #ty;
        type KeyParts = #parts;
        #columns

        fn key(&self) -> ::core::option::Option<#ty> {
            #key_of_self
        }

        fn encode_key(
            key: &#ty,
            mut part: usize,
            ty: &__sessile::Type,
            out: &mut __sessile::BytesMut,
        ) -> __sessile::EncodeResult {
            #encode
        }

        fn decode_key(
            row: &__sessile::Row<'_>,
            mut at: usize,
        ) -> ::core::result::Result<::core::option::Option<#ty>, __sessile::Error> {
            #decode
        }
    }
}

fn key_of_self(key: &[&Field]) -> TokenStream {
    let parts: Vec<TokenStream> = key
        .iter()
        .map(|field| {
            let (access, ident) = (&field.access, &field.ident);
            quote!(#access.key(&self.#ident))
        })
        .collect();
    match parts.as_slice() {
        [part] => part.clone(),
        parts => quote!(::core::option::Option::Some((#(#parts?),*))),
    }
}

fn encode(model: &Model) -> TokenStream {
    let key = model.key();
    if let [field] = key.as_slice() {
        let access = &field.access;
        return quote!(#access.encode_key(key, part, ty, out));
    }
    let name = &model.name;
    let parts = key.iter().enumerate().map(|(i, field)| {
        let (access, i) = (&field.access, Index::from(i));
        quote! {
            if #access.takes(&mut part) {
                return #access.encode_key(&key.#i, part, ty, out);
            }
        }
    });
    quote! {
        #(#parts)*
        __sessile::no_such_column(#name)
    }
}

fn decode(key: &[&Field]) -> TokenStream {
    if let [field] = key {
        let access = &field.access;
        return quote!(#access.read_key(row, &mut at));
    }
    let names: Vec<Ident> = (0..key.len())
        .map(|i| format_ident!("part_{}", i))
        .collect();
    let parts = key.iter().zip(&names).map(|(field, name)| {
        let access = &field.access;
        quote! {
            let ::core::option::Option::Some(#name) = #access.read_key(row, &mut at)? else {
                return ::core::result::Result::Ok(::core::option::Option::None);
            };
        }
    });
    quote! {
        #(#parts)*
        ::core::result::Result::Ok(::core::option::Option::Some((#(#names),*)))
    }
}
