//! Raw SQL with bound parameters.
//!
//! Callers make it with `raw` and pass it where rows are read; `execute` takes the same
//! parameters.
//! It must not put text together: what comes from outside is a parameter.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::error::Error;
use crate::query::Param;
use crate::query::expression::value::bind;
use crate::query::select::numbering::numbered;
use crate::statement::{Bound, Rendered, tokens};

/// A statement in the caller's own words whose rows become `R`. See [`raw`].
#[must_use = "a statement does nothing until a session runs it"]
pub struct Raw<R> {
    /// As it was written.
    text: Arc<str>,
    /// As it is sent, unless the parameters don't fit.
    sql: Result<Arc<str>, Error>,
    params: Arc<[Bound]>,
    row: PhantomData<fn() -> R>,
}

/// A statement in the caller's own words, with `$1`, `$2` and so on for the parameters, or `:name`
/// for those of [`params!`](crate::params).
///
/// Its rows become `R`: a scalar, a struct with `#[derive(FromRow)]`, a model as a plain value or,
/// in a `Handle`, as an object of the session, or a tuple of up to twelve of these. Structs and
/// models find their columns by name. The parameters are sent with their
/// types: an `i32` where the server wants a `bigint` is cast there, a `String` is `text`.
///
/// ```
/// use sessile::sql::raw;
///
/// let _ = raw::<(String, i64)>(
///     "SELECT owner, balance FROM account WHERE balance > $1 AND owner <> $2",
///     (1_000_i64, "bank"),
/// );
/// ```
pub fn raw<R>(sql: impl Into<Cow<'static, str>>, params: impl Params) -> Raw<R> {
    let text: Arc<str> = sql.into().into();
    let Bounds { values, names } = params.into_params();
    let sql = match (transaction_word(&text), names) {
        (Some(word), _) => Err(Error::mapping(format!(
            "{word} in raw SQL would begin or end a transaction or savepoint that the session \
             does not know of: it has verbs for that"
        ))),
        (None, Some(names)) => numbered(&text, &names)
            .map(Arc::from)
            .map_err(|error| error.while_doing(format!("preparing {text}"))),
        (None, None) => Ok(Arc::clone(&text)),
    };
    Raw {
        text,
        sql,
        params: values.into(),
        row: PhantomData,
    }
}

impl<R> Raw<R> {
    /// Its text and its parameters.
    pub(in crate::query) fn parts(&self) -> Result<(Arc<str>, &[Bound]), Error> {
        Ok((self.sql.clone()?, &self.params))
    }

    /// The same statement whose rows become something else.
    pub(in crate::query) fn cast<S>(self) -> Raw<S> {
        Raw {
            text: self.text,
            sql: self.sql,
            params: self.params,
            row: PhantomData,
        }
    }

    /// Whether it may be sent: names in the text and those of the parameters fit together, and the
    /// transaction stays the session's.
    ///
    /// # Errors
    /// `Mapping` when they don't.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.sql.clone().map(drop)
    }

    /// The statement.
    ///
    /// # Errors
    /// As [`check`](Raw::check).
    pub(crate) fn render(&self) -> Result<Rendered, Error> {
        Ok(Rendered {
            model: None,
            sql: self.sql.clone()?,
            label: Arc::clone(&self.text),
            params: self.params.to_vec(),
        })
    }
}

/// The first word of a statement that begins or ends a transaction or a savepoint.
fn transaction_word(sql: &str) -> Option<&'static str> {
    const WORDS: [&str; 9] = [
        "BEGIN",
        "START",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT",
        "SAVEPOINT",
        "RELEASE",
        "PREPARE TRANSACTION",
    ];
    let mut words = tokens(sql).filter_map(|token| match token.text() {
        text if text.starts_with("/*") || text.starts_with("--") => None,
        text => Some(text).filter(|text| *text != ";" && !text.trim().is_empty()),
    });
    let first = words.next()?;
    let second = words.next().unwrap_or_default();
    WORDS.into_iter().find(|word| match word.split_once(' ') {
        Some((one, two)) => first.eq_ignore_ascii_case(one) && second.eq_ignore_ascii_case(two),
        None => first.eq_ignore_ascii_case(word),
    })
}

impl<R> Clone for Raw<R> {
    fn clone(&self) -> Self {
        Raw {
            text: Arc::clone(&self.text),
            sql: self.sql.clone(),
            params: Arc::clone(&self.params),
            row: PhantomData,
        }
    }
}

impl<R> fmt::Debug for Raw<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({})", self.text)
    }
}

/// The parameters of raw SQL: `()`, a tuple of up to twelve values, a list of values of one type,
/// or values with names, by [`params!`](crate::params).
///
/// A value is of any type with a PostgreSQL type, or `&str` or `&[u8]`. A parameter that is an
/// array is a list within the tuple: `(vec![1, 2],)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of parameters",
    label = "expected `()`, a tuple, an array, a `Vec` or `params! {{ .. }}`",
    note = "a single parameter is a tuple of one: `(value,)`"
)]
pub trait Params {
    #[doc(hidden)]
    fn into_params(self) -> Bounds;
}

/// Parameters without their types.
#[doc(hidden)]
#[derive(Debug)]
pub struct Bounds {
    pub(in crate::query) values: Vec<Bound>,
    /// One for each value, if they go by names.
    pub(in crate::query) names: Option<Vec<&'static str>>,
}

impl Bounds {
    fn in_order(values: Vec<Bound>) -> Bounds {
        Bounds {
            values,
            names: None,
        }
    }
}

impl Params for () {
    fn into_params(self) -> Bounds {
        Bounds::in_order(Vec::new())
    }
}

impl<T: Param> Params for Vec<T> {
    fn into_params(self) -> Bounds {
        Bounds::in_order(self.into_iter().map(bind).collect())
    }
}

impl<T: Param, const N: usize> Params for [T; N] {
    fn into_params(self) -> Bounds {
        Bounds::in_order(self.into_iter().map(bind).collect())
    }
}

macro_rules! tuple_params {
    ($(($($p:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<$($p: Param),+> Params for ($($p,)+) {
                fn into_params(self) -> Bounds {
                    Bounds::in_order(vec![$(bind(self.$i)),+])
                }
            }
        )+
    };
}
tuple_params!(
    (A 0),
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11),
);
