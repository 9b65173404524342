//! Cuts SQL text into what is sent as it is and what stands for a parameter.
//!
//! Called for text that is not of our own building: raw SQL, fragments, queries to be copied.
//! It must not touch what only looks like a parameter: quoted text, comments, casts, slices.
//!
//! It knows as much of "Lexical Structure" in PostgreSQL's manual as it takes to say where no
//! parameter can be. A backslash in plain quotes is a character, as `standard_conforming_strings`
//! has it.

use std::borrow::Cow;

/// A part of a statement, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// To be left as it is.
    Text(&'a str),
    /// A comment up to the end of its line, without that end.
    LineComment(&'a str),
    /// `:name`, with its colon.
    Name(&'a str),
    /// `$1`, with its dollar sign.
    Number(&'a str),
}

type Kind<'a> = fn(&'a str) -> Token<'a>;

impl<'a> Token<'a> {
    /// As it is written.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Token::Text(text)
            | Token::LineComment(text)
            | Token::Name(text)
            | Token::Number(text) => text,
        }
    }

    /// Which of the parameters it is, counted from 0, if it is one by its number. What is no
    /// number of a parameter is one that nobody passes.
    pub(crate) fn position(self) -> Option<usize> {
        let Token::Number(text) = self else {
            return None;
        };
        let number: Option<usize> = text[1..].parse().ok();
        Some(number.and_then(|n| n.checked_sub(1)).unwrap_or(usize::MAX))
    }
}

/// The parts of a statement, in order.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'a>(&'a str);

/// Cuts a statement.
pub(crate) fn tokens(sql: &str) -> Tokens<'_> {
    Tokens(sql)
}

