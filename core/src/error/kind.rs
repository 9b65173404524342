//! The kinds of errors, one per thing that a caller may want to tell apart.
//!
//! Callers match on them through `Error::kind`.
//! A kind must not hold a column's value; keys are the exception.

/// What happened.
///
/// More kinds may come, so a `match` needs a last arm. The page *Errors* of the manual has an
/// entry for each.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A verb that promises a row found none.
    #[error("{model} {key} not found")]
    NotFound {
        /// The model's name.
        model: &'static str,
        /// The key that was asked for, or what was.
        key: String,
    },
    /// More rows than the one that was asked for.
    #[error("more than one {model} found")]
    TooMany {
        /// The model's name.
        model: &'static str,
    },
    /// Rows that were to be changed or deleted are gone, or somebody else changed them first.
    /// [`Error::stale`](crate::Error::stale) has the versions that were expected.
    #[error("{}", Missed(model, keys))]
    Stale {
        /// The model's name.
        model: &'static str,
        /// The keys of exactly the rows that were not written.
        keys: Vec<String>,
    },
    /// A value that must be unique exists already.
    #[error("unique constraint {} violated", Place(constraint, model, field))]
    UniqueViolation {
        /// The constraint's name in the database.
        constraint: Option<String>,
        /// The model's name, when the constraint belongs to a model in use.
        model: Option<String>,
        /// The field, or the fields with commas between.
        field: Option<String>,
    },
    /// A row refers to one that does not exist, or is still referred to.
    #[error("foreign key {} violated", Place(constraint, model, field))]
    ForeignKeyViolation {
        /// The constraint's name in the database.
        constraint: Option<String>,
        /// The model that holds the reference.
        model: Option<String>,
        /// The field that holds the reference.
        field: Option<String>,
    },
    /// A field that needs a value has none.
    #[error("{} needs a value", Place(constraint, model, field))]
    NotNullViolation {
        /// The constraint's name in the database, where it has one.
        constraint: Option<String>,
        /// The model's name.
        model: Option<String>,
        /// The field.
        field: Option<String>,
    },
    /// A check constraint refused the row.
    #[error("check constraint {} violated", Place(constraint, model, field))]
    CheckViolation {
        /// The constraint's name in the database.
        constraint: Option<String>,
        /// The model's name, when the constraint belongs to a model in use.
        model: Option<String>,
        /// The field, when the constraint is on one.
        field: Option<String>,
    },
    /// An exclusion constraint refused the row.
    #[error("exclusion constraint {} violated", Place(constraint, model, field))]
    ExclusionViolation {
        /// The constraint's name in the database.
        constraint: Option<String>,
        /// The model's name, when the constraint belongs to a model in use.
        model: Option<String>,
        /// The field, when the constraint is on one.
        field: Option<String>,
    },
    /// Two objects of one session have the same key.
    #[error("two objects for {model} {key}")]
    Identity {
        /// The model's name.
        model: &'static str,
        /// The key that both have.
        key: String,
    },
    /// A handle that can't be used here.
    #[error("{problem} handle of {model}")]
    Handle {
        /// The model's name.
        model: &'static str,
        /// What is wrong with it.
        problem: HandleProblem,
    },
    /// A flush was asked for while one is running.
    #[error("the session is in the middle of a flush")]
    Reentrant,
    /// A lock was not to be had at once, or in time.
    #[error("lock not available")]
    LockNotAvailable,
    /// The transaction could not be serialized with others (SQLSTATE 40001).
    #[error("could not serialize with concurrent transactions")]
    Serialization,
    /// The transaction was chosen to end a deadlock (SQLSTATE 40P01).
    #[error("deadlock detected")]
    Deadlock,
    /// A write in a read-only transaction.
    #[error("the transaction is read only")]
    ReadOnly,
    /// A time limit was reached.
    #[error("time limit reached")]
    Timeout,
    /// The statement was cancelled from outside.
    #[error("cancelled")]
    Cancelled,
    /// The server can't be reached, or the connection to it broke.
    #[error("no connection to the server")]
    Connection,
    /// No connection became free in time.
    #[error("no connection became free within {waited:?}")]
    PoolTimeout {
        /// How long was waited.
        waited: std::time::Duration,
    },
    /// The connection broke during COMMIT, and whether the commit happened can't be told: the
    /// server was asked for the transaction's id, unless raw SQL was all that it wrote by.
    #[error("the connection broke during commit; its outcome is not known")]
    CommitUnknown,
    /// The transaction failed earlier; the source is the first cause. Only `rollback` helps, or
    /// the end of the savepoint in which it failed.
    #[error("the transaction has failed and must be rolled back")]
    TransactionFailed,
    /// The session is closed.
    #[error("the session is closed")]
    SessionClosed,
    /// The transaction or savepoint in which a cursor was opened has ended, or it is another
    /// session's.
    #[error("the cursor is closed")]
    CursorClosed,
    /// Rows that wait for each other, with nothing that may be NULL for a while.
    #[error("rows wait for each other in a cycle: {rows}")]
    Cycle {
        /// The rows, and the columns by which they wait.
        rows: String,
    },
    /// Something was read from memory that was not loaded.
    #[error("{relationship} is not loaded")]
    NotLoaded {
        /// The model and the relationship.
        relationship: String,
    },
    /// Models, query and database do not fit together.
    #[error("{message}")]
    Mapping {
        /// What does not fit.
        message: String,
    },
    /// What came from outside, such as a sort key or the token of a page, can't be used.
    #[error("{message}")]
    Input {
        /// What can't be used, and what could.
        message: String,
    },
    /// A value could not be turned into a field, or a field into a value.
    #[error("{place} can't be converted")]
    Conversion {
        /// The model and field, or the position in the row or the parameters.
        place: String,
    },
    /// A setting that makes no sense.
    #[error("{message}")]
    Config {
        /// The setting and what is wrong with it.
        message: String,
    },
    /// A blocking verb was called on a thread that drives asynchronous tasks.
    #[error("a blocking verb was called in an asynchronous context")]
    InAsyncContext,
    /// Any other error of the server.
    #[error("the server refused the statement")]
    Database {
        /// The SQLSTATE.
        code: String,
    },
    /// An error of the caller's own.
    #[error("the caller's own error")]
    Other,
}

