//! The savepoints of a transaction, and what the server has yet to hear of them.
//!
//! Kept by `transaction`.
//! Pure. It must not forget which savepoints the server really has: only to those can be
//! rolled back.

use std::fmt::Write as _;
use std::time::Duration;

/// Open savepoints, innermost last.
#[derive(Debug, Default)]
pub(super) struct Savepoints {
    open: Vec<Savepoint>,
    /// What will be sent before the next statement. It concerns only the innermost savepoints:
    /// whatever was asked for earlier has been sent.
    queue: Vec<Queued>,
    /// How many of the open ones the server is known to have.
    confirmed: usize,
    names: u32,
}

#[derive(Debug)]
struct Savepoint {
    name: u32,
    /// The `statement_timeout` around it, which comes back when it is rolled back.
    timeout: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Queued {
    Savepoint(u32),
    Release(u32),
}

/// A savepoint that has been left.
#[derive(Debug)]
pub(super) struct Left {
    /// How many there were with it.
    pub(super) depth: usize,
    /// The server never heard of it.
    pub(super) unsent: bool,
    /// The `statement_timeout` around it.
    pub(super) timeout: Option<Duration>,
    name: u32,
}

impl Left {
    /// Undoes on the server what happened inside, and ends it.
    pub(super) fn undo(&self) -> String {
        let name = self.name;
        format!("ROLLBACK TO SAVEPOINT sp{name}; RELEASE SAVEPOINT sp{name}")
    }
}

impl Savepoints {
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// How many of them can be rolled back to.
    pub(super) fn confirmed(&self) -> usize {
        self.confirmed
    }

    pub(super) fn has_unsent(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether the server has not heard of the innermost one.
    pub(super) fn innermost_is_unsent(&self) -> bool {
        let name = self.open.last().map(|savepoint| savepoint.name);
        name.is_some_and(|name| self.queue.contains(&Queued::Savepoint(name)))
    }

    pub(super) fn open(&mut self) {
        self.names += 1;
        self.queue.push(Queued::Savepoint(self.names));
        self.open.push(Savepoint {
            name: self.names,
            timeout: None,
        });
    }

    /// Leaves the innermost one and keeps what happened inside.
    pub(super) fn release(&mut self) {
        let left = self.leave();
        if !left.unsent {
            self.queue.push(Queued::Release(left.name));
        }
    }

    /// Leaves the innermost one; what happens to its contents is up to the caller.
    pub(super) fn leave(&mut self) -> Left {
        let depth = self.open.len();
        let savepoint = self.open.pop();
        let savepoint = savepoint.expect("a savepoint ends only once, and after it was made");
        self.confirmed = self.confirmed.min(self.open.len());
        Left {
            depth,
            unsent: self.unqueue(savepoint.name),
            timeout: savepoint.timeout,
            name: savepoint.name,
        }
    }

    /// Appends what the server has not heard of, which is then taken for sent.
    pub(super) fn write(&mut self, timeout: Option<Duration>, sql: &mut String) {
        for queued in &self.queue {
            match queued {
                Queued::Savepoint(name) => write!(sql, "; SAVEPOINT sp{name}"),
                Queued::Release(name) => write!(sql, "; RELEASE SAVEPOINT sp{name}"),
            }
            .expect("a string takes every write");
        }
        let queue = std::mem::take(&mut self.queue);
        for savepoint in &mut self.open {
            if queue.contains(&Queued::Savepoint(savepoint.name)) {
                savepoint.timeout = timeout;
            }
        }
    }

    /// What was written has arrived.
    pub(super) fn confirm(&mut self) {
        self.confirmed = self.open.len();
    }

    /// What is queued happened inside a savepoint that is being rolled back.
    pub(super) fn drop_queue(&mut self) {
        self.queue.clear();
    }

    /// The server has lost all of them.
    pub(super) fn send_again(&mut self) {
        self.confirmed = 0;
        let names = self.open.iter().map(|savepoint| savepoint.name);
        self.queue = names.map(Queued::Savepoint).collect();
    }

    /// Takes one that was not sent out of the queue, with what was queued inside it.
    fn unqueue(&mut self, name: u32) -> bool {
        let queued = |entry: &Queued| *entry == Queued::Savepoint(name);
        match self.queue.iter().position(queued) {
            Some(position) => {
                self.queue.truncate(position);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(savepoints: &mut Savepoints) -> String {
        let mut sql = String::new();
        savepoints.write(None, &mut sql);
        savepoints.confirm();
        sql
    }

    #[test]
    fn what_was_opened_and_left_unsent_is_never_sent() {
        let mut savepoints = Savepoints::default();
        savepoints.open();
        savepoints.open();
        savepoints.release();
        savepoints.open();
        assert!(savepoints.leave().unsent);
        assert_eq!(written(&mut savepoints), "; SAVEPOINT sp1");
        savepoints.open();
        savepoints.release();
        assert!(!savepoints.has_unsent());
    }

    #[test]
    fn releases_keep_their_place_in_the_order() {
        let mut savepoints = Savepoints::default();
        savepoints.open();
        savepoints.open();
        written(&mut savepoints);
        savepoints.release();
        savepoints.open();
        assert_eq!(
            written(&mut savepoints),
            "; RELEASE SAVEPOINT sp2; SAVEPOINT sp3"
        );
    }

    #[test]
    fn only_what_arrived_can_be_rolled_back_to() {
        let mut savepoints = Savepoints::default();
        savepoints.open();
        written(&mut savepoints);
        savepoints.open();
        savepoints.write(None, &mut String::new());
        assert_eq!((savepoints.len(), savepoints.confirmed()), (2, 1));
        savepoints.leave();
        savepoints.leave();
        assert_eq!(savepoints.confirmed(), 0);
    }
}
