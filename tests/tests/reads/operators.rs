//! Every operator of queries, against rows with and without values.

use sessile::prelude::*;
use sessile::query::{Expr, Order};
use sessile::sql::*;
use sessile_tests::TestDb;

/// Something measured.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "sample")]
struct Sample {
    #[model(key)]
    id: i32,
    name: String,
    nick: Option<String>,
    small: i16,
    size: i32,
    spare: Option<i64>,
    rate: f64,
    good: bool,
    checked: Option<bool>,
    marks: Vec<i32>,
    code: uuid::Uuid,
    price: rust_decimal::Decimal,
    seen: jiff::Timestamp,
}

const ROWS: &str = "INSERT INTO sample VALUES
    (1, 'ann', 'A_1', 3, 10, 100, 1.5, true, true, '{1,2}',
     '00000000-0000-0000-0000-000000000001', 1.10, '2024-01-01Z'),
    (2, 'Bob', NULL, 2, 20, NULL, -1, false, NULL, '{}',
     '00000000-0000-0000-0000-000000000002', 2.20, '2024-06-01Z'),
    (3, 'cid', 'A%1', 1, 30, 30, 0, true, false, '{1,2,3}',
     '00000000-0000-0000-0000-000000000003', 3.30, '2025-01-01Z'),
    (4, 'a\\b', 'ann', 4, 10, -5, 'NaN', false, NULL, '{2}',
     '00000000-0000-0000-0000-000000000004', 4.40, '2025-06-01Z')";

fn samples() -> TestDb {
    TestDb::with::<Sample>(ROWS)
}

/// The keys of the rows that meet a condition.
fn ids(s: &mut Session, condition: Expr<bool, Sample>) -> Vec<i32> {
    let query = select::<Sample>()
        .filter(condition.clone())
        .order_by(Sample::ID);
    let found = s
        .all(query)
        .unwrap_or_else(|e| panic!("{condition:?}: {e:?}"));
    found.into_iter().map(|sample| s[sample].id).collect()
}

#[track_caller]
fn finds(s: &mut Session, cases: Vec<(Expr<bool, Sample>, &[i32])>) {
    for (condition, expected) in cases {
        assert_eq!(ids(s, condition.clone()), expected, "{condition:?}");
    }
}

#[test]
fn comparisons_find_what_they_say() {
    let db = samples();
    let s = &mut db.session();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let decimal = |text: &str| text.parse::<rust_decimal::Decimal>().unwrap();
    finds(
        s,
        vec![
            (Sample::NAME.eq("ann"), &[1]),
            (Sample::NAME.ne("ann"), &[2, 3, 4]),
            (Sample::SIZE.lt(20), &[1, 4]),
            (Sample::SIZE.le(20), &[1, 2, 4]),
            (Sample::SIZE.gt(20), &[3]),
            (Sample::SIZE.ge(20), &[2, 3]),
            (Sample::SMALL.ge(3), &[1, 4]),
            (Sample::SIZE.between(10, 20), &[1, 2, 4]),
            (Sample::SIZE.between(20, 10), &[]),
            (Sample::RATE.lt(0.5), &[2, 3]),
            (Sample::RATE.eq(f64::NAN), &[4]),
            (Sample::GOOD.eq(true), &[1, 3]),
            (Sample::CODE.eq(uuid::Uuid::from_u128(3)), &[3]),
            (Sample::PRICE.gt(decimal("2.2")), &[3, 4]),
            (Sample::SEEN.ge(at("2025-01-01T00:00Z")), &[3, 4]),
            (Sample::MARKS.eq(vec![1, 2]), &[1]),
            (Sample::MARKS.eq(Vec::new()), &[2]),
        ],
    );
}

