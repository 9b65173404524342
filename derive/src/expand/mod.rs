//! Writes the code.
//!
//! The last step of the derive; it is given models without mistakes, and others for a stand-in.
//! It must not name anything but `::sessile::__private` and what the user wrote.
//!
//! A bound on a field's type stands in one place only, the constants of [`access`]: everything
//! else goes through them, so a type that does not fit is one message.

mod access;
mod constants;
mod key;
mod key_of_parent;
mod projection;
mod references;
mod row;
mod stand_in;
mod table;
mod writing;

pub(crate) use projection::{expand_projection, stand_in_projection};
pub(crate) use stand_in::stand_in;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Model;

/// The code for a model.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let (ident, name) = (&model.ident, &model.name);
    let constants = constants::constants(model);
    let access = access::constants(model);
    let table = table::table(model);
    let key = key::key(model);
    let key_of_parent = key_of_parent::key_of_parent(model);
    let row = row::row(model);
    let writing = writing::writing(model);
    let references = references::references(model);
    quote! {
        #constants

        const _: () = {
            use ::sessile::__private as __sessile;

            #access

            #[automatically_derived]
            #[allow(unused_variables, unused_mut)]
            impl __sessile::Model for #ident {
                const NAME: &'static str = #name;
                #table
                #key
                #row
                #writing
                #references
            }

            #[automatically_derived]
            impl __sessile::FromRow for #ident {
                fn find_columns(
                    finder: &mut __sessile::ColumnFinder<'_>,
                ) -> ::core::result::Result<(), __sessile::Error> {
                    __sessile::find_model::<Self>(finder)
                }

                fn read_row<Objects: __sessile::Objects>(
                    row: &__sessile::Row<'_>,
                    at: &mut usize,
                    _: &mut Objects,
                ) -> ::core::result::Result<Self, __sessile::Error> {
                    __sessile::read_model(row, at)
                }
            }

            #key_of_parent
        };
    }
}
