//! What each attribute of a model becomes.

// A column may well stand in two constraints.
#![allow(clippy::duplicated_attributes)]

use expect_test::expect;
use serde::{Deserialize, Serialize};
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::{columns, constraints, indexes};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Memo {
    text: String,
}

/// Every type of value.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "typed")]
struct Typed {
    #[model(key, generated)]
    id: uuid::Uuid,
    yes: bool,
    small: i16,
    medium: i32,
    large: Option<i64>,
    real: f32,
    double: Option<f64>,
    text: String,
    bytes: Vec<u8>,
    price: rust_decimal::Decimal,
    day: Option<jiff::civil::Date>,
    at: jiff::Timestamp,
    local: Option<jiff::civil::DateTime>,
    clock: Option<jiff::civil::Time>,
    host: Option<std::net::IpAddr>,
    value: serde_json::Value,
    list: Vec<i64>,
    words: Option<Vec<String>>,
    #[model(json)]
    memo: Memo,
    #[model(json)]
    remark: Option<Memo>,
    #[model(sql_type = "varchar(10)")]
    short: String,
    #[model(skip)]
    cache: Vec<Memo>,
}

#[test]
fn types_are_those_of_the_fields() {
    let db = TestDb::new::<Typed>();
    expect![[r#"
        id | uuid | t |  |  | gen_random_uuid()
        yes | boolean | t |  |  | -
        small | smallint | t |  |  | -
        medium | integer | t |  |  | -
        large | bigint | f |  |  | -
        real | real | t |  |  | -
        double | double precision | f |  |  | -
        text | text | t |  |  | -
        bytes | bytea | t |  |  | -
        price | numeric | t |  |  | -
        day | date | f |  |  | -
        at | timestamp with time zone | t |  |  | -
        local | timestamp without time zone | f |  |  | -
        clock | time without time zone | f |  |  | -
        host | inet | f |  |  | -
        value | jsonb | t |  |  | -
        list | bigint[] | t |  |  | -
        words | text[] | f |  |  | -
        memo | jsonb | t |  |  | -
        remark | jsonb | f |  |  | -
        short | character varying(10) | t |  |  | -
    "#]]
    .assert_eq(&columns(&db, "typed"));
    let typed = Typed {
        text: "x".to_owned(),
        memo: Memo {
            text: "y".to_owned(),
        },
        list: vec![1, 2],
        short: "short".to_owned(),
        ..Typed::default()
    };
    let mut s = db.session();
    let h = s.insert(typed.clone()).unwrap();
    let id = s[h].id;
    assert_ne!(id, uuid::Uuid::nil());
    s.commit().unwrap();
    s.get::<Typed>(id).unwrap();
    assert_eq!(s[h], Typed { id, ..typed });
}

/// What the database makes.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "made")]
struct Made {
    #[model(key, generated(always))]
    id: i32,
    #[model(generated)]
    ticket: i16,
    #[model(default = "now()")]
    at: jiff::Timestamp,
    #[model(default = "'none'")]
    label: Option<String>,
    #[model(generated(always), default = "upper(name)")]
    shout: String,
    name: String,
    #[model(version)]
    version: i64,
}

#[test]
fn identities_defaults_and_computed_columns_are_the_databases() {
    let db = TestDb::new::<Made>();
    expect![[r#"
        id | integer | t | a |  | -
        ticket | smallint | t | d |  | -
        at | timestamp with time zone | t |  |  | now()
        label | text | f |  |  | 'none'::text
        shout | text | t |  | s | upper(name)
        name | text | t |  |  | -
        version | bigint | t |  |  | -
    "#]]
    .assert_eq(&columns(&db, "made"));
    let mut s = db.session();
    let made = s
        .insert(Made {
            name: "ann".to_owned(),
            ..Made::default()
        })
        .unwrap();
    let row = &s[made];
    assert_eq!(
        (row.id, row.ticket, &*row.shout, row.version),
        (1, 1, "ANN", 1)
    );
    assert_eq!(row.label.as_deref(), Some("none"));
    assert_ne!(row.at, jiff::Timestamp::UNIX_EPOCH);
}

/// A parent with a key of two columns.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "seat")]
struct Seat {
    #[model(key)]
    row: String,
    #[model(key)]
    number: i32,
}

/// A child of every kind.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(
    table = "booking",
    unique(guest, day),
    unique(day, seat, name = "once")
)]
#[model(index(day, guest), index(guest, name = "by guest"))]
#[model(check = "price >= 0", check("price < 100 OR day > 0", name = "cheap"))]
struct Booking {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade)]
    seat: Fk<Seat>,
    #[model(on_delete = set_null)]
    other: Option<Fk<Seat>>,
    #[model(on_delete = cascade(client))]
    before: Option<Fk<Self>>,
    after: Option<Fk<Booking>>,
    #[model(unique, rename = "code")]
    reference: String,
    #[model(index)]
    guest: String,
    #[model(check = "day > 0")]
    day: i32,
    price: i32,
}

