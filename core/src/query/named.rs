//! Parameters by name: `:owner` in the text of raw SQL, and `params!` beside it.
//!
//! `raw` calls it for parameters that have names.
//! It must not touch what only looks like a name: quoted text, comments, casts, slices.

use super::Param;
use super::raw::{Bounds, Params};
use super::value::bind;
use crate::error::Error;
use crate::statement::Bound;

/// Parameters by name, for raw SQL with `:name` in its text.
///
/// A name stands for the same value wherever it is written; each is sent once. Quoted text,
/// comments, casts (`::bigint`) and slices (`[1:2]`) are left as they are; write a space behind a
/// colon that comes before a word and is none of these, as in `[low : high]`. A name in the text
/// without a value, and a value without a name in the text, are
/// [`Mapping`](crate::ErrorKind::Mapping) errors when the statement is to be sent, before it is.
///
/// ```
/// use sessile::{params, sql::raw};
///
/// let _ = raw::<(String, i64)>(
///     "SELECT owner, balance FROM account WHERE balance > :min AND owner <> :owner",
///     params! { min: 1_000_i64, owner: "bank" },
/// );
/// ```
#[macro_export]
macro_rules! params {
    ($($name:ident: $value:expr),* $(,)?) => {
        $crate::query::NamedParams::new()$(.with(::core::stringify!($name), $value))*
    };
}

/// Parameters of raw SQL by name. Made by [`params!`](crate::params).
#[derive(Debug, Default)]
pub struct NamedParams {
    names: Vec<&'static str>,
    values: Vec<Bound>,
}

impl NamedParams {
    /// None yet.
    pub fn new() -> NamedParams {
        NamedParams::default()
    }

    /// These and one more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Param) -> NamedParams {
        self.names.push(name.strip_prefix("r#").unwrap_or(name));
        self.values.push(bind(value));
        self
    }
}

impl Params for NamedParams {
    fn into_params(self) -> Bounds {
        Bounds {
            values: self.values,
            names: Some(self.names),
        }
    }
}

/// The text with `$1`, `$2` and so on in place of the names.
///
/// # Errors
/// `Mapping` when names and values don't fit together.
pub(super) fn numbered(sql: &str, names: &[&'static str]) -> Result<String, Error> {
    let mut out = String::with_capacity(sql.len());
    let mut used = vec![false; names.len()];
    for piece in Pieces(sql) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Name(name) => {
                let index = names.iter().position(|known| *known == name);
                let index = index.ok_or_else(|| unknown(name, names))?;
                used[index] = true;
                out.push_str(&format!("${}", index + 1));
            }
            Piece::Number(number) => {
                return Err(Error::mapping(format!(
                    "a statement has the parameter {number}, and its parameters have names"
                )));
            }
        }
    }
    if let Some(twice) = (1..names.len()).find(|i| names[..*i].contains(&names[*i])) {
        return Err(Error::mapping(format!(
            "the parameter {} is given twice",
            names[twice]
        )));
    }
    match used.iter().position(|used| !used) {
        None => Ok(out),
        Some(index) => Err(Error::mapping(format!(
            "the parameter {} is given and the statement has no :{0}",
            names[index]
        ))),
    }
}

fn unknown(name: &str, names: &[&'static str]) -> Error {
    let given = match names {
        [] => "there are no parameters".to_owned(),
        names => format!("the parameters are {}", names.join(", ")),
    };
    Error::mapping(format!("a statement has :{name}, and {given}"))
}

/// A part of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// To be left as it is.
    Text(&'a str),
    /// `:name`, without the colon.
    Name(&'a str),
    /// `$1`.
    Number(&'a str),
}

/// Cuts a statement as PostgreSQL does, as far as it must be known where names can't be; see
/// "Lexical Structure" in its manual.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.0;
        let first = rest.chars().next()?;
        let (length, kind): (usize, fn(&'a str) -> Piece<'a>) = match first {
            '\'' => (quoted(rest, '\'', false), Piece::Text),
            '"' => (quoted(rest, '"', false), Piece::Text),
            '-' if rest.starts_with("--") => (line_comment(rest), Piece::Text),
            '/' if rest.starts_with("/*") => (block_comment(rest), Piece::Text),
            '$' => dollar(rest),
            ':' => colon(rest),
            first if starts_word(first) => (word(rest), Piece::Text),
            // A number takes the letters that follow, as in `1e5`, and no dollar sign.
            first if first.is_ascii_digit() => (digits(rest), Piece::Text),
            first => (first.len_utf8(), Piece::Text),
        };
        let (piece, rest) = rest.split_at(length);
        self.0 = rest;
        Some(kind(piece))
    }
}

fn starts_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn in_word(c: char) -> bool {
    starts_word(c) || c.is_ascii_digit()
}

fn until(text: &str, from: usize, ends: impl Fn(char) -> bool) -> usize {
    text[from..].find(ends).map_or(text.len(), |at| from + at)
}

fn digits(rest: &str) -> usize {
    until(rest, 0, |c| !in_word(c))
}

/// A word, which may have dollar signs in it; with the text if it announces an escape string.
fn word(rest: &str) -> usize {
    let end = until(rest, 0, |c| !in_word(c) && c != '$');
    match &rest[..end] {
        "e" | "E" if rest[end..].starts_with('\'') => end + escape_string(&rest[end..]),
        _ => end,
    }
}

/// An escape string, which goes on in quotes on another line.
fn escape_string(rest: &str) -> usize {
    let end = quoted(rest, '\'', true);
    let next = until(rest, end, |c| !c.is_ascii_whitespace());
    let goes_on = rest[end..next].contains(['\n', '\r']) && rest[next..].starts_with('\'');
    match goes_on {
        true => next + escape_string(&rest[next..]),
        false => end,
    }
}

/// Quoted text; a quote in it is doubled, or has a backslash before it where that counts.
fn quoted(rest: &str, quote: char, backslash: bool) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + quote.len_utf8();
        }
    }
    rest.len()
}

