//! From what the driver reports to the library's errors.
//!
//! Called by `driver` for every failed call and by `connector` for every failed connect.
//! It must not keep the driver's error when the server spoke: its text may quote the detail.

use std::io;

use postgres::error::{DbError, Severity};

use crate::error::{Error, ErrorKind, ServerReport};

/// A failed call: what to say about it, and whether the connection lives.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// The connection can't be used any more.
    pub(super) dead: bool,
    /// A prepared statement was the reason, and has been forgotten: the next try may succeed.
    pub(super) outdated: bool,
    /// It happened before the statement itself was sent.
    pub(super) unsent: bool,
}

impl Failure {
    /// A failure that never reached the server.
    pub(super) fn local(error: Error) -> Failure {
        Failure {
            error,
            dead: false,
            outdated: false,
            unsent: false,
        }
    }

    /// A failure that ends the connection.
    pub(super) fn fatal(error: Error) -> Failure {
        Failure {
            dead: true,
            ..Failure::local(error)
        }
    }
}

/// Translates the error of a call on a connection; `closed` is what the client says of itself.
pub(super) fn failure(error: postgres::Error, closed: bool) -> Failure {
    let dead = is_dead(&error, closed);
    let error = match error.as_db_error() {
        Some(db) => from_server(db),
        None if dead => connection_lost(error),
        None => from_driver(error),
    };
    Failure {
        dead,
        ..Failure::local(error)
    }
}

/// Translates the error of an attempt to connect.
pub(super) fn connect_error(error: postgres::Error) -> Error {
    match error.as_db_error() {
        Some(db) => Error::new(ErrorKind::Connection).with_server(report(db)),
        None if error.to_string() == "invalid configuration" => {
            Error::config("the connection string can't be used").with_source(reason(error))
        }
        None => connection_lost(error),
    }
}

/// Whether the connection is gone.
///
/// A closed client, an I/O error or a FATAL report says so, as do the SQLSTATEs of connections
/// that end: class 08, shutdown (57P01 to 57P03), idle limits (57P05, 25P03). Class 08 as a
/// plain ERROR on a client that lives is about somebody else's connection: Citus reports its
/// workers' with 08006, `postgres_fdw` its servers', and 08P01 is a wrong number of parameters.
fn is_dead(error: &postgres::Error, closed: bool) -> bool {
    if closed || error.is_closed() {
        return true;
    }
    let Some(db) = error.as_db_error() else {
        // Encoding fails before anything is sent, and is reported with an I/O error as well.
        return is_io(error) && !is_encoding(error);
    };
    let fatal = matches!(
        db.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    );
    fatal
        || matches!(
            db.code().code(),
            "57P01" | "57P02" | "57P03" | "57P05" | "25P03"
        )
}

fn is_io(error: &postgres::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(|source| source.is::<io::Error>())
}

// The driver does not show the kind of its errors; its texts are constant.
fn is_encoding(error: &postgres::Error) -> bool {
    error.to_string() == "error encoding message to server"
}

fn connection_lost(error: postgres::Error) -> Error {
    Error::new(ErrorKind::Connection).with_source(reason(error))
}

/// Why, without repeating the driver's own sentence where it has a source.
fn reason(error: postgres::Error) -> Box<dyn std::error::Error + Send + Sync> {
    let says = error.to_string();
    match error.into_source() {
        Some(source) => source,
        None => says.into(),
    }
}

/// Errors that the driver found by itself: parameters that do not fit.
fn from_driver(error: postgres::Error) -> Error {
    let says = error.to_string();
    let place = match says.strip_prefix("error serializing parameter ") {
        Some(index) => match index.parse::<usize>() {
            Ok(index) => format!("parameter {}", index + 1),
            Err(_) => "a parameter".to_owned(),
        },
        None if says.contains("parameters but got") || is_encoding(&error) => {
            "the list of parameters".to_owned()
        }
        None => "the server's answer".to_owned(),
    };
    Error::new(ErrorKind::Conversion { place }).with_source(reason(error))
}

fn from_server(db: &DbError) -> Error {
    let report = report(db);
    Error::new(kind(&report)).with_server(report)
}

fn kind(report: &ServerReport) -> ErrorKind {
    match report.code() {
        code if code.starts_with("23") => violation(report),
        "40001" => ErrorKind::Serialization,
        "40P01" => ErrorKind::Deadlock,
        "55P03" => ErrorKind::LockNotAvailable,
        "25006" => ErrorKind::ReadOnly,
        "25P02" => ErrorKind::TransactionFailed,
        "57014" if is_due_to_a_limit(report) => ErrorKind::Timeout,
        "57014" => ErrorKind::Cancelled,
        "08P01" => ErrorKind::Conversion {
            place: "the list of parameters".to_owned(),
        },
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => ErrorKind::Connection,
        code if code.starts_with("08") => ErrorKind::Connection,
        code => ErrorKind::Database {
            code: code.to_owned(),
        },
    }
}

