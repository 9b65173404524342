//! Collects mistakes, so that all of them are shown at once.
//!
//! Reading and checking fill it; the macro's entry takes the result.
//! It must not be dropped unread: a mistake that is not shown would be accepted.

use std::fmt::Display;

use quote::ToTokens;

/// The mistakes found so far.
pub(crate) struct Errors {
    found: Option<Vec<syn::Error>>,
}

impl Errors {
    pub(crate) fn new() -> Errors {
        Errors {
            found: Some(Vec::new()),
        }
    }

    /// Notes a mistake in these tokens, and says what to write instead.
    pub(crate) fn add(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add_syntax(syn::Error::new_spanned(tokens, message));
    }

    /// Notes what the parser found.
    pub(crate) fn add_syntax(&mut self, error: syn::Error) {
        self.found.get_or_insert_default().push(error);
    }

    /// All mistakes in one error, if there are any.
    pub(crate) fn finish(mut self) -> Result<(), syn::Error> {
        let found = self.found.take().unwrap_or_default();
        match found.into_iter().reduce(join) {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }
}

fn join(mut all: syn::Error, next: syn::Error) -> syn::Error {
    all.combine(next);
    all
}

impl Drop for Errors {
    fn drop(&mut self) {
        // A panic under way is the better message.
        assert!(
            self.found.is_none() || std::thread::panicking(),
            "mistakes were collected and not shown"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_come_in_one_error() {
        let mut errors = Errors::new();
        errors.add(quote::quote!(a), "first");
        errors.add(quote::quote!(b), "second");
        let all = errors.finish().unwrap_err();
        let all: Vec<_> = all.into_iter().map(|e| e.to_string()).collect();
        assert_eq!(all, ["first", "second"]);
    }

    #[test]
    #[should_panic(expected = "not shown")]
    fn mistakes_can_not_be_dropped() {
        Errors::new().add(quote::quote!(a), "lost");
    }
}
