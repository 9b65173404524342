//! Aggregates: their clauses, and what they are when there is nothing to aggregate.

use sessile::prelude::*;
use sessile::sql::*;

use super::{Sample, same_of_all, samples};

#[test]
fn aggregates_answer_as_in_sql() {
    let db = samples();
    let s = &mut db.session();
    same_of_all(
        s,
        (count(), count_of(Sample::NICK)),
        "count(*), count(nick)",
    );
    same_of_all(s, count_distinct(Sample::SIZE), "count(DISTINCT size)");
    same_of_all(
        s,
        (sum(Sample::SIZE), sum(Sample::SPARE)),
        "sum(size), sum(spare)",
    );
    same_of_all(s, sum(Sample::BIG), "sum(big)");
    same_of_all(
        s,
        (avg(Sample::RATE), avg(Sample::DRIFT)),
        "avg(rate), avg(drift)",
    );
    same_of_all(
        s,
        (avg(Sample::SIZE), avg(Sample::PRICE)),
        "avg(size), avg(price)",
    );
    same_of_all(
        s,
        (min(Sample::NICK), max(Sample::SEEN)),
        "min(nick), max(seen)",
    );
    same_of_all(
        s,
        (stddev(Sample::RATE), variance(Sample::SIZE)),
        "stddev(rate), variance(size)",
    );
    same_of_all(
        s,
        (bool_and(Sample::GOOD), bool_or(Sample::CHECKED)),
        "bool_and(good), bool_or(checked)",
    );
    same_of_all(
        s,
        (sum(Sample::WAIT), avg(Sample::WAIT)),
        "sum(wait), avg(wait)",
    );
    same_of_all(
        s,
        jsonb_agg(Sample::SPARE).order_by(Sample::ID),
        "jsonb_agg(spare ORDER BY id)",
    );
    same_of_all(
        s,
        jsonb_object_agg(Sample::NAME, Sample::SPARE),
        "jsonb_object_agg(name, spare)",
    );
}

#[test]
fn clauses_say_which_rows_and_in_which_order() {
    let db = samples();
    let s = &mut db.session();
    same_of_all(
        s,
        (
            count().filter_where(Sample::GOOD),
            count().filter_where(Sample::SPARE.gt(1)),
        ),
        "count(*) FILTER (WHERE good), count(*) FILTER (WHERE spare > 1)",
    );
    same_of_all(
        s,
        sum(Sample::SIZE)
            .filter_where(Sample::SIZE.gt(0))
            .filter_where(Sample::CHECKED),
        "sum(size) FILTER (WHERE size > 0 AND checked)",
    );
    same_of_all(
        s,
        array_agg(Sample::SPARE).order_by(Sample::SPARE.desc().nulls_last()),
        "array_agg(spare ORDER BY spare DESC NULLS LAST)",
    );
    same_of_all(
        s,
        array_agg(Sample::NAME).order_by((Sample::SIZE, Sample::ID.desc())),
        "array_agg(name ORDER BY size, id DESC)",
    );
    same_of_all(
        s,
        string_agg(Sample::NICK, "; ")
            .order_by(Sample::ID)
            .filter_where(Sample::ID.gt(1)),
        "string_agg(nick, '; ' ORDER BY id) FILTER (WHERE id > 1)",
    );
    same_of_all(
        s,
        array_agg(Sample::SIZE).distinct().order_by(Sample::SIZE),
        "array_agg(DISTINCT size ORDER BY size)",
    );
    same_of_all(
        s,
        (coalesce(sum(Sample::SIZE), 0) + count_of(Sample::SPARE)) * 2,
        "(coalesce(sum(size), 0) + count(spare)) * 2",
    );
    same_of_all(s, sum(Sample::SIZE).gt(3), "sum(size) > 3");
}

#[test]
fn of_nothing_only_counts_have_a_value() {
    let db = samples();
    let mut s = db.session();
    let nothing = select::<Sample>().filter(Sample::ID.gt(100)).columns((
        count().filter_where(Sample::GOOD),
        sum(Sample::SIZE),
        avg(Sample::SIZE),
        bool_and(Sample::GOOD),
        array_agg(Sample::SIZE),
        string_agg(Sample::NAME, ","),
        coalesce(sum(Sample::SIZE), 0),
        sum(Sample::SIZE).gt(0),
    ));
    assert_eq!(
        s.rows(nothing).unwrap(),
        [(0, None, None, None, None, None, 0, false)]
    );
}
