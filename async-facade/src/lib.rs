//! Sessile for asynchronous programs: the same units of work, run on blocking threads.
//!
//! Business logic stays a synchronous function over `&mut Session`. [`AsyncEngine::transaction`]
//! runs it on a blocking thread, one hop for the whole unit of work; [`AsyncSession`] offers the
//! verbs one by one, one hop each, for handlers that do other asynchronous things in between.
//!
//! Dropping a future at any moment is safe: the statement on the server is cancelled, what the
//! unit of work did is rolled back, and its connection is given back or thrown away by a thread
//! that may block. It must not be called what it is not: the database work itself blocks a thread,
//! and at most as many threads as the pool has connections.
//!
//! The files: [`engine`](AsyncEngine) opens sessions and runs units of work, `session` and `verbs`
//! are the session call by call, `nested` and `cursor` what a session gives out, `hop` is the only place that starts blocking threads, `admission`
//! keeps them from waiting for connections, `reaper` drops what must not be dropped on a thread
//! that drives tasks.

mod engine;

mod inner;

mod session;

mod verbs;

mod nested;

mod cursor;

mod hop;

mod admission;

mod reaper;

pub use cursor::AsyncCursor;
pub use engine::AsyncEngine;
pub use nested::AsyncNested;
pub use session::AsyncSession;