/// The statement, with an end to its last line if a comment would take in what follows it.
pub(crate) fn closed(sql: &str) -> Cow<'_, str> {
    match tokens(sql).last() {
        Some(Token::LineComment(_)) => Cow::Owned(format!("{sql}\n")),
        _ => Cow::Borrowed(sql),
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.0;
        let first = rest.chars().next()?;
        let (length, kind): (usize, Kind<'a>) = match first {
            '\'' => (quoted(rest, '\'', false), Token::Text),
            '"' => (quoted(rest, '"', false), Token::Text),
            '-' if rest.starts_with("--") => (line_comment(rest), Token::LineComment),
            '/' if rest.starts_with("/*") => (block_comment(rest), Token::Text),
            '$' => dollar(rest),
            ':' => colon(rest),
            first if starts_word(first) => (word(rest), Token::Text),
            // A number takes the letters that follow, as in `1e5`, and no dollar sign.
            first if first.is_ascii_digit() => (digits(rest), Token::Text),
            first => (first.len_utf8(), Token::Text),
        };
        let (token, rest) = rest.split_at(length);
        self.0 = rest;
        Some(kind(token))
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

/// An escape string, which goes on in quotes on another line, also behind a comment.
fn escape_string(rest: &str) -> usize {
    let mut end = quoted(rest, '\'', true);
    loop {
        let next = blank(rest, end);
        let on_another_line = rest[end..next].contains(['\n', '\r']);
        if !on_another_line || !rest[next..].starts_with('\'') {
            return end;
        }
        end = next + quoted(&rest[next..], '\'', true);
    }
}

/// Where whitespace and comments up to the end of their line are over.
fn blank(rest: &str, from: usize) -> usize {
    let end = until(rest, from, |c| !c.is_ascii_whitespace());
    match rest[end..].starts_with("--") {
        true => blank(rest, end + line_comment(&rest[end..])),
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
fn dollar<'a>(rest: &'a str) -> (usize, Kind<'a>) {
    let end = until(rest, 1, |c| !in_word(c));
    let tag = &rest[1..end];
    if tag.starts_with(|c: char| c.is_ascii_digit()) {
        return (until(rest, 1, |c| !c.is_ascii_digit()), Token::Number);
    }
    if !rest[end..].starts_with('$') {
        return (1, Token::Text);
    }
    let quote = &rest[..=end];
    let close = rest[quote.len()..].find(quote);
    let length = close.map_or(rest.len(), |at| at + 2 * quote.len());
    (length, Token::Text)
}

/// `:name`, a cast, `:=`, or a colon.
fn colon<'a>(rest: &'a str) -> (usize, Kind<'a>) {
    if rest.starts_with("::") || rest.starts_with(":=") {
        return (2, Token::Text);
    }
    let end = until(rest, 1, |c| !in_word(c));
    match rest[1..].starts_with(starts_word) {
        true => (end, Token::Name),
        false => (1, Token::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters in a statement, by number and by name.
    fn parameters(sql: &str) -> Vec<&str> {
        let all: String = tokens(sql).map(Token::text).collect();
        assert_eq!(all, sql, "nothing is lost");
        tokens(sql)
            .filter(|token| matches!(token, Token::Name(_) | Token::Number(_)))
            .map(Token::text)
            .collect()
    }

    #[test]
    fn what_only_looks_like_a_parameter_is_text() {
        for text in [
            "SELECT ':a' || 'it''s $1 :a' || E'\\':a $1' || e'\\\\' || N':a' || U&'\\0441:a'",
            "SELECT date':a', name':a\\' FROM t",
            "SELECT \":a $1\", \"x\"\":a\" FROM \"t:a\"",
            "SELECT $$ :a $7 $$, $x$ :a $$ $1 :a $x$, $_1$:a$1$_1$, $é$:a$é$",
            "SELECT 1 -- :a it's $3\n, 2 /* :a /* :a $5 */ it's :a $6 */ - 3",
            "SELECT 1 -- :a\r, 2",
            "SELECT a::int8, b :: text, f(x := 1), c[1:2], c[:2], c[1 : n], c[1:]",
            "SELECT a$b:: text, x$1, é$1, 1e5 FROM t$:: WHERE a ? 'x' AND b @> '{}'",
            "SELECT E'a'\n  '\\':a $1'",
            "SELECT E'a' -- it's\n  -- \n '\\':a $1'",
            "SELECT ':a $1",
            "SELECT $x$ :a $1",
            "SELECT /* :a $1",
            "SELECT E':a $1\\",
            ": a ::",
            "$ $a ",
            "",
        ] {
            assert!(parameters(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn parameters_stand_right_behind_what_ends() {
        for (text, wanted) in [
            ("'x'$1", &["$1"][..]),
            ("'x':a", &[":a"]),
            ("\"x\"$1:a", &["$1", ":a"]),
            ("E'\\''$1", &["$1"]),
            ("E'\\\\':a", &[":a"]),
            ("'\\'$1", &["$1"]),
            ("E'a' '\\'$1", &["$1"]),
            ("$$x$$$12", &["$12"]),
            ("$a$ $$ $a$:a", &[":a"]),
            ("/**/$1", &["$1"]),
            ("--\n:a--\r$1", &[":a", "$1"]),
            ("x[1:2]:a", &[":a"]),
            (":a:a", &[":a", ":a"]),
            ("$1::text", &["$1"]),
            (":über_2::text", &[":über_2"]),
            ("1$1", &["$1"]),
            ("$1$2", &["$1", "$2"]),
            ("$:a", &[":a"]),
            ("a=$12)", &["$12"]),
        ] {
            assert_eq!(parameters(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_number_is_a_position_or_one_that_nobody_passes() {
        let position = |sql| tokens(sql).next().and_then(Token::position);
        assert_eq!(position("$1"), Some(0));
        assert_eq!(position("$12"), Some(11));
        assert_eq!(position("$0"), Some(usize::MAX));
        assert_eq!(position("$99999999999999999999999"), Some(usize::MAX));
        assert_eq!(position(":a"), None);
        assert_eq!(position("x"), None);
    }

    #[test]
    fn a_comment_at_the_end_does_not_take_in_what_follows() {
        assert_eq!(closed("SELECT 1 -- one"), "SELECT 1 -- one\n");
        for text in ["SELECT 1", "SELECT 1 -- one\n", "SELECT '-- one'", ""] {
            assert_eq!(closed(text), text);
        }
    }
}
