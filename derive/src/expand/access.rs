//! One constant a field that knows how it is sent, read and compared.
//!
//! Every other part of the generated code goes through these.
//! Nothing else may put a bound on a field's type.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use crate::model::{Field, Generated, Kind, Model, Role};
use crate::types;

/// The constants of all fields.
pub(super) fn constants(model: &Model) -> TokenStream {
    let fields = model.fields.iter().map(|field| access(model, field));
    let defaults = model.fields.iter().filter(|f| is_asked(f)).map(|field| {
        let (name, ty) = (default_constant(field), &field.ty);
        if field.role == Role::Version {
            let counter = counter_constant(field);
            return quote!(const #name: fn() -> #ty = #counter.unset;);
        }
        quote!(const #name: fn() -> #ty = __sessile::default_of::<#ty>;)
    });
    let counter = model.version().map(|field| {
        let (name, ty) = (counter_constant(field), &field.ty);
        quote!(const #name: __sessile::Counter<#ty> = __sessile::counter::<#ty>();)
    });
    let references_in_key = model.key().iter().any(|f| f.reference().is_some());
    let import = references_in_key.then(|| {
        quote!(
            use __sessile::ReferenceAccess as _;
        )
    });
    quote!(#import #(#fields)* #(#defaults)* #counter)
}

fn access(model: &Model, field: &Field) -> TokenStream {
    let (access, ty) = (&field.access, &field.ty);
    let (model, name) = (&model.name, &field.name);
    let made = match (&field.kind, types::option_of(ty)) {
        (Kind::Reference(_), _) => return reference(model, field),
        (Kind::Known, _) => quote!(value::<#ty>(#model, #name)),
        (Kind::Json, None) => quote!(json::<#ty>(#model, #name)),
        (Kind::Json, Some(inner)) => quote!(optional_json::<#inner>(#model, #name)),
        (Kind::Named(sql), None) => quote!(named::<#ty>(#model, #name, #sql)),
        (Kind::Named(sql), Some(_)) => quote!(named::<#ty>(#model, #name, #sql).nullable()),
    };
    quote!(const #access: __sessile::ValueField<#ty> = __sessile::#made;)
}

/// What a reference needs to be part of a key it has only as its own type; any other is behind
/// a trait object, whose methods have no bounds that could fail once more.
fn reference(model: &str, field: &Field) -> TokenStream {
    let (access, ty, name) = (&field.access, &field.ty, &field.name);
    let made = quote!(__sessile::reference::<#ty>(#model, #name));
    if field.role == Role::Key {
        quote!(const #access: __sessile::ReferenceField<#ty> = #made;)
    } else {
        quote!(const #access: &dyn __sessile::ReferenceAccess<#ty> = &#made;)
    }
}

/// Whether it is asked of the field if it is at its default: the database may make its value,
/// or the key may not have been given yet.
pub(super) fn is_asked(field: &Field) -> bool {
    let asked = field.role != Role::Plain || field.generated != Generated::Never;
    asked && field.reference().is_none()
}

/// The constant with the default of a field.
pub(super) fn default_constant(field: &Field) -> Ident {
    format_ident!("{}_DEFAULT", field.access)
}

/// The constant that counts a version up.
pub(super) fn counter_constant(field: &Field) -> Ident {
    format_ident!("{}_COUNTER", field.access)
}
