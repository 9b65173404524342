//! NULL in conditions: what is read, what is tested, what a filter makes of it.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::*;

use super::{Sample, same, same_of_all, samples};

/// A `bool` can't hold NULL: it says whether the condition is met, as in a filter.
#[test]
fn a_condition_that_is_read_says_whether_it_is_met() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::SPARE.gt(1), "(spare > 1) IS TRUE");
    same(s, !Sample::SPARE.gt(1), "(NOT spare > 1) IS TRUE");
    same(s, Sample::NICK.like("A%"), "(nick LIKE 'A%') IS TRUE");
    same(
        s,
        Sample::CHECKED.and(Sample::GOOD),
        "(checked AND good) IS TRUE",
    );
    same(
        s,
        Sample::CHECKED.or(Sample::GOOD),
        "(checked OR good) IS TRUE",
    );
    same(
        s,
        Sample::SPARE.between(1, 5),
        "(spare BETWEEN 1 AND 5) IS TRUE",
    );
    same(s, Sample::SPARE.is_in([3]), "(spare = ANY('{3}')) IS TRUE");
    let spares = select::<Sample>().columns(Sample::SPARE);
    same(
        s,
        Sample::SIZE.not_in_query(spares),
        "(size NOT IN (SELECT spare FROM sample)) IS TRUE",
    );
}

#[test]
fn what_is_read_as_nullable_shows_the_null() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::SPARE.gt(1).nullable(), "spare > 1");
    same(s, (!Sample::SPARE.gt(1)).nullable(), "NOT spare > 1");
    same(
        s,
        Sample::CHECKED.and(Sample::GOOD).nullable(),
        "checked AND good",
    );
    same(
        s,
        Sample::CHECKED.or(Sample::GOOD).nullable(),
        "checked OR good",
    );
}

#[test]
fn tests_of_a_condition_know_null() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::CHECKED.is_true(), "checked IS TRUE");
    same(s, Sample::CHECKED.is_not_true(), "checked IS NOT TRUE");
    same(s, Sample::CHECKED.is_false(), "checked IS FALSE");
    same(s, Sample::CHECKED.is_not_false(), "checked IS NOT FALSE");
    same(s, Sample::CHECKED.is_null(), "checked IS NULL");
    same(
        s,
        Sample::SPARE.gt(1).is_not_true(),
        "(spare > 1) IS NOT TRUE",
    );
    same(
        s,
        (!Sample::SPARE.gt(1)).is_false(),
        "(NOT spare > 1) IS FALSE",
    );
}

/// Nothing is added where NULL can't be, nor where a group must be the same expression.
#[test]
fn only_conditions_that_may_be_null_are_tested() {
    let db = samples();
    let mut s = db.session();
    let read = select::<Sample>().columns((
        Sample::SIZE.gt(1),
        Sample::SPARE.gt(1),
        Sample::SPARE.is_null(),
        Sample::SPARE.is_distinct_from(1),
        Sample::CHECKED,
    ));
    s.rows(read).unwrap();
    let spare = Sample::SPARE.gt(1);
    let groups = select::<Sample>()
        .group_by(spare.clone())
        .order_by(count())
        .columns((spare, count()));
    assert_eq!(s.rows(groups).unwrap().len(), 3);
    db.assert_statements(expect![[r#"
        SELECT sample (size > $1, (spare > $2) IS TRUE, spare IS NULL, spare IS DISTINCT FROM $3, checked)
        BEGIN
        SELECT sample ((spare > $1) IS TRUE, count(*)) GROUP BY spare > $1 ORDER BY count(*)
    "#]]);
}

#[test]
fn a_condition_that_a_writing_statement_returns_says_whether_it_is_met() {
    let db = samples();
    let s = &mut db.session();
    let kept = update::<Sample>()
        .set(Sample::SIZE, 0)
        .filter(Sample::ID.le(2))
        .returning_columns((
            Sample::ID,
            Sample::SPARE.gt(1),
            Sample::SPARE.gt(1).nullable(),
        ));
    let mut rows = s.update_where(kept).unwrap();
    rows.sort();
    assert_eq!(rows, [(1, true, Some(true)), (2, false, None)]);
    let gone = delete::<Sample>()
        .filter(Sample::ID.eq(2))
        .returning_columns(Sample::SPARE.gt(1));
    assert_eq!(s.delete_where(gone).unwrap(), [false]);
}

#[test]
fn a_condition_among_plain_ones_says_whether_it_is_met() {
    let db = samples();
    let s = &mut db.session();
    same_of_all(
        s,
        array_agg(Sample::SPARE.gt(1)).order_by(Sample::ID),
        "array_agg((spare > 1) IS TRUE ORDER BY id)",
    );
    same_of_all(
        s,
        array_agg(Sample::SPARE.gt(1).nullable()).order_by(Sample::ID),
        "array_agg(spare > 1 ORDER BY id)",
    );
    same(
        s,
        case()
            .when(Sample::SIZE.gt(0), true)
            .when(Sample::SIZE.lt(0), Sample::SPARE.gt(1))
            .otherwise(!Sample::SPARE.gt(1)),
        "CASE WHEN size > 0 THEN true WHEN size < 0 THEN (spare > 1) IS TRUE \
         ELSE (NOT spare > 1) IS TRUE END",
    );
    same(
        s,
        case()
            .when(Sample::SIZE.gt(0), Sample::SPARE.gt(1))
            .otherwise(Sample::CHECKED),
        "CASE WHEN size > 0 THEN spare > 1 ELSE checked END",
    );
}
