//! Runs hooks: those of a flush, and what waits for the end of a transaction.
//!
//! Called by `flush`, and where transactions end.
//! It must not let a hook flush, nor run one for the end before the end.

use std::any::TypeId;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, PoisonError};

use super::ends::Ends;
use super::hooks::{Hooks, Moment};
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::unit_of_work::Changes;

/// How often objects may be changed again by the hooks of the flush that wrote them.
const ROUNDS: usize = 100;

impl Session {
    /// Adds hooks for the flushes of this session. No I/O.
    pub fn add_hooks(&mut self, hooks: Hooks) {
        self.hooks.push(Arc::new(hooks));
    }

    /// Runs a function when the running transaction was committed, outside of it. No I/O.
    ///
    /// For what must not happen when it is rolled back, such as sending a message. Once, in the
    /// order in which they were added. One that was added inside a savepoint which is taken back
    /// is dropped, as is one whose commit has an unknown outcome.
    ///
    /// # Panics
    /// A function that panics does so out of `commit`, which has succeeded; those after it do not
    /// run.
    pub fn after_commit(&mut self, run: impl FnOnce() + Send + 'static) {
        let depth = self.depth;
        self.ends().after_commit(depth, run);
    }

    /// Runs a function when the running transaction was rolled back, outside of it. No I/O.
    ///
    /// For what was done outside the database and must be undone. It runs in
    /// [`rollback`](Session::rollback), in [`close`](Session::close), and when a closure of
    /// [`Engine::transaction`](crate::Engine::transaction) or its kin fails, panics or can't be
    /// committed; not when a session by hand is dropped, nor after a commit with an unknown
    /// outcome. One that was added inside a savepoint which is taken back runs when the
    /// transaction has ended, whichever way.
    ///
    /// # Panics
    /// A function that panics does so out of the verb that ended the transaction; those after it
    /// do not run.
    pub fn after_rollback(&mut self, run: impl FnOnce() + Send + 'static) {
        let depth = self.depth;
        self.ends().after_rollback(depth, run);
    }

    /// What waits for the end of the transaction.
    pub(super) fn ends(&mut self) -> &mut Ends {
        let ends = self.ends.get_mut();
        ends.unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs what waits for a commit.
    pub(super) fn run_committed(&mut self) {
        let waiting = self.ends().committed();
        waiting.into_iter().for_each(|run| run());
    }

    /// Runs what waits for a rollback.
    pub(super) fn run_rolled_back(&mut self) {
        let waiting = self.ends().rolled_back();
        waiting.into_iter().for_each(|run| run());
    }

    /// Refuses what a hook of a flush must not do.
    pub(super) fn refuse_in_hook(&self) -> Result<()> {
        match self.in_hook {
            true => Err(Error::new(ErrorKind::Reentrant)),
            false => Ok(()),
        }
    }

    /// Flushes until nothing waits: hooks may change objects after a flush.
    pub(super) fn flush_all(&mut self) -> Result<()> {
        for _ in 0..ROUNDS {
            self.flush()?;
            if !self.map.has_touched() {
                return Ok(());
            }
        }
        let error = Error::config(format!(
            "the hooks of the flush have changed objects {ROUNDS} times in a row"
        ));
        self.poison(&error, false);
        Err(error)
    }

    fn all_hooks(&self) -> Vec<Arc<Hooks>> {
        let all = self.hooks.iter().cloned();
        all.filter_map(|hooks| hooks.downcast().ok()).collect()
    }

    /// Runs the hooks around a whole flush.
    pub(super) fn run_flush_hooks(&mut self, moment: Moment) -> Result<()> {
        let all = self.all_hooks();
        if all.iter().all(|hooks| hooks.of_flush(moment).is_empty()) {
            return Ok(());
        }
        self.in_hook = true;
        self.autoflush_suspended += 1;
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut hooks = all.iter().flat_map(|hooks| hooks.of_flush(moment));
            hooks.try_for_each(|hook| hook(self))
        }));
        self.autoflush_suspended -= 1;
        self.in_hook = false;
        ran.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Runs the hooks of the rows that are written; whether there were any.
    pub(super) fn run_row_hooks(&mut self, moment: Moment, changes: &Changes) -> Result<bool> {
        let all = self.all_hooks();
        if !all.iter().any(|hooks| hooks.has_row_hooks(moment)) {
            return Ok(false);
        }
        let mut ran = false;
        for (store, slot, operation) in changes.rows() {
            let model: TypeId = self.map.any(store).model();
            for hooks in &all {
                for hook in hooks.of_row(model, moment, operation) {
                    ran = true;
                    hook(&mut self.map, slot)?;
                }
            }
        }
        Ok(ran)
    }
}
