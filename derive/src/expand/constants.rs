//! The constants on the struct: columns and relationships.
//!
//! Both the code of a model and its stand-in have them.
//! They must not need more of a field's type than that it exists.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Field, Model, Relationship};
use crate::read::Side;
use crate::types;

/// The struct's own `impl`.
pub(super) fn constants(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let fields = model.fields.iter().map(|field| match field.reference() {
        None => column(model, field),
        Some(reference) => belongs_to(model, field, &reference.parent),
    });
    let children = model.relationships.iter().map(|r| to_children(model, r));
    quote! {
        // A program need not use every column of a model.
        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            #(#fields)*
            #(#children)*
        }
    }
}

fn column(model: &Model, field: &Field) -> TokenStream {
    let (ident, vis, ty, constant) = (&model.ident, &field.vis, &field.ty, &field.constant);
    let position = field.index();
    let doc = format!("The column of `{}`.", field.name);
    quote! {
        #[doc = #doc]
        #vis const #constant: ::sessile::__private::Column<#ident, #ty> =
            ::sessile::__private::Column::new(#position);
    }
}

fn belongs_to(model: &Model, field: &Field, parent: &syn::Type) -> TokenStream {
    let (ident, vis, constant) = (&model.ident, &field.vis, &field.constant);
    let position = field.index();
    let multiplicity = match types::option_of(&field.ty) {
        None => quote!(Required),
        Some(_) => quote!(Optional),
    };
    let doc = format!(
        "The relationship to the parent that `{}` refers to.",
        field.name
    );
    quote! {
        #[doc = #doc]
        #vis const #constant: ::sessile::__private::BelongsTo<
            #ident,
            #parent,
            ::sessile::__private::#multiplicity,
        > = ::sessile::__private::BelongsTo::new(#position);
    }
}

fn to_children(model: &Model, relationship: &Relationship) -> TokenStream {
    let (ident, vis) = (&model.ident, &model.vis);
    let Relationship {
        constant,
        child,
        by,
        name,
        side,
    } = relationship;
    let (doc, ty, arguments) = match side {
        Side::Many => (
            format!("The relationship to the children `{name}`."),
            quote!(HasMany<#ident, #child>),
            quote!(HasMany::new(#name, #by)),
        ),
        Side::One => (
            format!("The relationship to the child `{name}`."),
            quote!(HasOne<#ident, #child>),
            quote!(HasOne::new(#name, #by)),
        ),
        Side::Through { target, far } => (
            format!("The relationship to `{name}` through an association."),
            quote!(ManyToMany<#ident, #child, #target>),
            quote!(ManyToMany::new(#name, #by, #far)),
        ),
    };
    quote! {
        #[doc = #doc]
        #vis const #constant: ::sessile::__private::#ty = ::sessile::__private::#arguments;
    }
}
