//! Tags for the server's log.
//!
//! Methods of the queries.
//! It must not put a value into the text as it is: the statement room encodes it.

use std::borrow::Cow;

use crate::query::{Grouped, Rows, Select};

impl<M, S> Select<M, S> {
    /// A tag behind the statement, as a comment: `/*route='%2Forders'*/`, by the sqlcommenter
    /// convention. The server's log and its statistics show who asked.
    ///
    /// Key and value are encoded as in a URL, so that nothing in them ends the comment. Each value
    /// makes a statement of its own for the cache of prepared statements: tag with routes and
    /// jobs, not with the numbers of requests.
    ///
    /// ```
    /// use sessile::{Model, sql::select};
    ///
    /// #[derive(Model, Clone, Debug)]
    /// struct Account {
    ///     #[model(key)]
    ///     id: i64,
    /// }
    ///
    /// let query = select::<Account>().comment("route", "/accounts");
    /// ```
    pub fn comment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.along.comments.set(key.into(), value.into());
        self
    }
}

impl<M, S> Grouped<M, S> {
    /// A tag behind the statement. See [`Select::comment`].
    pub fn comment(self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Grouped(self.0.comment(key, value))
    }
}

impl<R> Rows<R> {
    /// A tag behind the statement. See [`Select::comment`].
    pub fn comment(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.along_mut().comments.set(key.into(), value.into());
        self
    }
}
