//! Conditions on references, and what becomes of handles in them.
//!
//! Tests only.
//! They must not need a server.

use std::any::Any;

use postgres_types::Type;

use super::clauses;
use crate::error::{ErrorKind, HandleProblem};
use crate::model::{Fk, Handle, KeyLookup, RawHandle};
use crate::query::{Select, select};
use crate::statement::bank::{Account, Entry, NoObjects, Seat, Ticket};
use crate::statement::{Projection, Rendered};

/// A session in which every handle's object has the key of its slot.
struct Slots([i64; 10]);

impl KeyLookup for Slots {
    fn key_of(&self, handle: RawHandle) -> Result<Option<&dyn Any>, HandleProblem> {
        Ok(Some(&self.0[handle.slot as usize]))
    }
}

fn slots() -> Slots {
    Slots([0, 10, 20, 30, 40, 50, 60, 70, 80, 90])
}

fn handle(slot: u32) -> Handle<Account> {
    Handle::new(RawHandle {
        session: 1,
        store: 0,
        slot,
        generation: 0,
    })
}

fn render<M: crate::model::Model>(query: &Select<M>) -> Rendered {
    query.render(&slots(), &Projection::Whole).unwrap()
}

fn values(rendered: &Rendered) -> Vec<String> {
    let values = rendered.params.iter();
    values
        .map(|p| format!("{:?}: {}", p.value(), p.ty()))
        .collect()
}

#[test]
fn a_parent_is_a_handle_an_fk_or_a_key() {
    let fk: Fk<Account> = Fk::to(7);
    let by_handle = render(&select::<Entry>().filter(Entry::PAYER.is(handle(2))));
    assert_eq!(&*by_handle.label, "SELECT entry WHERE payer_id = $1");
    assert_eq!(values(&by_handle), ["Account 20.0: int8"]);
    let by_fk = render(&select::<Entry>().filter(Entry::PAYEE.is(&fk)));
    assert_eq!(values(&by_fk), ["Account 7.0: int8"]);
    let by_fk_of_handle: Fk<Account> = handle(3).into();
    let by_fk = render(&select::<Entry>().filter(Entry::PAYER.is(by_fk_of_handle)));
    assert_eq!(values(&by_fk), ["Account 30.0: int8"]);
    let by_key = render(&select::<Entry>().filter(Entry::PAYER.is(5)));
    assert_eq!(values(&by_key), ["Account 5.0: int8"]);
}

#[test]
fn many_parents_are_one_array() {
    let query = select::<Entry>().filter(Entry::PAYER.is_any_of([handle(1), handle(2)]));
    let rendered = render(&query);
    assert_eq!(&*rendered.label, "SELECT entry WHERE payer_id = ANY($1)");
    assert_eq!(values(&rendered), ["[Account 10.0, Account 20.0]: _int8"]);
}

#[test]
fn a_composite_key_is_compared_column_by_column() {
    let query = select::<Ticket>().filter(Ticket::SEAT.is(("A", 3)));
    assert_eq!(
        clauses(&query),
        "\"hall\".\"ticket\" WHERE \"ticket\".\"seat_row\" = $1 AND \"ticket\".\"seat_number\" = $2"
    );
}

#[test]
fn many_composite_keys_are_one_array_a_column() {
    let query = select::<Ticket>().filter(Ticket::SEAT.is_any_of([("A", 3), ("B", 4)]));
    let rendered = render(&query);
    let clauses = rendered.sql.split_once(" WHERE ").unwrap().1;
    assert_eq!(
        clauses,
        "(\"ticket\".\"seat_row\", \"ticket\".\"seat_number\") IN \
         (SELECT * FROM unnest($1, $2) AS \"wanted\")"
    );
    let types: Vec<&Type> = rendered.params.iter().map(|p| p.ty()).collect();
    assert_eq!(types, [&Type::TEXT_ARRAY, &Type::INT4_ARRAY]);
    assert_eq!(
        &*rendered.label,
        "SELECT ticket WHERE (seat_row, seat_number) = ANY($1, $2)"
    );
}

#[test]
fn an_optional_reference_may_be_missing() {
    let missing = select::<Entry>().filter(Entry::PAYEE.is_null());
    assert_eq!(
        clauses(&missing),
        "\"entry\" WHERE \"entry\".\"payee_id\" IS NULL"
    );
    let there = select::<Entry>().filter(Entry::PAYEE.is_not_null());
    assert_eq!(
        clauses(&there),
        "\"entry\" WHERE \"entry\".\"payee_id\" IS NOT NULL"
    );
}

#[test]
fn a_handle_of_another_session_is_found_out_when_the_query_runs() {
    let query = select::<Entry>().filter(Entry::PAYER.is(handle(2)));
    let error = query.render(&NoObjects, &Projection::Whole).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Handle {
            model: "Account",
            problem: HandleProblem::Foreign
        }
    ));
}

#[test]
fn an_unset_reference_is_refused() {
    let query = select::<Ticket>().filter(Ticket::SEAT.is(Fk::<Seat>::default()));
    let error = query.render(&slots(), &Projection::Whole).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::NotFound { model: "Seat", .. }
    ));
}
