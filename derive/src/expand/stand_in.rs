//! What a struct with mistakes gets: constants and an implementation that is never run.
//!
//! The macro's entry puts it beside the mistakes, so that uses of the model are no errors too.
//! It must not need anything of the fields that could be a mistake of its own.

use proc_macro2::TokenStream;
use quote::quote;

use super::{constants, key};
use crate::model::{Field, Kind, Model};
use crate::types;

/// The stand-in for a model that has mistakes.
pub(crate) fn stand_in(model: &Model) -> TokenStream {
    // A generic one would need bounds that nobody asked for.
    if !model.generics.params.is_empty() {
        return TokenStream::new();
    }
    let (ident, name) = (&model.ident, &model.name);
    let constants = constants::constants(model);
    let key = key_type(model);
    let methods = methods(&key);
    quote! {
        #constants

        const _: () = {
            use ::sessile::__private as __sessile;

            #[automatically_derived]
            #[allow(unused_variables)]
            impl __sessile::Model for #ident {
                const NAME: &'static str = #name;
                type Key = #key;
                type KeyParts = ();
                #methods
            }
        };
    }
}

/// The key's type, unless that would not compile.
fn key_type(model: &Model) -> TokenStream {
    let fits = |field: &&Field| match &field.kind {
        Kind::Known | Kind::Named(_) => true,
        Kind::Json => false,
        Kind::Reference(reference) => !types::is_named(&reference.parent, &model.ident),
    };
    if model.key().iter().all(fits) {
        key::key_type(model)
    } else {
        quote!(())
    }
}

fn methods(key: &TokenStream) -> TokenStream {
    let never = quote!({ ::core::unreachable!() });
    let result = quote!(::core::result::Result);
    let option = quote!(::core::option::Option);
    let any = quote!(dyn ::core::any::Any);
    quote! {
        fn table() -> &'static __sessile::Table #never
        fn key_columns() -> ::std::vec::Vec<__sessile::KeyColumn> #never
        fn key(&self) -> #option<#key> #never
        fn encode_key(
            key: &#key,
            part: usize,
            ty: &__sessile::Type,
            out: &mut __sessile::BytesMut,
        ) -> __sessile::EncodeResult #never
        fn decode_key(
            row: &__sessile::Row<'_>,
            at: usize,
        ) -> #result<#option<#key>, __sessile::Error> #never
        fn from_row(
            row: &__sessile::Row<'_>,
            at: usize,
        ) -> #result<Self, __sessile::Error> #never
        fn read_fields(
            &mut self,
            fields: __sessile::ColumnSet,
            row: &__sessile::Row<'_>,
            at: usize,
        ) -> #result<(), __sessile::Error> #never
        fn adopt(&mut self, fresh: Self, fields: __sessile::ColumnSet) #never
        fn changed(&self, original: &Self) -> __sessile::ColumnSet #never
        fn defaulted(&self, fields: __sessile::ColumnSet) -> __sessile::ColumnSet #never
        fn reset(&mut self, fields: __sessile::ColumnSet) #never
        fn normalize(&mut self) #never
        fn encode(
            &self,
            field: usize,
            part: usize,
            ty: &__sessile::Type,
            out: &mut __sessile::BytesMut,
            keys: &dyn __sessile::KeyLookup,
        ) -> __sessile::EncodeResult #never
        fn reference(&self, field: usize) -> #option<__sessile::Reference<'_, #any>> #never
        fn set_reference_key(&mut self, field: usize, key: &#any) #never
        fn set_reference_handle(&mut self, field: usize, handle: __sessile::RawHandle) #never
        fn clear_reference(&mut self, field: usize) #never
        fn bump_version(&mut self) #never
        fn start_version(&mut self) #never
    }
}
