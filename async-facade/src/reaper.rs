//! A plain thread that drops what would block.
//!
//! Sessions and engines that go out of scope on a thread that drives tasks are sent here, and
//! cancel requests, which open a connection of their own.
//! It must not be a task: during the shutdown of a runtime tasks and blocking threads are gone.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use sessile::{Canceller, Engine, Session};

/// How long a cancelled statement may take to end before the server is asked again.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What the reaper takes.
pub(crate) enum Corpse {
    /// A session, which is rolled back.
    Session(Box<Session>),
    /// An engine, whose pool may be the last one.
    Engine(Box<Engine>),
    /// A unit of work whose statement is to be cancelled on the server.
    Cancel(Canceller),
}

/// The way to the reaper of an engine. Its thread ends with the last of its senders.
#[derive(Clone, Debug)]
pub(crate) struct Reaper(Sender<Corpse>);

impl Reaper {
    /// Starts a thread.
    pub(crate) fn start() -> std::io::Result<Reaper> {
        let (sender, corpses) = channel::<Corpse>();
        std::thread::Builder::new()
            .name("sessile-reaper".into())
            .spawn(move || {
                for corpse in corpses {
                    // A panic in a user's destructor must not end the thread.
                    let buried = std::panic::AssertUnwindSafe(|| bury(corpse));
                    let _ = std::panic::catch_unwind(buried);
                }
            })?;
        Ok(Reaper(sender))
    }

    /// Hands something over. Never blocks.
    pub(crate) fn take(&self, corpse: Corpse) {
        // The thread outlives every sender, so it is there.
        let _ = self.0.send(corpse);
    }
}

fn bury(corpse: Corpse) {
    match corpse {
        Corpse::Session(session) => drop(session),
        Corpse::Engine(engine) => drop(engine),
        Corpse::Cancel(canceller) => {
            // On a thread of its own: it may take as long as a connection takes to be opened.
            let request = canceller.clone();
            let thread = std::thread::Builder::new().name("sessile-cancel".into());
            if thread.spawn(move || cancel(&request)).is_err() {
                cancel(&canceller);
            }
        }
    }
}

/// Asks the server to stop until it has.
///
/// A request that arrives between two statements stops neither, so one is not enough.
fn cancel(canceller: &Canceller) {
    let mut pause = FIRST_PAUSE;
    while canceller.is_in_flight() {
        // Nobody is left to be told that the server could not be asked.
        let _ = canceller.cancel();
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A session on its way: wherever it is dropped, the reaper gets it.
#[derive(Debug)]
pub(crate) struct Parcel {
    session: Option<Session>,
    reaper: Reaper,
}

impl Parcel {
    pub(crate) fn new(session: Session, reaper: Reaper) -> Parcel {
        Parcel {
            session: Some(session),
            reaper,
        }
    }

    /// The session inside.
    pub(crate) fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("a parcel is opened once")
    }

    /// Takes the session out.
    pub(crate) fn open(mut self) -> Session {
        self.session.take().expect("a parcel is opened once")
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.reaper.take(Corpse::Session(Box::new(session)));
        }
    }
}
