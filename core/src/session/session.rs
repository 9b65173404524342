//! The session itself: objects, a connection while there is a transaction, and what went wrong.
//!
//! The files beside it add the verbs.
//! It must not lock: the connection sits in a `Mutex` only so that a session may be shared for
//! reading between threads, and is reached through `get_mut`.

use std::any::{Any, TypeId};
use std::fmt;
use std::ops::{Index, IndexMut};
use std::sync::{Arc, Mutex, PoisonError};

use super::canceller::{Canceller, Place};
use super::ends::Ends;
use super::failure::Failure;
use super::rehearsal::Rehearsal;
use super::statistics::Statistics;
use crate::engine::{Connection, Habits, Sent, Shared, TransactionOptions};
use crate::error::{Error, ErrorKind, HandleProblem, Result};
use crate::identity_map::IdentityMap;
use crate::loader::Reader;
use crate::model::{Handle, Model};

/// A unit of work: the objects of some rows, and the transaction that reads and writes them.
///
/// The session owns the objects and gives out handles: `session[handle]` reads an object,
/// `&mut session[handle]` writes it, and neither talks to the database. Verbs that may do so
/// return a `Result` and take `&mut self`. A transaction begins with the first statement and ends
/// with [`commit`](Session::commit) or [`rollback`](Session::rollback); the connection is borrowed
/// for that long. Dropping a session rolls back.
///
/// Sessions come from [`Engine::transaction`](crate::Engine::transaction) and its kin, or by hand
/// from [`Engine::session`](crate::Engine::session).
pub struct Session {
    pub(super) map: IdentityMap,
    connection: Mutex<Option<Connection>>,
    engine: Option<Arc<Shared>>,
    pub(super) options: TransactionOptions,
    /// The first failure of the transaction; verbs answer with it until a rollback.
    pub(super) failure: Option<Failure>,
    /// What the last savepoint was taken back for, until the session goes on.
    pub(super) healed: Option<Error>,
    /// The number of open savepoints.
    pub(super) depth: usize,
    /// How many innermost savepoints of the server are to be rolled back before anything else.
    pub(super) debt: usize,
    /// How many guards suspend autoflush.
    pub(super) autoflush_suspended: usize,
    /// How many guards forbid lazy loads.
    pub(super) lazy_forbidden: usize,
    /// The engine's hooks, then the session's own: only `hooking` knows what they are.
    pub(super) hooks: Vec<Arc<dyn Any + Send + Sync>>,
    /// Whether a hook of a flush is running.
    pub(super) in_hook: bool,
    /// In a `Mutex` for the reason that the connection is in one.
    pub(super) ends: Mutex<Ends>,
    pub(super) closed: bool,
    pub(super) statistics: Statistics,
    /// What was sent, counted by the connections.
    pub(super) sent: Arc<Sent>,
    pub(super) rehearsal: Rehearsal,
    pub(super) canceller: Option<Canceller>,
    /// Dropped after the connection.
    pub(super) place: Place,
}

impl Session {
    pub(super) fn new(engine: Option<Arc<Shared>>, options: TransactionOptions) -> Session {
        let hooks = engine
            .as_ref()
            .and_then(|engine| engine.for_sessions.clone());
        Session {
            map: IdentityMap::new(),
            connection: Mutex::new(None),
            engine,
            options,
            failure: None,
            healed: None,
            depth: 0,
            debt: 0,
            autoflush_suspended: 0,
            lazy_forbidden: 0,
            hooks: hooks.into_iter().collect(),
            in_hook: false,
            ends: Mutex::default(),
            closed: false,
            statistics: Statistics::default(),
            sent: Arc::default(),
            rehearsal: Rehearsal::No,
            canceller: None,
            place: Place::default(),
        }
    }

