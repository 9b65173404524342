//! Conditions: patterns, lists, row values, and operands that may be NULL on either side.

use sessile::prelude::*;
use sessile::query::Expr;
use sessile::sql::*;

use super::{Sample, same, samples};

#[test]
fn either_side_of_a_comparison_may_be_null() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::SIZE.gt(Sample::SPARE).nullable(), "size > spare");
    same(s, Sample::SPARE.lt(Sample::SIZE).nullable(), "spare < size");
    same(
        s,
        Sample::SIZE.between(Sample::SPARE, 10).nullable(),
        "size BETWEEN spare AND 10",
    );
    same(
        s,
        Sample::SIZE.is_distinct_from(Sample::SPARE),
        "size IS DISTINCT FROM spare",
    );
    let largest = scalar(select::<Sample>().columns(max(Sample::SIZE)));
    same(
        s,
        Sample::SIZE.eq(largest),
        "size = (SELECT max(size) FROM sample)",
    );
    let spares = select::<Sample>().columns(Sample::SPARE);
    same(
        s,
        Sample::SIZE.in_query(spares.clone()).nullable(),
        "size IN (SELECT spare FROM sample)",
    );
    same(
        s,
        Sample::SIZE.not_in_query(spares).nullable(),
        "size NOT IN (SELECT spare FROM sample)",
    );
}

#[test]
fn regular_expressions_find_parts() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::NAME.matches("^[ab]"), "name ~ '^[ab]'");
    same(s, Sample::NAME.not_matches("b"), "name !~ 'b'");
    same(s, Sample::NAME.matches_insensitive("^b"), "name ~* '^b'");
    same(
        s,
        Sample::NICK.not_matches_insensitive("a").nullable(),
        "nick !~* 'a'",
    );
    same(
        s,
        Sample::NAME.matches(Sample::NICK).nullable(),
        "name ~ nick",
    );
}

#[test]
fn operators_bind_as_they_are_written() {
    let db = samples();
    let s = &mut db.session();
    same(
        s,
        Sample::NAME
            .concat("x")
            .matches("nx")
            .or(Sample::GOOD)
            .and(Sample::SIZE.gt(3)),
        "((name || 'x') ~ 'nx' OR good) AND size > 3",
    );
    same(
        s,
        (!Sample::GOOD).eq(Sample::SIZE.gt(3)),
        "(NOT good) = (size > 3)",
    );
    same(
        s,
        Sample::CHECKED.is_true().eq(Sample::CHECKED.is_not_false()),
        "(checked IS TRUE) = (checked IS NOT FALSE)",
    );
    same(
        s,
        (Sample::SIZE - (Sample::SIZE - 1)) % 2,
        "(size - (size - 1)) % 2",
    );
    same(s, Sample::SIZE * (Sample::SIZE % 4), "size * (size % 4)");
    same(s, Sample::SIZE * 7 % 4, "size * 7 % 4");
}

#[test]
fn row_values_are_compared_from_left_to_right() {
    let db = samples();
    let s = &mut db.session();
    let pair = || tuple((Sample::SIZE, Sample::ID));
    same(s, pair().gt((3, 4)), "(size, id) > (3, 4)");
    same(s, pair().ge((10, 3)), "(size, id) >= (10, 3)");
    same(s, pair().lt((Sample::ID, 9)), "(size, id) < (id, 9)");
    same(s, pair().le(pair()), "(size, id) <= (size, id)");
    same(s, pair().eq((10, 1)), "(size, id) = (10, 1)");
    same(s, pair().ne((10, 1)), "(size, id) <> (10, 1)");
    same(
        s,
        pair().is_in([(10, 1), (3, 4)]),
        "(size, id) IN ((10, 1), (3, 4))",
    );
    same(s, pair().is_in(Vec::<(i32, i32)>::new()), "false");
    let named = tuple((Sample::NAME, Sample::SPARE, Sample::ID));
    same(
        s,
        named.is_in([("ann", 3, 1), ("Bob", 0, 2)]).nullable(),
        "(name, spare, id) IN (('ann', 3, 1), ('Bob', 0, 2))",
    );
    let firsts = select::<Sample>()
        .filter(Sample::ID.lt(3))
        .columns((Sample::SIZE, Sample::ID));
    same(
        s,
        pair().in_query(firsts.clone()),
        "(size, id) IN (SELECT size, id FROM sample WHERE id < 3)",
    );
    same(
        s,
        pair().not_in_query(firsts),
        "(size, id) NOT IN (SELECT size, id FROM sample WHERE id < 3)",
    );
    let page = select::<Sample>()
        .filter(pair().gt((3, 4)))
        .order_by((Sample::SIZE, Sample::ID));
    assert_eq!(s.rows(page.columns(Sample::ID)).unwrap(), [1, 3]);
}

#[test]
fn a_list_of_row_values_is_one_array_for_each_part() {
    let db = samples();
    let mut s = db.session();
    let many: Vec<(i32, i32)> = (0..50_000).map(|i| (10, i)).collect();
    let found = select::<Sample>().filter(tuple((Sample::SIZE, Sample::ID)).is_in(many));
    assert_eq!(s.count(found).unwrap(), 2);
    db.assert_statements(expect_test::expect![[r#"
        COUNT sample WHERE (size, id) = ANY($1, $2)
    "#]]);
}

#[test]
fn aggregates_are_conditions_of_groups() {
    let db = samples();
    let mut s = db.session();
    let groups = select::<Sample>()
        .group_by(Sample::SIZE)
        .having(bool_and(Sample::GOOD))
        .having(sum(Sample::ID).gt(3).and(count_of(Sample::NICK).ge(1)))
        .order_by(coalesce(sum(Sample::ID), 0).desc())
        .columns((Sample::SIZE, coalesce(sum(Sample::ID), 0) + count()));
    assert_eq!(s.rows(groups).unwrap(), [(10, 6)]);
}

#[test]
fn conditions_from_functions_have_a_type_to_write_down() {
    fn short(limit: i32) -> Expr<bool, Sample> {
        length(Sample::NAME)
            .lt(limit)
            .and(coalesce(Sample::CHECKED, false))
            .within()
    }
    let db = samples();
    let mut s = db.session();
    let found = select::<Sample>().filter(any([short(4), Sample::ID.eq(4)]));
    assert_eq!(
        s.rows(found.order_by(Sample::ID).columns(Sample::ID))
            .unwrap(),
        [1, 4]
    );
}
