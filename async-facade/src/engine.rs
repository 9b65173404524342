//! The engine of asynchronous programs.
//!
//! Users keep one for the life of the program and clone it into tasks.
//! It must not block a thread that drives tasks, not even when it is dropped.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use sessile::{
    Engine, EngineBuilder, Error, ErrorKind, Metrics, Models, Session, TransactionOptions,
};

use crate::admission::{Admission, closed};
use crate::hop::{blocking, hop};
use crate::inner::Inner;
use crate::reaper::Reaper;
use crate::session::AsyncSession;

/// A database with a pool of connections, for asynchronous programs.
///
/// Cheap to clone. `E` is the error of the closures that run on it, said once with
/// [`errors`](AsyncEngine::errors). Works on runtimes with one thread and with many; the runtime
/// needs its timer.
pub struct AsyncEngine<E = Error> {
    inner: Arc<Inner>,
    closures: PhantomData<fn() -> E>,
}

impl AsyncEngine {
    /// Connects with all settings at their defaults; see
    /// [`Engine::connect`](sessile::Engine::connect).
    ///
    /// # Errors
    /// As there.
    pub async fn connect(url: &str) -> Result<AsyncEngine, Error> {
        AsyncEngine::build(Engine::builder(url)).await
    }

    /// Connects with these settings: `AsyncEngine::build(Engine::builder(url).pool_size(16))`.
    ///
    /// # Errors
    /// As [`EngineBuilder::build`].
    pub async fn build(builder: EngineBuilder) -> Result<AsyncEngine, Error> {
        let reaper = start_reaper()?;
        blocking(move || Ok(AsyncEngine::over(builder.build()?, reaper))).await?
    }

    fn over(engine: Engine, reaper: Reaper) -> AsyncEngine {
        let admission = Admission::new(engine.pool_size(), engine.acquire_timeout());
        AsyncEngine {
            inner: Arc::new(Inner::new(engine, admission, reaper)),
            closures: PhantomData,
        }
    }
}

fn start_reaper() -> Result<Reaper, Error> {
    Reaper::start().map_err(|source| {
        let message = "no thread can be started".to_owned();
        Error::new(ErrorKind::Config { message }).with_source(source)
    })
}

impl<E> AsyncEngine<E> {
    /// The facade of an engine that there is already; both share its connections.
    ///
    /// Threads that use the engine directly take connections without asking the facade, whose
    /// blocking threads may then wait for one.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) when no thread can be started.
    pub fn from_engine(engine: &Engine<E>) -> Result<AsyncEngine<E>, Error> {
        Ok(AsyncEngine::over(engine.errors(), start_reaper()?).errors())
    }

    /// The same engine for closures that fail with `E2`.
    pub fn errors<E2>(&self) -> AsyncEngine<E2> {
        AsyncEngine {
            inner: self.inner.clone(),
            closures: PhantomData,
        }
    }

    /// A session call by call. No I/O: it borrows a connection for its first statement.
    pub fn session(&self) -> AsyncSession {
        self.session_with(TransactionOptions::default())
    }

    /// A session call by call whose transactions have these options. No I/O.
    pub fn session_with(&self, options: TransactionOptions) -> AsyncSession {
        let session = self.inner.engine().session_with(options);
        AsyncSession::new(session, self.inner.clone())
    }

    /// What the engine has done so far. No I/O.
    pub fn metrics(&self) -> Metrics {
        self.inner.engine().metrics()
    }

    /// What was sent on all its connections.
    #[doc(hidden)]
    pub fn sent(&self) -> Arc<sessile::Sent> {
        self.inner.engine().sent()
    }

    /// Lets no new unit of work in, and waits until those that run have ended.
    ///
    /// Afterwards every call answers [`SessionClosed`](ErrorKind::SessionClosed). Sessions by hand
    /// that hold a connection are waited for, so end them first. Idle connections are closed when
    /// the last clone of the engine is dropped.
    pub async fn close(&self) {
        self.inner.admission.close().await;
    }

    /// Creates the tables of these models, in one hop; see
    /// [`Engine::create_tables`](sessile::Engine::create_tables).
    ///
    /// # Errors
    /// As there.
    pub async fn create_tables<M: Models + 'static>(&self) -> Result<(), Error> {
        let create = |s: &mut Session| end(s, Session::create_tables::<M>);
        attempt(&self.inner, TransactionOptions::default(), create).await?
    }

    /// Drops the tables of these models, in one hop; see
    /// [`Engine::drop_tables`](sessile::Engine::drop_tables).
    ///
    /// # Errors
    /// As there.
    pub async fn drop_tables<M: Models + 'static>(&self) -> Result<(), Error> {
        let drop = |s: &mut Session| end(s, Session::drop_tables::<M>);
        attempt(&self.inner, TransactionOptions::default(), drop).await?
    }
}