#[test]
fn keys_references_constraints_and_indexes_are_as_they_are_written() {
    let db = TestDb::new::<(Booking, Seat)>();
    expect![[r#"
        id | bigint | t | d |  | -
        seat_row | text | t |  |  | -
        seat_number | integer | t |  |  | -
        other_row | text | f |  |  | -
        other_number | integer | f |  |  | -
        before_id | bigint | f |  |  | -
        after_id | bigint | f |  |  | -
        code | text | t |  |  | -
        guest | text | t |  |  | -
        day | integer | t |  |  | -
        price | integer | t |  |  | -
    "#]]
    .assert_eq(&columns(&db, "booking"));
    expect![[r#"
        booking_after_id_fkey | FOREIGN KEY (after_id) REFERENCES booking(id) ON UPDATE CASCADE ON DELETE RESTRICT
        booking_before_id_fkey | FOREIGN KEY (before_id) REFERENCES booking(id) ON UPDATE CASCADE
        booking_check | CHECK ((price >= 0))
        booking_code_key | UNIQUE (code)
        booking_day_check | CHECK ((day > 0))
        booking_guest_day_key | UNIQUE (guest, day)
        booking_other_row_other_number_fkey | FOREIGN KEY (other_row, other_number) REFERENCES seat("row", number) ON UPDATE CASCADE ON DELETE SET NULL
        booking_pkey | PRIMARY KEY (id)
        booking_seat_row_seat_number_fkey | FOREIGN KEY (seat_row, seat_number) REFERENCES seat("row", number) ON UPDATE CASCADE ON DELETE CASCADE
        cheap | CHECK (((price < 100) OR (day > 0)))
        once | UNIQUE (day, seat_row, seat_number)
    "#]].assert_eq(&constraints(&db, "booking"));
    expect![[r#"
        seat_pkey | PRIMARY KEY ("row", number)
    "#]]
    .assert_eq(&constraints(&db, "seat"));
    expect![[r#"
        CREATE INDEX "by guest" ON public.booking USING btree (guest)
        CREATE INDEX booking_after_id_idx ON public.booking USING btree (after_id)
        CREATE INDEX booking_before_id_idx ON public.booking USING btree (before_id)
        CREATE INDEX booking_day_guest_idx ON public.booking USING btree (day, guest)
        CREATE INDEX booking_guest_idx ON public.booking USING btree (guest)
        CREATE INDEX booking_other_row_other_number_idx ON public.booking USING btree (other_row, other_number)
        CREATE INDEX booking_seat_row_seat_number_idx ON public.booking USING btree (seat_row, seat_number)
    "#]].assert_eq(&indexes(&db, "booking"));
    assert_eq!(indexes(&db, "seat"), "");
}

/// A key made of references.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "follows")]
struct Follows {
    #[model(key, on_delete = cascade)]
    booking: Fk<Booking>,
    #[model(key)]
    seat: Fk<Seat>,
    #[model(key)]
    since: i32,
}

#[test]
fn a_key_of_references_has_the_columns_of_their_keys() {
    let db = TestDb::new::<(Follows, Booking, Seat)>();
    expect![[r#"
        booking_id | bigint | t |  |  | -
        seat_row | text | t |  |  | -
        seat_number | integer | t |  |  | -
        since | integer | t |  |  | -
    "#]]
    .assert_eq(&columns(&db, "follows"));
    expect![[r#"
        follows_booking_id_fkey | FOREIGN KEY (booking_id) REFERENCES booking(id) ON UPDATE CASCADE ON DELETE CASCADE
        follows_pkey | PRIMARY KEY (booking_id, seat_row, seat_number, since)
        follows_seat_row_seat_number_fkey | FOREIGN KEY (seat_row, seat_number) REFERENCES seat("row", number) ON UPDATE CASCADE ON DELETE RESTRICT
    "#]].assert_eq(&constraints(&db, "follows"));
    expect![[r#"
        CREATE INDEX follows_seat_row_seat_number_idx ON public.follows USING btree (seat_row, seat_number)
    "#]].assert_eq(&indexes(&db, "follows"));
}

/// PK-1: the DDL lets the database follow a key that changes.
#[test]
fn a_changed_key_is_followed_by_references_of_several_columns() {
    let db = TestDb::new::<(Booking, Seat)>();
    db.look().run(
        "INSERT INTO seat VALUES ('a', 1);
         INSERT INTO booking (seat_row, seat_number, code, guest, day, price)
         VALUES ('a', 1, 'x', 'ann', 1, 1);
         UPDATE seat SET row = 'b', number = 2",
    );
    assert_eq!(
        db.rows("SELECT seat_row, seat_number FROM booking"),
        "b | 2\n"
    );
    db.look().run("DELETE FROM seat");
    assert_eq!(db.rows("SELECT count(*) FROM booking"), "0\n");
}
