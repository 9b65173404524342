//! The code for a struct with `#[derive(FromRow)]`.
//!
//! The last step of that derive.
//! The bound on a field's type stands where the field is read, and must not stand elsewhere: a
//! type that does not fit is one message.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Projected, ProjectedKind, Projection};
use crate::types;

/// The widest tuple that a query gives.
const WIDEST: usize = 12;

/// The code for a projection.
pub(crate) fn expand_projection(projection: &Projection) -> TokenStream {
    let ident = &projection.ident;
    let find = find(projection);
    let read = projection
        .fields
        .iter()
        .map(|field| read(&projection.name, field));
    let skipped = projection.skipped.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        quote!(#ident: __sessile::default_of::<#ty>())
    });
    let columns = columns(projection);
    quote! {
        const _: () = {
            use ::sessile::__private as __sessile;

            #[automatically_derived]
            #[allow(unused_variables)]
            impl __sessile::FromRow for #ident {
                fn find_columns(
                    finder: &mut __sessile::ColumnFinder<'_>,
                ) -> ::core::result::Result<(), __sessile::Error> {
                    #find
                }

                fn read_row<Objects: __sessile::Objects>(
                    row: &__sessile::Row<'_>,
                    at: &mut usize,
                    objects: &mut Objects,
                ) -> ::core::result::Result<Self, __sessile::Error> {
                    ::core::result::Result::Ok(#ident {
                        #(#read,)*
                        #(#skipped,)*
                    })
                }
            }

            #columns
        };
    }
}

/// What a struct with mistakes gets, so that its uses are no further errors.
pub(crate) fn stand_in_projection(projection: &Projection) -> TokenStream {
    if !projection.generics.params.is_empty() {
        return TokenStream::new();
    }
    let ident = &projection.ident;
    quote! {
        const _: () = {
            use ::sessile::__private as __sessile;

            #[automatically_derived]
            #[allow(unused_variables)]
            impl __sessile::FromRow for #ident {
                fn find_columns(
                    finder: &mut __sessile::ColumnFinder<'_>,
                ) -> ::core::result::Result<(), __sessile::Error> {
                    ::core::unreachable!()
                }

                fn read_row<Objects: __sessile::Objects>(
                    row: &__sessile::Row<'_>,
                    at: &mut usize,
                    objects: &mut Objects,
                ) -> ::core::result::Result<Self, __sessile::Error> {
                    ::core::unreachable!()
                }
            }

            #[automatically_derived]
            impl<Columns> __sessile::FromColumns<Columns> for #ident {}
        };
    }
}

/// By name, where a result has names: raw SQL.
fn find(projection: &Projection) -> TokenStream {
    let name = &projection.name;
    let is_object = |field: &&Projected| matches!(field.kind, ProjectedKind::Object);
    if let Some(object) = projection.fields.iter().find(is_object) {
        let field = &object.name;
        return quote!(finder.refuse_object(#name, #field));
    }
    let fields = projection.fields.iter().map(|field| {
        let (field, column) = (&field.name, &field.column);
        quote!((#field, #column))
    });
    quote!(finder.fields(#name, &[#(#fields),*]))
}

fn read(name: &str, field: &Projected) -> TokenStream {
    let (ident, ty, column) = (&field.ident, &field.ty, &field.name);
    match field.kind {
        ProjectedKind::Known => {
            quote!(#ident: __sessile::value::<#ty>(#name, #column).read(row, at)?)
        }
        ProjectedKind::Json => match types::option_of(ty) {
            None => quote!(#ident: __sessile::read_json::<#ty>(row, at, #name, #column)?),
            Some(inner) => {
                quote!(#ident: __sessile::read_optional_json::<#inner>(row, at, #name, #column)?)
            }
        },
        ProjectedKind::Object => {
            quote!(#ident: <#ty as __sessile::FromRow>::read_row(row, at, objects)?)
        }
    }
}

/// The tuple of its field types; a single column comes without one, too.
fn columns(projection: &Projection) -> TokenStream {
    let ident = &projection.ident;
    let types: Vec<TokenStream> = projection.fields.iter().map(column_type).collect();
    let alone = match types.as_slice() {
        [alone] => quote! {
            #[automatically_derived]
            impl __sessile::FromColumns<#alone> for #ident {}
        },
        _ => TokenStream::new(),
    };
    if types.len() > WIDEST {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl __sessile::FromColumns<(#(#types,)*)> for #ident {}

        #alone
    }
}

fn column_type(field: &Projected) -> TokenStream {
    let ty = &field.ty;
    match (&field.kind, types::option_of(ty)) {
        (ProjectedKind::Json, None) => quote!(__sessile::JsonDocument),
        (ProjectedKind::Json, Some(_)) => {
            quote!(::core::option::Option<__sessile::JsonDocument>)
        }
        (ProjectedKind::Known | ProjectedKind::Object, _) => quote!(#ty),
    }
}
