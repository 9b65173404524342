//! Window functions and frames.

use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::sql::*;

use super::{Sample, same, samples};

#[test]
fn rows_are_numbered_in_their_window() {
    let db = samples();
    let s = &mut db.session();
    let by_size = || window().order_by(Sample::SIZE);
    same(
        s,
        row_number().over(window().partition_by(Sample::GOOD).order_by(Sample::ID)),
        "row_number() OVER (PARTITION BY good ORDER BY id)",
    );
    same(s, rank().over(by_size()), "rank() OVER (ORDER BY size)");
    same(
        s,
        dense_rank().over(by_size()),
        "dense_rank() OVER (ORDER BY size)",
    );
    same(
        s,
        percent_rank().over(by_size()),
        "percent_rank() OVER (ORDER BY size)",
    );
    same(
        s,
        cume_dist().over(by_size()),
        "cume_dist() OVER (ORDER BY size)",
    );
    same(
        s,
        ntile(3).over(window().order_by(Sample::ID)),
        "ntile(3) OVER (ORDER BY id)",
    );
    same(
        s,
        rank().over(window().order_by((Sample::SPARE.desc().nulls_last(), Sample::ID))) + 1,
        "rank() OVER (ORDER BY spare DESC NULLS LAST, id) + 1",
    );
}

#[test]
fn other_rows_of_the_window_are_seen() {
    let db = samples();
    let s = &mut db.session();
    let by_id = || window().order_by(Sample::ID);
    same(
        s,
        lag(Sample::SIZE).over(by_id()),
        "lag(size) OVER (ORDER BY id)",
    );
    same(
        s,
        lead(Sample::NICK).over(by_id()),
        "lead(nick) OVER (ORDER BY id)",
    );
    same(
        s,
        lag_by(Sample::SIZE, 2, 0).over(by_id()),
        "lag(size, 2, 0) OVER (ORDER BY id)",
    );
    same(
        s,
        lead_by(Sample::SIZE, 1, Sample::SPARE).over(by_id()),
        "lead(size, 1, spare) OVER (ORDER BY id)",
    );
    same(
        s,
        first_value(Sample::NAME).over(by_id()),
        "first_value(name) OVER (ORDER BY id)",
    );
    same(
        s,
        last_value(Sample::NAME).over(by_id().rows(..)),
        "last_value(name) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED \
         FOLLOWING)",
    );
    same(
        s,
        nth_value(Sample::NAME, 2).over(by_id()),
        "nth_value(name, 2) OVER (ORDER BY id)",
    );
    same(
        s,
        Sample::SIZE - lag_by(Sample::SIZE, 1, 0).over(by_id()),
        "size - lag(size, 1, 0) OVER (ORDER BY id)",
    );
}

#[test]
fn aggregates_go_over_frames() {
    let db = samples();
    let s = &mut db.session();
    let by_id = || window().order_by(Sample::ID);
    same(s, count().over(window()), "count(*) OVER ()");
    same(
        s,
        sum(Sample::SPARE).over(window().partition_by((Sample::GOOD, Sample::SIZE))),
        "sum(spare) OVER (PARTITION BY good, size)",
    );
    same(
        s,
        sum(Sample::SIZE).over(by_id().rows(preceding(1)..=following(1))),
        "sum(size) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
    );
    same(
        s,
        sum(Sample::SIZE).over(by_id().rows(..=current_row()).exclude_current_row()),
        "sum(size) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW \
         EXCLUDE CURRENT ROW)",
    );
    same(
        s,
        count().over(window().order_by(Sample::SIZE).groups(current_row()..)),
        "count(*) OVER (ORDER BY size GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)",
    );
    same(
        s,
        count().over(
            window()
                .order_by(Sample::BIG)
                .range(preceding(100)..=following_by(0_i64)),
        ),
        "count(*) OVER (ORDER BY big RANGE BETWEEN 100 PRECEDING AND 0 FOLLOWING)",
    );
    let month = window()
        .order_by(Sample::SEEN)
        .range(preceding_by(Interval::months(6))..=current_row());
    same(
        s,
        count().over(month),
        "count(*) OVER (ORDER BY seen RANGE BETWEEN interval '6 months' PRECEDING AND CURRENT ROW)",
    );
    same(
        s,
        count().over(window().order_by(Sample::SIZE).exclude_ties()),
        "count(*) OVER (ORDER BY size RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW \
         EXCLUDE TIES)",
    );
    same(
        s,
        count().over(window().order_by(Sample::SIZE).exclude_group()),
        "count(*) OVER (ORDER BY size RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW \
         EXCLUDE GROUP)",
    );
    same(
        s,
        count().filter_where(Sample::GOOD).over(by_id()),
        "count(*) FILTER (WHERE good) OVER (ORDER BY id)",
    );
    same(
        s,
        first_value(Sample::ID).over(by_id().rows(preceding(2)..=preceding(1))),
        "first_value(id) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING)",
    );
}

/// What PostgreSQL would refuse is refused before it is sent.
#[test]
fn clauses_that_a_window_does_not_take_are_refused() {
    let db = samples();
    let mut s = db.session();
    let distinct = count_distinct(Sample::SIZE).over(window());
    let ordered = array_agg(Sample::SIZE).order_by(Sample::ID).over(window());
    let distance = window().rows(preceding_by(Interval::days(1))..=current_row());
    let errors = [
        s.rows(select::<Sample>().columns(distinct)).unwrap_err(),
        s.rows(select::<Sample>().columns(ordered)).unwrap_err(),
        s.rows(select::<Sample>().columns(count().over(distance)))
            .unwrap_err(),
    ];
    for (error, words) in errors
        .iter()
        .zip(["over a window", "over a window", "of a range"])
    {
        assert!(
            matches!(error.kind(), ErrorKind::Mapping { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains(words), "{error}");
    }
    db.assert_statements(expect_test::expect![""]);
}
