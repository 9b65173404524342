//! Raw SQL, and statements that write, as queries of the WITH clause, so that typed queries read
//! what they return.
//!
//! `cte` takes it.
//! It must not put values into text: they stay parameters, numbered anew.

use std::sync::Arc;

use crate::model::{ColumnFinder, FromRow, Model};
use crate::query::write::answer::Tuples;
use crate::query::{Delete, Insert, IntoQuery, Raw, Update};
use crate::statement::{Item, Node, Parameter, Piece, Query, Template, closed, tokens};

/// A statement in the caller's own words, as a query of the WITH clause ([`cte`](crate::query::cte)): also
/// an INSERT, UPDATE or DELETE with RETURNING.
///
/// Its rows are values and tuples of values, whose columns are matched by position. What may be
/// read by it is not known, so all that waits is flushed before; what it changes is not brought
/// into the session: objects keep their values until they are read again.
impl<R: FromRow> IntoQuery for Raw<R> {
    type Row = R;

    #[allow(private_interfaces)]
    fn into_query(self) -> Query {
        let Some(width) = ColumnFinder::width::<R>() else {
            return Query::Refused("raw SQL in another query gives values, not models or structs");
        };
        let Ok((sql, params)) = self.parts() else {
            return Query::Refused("names in raw SQL are not those of its parameters");
        };
        let params: Vec<Parameter> = params.iter().cloned().map(Parameter::from).collect();
        words(&sql, &params, width)
    }
}

macro_rules! writes {
    ($($name:ident),+) => {
        $(
            /// A statement that writes, as a query of the WITH clause ([`cte`](crate::query::cte)): what
            /// reads it sees the rows that it returns, and all other tables as they were before.
            ///
            /// An INSERT takes the rows of a query: other rows are refused with
            /// [`Mapping`](crate::ErrorKind::Mapping), since they are known only to a session.
            ///
            /// All that waits is flushed before; what it changes is not brought into the session,
            /// unlike by the verb for it: objects keep their values until they are read again.
            impl<M: Model, R> IntoQuery for $name<M, Tuples<R>> {
                type Row = R;

                #[allow(private_interfaces)]
                fn into_query(self) -> Query {
                    let width = self.columns.iter().map(Item::width).sum();
                    match self.parts() {
                        Ok((sql, params)) => words(&sql, &params, width),
                        Err(error) => {
                            let why = vec![Piece::Refused(error.to_string())];
                            Query::Words(Arc::new(Template::foreign(why)), width)
                        }
                    }
                }
            }
        )+
    };
}
writes!(Insert, Update, Delete);

/// Text whose placeholders are these parameters.
fn words(sql: &str, params: &[Parameter], width: usize) -> Query {
    let mut pieces = Vec::new();
    let mut text = String::new();
    for token in tokens(&closed(sql)) {
        let Some(position) = token.position() else {
            text.push_str(token.text());
            continue;
        };
        pieces.push(Piece::from(std::mem::take(&mut text)));
        pieces.push(match params.get(position) {
            Some(param) => Piece::from(Node::Parameter(param.clone())),
            None => Piece::Refused(format!(
                "raw SQL names {}, which is not passed",
                token.text()
            )),
        });
    }
    pieces.push(Piece::from(text));
    Query::Words(Arc::new(Template::foreign(pieces)), width)
}
