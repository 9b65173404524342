//! Dates, times and intervals.

use jiff::{Timestamp, civil};
use sessile::prelude::*;
use sessile::sql::*;

use super::{Sample, same, samples};

#[test]
fn intervals_move_timestamps() {
    let db = samples();
    let s = &mut db.session();
    same(
        s,
        Sample::SEEN + Interval::days(1),
        "seen + interval '1 day'",
    );
    same(
        s,
        Sample::SEEN - Interval::months(1),
        "seen - interval '1 month'",
    );
    same(
        s,
        Sample::LEFT_AT + Interval::hours(3),
        "left_at + interval '3 hours'",
    );
    same(s, Sample::SEEN + Sample::WAIT, "seen + wait");
    same(
        s,
        Sample::WAIT + Interval::minutes(5),
        "wait + interval '5 minutes'",
    );
    same(s, Sample::DAY + 1, "day + 1");
    same(s, Sample::DAY - Sample::SPARE, "day - spare");
    same(s, Sample::LEFT_AT.since(Sample::SEEN), "left_at - seen");
    same(s, Sample::SEEN.since(Sample::LEFT_AT), "seen - left_at");
    let new_year = civil::date(2024, 1, 1);
    same(s, Sample::DAY.since(new_year), "day - date '2024-01-01'");
}

#[test]
fn the_clock_is_the_transactions() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::SEEN.lt(now()), "seen < now()");
    same(
        s,
        Sample::LEFT_AT.gt(now() - Interval::years(100)).nullable(),
        "left_at > now() - interval '100 years'",
    );
    same(
        s,
        Sample::DAY.le(current_date() - 1),
        "day <= current_date - 1",
    );
    same(s, now().typed::<Timestamp>(), "now()");
    same(s, current_date().typed::<civil::Date>(), "current_date");
    same(
        s,
        coalesce(Sample::LEFT_AT, now()),
        "coalesce(left_at, now())",
    );
}

#[test]
fn parts_and_units_are_named_by_enums() {
    let db = samples();
    let s = &mut db.session();
    same(
        s,
        date_trunc(TimeUnit::Month, Sample::SEEN),
        "date_trunc('month', seen)",
    );
    same(
        s,
        date_trunc(TimeUnit::Week, Sample::LEFT_AT),
        "date_trunc('week', left_at)",
    );
    same(
        s,
        date_trunc_in(TimeUnit::Day, Sample::SEEN, "Asia/Tokyo"),
        "date_trunc('day', seen, 'Asia/Tokyo')",
    );
    same(
        s,
        extract(DatePart::Year, Sample::SEEN),
        "extract(year from seen)::float8",
    );
    same(
        s,
        extract(DatePart::Epoch, Sample::WAIT),
        "extract(epoch from wait)::float8",
    );
    same(
        s,
        extract(DatePart::IsoDayOfWeek, Sample::DAY),
        "extract(isodow from day)::float8",
    );
}

/// Every unit and part is one that PostgreSQL knows.
#[test]
fn units_and_parts_are_known_to_the_server() {
    use DatePart::{
        DayOfWeek, DayOfYear, Decade, Hour, IsoYear, Microseconds, Milliseconds, Minute, Quarter,
        Second,
    };
    let db = samples();
    let s = &mut db.session();
    let units = [
        TimeUnit::Microsecond,
        TimeUnit::Millisecond,
        TimeUnit::Second,
        TimeUnit::Minute,
        TimeUnit::Hour,
        TimeUnit::Quarter,
        TimeUnit::Year,
        TimeUnit::Decade,
        TimeUnit::Century,
        TimeUnit::Millennium,
    ];
    for unit in units {
        let query = select::<Sample>().columns(date_trunc(unit, Sample::SEEN));
        assert_eq!(s.rows(query).unwrap().len(), 4, "{unit:?}");
    }
    let parts = [
        Microseconds,
        Milliseconds,
        Second,
        Minute,
        Hour,
        DayOfWeek,
        DayOfYear,
        Quarter,
        IsoYear,
        Decade,
        DatePart::Week,
        DatePart::Century,
        DatePart::Millennium,
        DatePart::Month,
        DatePart::Day,
    ];
    for part in parts {
        let query = select::<Sample>().columns(extract(part, Sample::SEEN));
        assert_eq!(s.rows(query).unwrap().len(), 4, "{part:?}");
    }
}

/// An interval is a column type like any other.
#[test]
fn intervals_are_written_and_read() {
    let db = samples();
    let mut s = db.session();
    let ann = s.get::<Sample>(1).unwrap().unwrap();
    assert_eq!(s[ann].wait, Some(Interval::days(1) + Interval::hours(2)));
    s[ann].wait = Some(Interval::months(-3) + Interval::microseconds(7));
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT wait::text FROM sample WHERE id = 1"),
        "-3 mons +00:00:00.000007\n"
    );
    let waits = select::<Sample>().filter(Sample::WAIT.is_in([Interval::seconds(1)]));
    assert_eq!(s.rows(waits.columns(Sample::ID)).unwrap(), [4]);
}
