//! Values that do not fit, and values whose conversion goes wrong.

use postgres_types::{IsNull, to_sql_checked};

use super::*;
use crate::engine::TransactionState;

/// Panics when it is bound, after it has written half of itself.
#[derive(Debug)]
struct Bomb;

impl ToSql for Bomb {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(b"half");
        panic!("boom");
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn place<T: std::fmt::Debug>(result: Result<T>) -> String {
    match kind(result) {
        ErrorKind::Conversion { place } => place,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_panic_in_a_conversion_is_an_error_and_the_connection_lives() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    let select = "select $1::int4";
    for _ in 0..3 {
        // The third time the statement is prepared.
        let refused = run(&mut connection, bound(select, &Bomb, Type::INT4));
        assert_eq!(place(refused), "parameter 1");
        let rows = rows(&mut connection, bound(select, &7, Type::INT4)).unwrap();
        assert_eq!(rows.row(0).get::<i32>(0).unwrap(), 7);
    }
    drop(connection);
    assert_eq!(engine.metrics().discarded, 0);
}

#[test]
fn a_conversion_that_fails_aborts_the_transaction_like_any_error() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = begun(&engine);
    run(&mut connection, bound("select $1::int4", &Bomb, Type::INT4)).unwrap_err();
    assert_eq!(connection.state(), TransactionState::Aborted);
    assert_eq!(kind(connection.commit()), ErrorKind::TransactionFailed);
    assert!(!connection.is_broken());
}

#[test]
fn a_value_of_the_wrong_type_is_named_by_its_place() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    let wrong = bound("select $1::int4", &"seven", Type::INT4);
    let error = run(&mut connection, wrong).unwrap_err();
    assert!(
        chain(&error).contains("Rust type `&str`"),
        "{}",
        chain(&error)
    );
    assert_eq!(place::<()>(Err(error)), "parameter 1");
    let inferred = bound("select $1::int4", &"seven", Type::UNKNOWN);
    assert_eq!(place(run(&mut connection, inferred)), "parameter 1");
    assert!(!connection.is_broken());
}

#[test]
fn a_wrong_number_of_values_is_an_error_of_the_caller() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    let list = "the list of parameters";
    let few = || bound("select $1::int4 + $2::int4", &1, Type::INT4);
    // Unnamed: only the server counts, with an SQLSTATE of class 08. Prepared: the driver does.
    assert_eq!(place(run(&mut connection, few())), list);
    assert_eq!(place(run(&mut connection, few())), list);
    let untyped = Statement {
        types: Vec::new(),
        ..few()
    };
    assert_eq!(
        place(run(
            &mut connection,
            Statement {
                cache: false,
                ..untyped
            }
        )),
        list
    );
    assert!(!connection.is_broken());
}

#[test]
fn a_nul_in_a_text_or_a_value_does_not_cost_the_connection() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    let refused = run(&mut connection, query("select '\0'"));
    assert_eq!(place(refused), "the statement's text");
    let nul = run(&mut connection, bound("select $1::text", &"\0", Type::TEXT));
    assert_eq!(
        kind(nul),
        ErrorKind::Database {
            code: "22021".into()
        }
    );
    assert!(!connection.is_broken());
}

#[test]
fn types_that_the_caller_does_not_know_are_asked_of_the_server() {
    let database = Database::with_table();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    let sql = "select n from t where id = $1";
    let found = rows(&mut connection, bound(sql, &2, Type::UNKNOWN)).unwrap();
    assert_eq!(found.row(0).get::<i32>(0).unwrap(), 20);
    assert_eq!(engine.metrics().prepared, 1);
}

#[test]
fn rows_give_their_fields_with_names_types_and_nulls() {
    let database = Database::new();
    let engine = database.engine();
    let mut connection = acquire(&engine);
    let sql = "select 1 as one, null::text as nothing, 'é' as letter";
    let found = rows(&mut connection, query(sql)).unwrap();
    let names: Vec<_> = found.columns().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["one", "nothing", "letter"]);
    let row = found.row(0);
    assert_eq!(row.get::<i32>(0).unwrap(), 1);
    assert!(row.is_null(1));
    assert_eq!(row.get::<Option<String>>(1).unwrap(), None);
    assert_eq!(row.raw(2), Some("é".as_bytes()));
    assert!(row.raw(9).is_none());
    assert_eq!(found.iter().len(), 1);
}
