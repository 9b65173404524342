//! The table's description.
//!
//! It writes `table` and `key_columns`.
//! It must not work out names: `Table::new` does.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;
use syn::ext::IdentExt;

use crate::model::{Field, Generated, Model, Role};
use crate::read::{OnDelete, WrittenCheck, WrittenGroup};

/// The methods that describe the table.
pub(super) fn table(model: &Model) -> TokenStream {
    let (model_name, table) = (&model.name, &model.table);
    let schema = option(model.schema.as_ref());
    let fields = model.fields.iter().map(field);
    let uniques = model.uniques.iter().map(group);
    let indexes = model.indexes.iter().map(group);
    let checks = model.checks.iter().map(check);
    let key = model.key().into_iter().map(|field| {
        let access = &field.access;
        let rename = option(field.rename.as_ref());
        quote!(#access.key_columns(#rename))
    });
    quote! {
        fn table() -> &'static __sessile::Table {
            static TABLE: ::std::sync::OnceLock<__sessile::Table> = ::std::sync::OnceLock::new();
            TABLE.get_or_init(|| {
                __sessile::Table::new(__sessile::TableSpec {
                    model: #model_name,
                    schema: #schema,
                    name: #table,
                    fields: ::std::vec![#(#fields),*],
                    uniques: ::std::vec![#(#uniques),*],
                    indexes: ::std::vec![#(#indexes),*],
                    checks: ::std::vec![#(#checks),*],
                })
            })
        }

        fn key_columns() -> ::std::vec::Vec<__sessile::KeyColumn> {
            [#(#key),*].concat()
        }
    }
}

/// A field's description: what its type says, and over it what the attributes say.
fn field(field: &Field) -> TokenStream {
    let access = &field.access;
    let spec = match field.reference().map(|r| r.on_delete) {
        None | Some(OnDelete::Restrict) => quote!(#access.spec()),
        Some(OnDelete::Cascade) => {
            quote!(#access.spec_on_delete(__sessile::OnDelete::Cascade))
        }
        Some(OnDelete::SetNull) => {
            quote!(#access.spec_on_delete(__sessile::OnDelete::SetNull))
        }
        Some(OnDelete::CascadeClient) => quote!(#access.spec_cascade_client()),
    };
    let said = said(field);
    if said.is_empty() {
        return spec;
    }
    quote!(__sessile::FieldSpec { #(#said,)* ..#spec })
}

/// What the attributes say of a field.
fn said(field: &Field) -> Vec<TokenStream> {
    let mut said = Vec::new();
    match field.role {
        Role::Key => said.push(quote!(key: true)),
        Role::Version => said.push(quote!(version: true)),
        Role::Plain => {}
    }
    match field.generated {
        Generated::Never => {}
        Generated::ByDefault => said.push(quote!(generated: __sessile::Generated::ByDefault)),
        Generated::Always => said.push(quote!(generated: __sessile::Generated::Always)),
    }
    if field.unique {
        said.push(quote!(unique: true));
    }
    if field.deferrable {
        said.push(quote!(deferrable: true));
    }
    if field.reference().is_some_and(|reference| reference.orphan) {
        said.push(quote!(orphan: true));
    }
    if field.index {
        said.push(quote!(index: true));
    }
    if let Some(sql) = &field.default {
        said.push(quote!(default: ::core::option::Option::Some(#sql)));
    }
    if let Some(name) = &field.rename {
        said.push(quote!(rename: ::core::option::Option::Some(#name)));
    }
    if let Some(sql) = &field.check {
        said.push(quote!(check: ::core::option::Option::Some(#sql)));
    }
    said
}

fn group(group: &WrittenGroup) -> TokenStream {
    let name = option(group.name.as_ref());
    let fields = group.fields.iter().map(|f| f.unraw().to_string());
    let deferrable = group.deferrable;
    quote!(__sessile::NamedFields {
        name: #name,
        fields: ::std::vec![#(#fields),*],
        deferrable: #deferrable,
    })
}

fn check(check: &WrittenCheck) -> TokenStream {
    let name = option(check.name.as_ref());
    let sql = &check.sql;
    quote!(__sessile::CheckSpec { name: #name, sql: #sql })
}

fn option(text: Option<&LitStr>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}
