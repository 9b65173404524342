//! The statements that were sent, as `tracing` reports them.
//!
//! `TestDb` and the quickstart listen through it.
//! It must not count what the server did, only what was sent.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// One statement that was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Its short form.
    pub label: String,
    /// Its text.
    pub sql: String,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// The rows that it brought or wrote.
    pub rows: u64,
}

/// Records the statements of the thread on which it was made, until it is dropped.
pub struct Recorder {
    statements: Arc<Mutex<Vec<Recorded>>>,
    _listening: DefaultGuard,
}

impl Recorder {
    /// Begins to record.
    pub fn start() -> Recorder {
        let statements = Arc::new(Mutex::new(Vec::new()));
        let layer = Listener(statements.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        Recorder {
            statements,
            _listening: tracing::subscriber::set_default(subscriber),
        }
    }

    /// What was sent since the last call.
    pub fn take(&self) -> Vec<Recorded> {
        let mut statements = self
            .statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut statements)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

struct Listener(Arc<Mutex<Vec<Recorded>>>);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "sessile::statement" {
            return;
        }
        let mut recorded = Recorded::default();
        event.record(&mut recorded);
        let mut statements = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        statements.push(recorded);
    }
}

impl Visit for Recorded {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "label" => self.label = value.to_owned(),
            "sql" => self.sql = value.to_owned(),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "micros" => self.micros = value,
            "rows" => self.rows = value,
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
