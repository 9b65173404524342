//! Hooks that add, change and count, and what the plain model counts beside them.
//!
//! `cases` gives them to its engine.
//! They must not flush.

use std::sync::{Arc, Mutex};

use sessile::Hooks;
use sessile::prelude::*;

use super::models::{Audit, Item, Note, Person, Topic};

/// Rows inserted, updated, deleted by flushes; taken back or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally {
    pub(super) person: [u64; 3],
    pub(super) topic: [u64; 3],
    /// Their deletions are not counted: most are the database's.
    pub(super) note: [u64; 2],
}

/// What hooks and cases share.
#[derive(Clone, Default)]
pub(super) struct Watch {
    pub(super) tally: Arc<Mutex<Tally>>,
    /// Items that were added, and of which some may be pending.
    pub(super) new: Arc<Mutex<Vec<Handle<Item>>>>,
}

impl Watch {
    pub(super) fn hooks(&self) -> Hooks {
        let new = Arc::clone(&self.new);
        let audit = move |s: &mut Session| {
            for item in new.lock().unwrap().drain(..) {
                if s.state(item) == State::Pending {
                    let serial = s[item].serial;
                    s.add(Audit {
                        serial,
                        ..Audit::default()
                    });
                }
            }
            Ok(())
        };
        let hooks = Hooks::new()
            .before_flush(audit)
            .before_insert::<Person>(|person| {
                if person.name.is_empty() {
                    person.name = "anon".to_owned();
                }
                Ok(())
            })
            .before_update::<Topic>(|topic| {
                topic.heat += topic.heat % 2;
                Ok(())
            });
        hooks
            .after_insert::<Person>(self.count(|tally| &mut tally.person[0]))
            .after_update::<Person>(self.count(|tally| &mut tally.person[1]))
            .after_delete::<Person>(self.count(|tally| &mut tally.person[2]))
            .after_insert::<Topic>(self.count(|tally| &mut tally.topic[0]))
            .after_update::<Topic>(self.count(|tally| &mut tally.topic[1]))
            .after_delete::<Topic>(self.count(|tally| &mut tally.topic[2]))
            .after_insert::<Note>(self.count(|tally| &mut tally.note[0]))
            .after_update::<Note>(self.count(|tally| &mut tally.note[1]))
    }

    fn count<T>(
        &self,
        of: impl Fn(&mut Tally) -> &mut u64 + Send + Sync + 'static,
    ) -> impl Fn(&T) -> Result<()> + Send + Sync + 'static {
        let tally = Arc::clone(&self.tally);
        move |_: &T| {
            *of(&mut tally.lock().unwrap()) += 1;
            Ok(())
        }
    }
}
