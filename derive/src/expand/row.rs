//! Rows to objects.
//!
//! It writes `from_row`, `read_fields` and `adopt`.
//! The columns of the fields it is asked for follow one another, in table order; it must not look
//! for them by name.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Model;

/// The methods that read rows.
pub(super) fn row(model: &Model) -> TokenStream {
    let read = model.fields.iter().map(|field| {
        let (ident, access) = (&field.ident, &field.access);
        quote!(#ident: #access.read(row, &mut at)?)
    });
    let skipped = model.skipped.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        quote!(#ident: __sessile::default_of::<#ty>())
    });
    let read_again = model.fields.iter().map(|field| {
        let (ident, access, position) = (&field.ident, &field.access, field.index());
        quote! {
            if fields.contains(#position) {
                self.#ident = #access.read(row, &mut at)?;
            }
        }
    });
    let adopt = model.fields.iter().map(|field| {
        let (ident, position) = (&field.ident, field.index());
        quote! {
            if fields.contains(#position) {
                ::core::mem::swap(&mut self.#ident, &mut fresh.#ident);
            }
        }
    });
    quote! {
        fn from_row(
            row: &__sessile::Row<'_>,
            mut at: usize,
        ) -> ::core::result::Result<Self, __sessile::Error> {
            ::core::result::Result::Ok(Self {
                #(#read,)*
                #(#skipped,)*
            })
        }

        fn read_fields(
            &mut self,
            fields: __sessile::ColumnSet,
            row: &__sessile::Row<'_>,
            mut at: usize,
        ) -> ::core::result::Result<(), __sessile::Error> {
            #(#read_again)*
            ::core::result::Result::Ok(())
        }

        // Swapped, because nothing can be moved out of a struct that implements `Drop`.
        fn adopt(&mut self, mut fresh: Self, fields: __sessile::ColumnSet) {
            #(#adopt)*
        }
    }
}
