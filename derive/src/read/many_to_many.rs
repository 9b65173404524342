//! `many_to_many(name: Target = (Association::NEAR, Association::FAR))`.
//!
//! The reader of the struct's attributes calls it.
//! It must not know whether the constants exist: the compiler finds that out.

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Meta, Path, Token};

use super::item;
use super::relationship::{Side, WrittenRelationship};
use crate::errors::Errors;

/// How it is written.
const EXAMPLE: &str = "many_to_many(name: Target = (Association::NEAR, Association::FAR))";

/// The relationships of one attribute; mistakes are noted, and what has them left out.
pub(super) fn read(item: &Meta, errors: &mut Errors) -> Vec<WrittenRelationship> {
    item::list::<Written>(item, EXAMPLE, errors)
        .into_iter()
        .filter_map(|written| relationship(written, errors))
        .collect()
}

/// One of them, with whatever stands where its constants should.
struct Written {
    ident: Ident,
    target: Option<Path>,
    by: Option<Expr>,
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ident = input.parse()?;
        let mut target = None;
        if input.parse::<Option<Token![:]>>()?.is_some() {
            target = Some(input.call(Path::parse_mod_style)?);
        }
        let mut by = None;
        if input.parse::<Option<Token![=]>>()?.is_some() {
            by = Some(input.parse()?);
        }
        // What else there is up to the comma is not understood, and no reason to be silent about
        // those after it.
        while !input.is_empty() && !input.peek(Token![,]) {
            by = None;
            input.parse::<TokenTree>()?;
        }
        Ok(Written { ident, target, by })
    }
}

fn relationship(written: Written, errors: &mut Errors) -> Option<WrittenRelationship> {
    let Written { ident, target, by } = written;
    let (Some(target), Some(by)) = (target, by) else {
        errors.add(&ident, format!("write `{EXAMPLE}`"));
        return None;
    };
    let Expr::Tuple(pair) = &by else {
        errors.add(&by, both());
        return None;
    };
    let [near, far] = pair.elems.iter().collect::<Vec<_>>()[..] else {
        errors.add(&by, both());
        return None;
    };
    let constants = [near, far].map(|constant| match constant {
        Expr::Path(path) if path.path.segments.len() >= 2 => Some(path.path.clone()),
        other => {
            errors.add(other, both());
            None
        }
    });
    let [Some(near), Some(far)] = constants else {
        return None;
    };
    if association(&near) != association(&far) {
        let message = format!(
            "both constants are of the association: this is one of `{}`, and the first of `{}`",
            association(&far),
            association(&near)
        );
        errors.add(&far, message);
        return None;
    }
    Some(WrittenRelationship {
        side: Side::Through { target, far },
        ident,
        by: near,
    })
}

fn both() -> &'static str {
    "write two constants of the association: the one that refers to this model, and the one that \
     refers to the other, as in `(PostTag::POST, PostTag::TAG)`"
}

/// What stands before a constant's name.
fn association(constant: &Path) -> String {
    let mut model = constant.clone();
    model.segments.pop();
    model.segments.pop_punct();
    model.to_token_stream().to_string().replace(' ', "")
}
