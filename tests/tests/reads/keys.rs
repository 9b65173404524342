//! Keys of many shapes: several columns, columns apart, references in keys, keys in references.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use uuid::Uuid;

/// A key of two columns with another column between.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "seat", has_many(tickets = Ticket::SEAT, spares = Ticket::SPARE))]
#[model(has_many(stays = Stay::SEAT))]
struct Seat {
    #[model(key)]
    row: String,
    price: i32,
    #[model(key)]
    number: i32,
}

/// Refers to a key of two columns.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "ticket", has_one(badge = Badge::TICKET))]
struct Ticket {
    #[model(key)]
    id: Uuid,
    seat: Fk<Seat>,
    #[model(on_delete = set_null)]
    spare: Option<Fk<Seat>>,
}

/// Identified by its ticket alone.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "badge")]
struct Badge {
    #[model(key)]
    ticket: Fk<Ticket>,
    name: String,
}

/// A key of a reference of two columns and a date.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "stay")]
struct Stay {
    #[model(key)]
    seat: Fk<Seat>,
    #[model(key)]
    day: i32,
    guest: String,
}

fn hall() -> TestDb {
    TestDb::with::<(Seat, Ticket, Badge, Stay)>(
        "INSERT INTO seat VALUES ('a', 5, 1), ('a', 6, 2), ('b', 7, 1);
         INSERT INTO ticket VALUES
             ('00000000-0000-0000-0000-000000000001', 'a', 1, 'b', 1),
             ('00000000-0000-0000-0000-000000000002', 'a', 2, NULL, NULL),
             ('00000000-0000-0000-0000-000000000003', 'a', 1, 'a', 2);
         INSERT INTO badge VALUES ('00000000-0000-0000-0000-000000000002', 'two');
         INSERT INTO stay VALUES ('a', 1, 1, 'ann'), ('a', 1, 2, 'bob'), ('b', 1, 1, 'cid')",
    )
}

fn ticket(s: &mut Session, number: u128) -> Handle<Ticket> {
    s.get::<Ticket>(Uuid::from_u128(number)).unwrap().unwrap()
}

