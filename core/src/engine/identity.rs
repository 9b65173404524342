//! Which transaction it was: its id rides with the first write, and tells what became of a COMMIT
//! whose answer was lost (TX-3).
//!
//! Called by `connection`.
//! It must not cost a round trip while all goes well.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postgres_types::Type;

use super::driver::Driver;
use super::sqlstate::Failure;
use super::statement::{Reply, Returns, Statement, Text};

/// How long a transaction may be in progress after its connection broke, before nobody knows.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pause between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// The id of a transaction; the server gives it one with its first write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TransactionId(u64);

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Committed,
    RolledBack,
    Unknown,
}

/// Runs a statement that tells the transaction's id beside its answer, if it is one that can.
pub(super) fn run_and_learn(
    driver: &mut Driver,
    statement: &Statement<'_>,
) -> Result<(Reply, Option<TransactionId>), Failure> {
    let sql = &statement.text.sql;
    // A text that changes with its number of rows is not kept, so nothing is lost by another one.
    let asking = match statement.returns {
        Returns::Rows | Returns::Count => return Ok((driver.run(statement)?, None)),
        Returns::Identified => sql.clone(),
        Returns::Returning => Arc::from(format!("{sql}, pg_current_xact_id()")),
        Returns::Written if statement.rows <= 1 => {
            Arc::from(format!("{sql} RETURNING pg_current_xact_id()"))
        }
        // Many rows would say the same id many times.
        Returns::Written => Arc::from(format!(
            "WITH written AS ({sql} RETURNING 1) \
             SELECT count(*), pg_current_xact_id() FROM written"
        )),
    };
    let asking = Statement {
        text: Text {
            sql: asking,
            label: statement.text.label.clone(),
        },
        returns: Returns::Identified,
        ..statement.clone()
    };
    let Reply::Rows(rows) = driver.run(&asking)? else {
        return Ok((Reply::Count(0), None));
    };
    let last = rows.columns().len().saturating_sub(1);
    let number = |column: usize| -> Option<u64> {
        let bytes = (!rows.is_empty()).then(|| rows.row(0).raw(column))??;
        Some(u64::from_be_bytes(bytes.try_into().ok()?))
    };
    let id = number(last).map(TransactionId);
    let reply = match statement.returns {
        Returns::Written if statement.rows <= 1 => Reply::Count(rows.len() as u64),
        Returns::Written => Reply::Count(number(0).unwrap_or(0)),
        _ => Reply::Rows(rows),
    };
    Ok((reply, id))
}

impl TransactionId {
    /// Asks on another connection what became of the transaction, until it has ended or nobody
    /// wants to wait longer.
    pub(super) fn outcome(self, driver: &mut Driver) -> Outcome {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.status(driver).as_deref() {
                Some("committed") => return Outcome::Committed,
                Some("aborted") => return Outcome::RolledBack,
                // The server has not noticed yet that the connection broke, or COMMIT waits for a
                // replica.
                Some("in progress") if Instant::now() < until => std::thread::sleep(PAUSE),
                _ => return Outcome::Unknown,
            }
        }
    }

    /// NULL for a transaction so old that the server has forgotten it; an error for one that it
    /// never had, as after a failover that lost some.
    fn status(self, driver: &mut Driver) -> Option<String> {
        let id = self.0.to_string();
        let asked = driver.run(&Statement {
            text: Text {
                sql: Arc::from("SELECT pg_xact_status($1::text::xid8)"),
                label: Arc::from("SELECT pg_xact_status"),
            },
            params: vec![&id],
            types: vec![Type::TEXT],
            returns: Returns::Rows,
            plain_read: true,
            rows: 0,
            cache: false,
        });
        match asked {
            Ok(Reply::Rows(rows)) if !rows.is_empty() => rows.row(0).get(0).ok(),
            _ => None,
        }
    }
}
