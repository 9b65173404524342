//! What is refused before anything is sent, and what is not shown.
//!
//! Tests only.
//! They must not need a server.

use super::bank::{Account, NoObjects, Ticket};
use super::{Bound, Node, Parameter, Projection, Query, Select, Source};

#[test]
fn a_column_of_another_table_is_refused() {
    let mut select = Select::from(Source::of::<Ticket>());
    let active = Node::column::<Account>(4);
    select.filters.push(active);
    let query = Query::select(select, Projection::Whole);
    let error = query.render(&NoObjects).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the query on Ticket names the column active of Account, which is not part of it"
    );
}

#[test]
fn debug_shows_a_parameters_type_and_not_its_value() {
    assert_eq!(
        format!("{:?}", Bound::new("secret".to_owned())),
        "Bound(text)"
    );
    assert_eq!(format!("{:?}", Parameter::new(42_i64)), "Parameter(int8)");
}
