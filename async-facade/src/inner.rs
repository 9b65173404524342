//! What all clones of an asynchronous engine, and its sessions, have in common.
//!
//! `engine` makes it; sessions keep it alive.
//! It must not drop the engine where it is dropped itself: that may be a thread that drives tasks.

use sessile::Engine;

use crate::admission::Admission;
use crate::reaper::{Corpse, Reaper};

pub(crate) struct Inner {
    /// Taken out only when it is dropped.
    engine: Option<Engine>,
    pub(crate) admission: Admission,
    pub(crate) reaper: Reaper,
}

impl Inner {
    pub(crate) fn new(engine: Engine, admission: Admission, reaper: Reaper) -> Inner {
        Inner {
            engine: Some(engine),
            admission,
            reaper,
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("there until the drop")
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.take() {
            self.reaper.take(Corpse::Engine(Box::new(engine)));
        }
    }
}
