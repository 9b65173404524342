//! What a type's tokens say: whether it is a reference, and whether it may be absent.
//!
//! Checking and expanding ask it; a macro can't look behind a name, so aliases are not seen.
//! It must not judge.

use syn::{GenericArgument, PathArguments, Type};

/// The model that `Fk<P>` or `Option<Fk<P>>` refers to.
pub(crate) fn parent_of(ty: &Type) -> Option<&Type> {
    argument_of(ty, "Fk").or_else(|| argument_of(argument_of(ty, "Option")?, "Fk"))
}

/// What an `Option` holds.
pub(crate) fn option_of(ty: &Type) -> Option<&Type> {
    argument_of(ty, "Option")
}

/// Whether a type is named by this identifier, in whatever module.
pub(crate) fn is_named(ty: &Type, name: &syn::Ident) -> bool {
    match ty {
        Type::Group(group) => is_named(&group.elem, name),
        Type::Paren(paren) => is_named(&paren.elem, name),
        Type::Path(path) => path.path.segments.last().is_some_and(|s| s.ident == *name),
        _ => false,
    }
}

/// The argument of a type with one, such as `T` of `Vec<T>`.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let path = match ty {
        // A type that came through a `macro_rules` variable has invisible brackets.
        Type::Group(group) => return argument_of(&group.elem, name),
        Type::Paren(paren) => return argument_of(&paren.elem, name),
        Type::Path(path) => &path.path,
        _ => return None,
    };
    let last = path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) if last.ident == name && arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn references_are_known_by_their_last_segment() {
        let user: Type = parse_quote!(User);
        assert_eq!(parent_of(&parse_quote!(Fk<User>)), Some(&user));
        assert_eq!(parent_of(&parse_quote!(sessile::Fk<User>)), Some(&user));
        assert_eq!(parent_of(&parse_quote!(Option<Fk<User>>)), Some(&user));
        assert_eq!(parent_of(&parse_quote!(Vec<Fk<User>>)), None);
        assert_eq!(parent_of(&parse_quote!(Option<Option<Fk<User>>>)), None);
    }
}
