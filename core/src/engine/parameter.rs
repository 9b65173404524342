//! A parameter on its way into the driver's buffer.
//!
//! Called by `driver` for every bound value.
//! It must not let a panic through: one inside the buffer kills the connection.

use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::BytesMut;
use postgres_types::{Format, IsNull, ToSql, Type};

/// Wraps the caller's value.
///
/// The driver encodes parameters straight into the buffer of the connection. When a `ToSql` of
/// the caller's panics there, half a message stays behind, and whatever is sent next is
/// garbage. Turned into an error, the driver clears the buffer and the connection lives on.
pub(super) struct Parameter<'a>(&'a (dyn ToSql + Sync));

impl<'a> Parameter<'a> {
    pub(super) fn all(params: &[&'a (dyn ToSql + Sync)]) -> Vec<Parameter<'a>> {
        params.iter().map(|param| Parameter(*param)).collect()
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        catch_unwind(AssertUnwindSafe(|| self.0.to_sql_checked(ty, out)))
            .unwrap_or_else(|_| Err(Box::new(Panicked)))
    }

    fn accepts(_: &Type) -> bool {
        // The value's own answer comes with `to_sql_checked`.
        true
    }

    fn encode_format(&self, ty: &Type) -> Format {
        catch_unwind(AssertUnwindSafe(|| self.0.encode_format(ty))).unwrap_or(Format::Binary)
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.to_sql(ty, out)
    }
}

impl fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The driver prints parameters into its debug log.
        f.write_str("_")
    }
}

/// The caller's conversion panicked.
#[derive(Debug, thiserror::Error)]
#[error("the conversion of the value panicked")]
struct Panicked;