#[test]
fn absence_is_compared_as_the_words_say() {
    let db = samples();
    let s = &mut db.session();
    finds(
        s,
        vec![
            (Sample::NICK.eq("ann"), &[4]),
            (Sample::NICK.eq(None), &[2]),
            (Sample::NICK.ne(None), &[1, 3, 4]),
            (Sample::NICK.ne("ann"), &[1, 3]),
            (Sample::NICK.is_null(), &[2]),
            (Sample::NICK.is_not_null(), &[1, 3, 4]),
            (Sample::NICK.is_distinct_from("ann"), &[1, 2, 3]),
            (Sample::NICK.is_not_distinct_from("ann"), &[4]),
            (Sample::NICK.is_distinct_from(None), &[1, 3, 4]),
            (Sample::NICK.is_not_distinct_from(None), &[2]),
            (Sample::SPARE.lt(None), &[]),
            (Sample::SPARE.lt(31), &[3, 4]),
            (!Sample::SPARE.lt(31), &[1]),
        ],
    );
}

#[test]
fn lists_find_their_members() {
    let db = samples();
    let s = &mut db.session();
    let none: [i32; 0] = [];
    finds(
        s,
        vec![
            (Sample::SIZE.is_in([10, 30]), &[1, 3, 4]),
            (Sample::SIZE.is_in(none), &[]),
            (Sample::SIZE.not_in([10, 30]), &[2]),
            (Sample::SIZE.not_in(none), &[1, 2, 3, 4]),
            (Sample::NAME.is_in(["ann", "cid"]), &[1, 3]),
            (Sample::NICK.is_in([Some("ann".to_owned()), None]), &[2, 4]),
            (Sample::NICK.is_in(["ann"]), &[4]),
            (Sample::NICK.not_in(["ann"]), &[1, 3]),
            (Sample::NICK.not_in([Some("ann".to_owned()), None]), &[1, 3]),
            (Sample::NICK.not_in(Vec::<String>::new()), &[1, 2, 3, 4]),
            (Sample::MARKS.is_in([vec![2], vec![]]), &[2, 4]),
            (Sample::MARKS.not_in([vec![2], vec![]]), &[1, 3]),
            (Sample::MARKS.is_in(Vec::<Vec<i32>>::new()), &[]),
            (Sample::CODE.is_in([uuid::Uuid::from_u128(2)]), &[2]),
        ],
    );
}

#[test]
fn text_is_matched_with_and_without_wildcards() {
    let db = samples();
    let s = &mut db.session();
    finds(
        s,
        vec![
            (Sample::NAME.like("%n"), &[1]),
            (Sample::NAME.like("_o_"), &[2]),
            (Sample::NAME.not_like("%n"), &[2, 3, 4]),
            (Sample::NAME.ilike("BO%"), &[2]),
            (Sample::NAME.not_ilike("BO%"), &[1, 3, 4]),
            (Sample::NAME.starts_with("a"), &[1, 4]),
            (Sample::NAME.ends_with("b"), &[2, 4]),
            (Sample::NAME.contains("\\"), &[4]),
            (Sample::NICK.contains("%"), &[3]),
            (Sample::NICK.contains("_"), &[1]),
            (Sample::NICK.starts_with("A_"), &[1]),
            (Sample::NICK.ends_with("%1"), &[3]),
            (lower(Sample::NAME).eq("bob"), &[2]),
            (lower(Sample::NICK).eq("a_1"), &[1]),
            (Sample::NAME.eq("'; DROP TABLE sample; --"), &[]),
        ],
    );
}

#[test]
fn conditions_are_combined_as_they_are_written() {
    let db = samples();
    let s = &mut db.session();
    let (small, good) = (|| Sample::SIZE.lt(15), || Sample::GOOD.eq(true));
    let none: [Expr<bool, Sample>; 0] = [];
    finds(
        s,
        vec![
            (small().and(good()).within(), &[1]),
            (small().or(good()).within(), &[1, 3, 4]),
            ((!small()).and(good()).within(), &[3]),
            ((!small().and(good())).within(), &[2, 3, 4]),
            (small().or(good()).and(Sample::ID.gt(1)).within(), &[3, 4]),
            (
                small().or(good().and(Sample::ID.gt(1))).within(),
                &[1, 3, 4],
            ),
            (Sample::GOOD.and(Sample::CHECKED).within(), &[1]),
            (!Sample::GOOD, &[2, 4]),
            (!Sample::CHECKED, &[3]),
            (all([small(), good()]), &[1]),
            (any([small(), good()]), &[1, 3, 4]),
            (all(none.clone()), &[1, 2, 3, 4]),
            (any(none), &[]),
            (any((0..2_000).map(|id| Sample::ID.eq(id * 2))), &[2, 4]),
            (value(1).lt(Sample::ID).within(), &[2, 3, 4]),
        ],
    );
}