impl<E: From<Error> + Send + 'static> AsyncEngine<E> {
    /// Runs a closure as a transaction on a blocking thread: one hop for the whole unit of work.
    ///
    /// Commits when the closure returns `Ok`, rolls back when it returns `Err` or panics; a panic
    /// goes on in the caller. The future owns what it needs, so it can be spawned. When it is
    /// dropped, the running statement is cancelled and the transaction is rolled back, even if the
    /// closure still returns `Ok`; only a COMMIT that is on its way may still succeed.
    ///
    /// # Errors
    /// The closure's own error, and those of [`Engine::transaction`](sessile::Engine::transaction);
    /// [`PoolTimeout`](ErrorKind::PoolTimeout) when no connection becomes free in time.
    pub fn transaction<T, F>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'static + use<T, F, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    {
        self.transaction_with(TransactionOptions::default(), work)
    }

    /// Runs a closure as a transaction with these options; see
    /// [`transaction`](AsyncEngine::transaction).
    ///
    /// # Errors
    /// As there, and [`Config`](ErrorKind::Config) for options that make no sense.
    pub fn transaction_with<T, F>(
        &self,
        options: TransactionOptions,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'static + use<T, F, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    {
        let inner = self.inner.clone();
        async move {
            let once = move |s: &mut Session| end(s, |s| s.run_unit(work));
            attempt(&inner, options, once).await?
        }
    }

    /// Runs a closure in a transaction that is rolled back, whatever it returns; see
    /// [`Engine::test_transaction`](sessile::Engine::test_transaction). One hop.
    ///
    /// # Errors
    /// The closure's own error, and [`PoolTimeout`](ErrorKind::PoolTimeout) when no connection
    /// becomes free in time.
    pub fn test_transaction<T, F>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'static + use<T, F, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    {
        let inner = self.inner.clone();
        async move {
            let once = move |s: &mut Session| end(s, |s| s.run_test(work));
            attempt(&inner, TransactionOptions::default(), once).await?
        }
    }

    /// Runs a closure as a transaction, and again when the database asks for it; see
    /// [`Engine::retrying`](sessile::Engine::retrying). One hop for each attempt; the pauses
    /// between them hold no thread and no connection.
    ///
    /// # Errors
    /// As there.
    pub fn retrying<T, F>(
        &self,
        options: TransactionOptions,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'static + use<T, F, E>
    where
        T: Send + 'static,
        F: FnMut(&mut Session) -> Result<T, E> + Send + 'static,
    {
        let inner = self.inner.clone();
        async move {
            let mut work = work;
            let mut failed = 0;
            loop {
                let once = move |s: &mut Session| {
                    end(s, |s| {
                        let result = s.run_unit(&mut work);
                        failed += 1;
                        let pause = s.retry_pause(failed).filter(|_| result.is_err());
                        (work, failed, result, pause)
                    })
                };
                let result;
                let pause;
                (work, failed, result, pause) = attempt(&inner, options, once).await?;
                match pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return result,
                }
            }
        }
    }
}

/// Runs something on a session and drops what the session holds, where it may block.
fn end<R>(session: &mut Session, work: impl FnOnce(&mut Session) -> R) -> R {
    let result = work(session);
    drop(std::mem::replace(session, Session::closed()));
    result
}

/// A fresh session with a place, and one hop.
async fn attempt<R: Send + 'static>(
    inner: &Inner,
    options: TransactionOptions,
    work: impl FnOnce(&mut Session) -> R + Send + 'static,
) -> Result<R, Error> {
    if inner.admission.is_closed() {
        return Err(closed());
    }
    options.check()?;
    let mut session = inner.engine().session_with(options);
    inner.admission.admit(&mut session).await?;
    let (_, result) = hop(session, &inner.reaper, work).await?;
    Ok(result)
}

impl<E> Clone for AsyncEngine<E> {
    fn clone(&self) -> Self {
        self.errors()
    }
}

impl<E> fmt::Debug for AsyncEngine<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncEngine")
            .field(self.inner.engine())
            .finish()
    }
}
