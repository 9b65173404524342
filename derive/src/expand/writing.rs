//! What a flush asks of an object before and while it is written.
//!
//! It writes `changed`, `defaulted`, `reset`, `normalize`, `encode` and the version's counting.
//! It must not compare what can't be asked: see `access::is_asked`.

use proc_macro2::TokenStream;
use quote::quote;

use super::access;
use crate::model::{Field, Kind, Model, Role};

/// The methods for writing.
pub(super) fn writing(model: &Model) -> TokenStream {
    let changed = changed(model);
    let defaults = defaults(model);
    let encode = encode(model);
    let version = version(model);
    let normalized = model
        .fields
        .iter()
        .filter(|field| matches!(field.kind, Kind::Known))
        .map(|field| {
            let (ident, access) = (&field.ident, &field.access);
            quote!(#access.normalize(&mut self.#ident);)
        });
    quote! {
        #changed
        #defaults

        fn normalize(&mut self) {
            #(#normalized)*
        }

        #encode
        #version
    }
}

fn changed(model: &Model) -> TokenStream {
    let fields = model.fields.iter().map(|field| {
        let (ident, access, position) = (&field.ident, &field.access, field.index());
        quote! {
            if !#access.same(&self.#ident, &original.#ident) {
                changed.insert(#position);
            }
        }
    });
    quote! {
        fn changed(&self, original: &Self) -> __sessile::ColumnSet {
            let mut changed = __sessile::ColumnSet::EMPTY;
            #(#fields)*
            changed
        }
    }
}

fn defaults(model: &Model) -> TokenStream {
    let asked: Vec<&Field> = model
        .fields
        .iter()
        .filter(|field| access::is_asked(field) || is_key_reference(field))
        .collect();
    let defaulted = asked.iter().map(|field| {
        let (position, is_default) = (field.index(), is_default(field));
        quote! {
            if fields.contains(#position) && #is_default {
                defaulted.insert(#position);
            }
        }
    });
    let reset = asked.iter().map(|field| {
        let (position, reset) = (field.index(), reset(field));
        quote! {
            if fields.contains(#position) {
                #reset;
            }
        }
    });
    quote! {
        fn defaulted(&self, fields: __sessile::ColumnSet) -> __sessile::ColumnSet {
            let mut defaulted = __sessile::ColumnSet::EMPTY;
            #(#defaulted)*
            defaulted
        }

        fn reset(&mut self, fields: __sessile::ColumnSet) {
            #(#reset)*
        }
    }
}

fn is_key_reference(field: &Field) -> bool {
    field.role == Role::Key && field.reference().is_some()
}

fn is_default(field: &Field) -> TokenStream {
    let (ident, access) = (&field.ident, &field.access);
    if field.reference().is_some() {
        return quote!(#access.is_empty(&self.#ident));
    }
    let default = access::default_constant(field);
    quote!(#access.same(&self.#ident, &#default()))
}

fn reset(field: &Field) -> TokenStream {
    let (ident, access) = (&field.ident, &field.access);
    if field.reference().is_some() {
        return quote!(#access.clear(&mut self.#ident));
    }
    let default = access::default_constant(field);
    quote!(self.#ident = #default())
}

fn encode(model: &Model) -> TokenStream {
    let name = &model.name;
    let fields = model.fields.iter().map(|field| {
        let (ident, access, position) = (&field.ident, &field.access, field.index());
        match field.reference() {
            None => quote!(#position => #access.encode(&self.#ident, ty, out)),
            Some(_) => quote!(#position => #access.encode(&self.#ident, part, ty, out, keys)),
        }
    });
    let values = model
        .fields
        .iter()
        .filter(|field| field.reference().is_none());
    let values = values.map(|field| {
        let (ty, access, position) = (&field.ty, &field.access, field.index());
        quote! {
            #position => match value.downcast_ref::<#ty>() {
                ::core::option::Option::Some(value) => #access.encode(value, ty, out),
                ::core::option::Option::None => __sessile::no_such_column(#name),
            }
        }
    });
    quote! {
        fn encode_field(
            field: usize,
            value: &dyn ::core::any::Any,
            ty: &__sessile::Type,
            out: &mut __sessile::BytesMut,
        ) -> __sessile::EncodeResult {
            match field {
                #(#values,)*
                _ => __sessile::no_such_column(#name),
            }
        }

        fn encode(
            &self,
            field: usize,
            part: usize,
            ty: &__sessile::Type,
            out: &mut __sessile::BytesMut,
            keys: &dyn __sessile::KeyLookup,
        ) -> __sessile::EncodeResult {
            match field {
                #(#fields,)*
                _ => __sessile::no_such_column(#name),
            }
        }
    }
}

fn version(model: &Model) -> TokenStream {
    let Some(field) = model.version() else {
        return quote! {
            fn bump_version(&mut self) {}

            fn start_version(&mut self) {}
        };
    };
    let (ident, counter) = (&field.ident, access::counter_constant(field));
    quote! {
        fn bump_version(&mut self) {
            self.#ident = (#counter.next)(&self.#ident);
        }

        fn start_version(&mut self) {
            self.#ident = (#counter.first)();
        }

        fn version_text(&self) -> ::core::option::Option<::std::string::String> {
            (#counter.text)(&self.#ident)
        }
    }
}
