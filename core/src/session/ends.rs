//! Functions that wait for the end of a transaction.
//!
//! The session keeps them; `hooking` adds them, and they run where transactions end.
//! It must not run any by itself.

use std::fmt;

type Function = Box<dyn FnOnce() + Send>;

/// What runs when the transaction has ended, one way or the other.
#[derive(Default)]
pub(super) struct Ends {
    /// In the order in which they were added, with the number of savepoints around.
    waiting: Vec<(usize, Outcome, Function)>,
}

/// For which end a function waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Committed,
    RolledBack,
    /// What it was added for has been rolled back, whatever becomes of the rest.
    Either,
}

impl Ends {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn after_commit(&mut self, depth: usize, run: impl FnOnce() + Send + 'static) {
        let waiting = (depth, Outcome::Committed, Box::new(run) as Function);
        self.waiting.push(waiting);
    }

    pub(super) fn after_rollback(&mut self, depth: usize, run: impl FnOnce() + Send + 'static) {
        let waiting = (depth, Outcome::RolledBack, Box::new(run) as Function);
        self.waiting.push(waiting);
    }

    /// The innermost of so many savepoints is kept.
    pub(super) fn release(&mut self, depth: usize) {
        for (of, ..) in &mut self.waiting {
            *of = (*of).min(depth - 1);
        }
    }

    /// The innermost of so many savepoints is taken back.
    pub(super) fn take_back(&mut self, depth: usize) {
        let lost = |of: usize, outcome| of >= depth && outcome == Outcome::Committed;
        self.waiting.retain(|(of, outcome, _)| !lost(*of, *outcome));
        for (of, outcome, _) in &mut self.waiting {
            if *of >= depth {
                *outcome = Outcome::Either;
            }
        }
    }

    /// The functions for a commit; the others are dropped.
    pub(super) fn committed(&mut self) -> Vec<Function> {
        self.take(Outcome::RolledBack)
    }

    /// The functions for a rollback; the others are dropped.
    pub(super) fn rolled_back(&mut self) -> Vec<Function> {
        self.take(Outcome::Committed)
    }

    /// Nobody knows how it ended.
    pub(super) fn forget(&mut self) {
        self.waiting.clear();
    }

    fn take(&mut self, other: Outcome) -> Vec<Function> {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let these = waiting.filter(|(_, outcome, _)| *outcome != other);
        these.map(|(.., run)| run).collect()
    }
}

impl fmt::Debug for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ends").field(&self.waiting.len()).finish()
    }
}
