//! Names as SQL text.
//!
//! Fixed statements and DDL are written with it; names that queries bring along are checked by it.
//! It must not let a name through unquoted.

use crate::error::Error;
use crate::model::Table;

/// How many bytes of a name PostgreSQL keeps.
const KEPT: usize = 63;

/// Refuses what can be no name, quoted or not: it would be cut, and might then be another's, or
/// end the statement on its way.
///
/// # Errors
/// `Mapping` for an empty name, one of more than 63 bytes, and one with a NUL.
pub(super) fn check(name: &str) -> Result<(), Error> {
    let why = match name {
        "" => "is empty".to_owned(),
        name if name.contains('\0') => "has a NUL in it".to_owned(),
        name if name.len() > KEPT => {
            format!("has {} bytes, of which {KEPT} would be kept", name.len())
        }
        _ => return Ok(()),
    };
    Err(Error::mapping(format!(
        "the name of a query or alias {why}"
    )))
}

/// A name made from another by a number, no longer than is kept.
pub(crate) fn numbered(name: &str, number: usize) -> String {
    let end = format!("_{number}");
    let room = KEPT.saturating_sub(end.len());
    let begin = (0..=room.min(name.len())).rev();
    let begin = begin.into_iter().find(|at| name.is_char_boundary(*at));
    format!("{}{end}", &name[..begin.unwrap_or(0)])
}

/// A name as SQL text.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name as SQL text, with its schema when the model names one.
pub(super) fn table_name(table: &Table) -> String {
    match table.schema() {
        Some(schema) => format!("{}.{}", quote(schema), quote(table.name())),
        None => quote(table.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_made_is_as_long_as_is_kept() {
        assert_eq!(numbered("account", 2), "account_2");
        assert_eq!(
            numbered(&"a".repeat(63), 2),
            format!("{}_2", "a".repeat(61))
        );
        assert_eq!(
            numbered(&"ä".repeat(31), 2),
            format!("{}_2", "ä".repeat(30))
        );
    }

    #[test]
    fn what_can_be_no_name_is_refused() {
        for name in ["", "a\0b", &"a".repeat(64)] {
            assert!(check(name).is_err(), "{name}");
        }
        for name in ["a\"b", "; --", " ", &"a".repeat(63)] {
            assert!(check(name).is_ok(), "{name}");
        }
    }
}
