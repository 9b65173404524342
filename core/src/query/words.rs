//! Raw SQL, and statements that write, as queries of the WITH clause, so that typed queries read
//! what they return.
//!
//! `cte` takes it.
//! It must not put values into text: they stay parameters, numbered anew.

use std::sync::Arc;

use super::answer::Tuples;
use super::{Delete, IntoQuery, Raw, Update};
use crate::model::{ColumnFinder, FromRow, Model};
use crate::statement::{Item, Node, Parameter, Piece, Query, Template};

/// A statement in the caller's own words, as a query of the WITH clause ([`cte`](super::cte)): also
/// an INSERT, UPDATE or DELETE with RETURNING.
///
/// Its rows are values and tuples of values, whose columns are matched by position. What may be
/// read by it is not known, so all that waits is flushed before; what it changes is not brought
/// into the session: objects keep their values until they are read again.
impl<R: FromRow> IntoQuery for Raw<R> {
    type Row = R;

    #[allow(private_interfaces)]
    fn into_query(self) -> Query {
        let Some(width) = ColumnFinder::width::<R>() else {
            return Query::Refused("raw SQL in another query gives values, not models or structs");
        };
        let Ok((sql, params)) = self.parts() else {
            return Query::Refused("names in raw SQL are not those of its parameters");
        };
        let params: Vec<Parameter> = params.iter().cloned().map(Parameter::from).collect();
        words(&sql, &params, width)
    }
}

macro_rules! writes {
    ($($name:ident),+) => {
        $(
            /// A statement that writes, as a query of the WITH clause ([`cte`](super::cte)): what
            /// reads it sees the rows that it returns, and all other tables as they were before.
            ///
            /// All that waits is flushed before; what it changes is not brought into the session,
            /// unlike by the verb for it: objects keep their values until they are read again.
            impl<M: Model, R> IntoQuery for $name<M, Tuples<R>> {
                type Row = R;

                #[allow(private_interfaces)]
                fn into_query(self) -> Query {
                    let width = self.columns.iter().map(Item::width).sum();
                    match self.statement.parts(self.columns) {
                        Ok((sql, params)) => words(&sql, &params, width),
                        Err(error) => {
                            let why = vec![Piece::Refused(error.to_string())];
                            Query::Words(Arc::new(Template::foreign(why)), width)
                        }
                    }
                }
            }
        )+
    };
}
writes!(Update, Delete);

/// Text whose placeholders are these parameters.
fn words(sql: &str, params: &[Parameter], width: usize) -> Query {
    let mut pieces = Vec::new();
    let mut rest = sql;
    while let Some((before, number, after)) = next_placeholder(rest) {
        pieces.push(Piece::from(before.to_owned()));
        let param = number.checked_sub(1).and_then(|at| params.get(at));
        pieces.push(match param {
            Some(param) => Piece::from(Node::Parameter(param.clone())),
            None => Piece::Refused(format!("raw SQL names ${number}, which is not passed")),
        });
        rest = after;
    }
    pieces.push(Piece::from(rest.to_owned()));
    Query::Words(Arc::new(Template::foreign(pieces)), width)
}

/// What stands before the first `$n`, its number, and what stands behind it.
fn next_placeholder(sql: &str) -> Option<(&str, usize, &str)> {
    let bytes = sql.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &sql[at..];
        at += match bytes[at] {
            b'\'' if at > 0 && is_escaping(bytes, at) => quoted(rest, '\'', true),
            b'\'' => quoted(rest, '\'', false),
            b'"' => quoted(rest, '"', false),
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => comment(rest),
            b'$' if at > 0 && is_name(bytes[at - 1]) => 1,
            b'$' => {
                let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
                match digits {
                    0 => dollar_quoted(rest),
                    _ => {
                        let end = at + 1 + digits;
                        let number = sql[at + 1..end].parse().unwrap_or(usize::MAX);
                        return Some((&sql[..at], number, &sql[end..]));
                    }
                }
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    None
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a quote opens a text with backslashes: `E'..'`.
fn is_escaping(bytes: &[u8], quote: usize) -> bool {
    let begins_name = quote < 2 || !is_name(bytes[quote - 2]);
    bytes[quote - 1].eq_ignore_ascii_case(&b'e') && begins_name
}

/// The length of a text in quotes; a doubled quote begins the next one.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if escapes => drop(chars.next()),
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a comment, with those inside it.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        match rest {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of a text in dollar quotes, or of a lone dollar.
fn dollar_quoted(text: &str) -> usize {
    let name = text[1..].bytes().take_while(|b| is_name(*b)).count();
    let Some(tag) = text.get(..name + 2).filter(|tag| tag.ends_with('$')) else {
        return 1;
    };
    match text[tag.len()..].find(tag) {
        Some(end) => tag.len() + end + tag.len(),
        None => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_outside_of_texts_and_comments() {
        let hidden = "'$1' \"$2\" -- $3\n /* $4 /* $5 */ $6 */ $$ $7 $$ $a$ $8 $a$ E'\\'$9' a$1";
        assert!(next_placeholder(hidden).is_none());
        let sql = format!("{hidden}=$12)");
        let (before, number, after) = next_placeholder(&sql).unwrap();
        assert_eq!((number, after), (12, ")"));
        assert_eq!(before, format!("{hidden}="));
    }
}
