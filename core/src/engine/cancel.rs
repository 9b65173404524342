//! Cancelling, from another thread, what a connection is busy with.
//!
//! Handed out by `connection`; the facade uses it when a future is dropped.
//! It must not hit a statement of the connection's next user.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connector::Connector;
use crate::error::Result;

/// Cancels the running statement of one loan of a connection.
#[derive(Clone)]
pub(crate) struct CancelToken {
    connector: Arc<Connector>,
    slot: Arc<Mutex<Slot>>,
}

struct Slot {
    /// `None` once the connection was given back.
    token: Option<postgres::CancelToken>,
    /// A request may still be on its way to the server.
    asked: bool,
}

impl CancelToken {
    pub(super) fn new(
        connector: Arc<Connector>,
        token: Option<postgres::CancelToken>,
    ) -> CancelToken {
        let slot = Slot {
            token,
            asked: false,
        };
        CancelToken {
            connector,
            slot: Arc::new(Mutex::new(slot)),
        }
    }

    /// Asks the server to cancel the running statement, which then fails with `Cancelled`.
    ///
    /// Opens a connection of its own, within the connect timeout. Does nothing once the
    /// connection was given back. The server does not say whether there was anything to cancel.
    ///
    /// # Errors
    /// `Connection` when the server can't be reached.
    pub(crate) fn cancel(&self) -> Result<()> {
        let token = {
            let mut slot = self.lock();
            slot.asked = slot.token.is_some();
            slot.token.clone()
        };
        match token {
            Some(token) => self.connector.cancel(token),
            None => Ok(()),
        }
    }

    /// The loan goes on with another connection.
    pub(super) fn replace(&self, token: Option<postgres::CancelToken>) {
        self.lock().token = token;
    }

    /// The loan ends. True when a request was made: it may reach the server late, so the
    /// connection must not be lent again.
    pub(super) fn revoke(&self) -> bool {
        let mut slot = self.lock();
        slot.token = None;
        slot.asked
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CancelToken")
    }
}
