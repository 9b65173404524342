//! Guards: what they change is as before when they are dropped, also by an error or a panic.
//!
//! Users hold them while they work on the session.
//! It must not do I/O.

use std::ops::{Deref, DerefMut};

use super::session::Session;

impl Session {
    /// Suspends autoflush until the guard is dropped; guards nest. No I/O.
    ///
    /// Queries then see the database without what is not flushed. `commit` and savepoints flush
    /// all the same.
    pub fn no_autoflush(&mut self) -> NoAutoflush<'_> {
        self.autoflush_suspended += 1;
        NoAutoflush { session: self }
    }

    /// Forbids lazy loads until the guard is dropped; guards nest. No I/O.
    ///
    /// [`related`](Session::related) and [`related_one`](Session::related_one) then answer
    /// [`NotLoaded`](crate::ErrorKind::NotLoaded) where they would have to ask the database, as
    /// [`loaded`](Session::loaded) does. What is at hand is found as before, and
    /// [`load`](Session::load) and queries load as before: they say what they load.
    pub fn forbid_lazy(&mut self) -> ForbidLazy<'_> {
        self.lazy_forbidden += 1;
        ForbidLazy { session: self }
    }
}

/// The guards: sessions in which something is different.
macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident $counter:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $name<'s> {
                session: &'s mut Session,
            }

            impl Deref for $name<'_> {
                type Target = Session;

                fn deref(&self) -> &Session {
                    self.session
                }
            }

            impl DerefMut for $name<'_> {
                fn deref_mut(&mut self) -> &mut Session {
                    self.session
                }
            }

            impl Drop for $name<'_> {
                fn drop(&mut self) {
                    self.session.$counter -= 1;
                }
            }
        )+
    };
}
guards!(
    /// A session without autoflush; see [`Session::no_autoflush`].
    #[must_use = "autoflush comes back when the guard is dropped"]
    NoAutoflush autoflush_suspended;

    /// A session without lazy loads; see [`Session::forbid_lazy`].
    #[must_use = "lazy loads come back when the guard is dropped"]
    ForbidLazy lazy_forbidden;
);
