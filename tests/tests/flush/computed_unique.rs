//! Unique values that the database computes: what a row has is known, what it gets is not (FL-3).

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::value;
use sessile_tests::TestDb;

use super::models::save;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "seats")]
struct Seat {
    #[model(key)]
    id: i64,
    #[model(unique)]
    number: i64,
    #[model(unique)]
    code: Option<String>,
    label: Option<String>,
}

fn seat(id: i64, number: i64) -> Seat {
    Seat {
        id,
        number,
        code: Some(format!("c{number}")),
        label: None,
    }
}

/// Three seats: 1, 2 and 3.
fn db() -> (TestDb, Session, [Handle<Seat>; 3]) {
    let db = TestDb::new::<Seat>();
    save(&db, [1, 2, 3].map(|n| seat(n, n)));
    let mut s = db.session();
    let seats = s.get_many([1, 2, 3]).unwrap().map(Option::unwrap);
    db.forget();
    (db, s, seats)
}

const SEATS: &str = "SELECT id, number, code FROM seats ORDER BY id";

/// CT-4: the last row is changed by the database, and the first takes what that gives up.
#[test]
fn a_value_that_is_computed_anew_is_free_before_it_is_taken() {
    let (db, mut s, [one, two, _]) = db();
    s.set_expr(two, Seat::NUMBER, Seat::NUMBER + 10).unwrap();
    s[one].number = 2;
    s.add(Seat {
        code: None,
        ..seat(4, 1)
    });
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK seats ×2
        UPDATE seats SET number = number + $1 ×1 WHERE id RETURNING number
        UPDATE seats SET number ×1 WHERE id
        INSERT seats (id, number, code, label) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(SEATS),
        "1 | 2 | c1\n2 | 12 | c2\n3 | 3 | c3\n4 | 1 | -\n"
    );
}

/// CT-4: nobody but the database knows which value that is, so it comes last.
#[test]
fn a_computed_value_is_taken_when_others_are_free() {
    let (db, mut s, [one, two, three]) = db();
    s.set_expr(one, Seat::NUMBER, Seat::NUMBER + 2).unwrap();
    let new = s.add(seat(4, 0));
    s.set_expr(new, Seat::NUMBER, value(2)).unwrap();
    s[new].code = None;
    s[two].number = 20;
    s.delete(three).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK seats ×3
        UPDATE seats SET number ×1 WHERE id
        DELETE seats ×1 WHERE id
        UPDATE seats SET number = number + $1 ×1 WHERE id RETURNING number
        INSERT seats (id, code, label, number = $1) ×1 RETURNING number
        COMMIT
    "#]]);
    assert_eq!((s[one].number, s[new].number), (3, 2));
    assert_eq!(db.rows(SEATS), "1 | 3 | c1\n2 | 20 | c2\n4 | 2 | -\n");
}

/// A wish is no reason for a cycle: the row that gives the value up waits for the computed one.
#[test]
fn what_is_computed_may_have_to_come_first() {
    let (db, mut s, [one, two, _]) = db();
    s.set_expr(one, Seat::NUMBER, Seat::NUMBER + 10).unwrap();
    s[two].number = 1;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK seats ×2
        UPDATE seats SET number = number + $1 ×1 WHERE id RETURNING number
        UPDATE seats SET number ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!((s[one].number, s[two].number), (11, 1));
}

/// FL-3: a field that an expression reads is not NULL for a while, so the other row's is.
#[test]
fn values_that_an_expression_reads_are_not_set_aside() {
    let (db, mut s, [one, two, _]) = db();
    s[one].code = Some("c2".to_owned());
    s[two].code = Some("c1".to_owned());
    s.set_expr(one, Seat::LABEL, Seat::CODE).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK seats ×2
        UPDATE seats SET code ×1 WHERE id
        UPDATE seats SET code, label = code ×1 WHERE id RETURNING label
        UPDATE seats SET code ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, code, label FROM seats ORDER BY id"),
        "1 | c2 | c1\n2 | c1 | -\n3 | c3 | -\n"
    );
}

/// FL-3: two such rows can't be written.
#[test]
fn a_ring_of_rows_whose_values_are_read_is_a_cycle() {
    let (db, mut s, [one, two, _]) = db();
    s[one].code = Some("c2".to_owned());
    s[two].code = Some("c1".to_owned());
    s.set_expr(one, Seat::LABEL, Seat::CODE).unwrap();
    s.set_expr(two, Seat::LABEL, Seat::CODE).unwrap();
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Cycle { .. }), "{error}");
    db.assert_statements(expect![[r#""#]]);
}
