//! A row that somebody else was faster with: its key, and the version that was expected.
//!
//! The unit of work fills it in; callers read it through `Error::stale`.
//! It must not hold a column's value other than these.

use std::fmt;

/// A row that a flush was to write and did not find as the session knew it.
///
/// ```
/// # use sessile::{Error, ErrorKind};
/// fn told_to_the_user(error: &Error) -> String {
///     match error.stale() {
///         [] => error.to_string(),
///         rows => format!("{} of your rows were changed meanwhile", rows.len()),
///     }
/// }
/// # assert_eq!(told_to_the_user(&Error::new(ErrorKind::Deadlock)), "deadlock detected");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StaleRow {
    /// Its key, as [`ErrorKind::Stale`](crate::ErrorKind::Stale) has it.
    pub key: String,
    /// The version that the row was read with, or that a merged value brought; `None` where the
    /// model has no version.
    pub expected: Option<String>,
}

/// The key, with the version behind it.
impl fmt::Display for StaleRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.expected {
            Some(version) => write!(f, "{} (version {version} expected)", self.key),
            None => f.write_str(&self.key),
        }
    }
}
