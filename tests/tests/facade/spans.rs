//! The span of a task goes along to the blocking thread.

use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use sessile_tests::bank::transfer;
use tracing::{Instrument, Subscriber, info_span, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::{bank, connect, single};

/// Writes down on which threads the span `request` was entered.
struct Entries(Arc<Mutex<Vec<ThreadId>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Entries {
    fn on_enter(&self, id: &span::Id, context: Context<'_, S>) {
        if context.metadata(id).is_some_and(|m| m.name() == "request") {
            self.0.lock().unwrap().push(thread::current().id());
        }
    }
}

#[test]
fn a_unit_of_work_runs_in_the_span_of_its_task() {
    let db = bank();
    let entered = Arc::new(Mutex::new(Vec::new()));
    let subscriber = tracing_subscriber::registry().with(Entries(entered.clone()));
    let _listening = tracing::subscriber::set_default(subscriber);
    let blocking = single().block_on(async {
        let engine = connect(db.url(), 1).await;
        let work = engine.transaction(|s| {
            transfer(s, 1, 2, 10)?;
            Ok(thread::current().id())
        });
        work.instrument(info_span!("request")).await.unwrap()
    });
    assert_ne!(blocking, thread::current().id());
    assert!(entered.lock().unwrap().contains(&blocking));
}
