//! The one error type of the library.
//!
//! Every room builds on it; it names no other room.
//! It must not know the driver: what the server said is copied into [`ServerReport`].

mod kind;
mod report;
mod stale;

pub use kind::{ErrorKind, HandleProblem};
pub use report::ServerReport;
pub use stale::StaleRow;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// `Result` with the library's [`Error`] unless another error is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// What went wrong, in one pointer.
///
/// [`kind`](Error::kind) says what happened in a form to match on; the message says what was
/// being done to what; [`source`](StdError::source) says why. A message never repeats its source
/// and never shows a column's value, keys and versions excepted. A clone is the same error, not a copy.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    doing: Option<String>,
    violated: Vec<&'static str>,
    stale: Vec<StaleRow>,
    server: Option<ServerReport>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind, with nothing said about what was being done.
    pub fn new(kind: ErrorKind) -> Error {
        Error(Arc::new(Inner {
            kind,
            doing: None,
            violated: Vec::new(),
            stale: Vec::new(),
            server: None,
            source: None,
        }))
    }

    /// A flush missed these rows of a model.
    pub(crate) fn stale_rows(model: &'static str, rows: Vec<StaleRow>) -> Error {
        let keys = rows.iter().map(|row| row.key.clone()).collect();
        let mut error = Error::new(ErrorKind::Stale { model, keys });
        Arc::make_mut(&mut error.0).stale = rows;
        error
    }

    /// Wraps an error of the caller's own, as [`std::io::Error::other`] does.
    pub fn other(source: impl Into<Source>) -> Error {
        Error::new(ErrorKind::Other).with_source(source)
    }

    /// What happened, to match on.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What the server reported, when the error came from it.
    pub fn server(&self) -> Option<&ServerReport> {
        self.0.server.as_ref()
    }

    /// The five-character SQLSTATE, when the error came from the server.
    pub fn code(&self) -> Option<&str> {
        self.server().map(ServerReport::code)
    }

    /// The rows of a [`Stale`](ErrorKind::Stale) with the versions that were expected, also behind
    /// a [`TransactionFailed`](ErrorKind::TransactionFailed); none for every other kind.
    ///
    /// What is there instead is one `get` away, after the rollback: it reads the row again into
    /// its object, or answers `None` when the row is gone.
    pub fn stale(&self) -> &[StaleRow] {
        match (self.kind(), self.cause()) {
            (ErrorKind::TransactionFailed, Some(cause)) => cause.stale(),
            _ => &self.0.stale,
        }
    }

    /// Whether running the whole unit of work again, on a fresh session, may succeed.
    ///
    /// True for [`Serialization`](ErrorKind::Serialization), [`Deadlock`](ErrorKind::Deadlock),
    /// [`Stale`](ErrorKind::Stale) and [`LockNotAvailable`](ErrorKind::LockNotAvailable), and for
    /// a [`TransactionFailed`](ErrorKind::TransactionFailed) whose first cause is one of them.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Serialization
            | ErrorKind::Deadlock
            | ErrorKind::Stale { .. }
            | ErrorKind::LockNotAvailable => true,
            ErrorKind::TransactionFailed => self.cause().is_some_and(Error::is_retryable),
            _ => false,
        }
    }

    /// Whether a constraint on this column or relationship was violated.
    ///
    /// Answers for [`UniqueViolation`](ErrorKind::UniqueViolation),
    /// [`ForeignKeyViolation`](ErrorKind::ForeignKeyViolation),
    /// [`NotNullViolation`](ErrorKind::NotNullViolation),
    /// [`CheckViolation`](ErrorKind::CheckViolation) and
    /// [`ExclusionViolation`](ErrorKind::ExclusionViolation), also behind a
    /// [`TransactionFailed`](ErrorKind::TransactionFailed); false for every other kind.
    pub fn violates(&self, field: impl Into<FieldName>) -> bool {
        let field = field.into();
        let model = match self.kind() {
            ErrorKind::UniqueViolation { model, .. }
            | ErrorKind::ForeignKeyViolation { model, .. }
            | ErrorKind::NotNullViolation { model, .. }
            | ErrorKind::CheckViolation { model, .. }
            | ErrorKind::ExclusionViolation { model, .. } => model,
            ErrorKind::TransactionFailed => return self.cause().is_some_and(|e| e.violates(field)),
            _ => return false,
        };
        model.as_deref() == Some(field.model) && self.0.violated.contains(&field.field)
    }

    /// The first cause of a [`TransactionFailed`](ErrorKind::TransactionFailed), when it was one
    /// of this type.
    pub fn cause(&self) -> Option<&Error> {
        self.source()?.downcast_ref::<Error>()
    }

    /// The same error with a sentence about what was being done, in lower case, no full stop.
    #[must_use]
    pub fn while_doing(mut self, doing: impl Into<String>) -> Error {
        let inner = Arc::make_mut(&mut self.0);
        inner.doing = Some(match inner.doing.take() {
            None => doing.into(),
            Some(nearer) => format!("{}: {nearer}", doing.into()),
        });
        self
    }

    /// The same error with the error that caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Error {
        Arc::make_mut(&mut self.0).source = Some(Arc::from(source.into()));
        self
    }

    /// The same error with what the server reported.
    #[must_use]
    pub(crate) fn with_server(mut self, report: ServerReport) -> Error {
        Arc::make_mut(&mut self.0).server = Some(report);
        self
    }

    /// The same error as another kind: the rooms that know models refine what the engine saw.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Error {
        Arc::make_mut(&mut self.0).kind = kind;
        self
    }

    /// The same error with the fields whose constraint was violated.
    #[must_use]
    pub(crate) fn with_violated(mut self, fields: Vec<&'static str>) -> Error {
        Arc::make_mut(&mut self.0).violated = fields;
        self
    }

    /// The error that every verb of a session answers with after a failure, until a rollback.
    pub(crate) fn transaction_failed(first: &Error) -> Error {
        Error::new(ErrorKind::TransactionFailed).with_source(first.clone())
    }

    pub(crate) fn mapping(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Mapping {
            message: message.into(),
        })
    }

    pub(crate) fn input(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Input {
            message: message.into(),
        })
    }

    pub(crate) fn config(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Config {
            message: message.into(),
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(doing) = &self.0.doing {
            write!(f, "{doing}: ")?;
        }
        match (self.kind(), self.0.stale.as_slice()) {
            (_, []) => self.0.kind.fmt(f),
            (ErrorKind::Stale { model, .. }, rows) => kind::Missed(model, rows).fmt(f),
            (kind, _) => kind.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind);
        if let Some(doing) = &self.0.doing {
            out.field("doing", doing);
        }
        if let Some(server) = &self.0.server {
            out.field("server", server);
        }
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.0.source, &self.0.server) {
            (Some(source), _) => Some(source.as_ref()),
            (None, Some(server)) => Some(server),
            (None, None) => None,
        }
    }
}

/// A model's name with the name of one of its fields; columns and relationships turn into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldName {
    /// The model's struct name.
    pub model: &'static str,
    /// The field's name in the struct.
    pub field: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn a_message_says_what_was_done_and_leaves_the_reason_to_the_source() {
        let e = Error::other("disk on fire").while_doing("saving account");
        assert_eq!(e.to_string(), "saving account: the caller's own error");
        assert_eq!(e.source().unwrap().to_string(), "disk on fire");
    }

    #[test]
    fn a_failed_transaction_is_as_retryable_as_its_first_cause() {
        let deadlock = Error::transaction_failed(&Error::new(ErrorKind::Deadlock));
        assert!(deadlock.is_retryable());
        assert!(!Error::transaction_failed(&Error::other("no")).is_retryable());
    }
}