    /// What this session has done so far, in numbers. No I/O.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            statements: self.sent.statements(),
            round_trips: self.sent.round_trips(),
            ..self.statistics
        }
    }

    /// What it has sent, on whichever connection.
    #[doc(hidden)]
    pub fn sent(&self) -> Arc<Sent> {
        self.sent.clone()
    }

    /// Whether the session is closed, so that every verb answers
    /// [`SessionClosed`](ErrorKind::SessionClosed).
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Rolls back and closes the session: its handles are gone.
    ///
    /// 1 round trip when a transaction was begun, none otherwise. Closing twice does nothing.
    ///
    /// # Errors
    /// [`Reentrant`](ErrorKind::Reentrant) in a hook of a flush. A connection that does not answer is thrown away.
    pub fn close(&mut self) -> Result<()> {
        self.refuse_in_hook()?;
        self.end_connection(|connection| connection.rollback())?;
        self.map = IdentityMap::new();
        self.failure = None;
        self.depth = 0;
        self.closed = true;
        self.run_rolled_back();
        Ok(())
    }

    /// What the engine says about sessions.
    pub(super) fn habits(&self) -> Habits {
        let engine = self.engine.as_ref();
        engine.map_or_else(Habits::default, |engine| engine.habits.clone())
    }

    /// Refuses to work when the session is closed or the transaction has failed.
    pub(super) fn usable(&self) -> Result<()> {
        if self.closed {
            return Err(Error::new(ErrorKind::SessionClosed));
        }
        match &self.failure {
            Some(failure) => Err(failure.refusal()),
            None => Ok(()),
        }
    }

    /// The objects and the connection, which is borrowed from the pool at the first call of a
    /// transaction.
    pub(super) fn connect(&mut self) -> Result<(&mut IdentityMap, &mut Connection)> {
        if let Some(canceller) = &self.canceller {
            canceller.check()?;
        }
        self.rehearsal.check()?;
        self.healed = None;
        self.pay_debt()?;
        let slot = self
            .connection
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            let engine = self.engine.as_ref().ok_or_else(offline)?;
            let mut connection = engine.acquire()?;
            connection.report_to(self.sent.clone());
            connection.begin(&self.options);
            if self.rehearsal.is_on() {
                connection.savepoint();
            }
            for _ in 0..self.depth {
                connection.savepoint();
            }
            if let Some(canceller) = &self.canceller {
                canceller.follow(Some(connection.cancel_token()))?;
            }
            *slot = Some(connection);
        }
        let connection = slot.as_mut().expect("put there above");
        Ok((&mut self.map, connection))
    }

    /// Rolls back when a canceller has noted that nobody waits for the outcome any more.
    pub(super) fn refuse_if_cancelled(&mut self) -> Result<()> {
        let refused = self.canceller.as_ref().map_or(Ok(()), Canceller::check);
        if refused.is_err() {
            self.end_connection(|connection| connection.rollback())?;
        }
        refused
    }

    /// The connection, if the transaction has one.
    pub(super) fn connection(&mut self) -> Option<&mut Connection> {
        let slot = self.connection.get_mut();
        slot.unwrap_or_else(PoisonError::into_inner).as_mut()
    }

    /// Ends the transaction on the server and gives the connection back.
    pub(super) fn end_connection(
        &mut self,
        end: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<()> {
        self.debt = 0;
        let slot = self.connection.get_mut();
        let Some(mut connection) = slot.unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(());
        };
        let ended = end(&mut connection);
        if let Some(canceller) = &self.canceller {
            // What is cancelled from here on has ended already.
            let _ = canceller.follow(None);
        }
        drop(connection);
        self.place.leave();
        ended
    }

    /// Runs a read: usable, flushed as far as it looks at these models, connected.
    pub(super) fn read<R>(
        &mut self,
        models: &[TypeId],
        read: impl FnOnce(&mut Reader<'_>) -> Result<R>,
    ) -> Result<R> {
        self.usable()?;
        self.autoflush(models)?;
        let (map, connection) = self.connect()?;
        let result = read(&mut Reader { map, connection });
        result.map_err(|error| self.note_failure(error))
    }

    pub(super) fn peek_or<T: Model>(&self, handle: Handle<T>) -> Result<&T, HandleProblem> {
        self.map.read(handle)
    }
}

/// The error of a session without a database.
fn offline() -> Error {
    Error::new(ErrorKind::Connection).while_doing("talking to the database from an offline session")
}

impl<T: Model> Index<Handle<T>> for Session {
    type Output = T;

    /// Reads an object. No I/O.
    ///
    /// # Panics
    /// When the handle belongs to another session or its object has left, as for an index out of
    /// bounds; [`peek`](Session::peek) is the checked form.
    fn index(&self, handle: Handle<T>) -> &T {
        match self.map.read(handle) {
            Ok(row) => row,
            Err(problem) => refuse(handle, problem),
        }
    }
}

impl<T: Model> IndexMut<Handle<T>> for Session {
    /// Writes an object; what changed is found at the next flush. No I/O.
    ///
    /// The first call after a flush clones the object, so that the flush has something to compare.
    ///
    /// # Panics
    /// As for reading, and when the object is marked deleted;
    /// [`peek_mut`](Session::peek_mut) is the checked form.
    fn index_mut(&mut self, handle: Handle<T>) -> &mut T {
        match self.map.write(handle) {
            Ok(row) => row,
            Err(problem) => refuse(handle, problem),
        }
    }
}

fn refuse<T: Model>(handle: Handle<T>, problem: HandleProblem) -> ! {
    let why = match problem {
        HandleProblem::Foreign => "belongs to another session",
        HandleProblem::Gone => "names an object that has left the session",
        HandleProblem::Deleted => "names an object that is deleted",
        HandleProblem::InUse => "names an object that `edit` has in hand",
    };
    panic!("{handle:?} {why}")
}

impl Drop for Session {
    fn drop(&mut self) {
        // What is dropped runs nothing; who would cancel it need not ask any more. The connection
        // rolls back when it is dropped itself.
        if let Some(canceller) = &self.canceller {
            let _ = canceller.follow(None);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objects: usize = self.map.stores().map(|(_, store)| store.count()).sum();
        f.debug_struct("Session")
            .field("number", &self.map.session())
            .field("objects", &objects)
            .field("savepoints", &self.depth)
            .field("failed", &self.failure.is_some())
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
