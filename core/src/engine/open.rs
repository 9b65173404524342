//! How a program comes to an engine.
//!
//! Users call it once, at the start.
//! It must not know settings: those are the builder's.

use super::builder::EngineBuilder;
use super::handle::Engine;
use crate::error::Result;

impl Engine {
    /// Connects with all settings at their defaults; see [`EngineBuilder`] for them.
    ///
    /// The string is a URL (`postgres://user:password@host:5432/database?sslmode=require`) or a
    /// list (`host=localhost dbname=bank`), with libpq's keywords. `~/.pgpass` and the
    /// environment are not read. Opens one connection, so that a mistake shows at once.
    ///
    /// # Encryption
    /// Needs the feature `tls-rustls`. `sslmode=require`, `verify-ca` and `verify-full` all
    /// verify the server's certificate and its name, against the PEM file of `sslrootcert` or
    /// the public authorities; this is stricter than libpq, whose `require` believes everybody.
    /// `prefer`, the default, goes on in clear when the server offers no encryption or can't be
    /// verified. Without the feature `prefer` means in clear, and the stricter modes are a
    /// `Config` error. Over a Unix socket nothing is encrypted.
    ///
    /// # Errors
    /// As [`EngineBuilder::build`].
    pub fn connect(url: &str) -> Result<Engine> {
        Engine::builder(url).build()
    }

    /// Collects settings; nothing happens until [`build`](EngineBuilder::build).
    pub fn builder(url: impl Into<String>) -> EngineBuilder {
        EngineBuilder::new(url.into())
    }
}
