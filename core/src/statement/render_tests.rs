//! What is refused before anything is sent, and expressions on their own.
//!
//! Tests only.
//! They must not need a server.

use super::bank::{Account, NoObjects, Ticket};
use super::{Bound, Node, Operator, Parameter, Projection, Select, Source, fragment};

#[test]
fn a_column_of_another_table_is_refused() {
    let mut select = Select::from(Source::of::<Ticket>());
    let active = Node::column::<Account>(4);
    select.filters.push(active);
    let error = select.render(&Projection::Whole, &NoObjects).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the query on Ticket names the column active of Account, which is not part of it"
    );
}

#[test]
fn a_fragment_counts_on_from_the_parameters_before_it() {
    let balance = Node::column::<Account>(2);
    let raised = Parameter::new(5_i64);
    let node = Node::binary(balance, Operator::Add, Node::Parameter(raised));
    let text = fragment(&node, Source::of::<Account>(), 3).unwrap();
    assert_eq!(text.sql, r#""account"."balance" + $3"#);
    assert_eq!(text.params.len(), 1);
}

#[test]
fn debug_shows_a_parameters_type_and_not_its_value() {
    assert_eq!(
        format!("{:?}", Bound::new("secret".to_owned())),
        "Bound(text)"
    );
    assert_eq!(format!("{:?}", Parameter::new(42_i64)), "Parameter(int8)");
}
