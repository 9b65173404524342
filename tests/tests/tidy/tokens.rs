//! Rust as tokens, so that comments and strings are not mistaken for code.
//!
//! `floors` and `confined` read them. Macros are read like everything else, which a syntax tree
//! would not do.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The tokens of a file.
pub(super) fn tokens(path: &str, text: &str) -> TokenStream {
    text.parse()
        .unwrap_or_else(|error| panic!("{path} is no Rust: {error}"))
}

/// A name with what is around it in a path: `a::b`, also out of `a::{b, c}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The parts before it, joined with `::`; empty for the first.
    pub(super) before: String,
    pub(super) name: String,
    /// Whether a `!` follows.
    pub(super) bang: bool,
    /// How many modules are open around it, in this file.
    pub(super) depth: usize,
}

/// All names of some code, without what is for tests only.
pub(super) fn names(tokens: TokenStream) -> Vec<Name> {
    let mut names = Vec::new();
    walk(tokens, "", 0, &mut names);
    names
}

/// Modules `mod name;` that are for tests only.
pub(super) fn test_modules(tokens: TokenStream) -> Vec<String> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut modules = Vec::new();
    for (place, tree) in trees.iter().enumerate() {
        if !(is_punct(Some(tree), '#') && is_test_attribute(trees.get(place + 1))) {
            continue;
        }
        if let Some(TokenTree::Ident(word)) = trees.get(place + 2)
            && word == "mod"
            && is_punct(trees.get(place + 4), ';')
        {
            modules.push(trees[place + 3].to_string());
        }
    }
    modules
}

/// Collects names; `prefix` is the path before a group of braces in a `use`.
fn walk(tokens: TokenStream, prefix: &str, depth: usize, names: &mut Vec<Name>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut path = prefix.to_owned();
    let mut place = 0;
    while let Some(tree) = trees.get(place) {
        if is_punct(Some(tree), '#') && is_test_attribute(trees.get(place + 1)) {
            place = after_item(&trees, place + 2);
            continue;
        }
        let continues = is_punct(trees.get(place + 1), ':') && is_punct(trees.get(place + 2), ':');
        match tree {
            TokenTree::Ident(word) => {
                names.push(Name {
                    before: path.clone(),
                    name: word.to_string(),
                    bang: is_punct(trees.get(place + 1), '!'),
                    depth,
                });
                match continues {
                    true if path.is_empty() => path = word.to_string(),
                    true => path = format!("{path}::{word}"),
                    false => path = prefix.to_owned(),
                }
                place += if continues { 3 } else { 1 };
            }
            TokenTree::Group(group) => {
                let inner = if is_use_group(group, &trees, place) {
                    path.as_str()
                } else {
                    ""
                };
                let opens = usize::from(is_module(&trees, place));
                walk(group.stream(), inner, depth + opens, names);
                path = prefix.to_owned();
                place += 1;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                path = prefix.to_owned();
                place += 1;
            }
        }
    }
}

/// Braces of `mod name { .. }`.
fn is_module(trees: &[TokenTree], place: usize) -> bool {
    place > 1 && matches!(&trees[place - 2], TokenTree::Ident(word) if word == "mod")
}

/// Braces right behind `::`.
fn is_use_group(group: &Group, trees: &[TokenTree], place: usize) -> bool {
    group.delimiter() == Delimiter::Brace && place > 0 && is_punct(trees.get(place - 1), ':')
}

/// The place behind an item: its braces, or its semicolon.
fn after_item(trees: &[TokenTree], mut place: usize) -> usize {
    while let Some(tree) = trees.get(place) {
        place += 1;
        let braces = matches!(tree, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
        if braces || is_punct(Some(tree), ';') {
            break;
        }
    }
    place
}

/// `[cfg(test)]`, or `[cfg(all(test, ..))]`.
fn is_test_attribute(tree: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = tree else {
        return false;
    };
    let text: String = group.stream().to_string();
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    group.delimiter() == Delimiter::Bracket
        && (text == "cfg(test)" || text.starts_with("cfg(all(test,"))
}

fn is_punct(tree: Option<&TokenTree>, wanted: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

#[test]
fn names_come_with_their_paths() {
    let code = "use a::{b::{self, c}, d}; fn f() { a::g!(h); } // i\n\
                #[cfg(test)] mod tests { use x::y; } #[cfg(test)] mod more;";
    let names = names(tokens("", code));
    let shown: Vec<String> = names
        .iter()
        .map(|name| match name.before.as_str() {
            "" => name.name.clone(),
            before => format!("{before}::{}", name.name),
        })
        .collect();
    assert_eq!(
        shown.join(" "),
        "use a a::b a::b::self a::b::c a::d fn f a a::g h"
    );
    assert!(names.iter().any(|name| name.name == "g" && name.bang));
    assert_eq!(test_modules(tokens("", code)), ["more"]);
}
