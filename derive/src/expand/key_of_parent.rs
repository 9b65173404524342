//! What stands for the key of a model whose key is one reference: whatever stands for its parent.
//!
//! Written beside the implementation of the model.
//! It must not be written for keys of several fields, which are taken as tuples.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Model;

/// Lets handles and references of the parent be passed for the key: `get::<Profile>(user)`.
pub(super) fn key_of_parent(model: &Model) -> TokenStream {
    let key = model.key();
    let [Some(reference)] = key.iter().map(|f| f.reference()).collect::<Vec<_>>()[..] else {
        return TokenStream::new();
    };
    let (ident, parent) = (&model.ident, &reference.parent);
    let fk = quote!(__sessile::Fk<#parent>);
    [quote!(__sessile::Handle<#parent>), quote!(&#fk), fk]
        .iter()
        .map(|ty| {
            quote! {
                #[automatically_derived]
                impl __sessile::IntoKey<#ident> for #ty {
                    fn into_key(
                        self,
                        lookup: &dyn __sessile::KeyLookup,
                    ) -> ::core::result::Result<
                        <#ident as __sessile::Model>::Key,
                        __sessile::Error,
                    > {
                        __sessile::IntoKey::<#parent>::into_key(self, lookup)
                    }
                }
            }
        })
        .collect()
}
