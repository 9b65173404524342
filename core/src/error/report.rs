//! What the server said about a failed statement.
//!
//! The engine fills it in; callers read it through `Error::server`.
//! Its `Display` must not show the detail, which may hold column values.

use std::fmt;

/// The fields of a PostgreSQL error report.
///
/// `Display` and `Debug` show severity, message and SQLSTATE, and `Debug` the names that the server
/// gave; the detail, which often quotes column values, must be asked for. So must the end of a
/// message about data (class 22), where the server quotes what it could not make sense of.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ServerReport {
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) table: Option<String>,
    pub(crate) column: Option<String>,
    pub(crate) constraint: Option<String>,
}

impl ServerReport {
    /// The SQLSTATE, five characters.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The primary message, in the server's language.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Messages of class 22 quote the value behind a colon, in every language.
    fn message_without_values(&self) -> &str {
        match self.message.split_once(':') {
            Some((message, _)) if self.code.starts_with("22") => message,
            _ => &self.message,
        }
    }

    /// The detail; it may quote column values.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The server's suggestion.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The schema of the table that is concerned.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The table that is concerned.
    pub fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    /// The column that is concerned.
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    /// The constraint that was violated.
    pub fn constraint(&self) -> Option<&str> {
        self.constraint.as_deref()
    }
}

impl fmt::Display for ServerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message_without_values();
        write!(f, "{}: {message} (SQLSTATE {})", self.severity, self.code)
    }
}

impl fmt::Debug for ServerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("ServerReport");
        out.field("severity", &self.severity)
            .field("code", &self.code)
            .field("message", &self.message_without_values());
        let names = [
            ("schema", &self.schema),
            ("table", &self.table),
            ("column", &self.column),
            ("constraint", &self.constraint),
        ];
        for (what, name) in names {
            if let Some(name) = name {
                out.field(what, name);
            }
        }
        out.finish_non_exhaustive()
    }
}

impl std::error::Error for ServerReport {}
