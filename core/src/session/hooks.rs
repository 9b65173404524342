//! `Hooks`: what is to happen beside every flush, and beside every row that one writes.
//!
//! Users put them together and give them to an engine or a session; `hooking` runs them.
//! It must not know a session's state: hooks are shared by all sessions of an engine.

use std::any::TypeId;
use std::fmt;

use super::session::Session;
use crate::engine::EngineBuilder;
use crate::error::Result;
use crate::identity_map::IdentityMap;
use crate::model::Model;
use crate::unit_of_work::Operation;

type FlushHook = Box<dyn Fn(&mut Session) -> Result<()> + Send + Sync>;
type RowHook = Box<dyn Fn(&mut IdentityMap, u32) -> Result<()> + Send + Sync>;

/// Functions that run with every flush, and with every row of a model that a flush writes.
///
/// For all sessions of an engine by [`EngineBuilder::hooks`], for one by
/// [`Session::add_hooks`]. Hooks of one kind run in the order in which they were added, the
/// engine's first. An error of a hook fails the flush, and with it the transaction, back to the
/// savepoint around it.
///
/// - `before_flush` runs before a flush that has something to look at. It may add, change, delete
///   and read objects: that is part of the same flush. Queries in it do not flush by themselves;
///   to flush, commit, roll back or open a savepoint is [`Reentrant`](crate::ErrorKind::Reentrant).
/// - `before_insert` and `before_update` may change the row that is about to be written, and only
///   that. `before_delete` sees the row that goes.
/// - `after_insert`, `after_update`, `after_delete` see rows that were written, with what the
///   database made of them, when all of the flush has succeeded.
/// - `after_flush` runs after a flush that has written something. What it changes waits for the
///   next flush; `commit` and savepoints flush until nothing waits, at most 100 times.
///
/// Rows that the database writes by itself, as by ON DELETE CASCADE, and statements that are no
/// flush run no hooks; neither does [`plan`](Session::plan).
///
/// ```
/// use sessile::prelude::*;
/// use sessile::Hooks;
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Page {
///     #[model(key, generated)]
///     id: i64,
///     title: String,
///     slug: String,
/// }
///
/// let hooks = Hooks::new()
///     .before_insert::<Page>(|page| {
///         page.slug = page.title.to_lowercase().replace(' ', "-");
///         Ok(())
///     })
///     .before_delete::<Page>(|page| match page.slug.as_str() {
///         "home" => Err(Error::other("the home page stays")),
///         _ => Ok(()),
///     });
/// # let _ = hooks;
/// ```
///
/// # Panics
/// A hook that panics unwinds through the verb that flushed. What the flush had sent until then is
/// part of the transaction and of the objects.
#[derive(Default)]
pub struct Hooks {
    before_flush: Vec<FlushHook>,
    after_flush: Vec<FlushHook>,
    rows: Vec<OfRow>,
}

struct OfRow {
    model: TypeId,
    moment: Moment,
    operation: Operation,
    hook: RowHook,
}

/// On which side of the statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

impl Hooks {
    /// None yet.
    pub fn new() -> Hooks {
        Hooks::default()
    }

    /// Before each flush that has something to look at.
    #[must_use]
    pub fn before_flush(
        mut self,
        hook: impl Fn(&mut Session) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.before_flush.push(Box::new(hook));
        self
    }

    /// After each flush that has written something.
    #[must_use]
    pub fn after_flush(
        mut self,
        hook: impl Fn(&mut Session) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.after_flush.push(Box::new(hook));
        self
    }

    /// Before a row is inserted.
    #[must_use]
    pub fn before_insert<T: Model>(
        self,
        hook: impl Fn(&mut T) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.changing(Operation::Insert, hook)
    }

    /// After a row was inserted.
    #[must_use]
    pub fn after_insert<T: Model>(
        self,
        hook: impl Fn(&T) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.seeing(Moment::After, Operation::Insert, hook)
    }

    /// Before a row is updated.
    #[must_use]
    pub fn before_update<T: Model>(
        self,
        hook: impl Fn(&mut T) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.changing(Operation::Update, hook)
    }

    /// After a row was updated.
    #[must_use]
    pub fn after_update<T: Model>(
        self,
        hook: impl Fn(&T) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.seeing(Moment::After, Operation::Update, hook)
    }

    /// Before a row is deleted.
    #[must_use]
    pub fn before_delete<T: Model>(
        self,
        hook: impl Fn(&T) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.seeing(Moment::Before, Operation::Delete, hook)
    }

    /// After a row was deleted.
    #[must_use]
    pub fn after_delete<T: Model>(
        self,
        hook: impl Fn(&T) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.seeing(Moment::After, Operation::Delete, hook)
    }

    fn changing<T: Model>(
        self,
        operation: Operation,
        hook: impl Fn(&mut T) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.row::<T>(Moment::Before, operation, move |map, slot| {
            map.store::<T>().value_mut(slot).map_or(Ok(()), &hook)
        })
    }

    fn seeing<T: Model>(
        self,
        moment: Moment,
        operation: Operation,
        hook: impl Fn(&T) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.row::<T>(moment, operation, move |map, slot| {
            match map.store::<T>().value_mut(slot) {
                Some(row) => hook(row),
                None => Ok(()),
            }
        })
    }

    fn row<T: Model>(
        mut self,
        moment: Moment,
        operation: Operation,
        hook: impl Fn(&mut IdentityMap, u32) -> Result<()> + Send + Sync + 'static,
    ) -> Hooks {
        self.rows.push(OfRow {
            model: TypeId::of::<T>(),
            moment,
            operation,
            hook: Box::new(hook),
        });
        self
    }

    pub(super) fn of_flush(&self, moment: Moment) -> &[FlushHook] {
        match moment {
            Moment::Before => &self.before_flush,
            Moment::After => &self.after_flush,
        }
    }

    /// Whether there are any for rows.
    pub(super) fn has_row_hooks(&self, moment: Moment) -> bool {
        self.rows.iter().any(|hook| hook.moment == moment)
    }

    pub(super) fn of_row(
        &self,
        model: TypeId,
        moment: Moment,
        operation: Operation,
    ) -> impl Iterator<Item = &RowHook> {
        let asked = (model, moment, operation);
        let hooks = self.rows.iter();
        hooks
            .filter(move |hook| (hook.model, hook.moment, hook.operation) == asked)
            .map(|hook| &hook.hook)
    }
}

impl EngineBuilder {
    /// Hooks for every session of the engine.
    pub fn hooks(self, hooks: Hooks) -> Self {
        self.for_sessions(hooks)
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("before_flush", &self.before_flush.len())
            .field("after_flush", &self.after_flush.len())
            .field("rows", &self.rows.len())
            .finish()
    }
}
