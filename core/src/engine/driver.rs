//! One physical connection: the driver's client and what is known about it.
//!
//! The pool keeps these, `connection` runs statements on them.
//! It must not know transactions; after any doubt it refuses to be pooled again.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use postgres::Client;
use postgres_types::{ToSql, Type};

use super::cache::{Prepared, StatementCache, StatementMode, Way};
use super::disposal::dispose;
use super::metrics::Counters;
use super::parameter::Parameter;
use super::sent::Sent;
use super::sqlstate::{Failure, failure};
use super::statement::{Reply, Returns, Rows, Statement, row_columns};
use super::trace::Trace;
use crate::error::{Error, ErrorKind};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    /// Nothing is under way.
    Ready,
    /// In the middle of a call; seen from outside only when a panic ended it.
    Busy,
    /// Broken, or not to be trusted.
    Lost,
}

/// A client with its prepared statements.
pub(super) struct Driver {
    /// `None` only while it is being dropped.
    client: Option<Client>,
    health: Health,
    /// Something of the user of this connection may still be open on it.
    pub(super) dirty: bool,
    pub(super) idle_since: Instant,
    statements: StatementCache,
    counters: Arc<Counters>,
    /// Whoever has it on loan counts, too.
    pub(super) audience: Option<Arc<Sent>>,
}

impl Driver {
    pub(super) fn new(
        client: Client,
        mode: StatementMode,
        cache_size: NonZeroUsize,
        counters: Arc<Counters>,
    ) -> Driver {
        Driver {
            client: Some(client),
            health: Health::Ready,
            dirty: false,
            idle_since: Instant::now(),
            statements: StatementCache::new(mode, cache_size),
            counters,
            audience: None,
        }
    }

    /// Whether it must not be used any more.
    pub(super) fn is_broken(&self) -> bool {
        let closed = self.client.as_ref().is_none_or(Client::is_closed);
        self.health != Health::Ready || closed
    }

    /// Never to be pooled again.
    pub(super) fn distrust(&mut self) {
        self.health = Health::Lost;
    }

    pub(super) fn cancel_token(&self) -> Option<postgres::CancelToken> {
        self.client.as_ref().map(Client::cancel_token)
    }

    /// Whether the server answers within the time. If not, the connection is lost.
    pub(super) fn ping(&mut self, timeout: Duration) -> bool {
        match self.call(|client| client.is_valid(timeout)) {
            Ok(()) => true,
            Err(_) => {
                // A late answer would be taken for the answer to the next question.
                self.health = Health::Lost;
                false
            }
        }
    }

    /// Sends statements without parameters or rows in one message: BEGIN, COMMIT and the like.
    pub(super) fn control(&mut self, sql: &str) -> Result<(), Failure> {
        self.control_as(sql, sql)
    }

    /// The same under a label of its own.
    pub(super) fn control_as(&mut self, label: &str, sql: &str) -> Result<(), Failure> {
        let trace = Trace::start();
        let result = self.call(|client| client.batch_execute(sql));
        trace.control(label, sql);
        result
    }

    /// Runs one statement.
    pub(super) fn run(&mut self, statement: &Statement<'_>) -> Result<Reply, Failure> {
        self.note(|sent| sent.note_statement(statement));
        let trace = Trace::start();
        let Some(way) = self.statements.way(statement) else {
            return Err(Failure::local(untyped(statement)));
        };
        let named = matches!(way, Way::Named(_));
        let result = match way {
            Way::Typed => self.run_typed(statement),
            Way::Named(prepared) => {
                self.counters.cache_hits.add_one();
                self.run_prepared(statement, &prepared)
            }
            Way::Prepare { keep } => self
                .prepare(statement, keep)
                .and_then(|prepared| self.run_prepared(statement, &prepared)),
        };
        trace.statement(statement, &result, named);
        result.map_err(|failure| self.forget_outdated(statement, failure, named))
    }

    fn run_typed(&mut self, statement: &Statement<'_>) -> Result<Reply, Failure> {
        check_text(statement)?;
        let params = Parameter::all(&statement.params);
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = params
            .iter()
            .zip(&statement.types)
            .map(|(param, ty)| (param as &(dyn ToSql + Sync), ty.clone()))
            .collect();
        let sql = &*statement.text.sql;
        match statement.returns {
            Returns::Rows | Returns::Returning | Returns::Identified => self
                .call(|client| client.query_typed(sql, &typed))
                .map(|rows| Reply::Rows(Rows::described_by_themselves(rows))),
            Returns::Count | Returns::Written => self
                .call(|client| client.execute_typed(sql, &typed))
                .map(Reply::Count),
        }
    }

