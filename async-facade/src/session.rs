//! The session, call by call.
//!
//! Asynchronous handlers use it when they have other things to await between their statements.
//! It must not be a lock around a session: a call moves the session away and gets it back.

use std::fmt;
use std::ops::{Deref, Index, IndexMut};
use std::sync::Arc;

use sessile::model::Column;
use sessile::prelude::ManyToMany;
use sessile::query::{IntoExpr, Within};
use sessile::{Error, ErrorKind, Fk, Handle, Hooks, Model, Session};

use crate::hop::hop;
use crate::inner::Inner;
use crate::reaper::Corpse;

/// A unit of work in which each verb that may talk to the database is one hop to a blocking
/// thread.
///
/// Memory verbs are plain calls, and `session[handle]` reads and writes objects without `await`.
/// It is `Deref<Target = Session>` and not `DerefMut`: functions over `&Session` work on it, verbs
/// that block are out of reach. Whole units of work are better off with
/// [`run`](AsyncSession::run), or with [`AsyncEngine::transaction`](crate::AsyncEngine::transaction):
/// one hop instead of many.
///
/// A call whose future is dropped is cancelled, and the session is closed: the transaction is
/// rolled back over there, `is_closed` is true, `peek` is `None`, verbs answer
/// [`SessionClosed`](ErrorKind::SessionClosed). Put time limits on the engine or the transaction
/// rather than around one call of a session that is to be kept.
pub struct AsyncSession {
    /// A closed one while a call is away with the real one.
    pub(crate) session: Session,
    engine: Arc<Inner>,
}

impl AsyncSession {
    pub(crate) fn new(session: Session, engine: Arc<Inner>) -> AsyncSession {
        AsyncSession { session, engine }
    }

    /// Runs a closure over the session: one hop, whatever the number of verbs in it.
    ///
    /// It neither commits nor rolls back. The closure's error is any that the library's turns
    /// into.
    ///
    /// # Errors
    /// The closure's own, [`SessionClosed`](ErrorKind::SessionClosed), and
    /// [`PoolTimeout`](ErrorKind::PoolTimeout) when no connection becomes free in time.
    pub async fn run<T: Send + 'static, E: From<Error> + Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        self.refuse_closed()?;
        // While it waits here the session stays: dropping the future now loses nothing.
        self.engine.admission.admit(&mut self.session).await?;
        let session = std::mem::replace(&mut self.session, Session::closed());
        let (session, result) = hop(session, &self.engine.reaper, work).await?;
        self.session = session;
        // Without a connection there is nothing to hold a place for.
        self.session.leave_idle_place();
        result
    }
}

impl AsyncSession {
    /// As [`run`](AsyncSession::run), for verbs that do nothing when nothing was begun: those
    /// need neither a hop nor a place.
    pub(crate) async fn end(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        self.refuse_closed()?;
        match self.session.is_idle() {
            true => work(&mut self.session),
            false => self.run(work).await,
        }
    }

    fn refuse_closed(&self) -> Result<(), Error> {
        match self.session.is_closed() {
            true => Err(Error::new(ErrorKind::SessionClosed)),
            false => Ok(()),
        }
    }
}

impl Deref for AsyncSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl<T: Model> Index<Handle<T>> for AsyncSession {
    type Output = T;

    /// Reads an object. No I/O.
    ///
    /// # Panics
    /// As [`Session`]'s.
    fn index(&self, handle: Handle<T>) -> &T {
        &self.session[handle]
    }
}

impl<T: Model> IndexMut<Handle<T>> for AsyncSession {
    /// Writes an object. No I/O.
    ///
    /// # Panics
    /// As [`Session`]'s.
    fn index_mut(&mut self, handle: Handle<T>) -> &mut T {
        &mut self.session[handle]
    }
}

impl Drop for AsyncSession {
    fn drop(&mut self) {
        // It may hold a connection, or the last share of the pool: neither may be dropped on a
        // thread that drives tasks.
        let session = std::mem::replace(&mut self.session, Session::closed());
        self.engine.reaper.take(Corpse::Session(Box::new(session)));
    }
}

impl fmt::Debug for AsyncSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncSession").field(&self.session).finish()
    }
}