fn line_comment(rest: &str) -> usize {
    until(rest, 0, |c| c == '\n' || c == '\r')
}

/// A block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let (step, change) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
        if depth == 0 {
            break;
        }
    }
    at
}

/// `$1`, text in dollar quotes, or a dollar sign. Those within words never come here.
fn dollar<'a>(rest: &'a str) -> (usize, fn(&'a str) -> Piece<'a>) {
    let end = until(rest, 1, |c| !in_word(c));
    let tag = &rest[1..end];
    if tag.starts_with(|c: char| c.is_ascii_digit()) {
        return (until(rest, 1, |c| !c.is_ascii_digit()), Piece::Number);
    }
    if !rest[end..].starts_with('$') {
        return (1, Piece::Text);
    }
    let quote = &rest[..=end];
    let close = rest[quote.len()..].find(quote);
    let length = close.map_or(rest.len(), |at| at + 2 * quote.len());
    (length, Piece::Text)
}

/// `:name`, a cast, `:=`, or a colon.
fn colon<'a>(rest: &'a str) -> (usize, fn(&'a str) -> Piece<'a>) {
    if rest.starts_with("::") || rest.starts_with(":=") {
        return (2, Piece::Text);
    }
    let end = until(rest, 1, |c| !in_word(c));
    match rest[1..].starts_with(starts_word) {
        true => (end, |text| Piece::Name(&text[1..])),
        false => (1, Piece::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered_by(names: &[&'static str], sql: &str) -> String {
        numbered(sql, names).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn a_name_is_the_same_parameter_wherever_it_is_written() {
        assert_eq!(
            numbered_by(&["min", "owner"], "a > :min AND (b=:owner OR c<:min+1)"),
            "a > $1 AND (b=$2 OR c<$1+1)"
        );
        assert_eq!(numbered_by(&["über_2"], ":über_2::text"), "$1::text");
    }

    #[test]
    fn what_only_looks_like_a_name_is_left_alone() {
        for text in [
            "SELECT ':a' || 'it''s :a' || E'\\':a' || e'\\\\' || N':a' || U&'\\0441:a'",
            "SELECT date':a', name':a\\' FROM t",
            "SELECT \":a\", \"x\"\":a\" FROM \"t:a\"",
            "SELECT $$ :a $$, $x$ :a $$ $1 :a $x$, $_1$:a$_1$",
            "SELECT 1 -- :a it's\n, 2 /* :a /* :a */ it's :a */ - 3",
            "SELECT a::int8, b :: text, f(x := 1), c[1:2], c[:2], c[1 : n], c[1:]",
            "SELECT a$b:: text, x$1, 1e5 FROM t$:: WHERE a ? 'x' AND b @> '{}'",
            "SELECT E'a'\n  '\\':a'",
            "SELECT ':a",
            "SELECT $x$ :a",
            "SELECT /* :a",
            "SELECT E':a\\",
            ": a ::",
            "",
        ] {
            assert_eq!(numbered_by(&[], text), text);
        }
    }

    #[test]
    fn names_stand_right_behind_what_ends() {
        for (text, wanted) in [
            ("'x':a", "'x'$1"),
            ("\"x\":a", "\"x\"$1"),
            ("E'\\'':a", "E'\\''$1"),
            ("E'\\\\':a", "E'\\\\'$1"),
            ("'\\':a", "'\\'$1"),
            ("$$x$$:a", "$$x$$$1"),
            ("/**/:a", "/**/$1"),
            ("--\n:a", "--\n$1"),
            ("x[1:2]:a", "x[1:2]$1"),
            (":a:a", "$1$1"),
            (":a::text", "$1::text"),
            ("é:a", "é$1"),
            ("'é':a-- :a", "'é'$1-- :a"),
            ("$:a", "$$1"),
        ] {
            assert_eq!(numbered_by(&["a"], text), wanted, "{text}");
        }
    }

    #[test]
    fn names_and_values_must_fit_together() {
        for (names, text, wanted) in [
            (
                &["owner", "min"][..],
                ":ownr = :min",
                "a statement has :ownr, and the parameters are owner, min",
            ),
            (
                &[],
                ":owner",
                "a statement has :owner, and there are no parameters",
            ),
            (
                &["owner", "min"],
                ":owner",
                "the parameter min is given and the statement has no :min",
            ),
            (&["a", "a"], ":a", "the parameter a is given twice"),
            (
                &["a"],
                ":a = $1",
                "a statement has the parameter $1, and its parameters have names",
            ),
            (
                &["Owner"],
                ":owner",
                "a statement has :owner, and the parameters are Owner",
            ),
        ] {
            assert_eq!(numbered_by(names, text), wanted);
        }
    }
}