/// IM-1
#[test]
fn a_key_whose_columns_stand_apart_is_one_key() {
    let db = hall();
    let mut s = db.session();
    let seat = s.get::<Seat>(("a", 2)).unwrap().unwrap();
    assert_eq!(s[seat].price, 6);
    let all = s
        .all(select::<Seat>().order_by((Seat::ROW, Seat::NUMBER)))
        .unwrap();
    assert_eq!(all[1], seat);
    assert_eq!(
        s.get_each::<Seat>([("b", 1), ("a", 1)]).unwrap(),
        [all[2], all[0]]
    );
    assert_eq!(
        s.get_many_for_update::<Seat, 2>([("b", 1), ("a", 1)])
            .unwrap(),
        [all[2], all[0]]
    );
    assert_eq!(s.key(seat).unwrap(), ("a".to_owned(), 2));
    db.assert_statements(expect![[r#"
        SELECT seat ×1 WHERE row, number
        BEGIN
        SELECT seat ORDER BY row, number
        SELECT seat ×2 WHERE row, number FOR UPDATE
    "#]]);
}

/// LD-2
#[test]
fn children_are_found_by_references_of_two_columns() {
    let db = hall();
    let mut s = db.session();
    let seats = s
        .all(select::<Seat>().order_by((Seat::ROW, Seat::NUMBER)))
        .unwrap();
    let counts: Vec<_> = seats
        .iter()
        .map(|seat| {
            let tickets = s.related(*seat, Seat::TICKETS).unwrap().len();
            (tickets, s.related(*seat, Seat::SPARES).unwrap().len())
        })
        .collect();
    assert_eq!(counts, [(2, 0), (1, 1), (0, 1)]);
    let alone = db.session().get::<Seat>(("a", 1)).unwrap();
    assert!(alone.is_some());
    db.assert_statements(expect![[r#"
        SELECT seat ORDER BY row, number
        BEGIN
        SELECT ticket ×3 WHERE seat_row, seat_number
        SELECT ticket ×3 WHERE spare_row, spare_number
        SELECT seat ×1 WHERE row, number
    "#]]);
}

/// LD-1, RL-6
#[test]
fn parents_are_found_by_references_of_two_columns() {
    let db = hall();
    let mut s = db.session();
    let tickets = select::<Ticket>().order_by(Ticket::ID).with(Ticket::SEAT);
    let tickets = s.all(tickets.with(Ticket::SPARE)).unwrap();
    let spare = |t: &Handle<Ticket>| {
        s.loaded(*t, Ticket::SPARE)
            .unwrap()
            .map(|seat| s[seat].price)
    };
    assert_eq!(
        tickets.iter().map(spare).collect::<Vec<_>>(),
        [Some(7), None, Some(6)]
    );
    db.assert_statements(expect![[r#"
        SELECT ticket ORDER BY id
        BEGIN
        SELECT seat ×2 WHERE row, number
        SELECT seat ×1 WHERE row, number
    "#]]);
}

#[test]
fn conditions_compare_references_of_two_columns() {
    let db = hall();
    let mut s = db.session();
    let seat = s.get::<Seat>(("a", 1)).unwrap().unwrap();
    let first = ticket(&mut s, 1);
    let fk = s[first].seat.clone();
    db.forget();
    let by = |filter| select::<Ticket>().filter(filter);
    assert_eq!(s.count(by(Ticket::SEAT.is(seat))).unwrap(), 2);
    assert_eq!(s.count(by(Ticket::SEAT.is(&fk))).unwrap(), 2);
    assert_eq!(s.count(by(Ticket::SEAT.is(("a", 2)))).unwrap(), 1);
    assert_eq!(
        s.count(by(Ticket::SEAT.is_any_of([("a", 2), ("b", 1)])))
            .unwrap(),
        1
    );
    assert_eq!(s.count(by(Ticket::SEAT.is_any_of(vec![seat]))).unwrap(), 2);
    assert_eq!(
        s.count(by(Ticket::SEAT.is_any_of(Vec::<Handle<Seat>>::new())))
            .unwrap(),
        0
    );
    assert_eq!(s.count(by(Ticket::SPARE.is_null())).unwrap(), 1);
    assert_eq!(s.count(by(!Ticket::SPARE.is(("a", 2)))).unwrap(), 1);
    db.assert_statements(expect![[r#"
        COUNT ticket WHERE seat_row = $1 AND seat_number = $2
        COUNT ticket WHERE seat_row = $1 AND seat_number = $2
        COUNT ticket WHERE seat_row = $1 AND seat_number = $2
        COUNT ticket WHERE (seat_row, seat_number) = ANY($1, $2)
        COUNT ticket WHERE (seat_row, seat_number) = ANY($1, $2)
        COUNT ticket WHERE (seat_row, seat_number) = ANY($1, $2)
        COUNT ticket WHERE spare_row IS NULL OR spare_number IS NULL
        COUNT ticket WHERE NOT (spare_row = $1 AND spare_number = $2)
    "#]]);
}

#[test]
fn a_key_with_a_reference_of_two_columns_in_it_is_taken_in_parts() {
    let db = hall();
    let mut s = db.session();
    let seat = s.get::<Seat>(("a", 1)).unwrap().unwrap();
    let stay = s.get::<Stay>((seat, 2)).unwrap().unwrap();
    assert_eq!(s[stay].guest, "bob");
    assert_eq!(s.get::<Stay>((("a", 1), 2)).unwrap(), Some(stay));
    let fk = s[stay].seat.clone();
    assert_eq!(s.get::<Stay>((&fk, 2)).unwrap(), Some(stay));
    let stays = s.related(seat, Seat::STAYS).unwrap();
    assert_eq!(stays[1], stay);
    assert_eq!(s.related(stay, Stay::SEAT).unwrap(), seat);
    let many = s
        .get_many_for_update::<Stay, 2>([(("b", 1), 1), (("a", 1), 1)])
        .unwrap();
    assert_eq!(many.map(|stay| s[stay].guest.clone()), ["cid", "ann"]);
    db.assert_statements(expect![[r#"
        SELECT seat ×1 WHERE row, number
        BEGIN
        SELECT stay ×1 WHERE seat_row, seat_number, day
        SELECT stay ×1 WHERE seat_row, seat_number
        SELECT stay ×2 WHERE seat_row, seat_number, day FOR UPDATE
    "#]]);
}

#[test]
fn a_key_that_is_a_reference_is_found_by_it() {
    let db = hall();
    let mut s = db.session();
    let second = ticket(&mut s, 2);
    let badge = s.get::<Badge>(second).unwrap().unwrap();
    assert_eq!(s.get::<Badge>(Uuid::from_u128(2)).unwrap(), Some(badge));
    assert_eq!(s.get::<Badge>(badge).unwrap(), Some(badge));
    assert_eq!(s.related(second, Ticket::BADGE).unwrap(), Some(badge));
    let first = ticket(&mut s, 1);
    assert_eq!(s.related(first, Ticket::BADGE).unwrap(), None);
    let badges = s.all(select::<Badge>().filter(Badge::TICKET.is_any_of([first, second])));
    assert_eq!(badges.unwrap(), [badge]);
    db.assert_statements(expect![[r#"
        SELECT ticket ×1 WHERE id
        BEGIN
        SELECT badge ×1 WHERE ticket_id
        SELECT badge ×1 WHERE ticket_id
        SELECT ticket ×1 WHERE id
        SELECT badge ×1 WHERE ticket_id
        SELECT badge WHERE ticket_id = ANY($1)
    "#]]);
}