/// Verbs on objects in memory, as the session has them: no hop, no `await`.
impl AsyncSession {
    /// As [`Session::add`].
    pub fn add<T: Model>(&mut self, row: T) -> Handle<T> {
        self.session.add(row)
    }

    /// As [`Session::add_all`].
    pub fn add_all<T: Model>(&mut self, rows: impl IntoIterator<Item = T>) -> Vec<Handle<T>> {
        self.session.add_all(rows)
    }

    /// As [`Session::peek_mut`].
    pub fn peek_mut<T: Model>(&mut self, handle: Handle<T>) -> Option<&mut T> {
        self.session.peek_mut(handle)
    }

    /// As [`Session::rows_mut`].
    ///
    /// # Panics
    /// As there.
    pub fn rows_mut<H: sessile::RowsMut>(&mut self, handles: H) -> H::Rows<'_> {
        self.session.rows_mut(handles)
    }

    /// As [`Session::edit`].
    ///
    /// # Errors
    /// As there.
    pub fn edit<T: Model, R>(
        &mut self,
        handle: Handle<T>,
        write: impl FnOnce(&mut T, &Session) -> R,
    ) -> Result<R, Error> {
        self.session.edit(handle, write)
    }

    /// As [`Session::delete`].
    ///
    /// # Errors
    /// As there.
    pub fn delete<T: Model>(&mut self, handle: Handle<T>) -> Result<(), Error> {
        self.session.delete(handle)
    }

    /// As [`Session::detach`].
    ///
    /// # Errors
    /// As there.
    pub fn detach<T: Model>(&mut self, handle: Handle<T>) -> Result<T, Error> {
        self.session.detach(handle)
    }

    /// As [`Session::evict_clean`].
    pub fn evict_clean(&mut self) -> usize {
        self.session.evict_clean()
    }

    /// As [`Session::set_expr`].
    ///
    /// # Errors
    /// As there.
    pub fn set_expr<T: Model, V>(
        &mut self,
        handle: Handle<T>,
        column: Column<T, V>,
        expr: impl IntoExpr<V, Scope: Within<T>>,
    ) -> Result<(), Error> {
        self.session.set_expr(handle, column, expr)
    }

    /// As [`Session::add_hooks`].
    pub fn add_hooks(&mut self, hooks: Hooks) {
        self.session.add_hooks(hooks);
    }

    /// As [`Session::after_commit`]; it runs on the thread that commits.
    pub fn after_commit(&mut self, run: impl FnOnce() + Send + 'static) {
        self.session.after_commit(run);
    }

    /// As [`Session::after_rollback`]; it runs on the thread that rolls back.
    pub fn after_rollback(&mut self, run: impl FnOnce() + Send + 'static) {
        self.session.after_rollback(run);
    }

    /// As [`Session::touch`].
    ///
    /// # Errors
    /// As there.
    pub fn touch<T: Model>(&mut self, handle: Handle<T>) -> Result<(), Error> {
        self.session.touch(handle)
    }

    /// As [`Session::plan`].
    ///
    /// # Errors
    /// As there.
    pub fn plan(&mut self) -> Result<sessile::Plan, Error> {
        self.session.plan()
    }

    /// As [`Session::link`].
    ///
    /// # Errors
    /// As there.
    pub fn link<M: Model, A: Model, T: Model>(
        &mut self,
        this: Handle<M>,
        relationship: ManyToMany<M, A, T>,
        other: Handle<T>,
    ) -> Result<(), Error> {
        self.session.link(this, relationship, other)
    }

    /// As [`Session::unlink`].
    ///
    /// # Errors
    /// As there.
    pub fn unlink<M: Model, A: Model, T: Model>(
        &mut self,
        this: Handle<M>,
        relationship: ManyToMany<M, A, T>,
        other: Handle<T>,
    ) -> Result<(), Error> {
        self.session.unlink(this, relationship, other)
    }

    /// As [`Session::refers_to`].
    pub fn refers_to<'a, T: Model>(
        &self,
        reference: impl Into<Option<&'a Fk<T>>>,
        handle: Handle<T>,
    ) -> bool {
        self.session.refers_to(reference, handle)
    }
}