/// Which model and field it concerns is found out by those who know models.
fn violation(report: &ServerReport) -> ErrorKind {
    let (constraint, model, field) = (constraint(report), None, None);
    match report.code() {
        "23505" => ErrorKind::UniqueViolation {
            constraint,
            model,
            field,
        },
        "23503" => ErrorKind::ForeignKeyViolation {
            constraint,
            model,
            field,
        },
        "23502" => ErrorKind::NotNullViolation {
            constraint,
            model,
            field,
        },
        "23514" => ErrorKind::CheckViolation {
            constraint,
            model,
            field,
        },
        "23P01" => ErrorKind::ExclusionViolation {
            constraint,
            model,
            field,
        },
        code => ErrorKind::Database {
            code: code.to_owned(),
        },
    }
}

fn is_due_to_a_limit(report: &ServerReport) -> bool {
    report.message().contains("timeout")
}

/// Decides about a cancelled statement whose message does not say why.
///
/// A server that does not speak English says neither "statement timeout" nor "user request";
/// then a limit that had passed is taken for the reason.
pub(super) fn settle_cancelled(error: Error, limit_passed: bool) -> Error {
    let request = error
        .server()
        .is_some_and(|report| report.message().contains("user request"));
    match error.kind() {
        ErrorKind::Cancelled if limit_passed && !request => error.with_kind(ErrorKind::Timeout),
        _ => error,
    }
}

fn constraint(report: &ServerReport) -> Option<String> {
    if let Some(name) = report.constraint() {
        return Some(name.to_owned());
    }
    // Errors from a Citus worker come without fields, and the name carries the shard's number.
    let (_, from) = report.message().split_once("constraint \"")?;
    let (name, _) = from.split_once('"')?;
    Some(without_shard(name).to_owned())
}

fn without_shard(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((base, digits))
            if !base.is_empty()
                && digits.len() >= 6
                && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            base
        }
        _ => name,
    }
}

fn report(db: &DbError) -> ServerReport {
    let owned = |field: Option<&str>| field.map(str::to_owned);
    ServerReport {
        severity: db.severity().to_owned(),
        code: db.code().code().to_owned(),
        message: db.message().to_owned(),
        detail: owned(db.detail()),
        hint: owned(db.hint()),
        schema: owned(db.schema()),
        table: owned(db.table()),
        column: owned(db.column()),
        constraint: owned(db.constraint()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: &str, message: &str) -> ServerReport {
        ServerReport {
            code: code.into(),
            message: message.into(),
            ..ServerReport::default()
        }
    }

    #[test]
    fn a_workers_constraint_is_found_in_the_message_without_its_shard() {
        let report = said(
            "23505",
            "duplicate key value violates unique constraint \"cust_tenant_name_key_102009\"",
        );
        assert_eq!(constraint(&report).as_deref(), Some("cust_tenant_name_key"));
    }

    #[test]
    fn a_named_constraint_keeps_its_digits() {
        let report = ServerReport {
            constraint: Some("orders_2024001".into()),
            ..said("23505", "no name here")
        };
        assert_eq!(constraint(&report).as_deref(), Some("orders_2024001"));
    }

    #[test]
    fn a_suffix_that_is_no_shard_stays() {
        assert_eq!(without_shard("a_12345"), "a_12345");
        assert_eq!(without_shard("a_12345x"), "a_12345x");
        assert_eq!(without_shard("a_123456"), "a");
        assert_eq!(without_shard("_123456"), "_123456");
    }

    #[test]
    fn a_cancelled_statement_is_a_timeout_when_a_limit_was_the_reason() {
        let of = |message| kind(&said("57014", message));
        assert_eq!(
            of("canceling statement due to statement timeout"),
            ErrorKind::Timeout
        );
        assert_eq!(
            of("canceling statement due to user request"),
            ErrorKind::Cancelled
        );
    }

    #[test]
    fn in_another_language_the_clock_decides() {
        let cancelled = |message| {
            let report = said("57014", message);
            Error::new(kind(&report)).with_server(report)
        };
        let german = || cancelled("storniere Anfrage wegen Zeitüberschreitung");
        assert_eq!(*settle_cancelled(german(), true).kind(), ErrorKind::Timeout);
        assert_eq!(
            *settle_cancelled(german(), false).kind(),
            ErrorKind::Cancelled
        );
        let asked = cancelled("canceling statement due to user request");
        assert_eq!(*settle_cancelled(asked, true).kind(), ErrorKind::Cancelled);
    }

    #[test]
    fn every_code_that_has_a_kind_gets_it() {
        let none = || (None::<String>, None::<String>, None::<String>);
        let (constraint, model, field) = none();
        let unique = ErrorKind::UniqueViolation {
            constraint,
            model,
            field,
        };
        for (code, expected) in [
            ("23505", unique),
            ("40001", ErrorKind::Serialization),
            ("40P01", ErrorKind::Deadlock),
            ("55P03", ErrorKind::LockNotAvailable),
            ("25006", ErrorKind::ReadOnly),
            ("25P02", ErrorKind::TransactionFailed),
            ("08006", ErrorKind::Connection),
            ("57P01", ErrorKind::Connection),
            (
                "42P01",
                ErrorKind::Database {
                    code: "42P01".into(),
                },
            ),
        ] {
            assert_eq!(kind(&said(code, "")), expected, "{code}");
        }
    }
}
