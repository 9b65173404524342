//! What was written: the struct, its fields and their attributes, with their spans.
//!
//! The first step of the derive; checking takes its result.
//! It must not judge: anything that can be read is passed on, also when it makes no sense.

mod field;
mod item;
mod many_to_many;
mod projection;
mod relationship;
mod structure;

pub(crate) use field::{OnDelete, WrittenField};
pub(crate) use projection::{WrittenColumn, WrittenProjection, read_projection};
pub(crate) use relationship::{Side, WrittenRelationship};
pub(crate) use structure::{WrittenCheck, WrittenGroup, WrittenStruct};

use quote::ToTokens;
use syn::{Data, DeriveInput, Fields, Ident};

use crate::errors::Errors;

/// The struct and its fields, as written.
pub(crate) struct Written {
    pub(crate) structure: WrittenStruct,
    /// `None` when it is no struct with named fields, which is a mistake that was noted.
    pub(crate) fields: Option<Vec<WrittenField>>,
}

/// Reads the input of the derive.
pub(crate) fn read(input: DeriveInput, errors: &mut Errors) -> Written {
    let (ident, vis, generics) = (input.ident, input.vis, input.generics);
    let structure = WrittenStruct::read(ident, vis, generics, &input.attrs, errors);
    let fields = named_fields(input.data, &structure.ident, errors);
    Written { structure, fields }
}

fn named_fields(data: Data, model: &Ident, errors: &mut Errors) -> Option<Vec<WrittenField>> {
    let place = match data {
        Data::Struct(data) => match data.fields {
            Fields::Named(fields) => {
                let fields = fields.named.into_iter();
                let read = fields.filter_map(|field| WrittenField::read(field, model, errors));
                return Some(read.collect());
            }
            Fields::Unnamed(fields) => fields.to_token_stream(),
            Fields::Unit => model.to_token_stream(),
        },
        Data::Enum(data) => data.enum_token.to_token_stream(),
        Data::Union(data) => data.union_token.to_token_stream(),
    };
    errors.add(
        place,
        format!("a model is a struct with named fields: write `struct {model} {{ .. }}`"),
    );
    None
}
