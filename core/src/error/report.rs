//! What the server said about a failed statement.
//!
//! The engine fills it in; callers read it through `Error::server`.
//! Its `Display` leaves out the detail, which may hold column values.

use std::fmt;

/// The fields of a PostgreSQL error report.
///
/// `Display` prints severity, message and SQLSTATE; the detail, which often quotes column values,
/// must be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
        write!(
            f,
            "{}: {} (SQLSTATE {})",
            self.severity, self.message, self.code
        )
    }
}

impl std::error::Error for ServerReport {}
