//! The verb that asks the server for the plan of a query.
//!
//! Users call it, as `session.explain(query, ..)` or `query.explain(session, ..)`.
//! It must not run a query unless that is asked for.

use super::session::Session;
use crate::error::Result;
use crate::loader;
use crate::model::Model;
use crate::query::{ExplainOptions, Explanation, Rows, Select};

impl Session {
    /// What the server is going to do for a query ([`Explain::Plan`](crate::query::Explain)), or
    /// did ([`Explain::Analyze`](crate::query::Explain), which runs it): as text and parsed.
    ///
    /// 1 statement, after a flush as for [`rows`](Session::rows). A query that was run has done
    /// all that it does, locks and changes by raw SQL included; its rows are thrown away, and no
    /// object learns of them.
    ///
    /// # Errors
    /// As [`rows`](Session::rows).
    pub fn explain<R>(
        &mut self,
        query: impl Into<Rows<R>>,
        how: impl Into<ExplainOptions>,
    ) -> Result<Explanation> {
        self.usable()?;
        let (query, how) = (query.into(), how.into());
        let models = query.models();
        match &models {
            Some(_) => self.write_named(|map| query.names_unsaved(map))?,
            None => self.autoflush_all("raw SQL")?,
        }
        self.read(&models.unwrap_or_default(), |reader| {
            loader::explain(reader, &query, how)
        })
    }
}

impl<M: Model, S> Select<M, S> {
    /// As [`Session::explain`].
    ///
    /// # Errors
    /// As there.
    pub fn explain(self, s: &mut Session, how: impl Into<ExplainOptions>) -> Result<Explanation> {
        s.explain(self, how)
    }
}

impl<R> Rows<R> {
    /// As [`Session::explain`].
    ///
    /// # Errors
    /// As there.
    pub fn explain(self, s: &mut Session, how: impl Into<ExplainOptions>) -> Result<Explanation> {
        s.explain(self, how)
    }
}
