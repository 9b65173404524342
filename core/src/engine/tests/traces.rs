//! What a listener hears of statements.

use std::fmt::Debug;
use std::sync::Mutex;

use tracing::field::{Field, Visit};
use tracing::subscriber::with_default;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::*;

/// Collects the events about statements as text.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sessile::statement" {
            let mut line = Line::default();
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0.join(" | "));
        }
    }
}

#[derive(Default)]
struct Line(Vec<String>);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() != "micros" {
            self.0.push(format!("{}={value:?}", field.name()));
        }
    }
}

fn heard(work: impl FnOnce()) -> Vec<String> {
    let listener = Listener::default();
    let subscriber = tracing_subscriber::registry().with(listener.clone());
    with_default(subscriber, work);
    let events = listener.0.lock().unwrap();
    events.clone()
}

#[test]
fn every_message_is_an_event_without_its_parameters() {
    let database = Database::with_table();
    let engine = database.engine();
    let sql = "select n from t where id = $1";
    let events = heard(|| {
        let mut connection = begun(&engine);
        for _ in 0..3 {
            let mut statement = bound(sql, &2, Type::INT4);
            statement.text.label = Arc::from("SELECT t (n)");
            statement.rows = 1;
            rows(&mut connection, statement).unwrap();
        }
        connection.savepoint();
        count(&mut connection, "update t set n = 0").unwrap();
        connection.commit().unwrap();
    });
    let read =
        |cached| format!("label=\"SELECT t (n) ×1\" | sql=\"{sql}\" | rows=1 | cached={cached}");
    let plain = |sql, rows| format!("label=\"{sql}\" | sql=\"{sql}\" | rows={rows} | cached=false");
    assert_eq!(
        events,
        [
            plain("BEGIN", 0),
            read(false),
            read(false),
            read(true),
            plain("SAVEPOINT sp1", 0),
            plain("update t set n = 0", 2),
            "label=\"COMMIT\" | sql=\"SET LOCAL sessile.commit = on; COMMIT\" | rows=0 | cached=false"
                .to_owned(),
        ]
    );
}