    fn run_prepared(
        &mut self,
        statement: &Statement<'_>,
        prepared: &Prepared,
    ) -> Result<Reply, Failure> {
        let params = Parameter::all(&statement.params);
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        match statement.returns {
            Returns::Rows | Returns::Returning | Returns::Identified => self
                .call(|client| client.query(&prepared.statement, &params))
                .map(|rows| Reply::Rows(Rows::new(prepared.columns.clone(), rows))),
            Returns::Count | Returns::Written => self
                .call(|client| client.execute(&prepared.statement, &params))
                .map(Reply::Count),
        }
    }

    fn prepare(&mut self, statement: &Statement<'_>, keep: bool) -> Result<Arc<Prepared>, Failure> {
        check_text(statement)?;
        let text = &statement.text;
        self.counters.prepared.add_one();
        let made = self.call(|client| client.prepare_typed(&text.sql, &statement.types))?;
        let prepared = Arc::new(Prepared {
            columns: row_columns(made.columns()),
            types: statement.types.clone(),
            statement: made,
        });
        if keep {
            self.statements.keep(&text.sql, prepared.clone());
        }
        Ok(prepared)
    }

    /// Whether statements may be prepared.
    pub(super) fn prepares(&self) -> bool {
        self.statements.keeps_any()
    }

    /// Drops what the server no longer accepts, so that the next try prepares anew.
    fn forget_outdated(
        &mut self,
        statement: &Statement<'_>,
        mut failure: Failure,
        named: bool,
    ) -> Failure {
        match failure.error.code() {
            // The table changed, and with it the columns of the result.
            Some("0A000") if named => {
                self.statements.forget(&statement.text.sql);
                failure.outdated = true;
            }
            // DISCARD ALL or DEALLOCATE ALL.
            Some("26000") => {
                self.statements.clear();
                failure.outdated = true;
                if !named {
                    // It was one of the driver's own, for looking up types. The driver will
                    // try it again for ever, so this connection has seen its last new type.
                    failure.dead = true;
                    self.health = Health::Lost;
                }
            }
            _ => {}
        }
        failure
    }

    pub(super) fn note(&self, note: impl Fn(&Sent)) {
        note(&self.counters.sent);
        if let Some(audience) = &self.audience {
            note(audience);
        }
    }

    /// Calls the driver, and learns from the outcome whether the connection is still good.
    pub(super) fn call<T>(
        &mut self,
        f: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, Failure> {
        if self.client.is_some() && self.health == Health::Ready {
            self.note(Sent::note_round_trip);
        }
        let client = match &mut self.client {
            Some(client) if self.health == Health::Ready => client,
            _ => return Err(lost()),
        };
        self.health = Health::Busy;
        match catch_unwind(AssertUnwindSafe(|| f(client))) {
            Ok(Ok(value)) => {
                self.health = Health::Ready;
                Ok(value)
            }
            Ok(Err(error)) => {
                let failure = failure(error, client.is_closed());
                self.health = if failure.dead {
                    Health::Lost
                } else {
                    Health::Ready
                };
                Err(failure)
            }
            Err(panic) if is_nested_runtime(&*panic) => {
                Err(Failure::fatal(Error::new(ErrorKind::InAsyncContext)))
            }
            Err(panic) => resume_unwind(panic),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let broken = self.is_broken();
        if broken {
            self.counters.discarded.add_one();
        }
        match self.client.take() {
            Some(client) if broken => dispose(client),
            // On a thread that drives asynchronous tasks the drop panics, after it has closed
            // the socket; and a panic must not leave a drop.
            client => _ = catch_unwind(AssertUnwindSafe(|| drop(client))),
        }
    }
}

/// A NUL ends the text on the wire, and the driver takes it for a broken connection.
fn check_text(statement: &Statement<'_>) -> Result<(), Failure> {
    let (params, types) = (statement.params.len(), statement.types.len());
    let (place, why) = if statement.text.sql.contains('\0') {
        (
            "the statement's text",
            "it contains a NUL character".to_owned(),
        )
    } else if params != types {
        (
            "the list of parameters",
            format!("{params} values with {types} types"),
        )
    } else {
        return Ok(());
    };
    let kind = ErrorKind::Conversion {
        place: place.to_owned(),
    };
    Err(Failure::local(Error::new(kind).with_source(why)))
}

fn untyped(statement: &Statement<'_>) -> Error {
    let unknown = statement.types.iter().position(|ty| *ty == Type::UNKNOWN);
    let number = unknown.map_or(0, |index| index + 1);
    Error::config(format!(
        "parameter {number} needs a type: nothing is prepared in statement mode `Unnamed`"
    ))
}

fn lost() -> Failure {
    let error = Error::new(ErrorKind::Connection);
    Failure::fatal(error.with_source("the connection broke earlier"))
}

/// The driver owns a runtime, and starting one on a thread that drives another panics.
fn is_nested_runtime(panic: &(dyn std::any::Any + Send)) -> bool {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.is_some_and(|text| text.contains("runtime from within a runtime"))
}