#[test]
fn arithmetic_is_done_by_the_database() {
    let db = samples();
    let s = &mut db.session();
    finds(
        s,
        vec![
            ((Sample::SIZE + 5).gt(20).within(), &[2, 3]),
            ((Sample::SIZE - Sample::ID).eq(18).within(), &[2]),
            ((Sample::SIZE * 2 + 1).eq(41).within(), &[2]),
            ((Sample::SIZE / 20).eq(1).within(), &[2, 3]),
            (((Sample::SIZE + 2) * 2).eq(24).within(), &[1, 4]),
            ((Sample::SIZE - (Sample::ID - 1)).eq(10).within(), &[1]),
            ((Sample::SPARE + 1_i64).eq(31).within(), &[3]),
            (Sample::SPARE.gt(Sample::SPARE - 1_i64).within(), &[1, 3, 4]),
            ((Sample::RATE * 2.0).eq(3.0).within(), &[1]),
        ],
    );
    let overflow = select::<Sample>().filter((Sample::SIZE * i32::MAX).gt(0));
    let error = s.count(overflow).unwrap_err();
    assert_eq!(error.code(), Some("22003"));
}

#[test]
fn a_filter_that_is_none_filters_nothing() {
    let db = samples();
    let mut s = db.session();
    for (name, expected) in [(Some("ann"), 1), (None, 4)] {
        let query = select::<Sample>().filter(name.map(|name| Sample::NAME.eq(name)));
        assert_eq!(s.count(query).unwrap(), expected);
    }
    assert_eq!(s.count(select::<Sample>().filter(Sample::GOOD)).unwrap(), 2);
    assert_eq!(
        s.count(select::<Sample>().filter(Sample::CHECKED)).unwrap(),
        1
    );
}

#[test]
fn rows_come_in_the_order_that_was_asked_for() {
    let db = samples();
    let mut s = db.session();
    let mut order = |orders: Vec<Order<Sample>>| -> Vec<i32> {
        let found = s.all(select::<Sample>().order_by(orders)).unwrap();
        found.into_iter().map(|sample| s[sample].id).collect()
    };
    assert_eq!(order(vec![Sample::SPARE.asc()]), [4, 3, 1, 2]);
    assert_eq!(order(vec![Sample::SPARE.desc()]), [2, 1, 3, 4]);
    assert_eq!(order(vec![Sample::SPARE.asc().nulls_first()]), [2, 4, 3, 1]);
    assert_eq!(order(vec![Sample::SPARE.desc().nulls_last()]), [1, 3, 4, 2]);
    assert_eq!(
        order(vec![Sample::SIZE.asc(), Sample::ID.desc()]),
        [4, 1, 2, 3]
    );
    assert_eq!(
        order(vec![(Sample::SIZE * -1).asc().within(), Sample::ID.asc()]),
        [3, 2, 1, 4]
    );
    let calls = select::<Sample>()
        .order_by(Sample::GOOD)
        .order_by(Sample::ID.desc());
    let found = s.all(calls).unwrap();
    assert_eq!(
        found.iter().map(|x| s[*x].id).collect::<Vec<_>>(),
        [4, 2, 3, 1]
    );
    let tuple = select::<Sample>().order_by((Sample::GOOD, None::<Order<Sample>>, Sample::ID));
    let found = s.all(tuple).unwrap();
    assert_eq!(
        found.iter().map(|x| s[*x].id).collect::<Vec<_>>(),
        [2, 4, 1, 3]
    );
}

#[test]
fn more_values_than_a_statement_takes_are_refused_before_it_is_sent() {
    let db = samples();
    let mut s = db.session();
    let each = (0..65_536).map(|id| Sample::ID.eq(id));
    let many = select::<Sample>().filter(any(each));
    let error = s.count(many).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a statement with 65536 values, of which the protocol takes 65535: a list given to \
         `is_in` is one"
    );
    let list = select::<Sample>().filter(Sample::ID.is_in(0..65_536));
    assert!(s.count(list).unwrap() > 0, "the transaction is good");
}
