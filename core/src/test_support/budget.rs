//! Budgets: how many statements something may cost.
//!
//! Tests write `assert_statements!`; what it expands to is here.
//! It must not count what other sessions send, unless the budget is their engine's.

use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};
use std::sync::Arc;

use crate::engine::Sent;

/// Runs an expression, asserts how many statements it cost, and gives its value.
///
/// The first argument is the number, or a range of it; the second the session, or the engine for
/// everything that is sent through it; also the asynchronous ones. Statements count, wherever and
/// on whichever thread they are sent; BEGIN, COMMIT, SAVEPOINT and the preparing of statements do
/// not. An expression that leaves the function, by `?` say, is not asked.
///
/// ```
/// use sessile::{assert_statements, prelude::*, test_support::TestDatabase};
///
/// #[derive(Model, Clone, Debug, Default)]
/// #[model(table = "account")]
/// struct Account {
///     #[model(key, generated)]
///     id: i64,
///     owner: String,
/// }
///
/// let database = TestDatabase::with_tables::<Account>()?;
/// let engine = database.engine()?;
/// let mut s = engine.session();
/// let owners = ["ann", "bob"].map(|owner| Account { owner: owner.into(), ..Account::default() });
/// s.add_all(owners);
/// assert_statements!(1, s, s.flush())?; // one INSERT, whatever the number of rows
/// let all = assert_statements!(..=2, s, s.all(select::<Account>()))?;
/// assert_eq!(assert_statements!(0, s, s[all[0]].id), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// When it cost another number of statements; the message lists them.
#[macro_export]
macro_rules! assert_statements {
    ($allowed:expr, $session:expr, $work:expr $(,)?) => {{
        let budget = $crate::test_support::Budget::open($session.sent());
        let value = $work;
        budget.close($allowed);
        value
    }};
}

/// What is sent from its opening on. Made by [`assert_statements!`](crate::assert_statements).
#[derive(Debug)]
#[must_use = "a budget that is not closed allows everything"]
pub struct Budget {
    sent: Arc<Sent>,
    since: usize,
}

impl Budget {
    /// Begins to count what is sent.
    pub fn open(sent: Arc<Sent>) -> Budget {
        let since = sent.listen();
        Budget { sent, since }
    }

    /// Asserts how many statements were sent since it was opened.
    ///
    /// # Panics
    /// When it is another number than is allowed.
    #[track_caller]
    pub fn close(self, allowed: impl Allowed) {
        let heard = self.sent.heard(self.since);
        let count = heard.len() as u64;
        assert!(
            allowed.allows(count),
            "{} allowed, and {count} sent{}{}",
            allowed.shown(),
            if heard.is_empty() { "" } else { ":\n  " },
            heard.join("\n  "),
        );
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.sent.stop_listening();
    }
}

/// How many statements a budget allows: a number, or a range.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number of statements",
    label = "expected a number, as in `2`, or a range, as in `..=4`"
)]
pub trait Allowed {
    /// Whether it allows this many.
    fn allows(&self, statements: u64) -> bool;

    /// For the message of an assertion.
    fn shown(&self) -> String;
}

impl Allowed for u64 {
    fn allows(&self, statements: u64) -> bool {
        *self == statements
    }

    fn shown(&self) -> String {
        match self {
            1 => "1 statement is".to_owned(),
            many => format!("{many} statements are"),
        }
    }
}

macro_rules! ranges {
    ($($range:ident),+) => {
        $(
            impl Allowed for $range<u64> {
                fn allows(&self, statements: u64) -> bool {
                    self.contains(&statements)
                }

                fn shown(&self) -> String {
                    format!("{self:?} statements are")
                }
            }
        )+
    };
}
ranges!(Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive);
