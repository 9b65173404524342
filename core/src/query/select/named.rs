//! Parameters by name: `:owner` in the text of raw SQL, and `params!` beside it.
//!
//! `raw` calls it for parameters that have names.
//! It must not read SQL itself: the statement room says what is a name.

use crate::query::Param;
use crate::query::expression::value::bind;
use crate::query::select::raw::{Bounds, Params};
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
