//! Test databases that have the tables of some models, and the engine on one.
//!
//! Called by tests.
//! Must not touch the template after it was set up: every later test gets a copy.

use std::any::type_name;

use super::database::TestDatabase;
use super::error::ClusterError;
use super::statement::on_a_thread;
use crate::engine::Engine;
use crate::error::Error;
use crate::session::Models;

impl TestDatabase {
    /// A database with the tables of these models, in about 20 milliseconds:
    /// `TestDatabase::with_tables::<(Account, Entry)>()`.
    ///
    /// The first call of a process for these models creates the tables in a template; the others
    /// copy it. Works inside an async runtime, too.
    ///
    /// # Errors
    /// As [`from_template`](TestDatabase::from_template), and those of
    /// [`Engine::create_tables`](crate::Engine::create_tables) as the source of `Template`.
    pub fn with_tables<M: Models>() -> Result<TestDatabase, ClusterError> {
        TestDatabase::from_template(type_name::<M>(), |url| {
            on_a_thread(|| {
                let engine = Engine::builder(url).pool_size(1).build()?;
                engine.create_tables::<M>()?;
                Ok(())
            })
        })
    }

    /// An engine on this database, with a pool of up to four connections; each call makes another.
    ///
    /// For other settings, and for an `AsyncEngine`, there is [`url`](TestDatabase::url).
    ///
    /// # Errors
    /// As [`EngineBuilder::build`](crate::EngineBuilder::build).
    pub fn engine(&self) -> Result<Engine, Error> {
        Engine::builder(self.url()).pool_size(4).build()
    }
}
