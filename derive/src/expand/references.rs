//! The reference fields, by position.
//!
//! It writes `reference`, `set_reference_key`, `set_reference_handle` and `clear_reference`.
//! It must not touch a field that is no reference.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use crate::model::Model;

/// The methods that read and set references.
pub(super) fn references(model: &Model) -> TokenStream {
    let get = arms(model, |access, ident| quote!(#access.get(&self.#ident)));
    let set_key = arms(
        model,
        |access, ident| quote!(#access.set_key(&mut self.#ident, key)),
    );
    let set_handle = arms(
        model,
        |access, ident| quote!(#access.set_handle(&mut self.#ident, handle)),
    );
    let clear = arms(
        model,
        |access, ident| quote!(#access.clear(&mut self.#ident)),
    );
    quote! {
        fn reference(
            &self,
            field: usize,
        ) -> ::core::option::Option<__sessile::Reference<'_, dyn ::core::any::Any>> {
            match field {
                #(#get)*
                _ => ::core::option::Option::None,
            }
        }

        fn set_reference_key(&mut self, field: usize, key: &dyn ::core::any::Any) {
            match field {
                #(#set_key)*
                _ => {}
            }
        }

        fn set_reference_handle(&mut self, field: usize, handle: __sessile::RawHandle) {
            match field {
                #(#set_handle)*
                _ => {}
            }
        }

        fn clear_reference(&mut self, field: usize) {
            match field {
                #(#clear)*
                _ => {}
            }
        }
    }
}

fn arms(model: &Model, does: impl Fn(&Ident, &Ident) -> TokenStream) -> Vec<TokenStream> {
    model
        .references()
        .map(|(field, _)| {
            let (position, does) = (field.index(), does(&field.access, &field.ident));
            quote!(#position => #does,)
        })
        .collect()
}