/// The message of `Stale`, for keys or for rows with more to say.
pub(super) struct Missed<'a, R>(pub(super) &'a str, pub(super) &'a [R]);

impl<R: ToString> std::fmt::Display for Missed<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows: Vec<String> = self.1.iter().map(ToString::to_string).collect();
        let rows = rows.join(", ");
        write!(
            f,
            "stale {}: {rows} changed or deleted by somebody else",
            self.0
        )
    }
}

/// Why a handle can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandleProblem {
    /// It belongs to another session.
    Foreign,
    /// Its object has left the session.
    Gone,
    /// Its object is marked deleted.
    Deleted,
    /// `edit` has its object in hand.
    InUse,
}

impl std::fmt::Display for HandleProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            HandleProblem::Foreign => "foreign",
            HandleProblem::Gone => "gone",
            HandleProblem::Deleted => "deleted",
            HandleProblem::InUse => "in-use",
        })
    }
}

/// Where a constraint sits: `name (Model.field)` with what is known of it.
struct Place<'a>(&'a Option<String>, &'a Option<String>, &'a Option<String>);

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let field = match (self.1, self.2) {
            (Some(model), Some(field)) => Some(format!("{model}.{field}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        };
        match (self.0, field) {
            (Some(constraint), Some(field)) => write!(f, "{constraint} ({field})"),
            (Some(one), None) => f.write_str(one),
            (None, Some(one)) => f.write_str(&one),
            (None, None) => f.write_str("(unnamed)"),
        }
    }
}
