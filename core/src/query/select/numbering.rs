//! Names of parameters in SQL text become numbers.
//!
//! Called by `raw`.
//! It must not touch what only looks like a name: the lexer tells.

use crate::error::Error;
use crate::statement::{Token, tokens};

/// The text with `$1`, `$2` and so on in place of the names.
///
/// # Errors
/// `Mapping` when names and values don't fit together.
pub(in crate::query) fn numbered(sql: &str, names: &[&'static str]) -> Result<String, Error> {
    let mut out = String::with_capacity(sql.len());
    let mut used = vec![false; names.len()];
    for token in tokens(sql) {
        match token {
            Token::Text(text) | Token::LineComment(text) => out.push_str(text),
            Token::Name(name) => {
                let name = &name[1..];
                let index = names.iter().position(|known| *known == name);
                let index = index.ok_or_else(|| unknown(name, names))?;
                used[index] = true;
                out.push_str(&format!("${}", index + 1));
            }
            Token::Number(number) => {
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
    fn what_is_no_name_is_left_as_it_is() {
        let text = "SELECT ':a' /* :a */ -- :a\n, a::int8, c[1:2]";
        assert_eq!(numbered_by(&[], text), text);
        assert_eq!(numbered_by(&["a"], "'é':a-- :a"), "'é'$1-- :a");
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
