//! Whole queries for people: the WITH clause, set operations, rows of values.
//!
//! Called by `render`, and for `Debug` of queries.
//! It must not show a value, nor be sent to a server.

use super::label::Label;
use super::{About, Body, Place, Query, SetOf, SetOperator};

/// `SELECT account WHERE owner = $1 ORDER BY id LIMIT $2 FOR UPDATE`: no quotes, no tables before
/// columns when there is but one, no column list for whole rows. Parameters have the numbers that
/// they have in the text.
pub(crate) fn query(query: &Query) -> String {
    let mut out = Label::default();
    let named = query.named_queries().unwrap_or_default();
    let mut bodies = named.iter().map(|derived| &derived.body);
    let begin = match bodies.any(|body| matches!(body, Body::Recursive { .. })) {
        true => "WITH RECURSIVE ",
        false => "WITH ",
    };
    for (i, derived) in named.iter().enumerate() {
        let how = match derived.place {
            Place::With(Some(true)) => " AS MATERIALIZED (",
            Place::With(Some(false)) => " AS NOT MATERIALIZED (",
            Place::With(None) | Place::Here => " AS (",
        };
        out.push(&[if i == 0 { begin } else { ", " }, &derived.name, how]);
        out.body(&derived.body);
        out.push(&[")"]);
    }
    if !out.text.is_empty() {
        out.push(&[" "]);
    }
    out.query(query);
    out.text
}

impl Label {
    pub(super) fn query(&mut self, query: &Query) {
        match query {
            Query::Select(select, what) => self.select(select, what, &[]),
            Query::Set(set) => self.set(set),
            Query::Values(arrays) => {
                self.push(&["VALUES ("]);
                for (i, (array, _)) in arrays.iter().enumerate() {
                    self.push(&[if i > 0 { ", " } else { "" }]);
                    self.parameter(array);
                }
                self.push(&[")"]);
            }
            Query::Words(words, _) => self.template(words),
            Query::About(query, about) => {
                self.push(&[match about {
                    About::Count => "COUNT (",
                    About::Exists => "EXISTS (",
                }]);
                self.query(query);
                self.push(&[")"]);
            }
            Query::Refused(_) => self.push(&["?"]),
        }
    }

    pub(super) fn body(&mut self, body: &Body) {
        match body {
            Body::Query(query) => self.query(query),
            Body::Recursive {
                base,
                step,
                keep_all,
            } => {
                self.query(base);
                self.push(&[if *keep_all { " UNION ALL " } else { " UNION " }]);
                self.query(step);
            }
            Body::Itself => {}
        }
    }

    /// Both sides in parentheses.
    fn set(&mut self, set: &SetOf) {
        self.push(&["("]);
        self.query(&set.left);
        self.push(&[")"]);
        if set.operator != SetOperator::Alone {
            self.push(&[" ", set.operator.text(), " ("]);
            self.query(&set.right);
            self.push(&[")"]);
        }
        self.order_keys(&set.orders);
        self.limits(set.limit, set.offset);
    }
}
