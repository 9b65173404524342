//! The text as sea-query writes it, with the placeholders numbered.
//!
//! Called by `render`.
//! It must not know what the markers stand for.

use std::collections::HashMap;
use std::fmt;

use sea_query::{QueryBuilder, SqlWriter, Value};

/// Takes sea-query's text, numbers the placeholders and keeps the markers in their order.
pub(super) struct Writer {
    pub(super) sql: String,
    /// The markers, in the order of their placeholders.
    pub(super) markers: Vec<Value>,
    numbers: HashMap<i64, usize>,
    /// What stands before a placeholder's number.
    prefix: String,
}

impl Writer {
    pub(super) fn new() -> Writer {
        Writer::naming("$".to_owned())
    }

    /// Placeholders are names that begin like this.
    pub(super) fn naming(prefix: String) -> Writer {
        Writer {
            prefix,
            sql: String::with_capacity(256),
            markers: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl Writer {
    /// Gives a marker the next number, for a text that names the number by itself.
    pub(super) fn number(&mut self, marker: usize) {
        let marker = i64::try_from(marker).expect("a query has fewer than 2^63 values");
        self.markers.push(Value::BigInt(Some(marker)));
        self.numbers.insert(marker, self.markers.len());
    }
}

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.sql.push_str(text);
        Ok(())
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sql)
    }
}

impl SqlWriter for Writer {
    fn push_param<T: QueryBuilder>(&mut self, marker: Value, _: &T) {
        let next = self.markers.len() + 1;
        let number = match marker {
            Value::BigInt(Some(position)) => *self.numbers.entry(position).or_insert(next),
            // A limit is no position and has a placeholder of its own.
            _ => next,
        };
        if number == next {
            self.markers.push(marker);
        }
        self.sql.push_str(&self.prefix);
        self.sql.push_str(&number.to_string());
    }

    fn as_writer(&mut self) -> &mut dyn fmt::Write {
        self
    }
}
