//! Functions and operators of text, numbers, arrays and JSON.

use serde_json::json;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::sql::*;

use super::{Sample, same, samples};

#[test]
fn text_is_taken_apart_and_put_together() {
    let db = samples();
    let s = &mut db.session();
    same(s, upper(Sample::NAME), "upper(name)");
    same(s, lower(Sample::NICK), "lower(nick)");
    same(s, trim(Sample::NAME), "trim(name)");
    same(
        s,
        (ltrim(Sample::NAME), rtrim(Sample::NICK)),
        "ltrim(name), rtrim(nick)",
    );
    same(s, length(Sample::NAME), "length(name)");
    same(s, length(Sample::NICK), "length(nick)");
    same(s, left(Sample::NAME, 2), "left(name, 2)");
    same(s, right(Sample::NICK, -1), "right(nick, -1)");
    same(s, left(Sample::NAME, Sample::SPARE), "left(name, spare)");
    same(
        s,
        substring(Sample::NAME, 2, 2),
        "substring(name from 2 for 2)",
    );
    same(
        s,
        replace(Sample::NAME, "-", Sample::NAME),
        "replace(name, '-', name)",
    );
    same(
        s,
        split_part(Sample::NAME, "-", 2),
        "split_part(name, '-', 2)",
    );
    same(s, Sample::NAME.concat("!"), "name || '!'");
    same(s, Sample::NAME.concat(Sample::NICK), "name || nick");
    same(
        s,
        Sample::NICK.concat(Sample::NAME).concat("?"),
        "nick || name || '?'",
    );
    same(
        s,
        length(Sample::NAME.concat("ab")) + 1,
        "length(name || 'ab') + 1",
    );
}

#[test]
fn numbers_are_computed_with_and_without_values() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::SIZE % 4, "size % 4");
    same(s, -Sample::SPARE, "-spare");
    same(s, Sample::SIZE - -Sample::SIZE, "size - -size");
    same(s, -(Sample::SIZE + 1) * 2, "-(size + 1) * 2");
    same(s, Sample::SIZE / 4, "size / 4");
    same(s, Sample::SPARE + 1, "spare + 1");
    same(s, Sample::SIZE + Sample::SPARE, "size + spare");
    same(s, Sample::SPARE * Sample::SIZE, "spare * size");
    same(
        s,
        Sample::BIG + Sample::SPARE.cast::<Option<i64>>(),
        "big + spare",
    );
    same(s, abs(Sample::SIZE), "abs(size)");
    same(s, abs(Sample::DRIFT), "abs(drift)");
    same(
        s,
        (round(Sample::RATE), floor(Sample::RATE)),
        "round(rate), floor(rate)",
    );
    same(
        s,
        (ceil(Sample::PRICE), round(Sample::PRICE)),
        "ceil(price), round(price)",
    );
    same(s, round_to(Sample::PRICE, 2), "round(price, 2)");
    same(s, sqrt(abs(Sample::RATE)), "sqrt(abs(rate))");
    same(s, power(Sample::RATE, 2.0), "power(rate, 2)");
    same(
        s,
        power(Sample::RATE, Sample::DRIFT + 2.0),
        "power(rate, drift + 2)",
    );
    let quotient = value(7_i64) / Sample::BIG;
    same(s, quotient, "7 / big");
}

#[test]
fn one_of_several_values_is_chosen() {
    let db = samples();
    let s = &mut db.session();
    same(s, coalesce(Sample::NICK, "none"), "coalesce(nick, 'none')");
    same(
        s,
        coalesce(Sample::NICK, Sample::NAME),
        "coalesce(nick, name)",
    );
    same(
        s,
        coalesce(Sample::DRIFT, Sample::DRIFT),
        "coalesce(drift, drift)",
    );
    same(
        s,
        coalesce(coalesce(Sample::NICK, Sample::NICK), "x"),
        "coalesce(nick, nick, 'x')",
    );
    same(s, nullif(Sample::NICK, ""), "nullif(nick, '')");
    same(
        s,
        nullif(Sample::SIZE, Sample::SPARE),
        "nullif(size, spare)",
    );
    same(s, greatest(Sample::SIZE, 5), "greatest(size, 5)");
    same(
        s,
        greatest(Sample::SPARE, Sample::SIZE),
        "greatest(spare, size)",
    );
    same(
        s,
        least(Sample::SIZE, Sample::SPARE),
        "least(size, spare)::int",
    );
    let word = case()
        .when(Sample::SIZE.lt(0), "negative")
        .when(Sample::CHECKED, Sample::NAME)
        .otherwise("other");
    same(
        s,
        word,
        "CASE WHEN size < 0 THEN 'negative' WHEN checked THEN name ELSE 'other' END",
    );
    let perhaps = case().when(Sample::GOOD, Sample::SIZE).end();
    same(s, perhaps, "CASE WHEN good THEN size END");
    let with_null = case()
        .when(Sample::GOOD, Sample::SIZE)
        .otherwise(Sample::SPARE);
    same(
        s,
        with_null + 1,
        "CASE WHEN good THEN size ELSE spare END + 1",
    );
    let switch = case().when(Sample::GOOD, 1_i64).otherwise(Sample::BIG);
    same(s, -switch, "-CASE WHEN good THEN 1 ELSE big END");
}

#[test]
fn arrays_are_asked_for_their_elements() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::MARKS.has(2), "2 = ANY(marks)");
    same(s, Sample::MARKS.has(Sample::ID), "id = ANY(marks)");
    same(s, Sample::LABELS.has("x").nullable(), "'x' = ANY(labels)");
    same(s, Sample::LABELS.has("x"), "('x' = ANY(labels)) IS TRUE");
    same(s, Sample::MARKS.has_all(vec![1, 2]), "marks @> '{1,2}'");
    same(s, Sample::MARKS.is_within(vec![1, 2]), "marks <@ '{1,2}'");
    same(s, Sample::MARKS.overlaps(vec![3, 7]), "marks && '{3,7}'");
    same(
        s,
        (cardinality(Sample::MARKS), cardinality(Sample::LABELS)),
        "cardinality(marks), cardinality(labels)",
    );
}

#[test]
fn json_is_opened_by_keys_and_paths() {
    let db = samples();
    let s = &mut db.session();
    same(s, Sample::DATA.get("a"), "data -> 'a'");
    same(s, Sample::DATA.get_text("t"), "data ->> 't'");
    same(s, Sample::EXTRA.get_text("k"), "extra ->> 'k'");
    same(
        s,
        Sample::DATA.get("a").get("b").at(-1),
        "data -> 'a' -> 'b' -> -1",
    );
    same(s, Sample::DATA.path(["a", "b", "0"]), "data #> '{a,b,0}'");
    same(s, Sample::DATA.path_text(["a", "b"]), "data #>> '{a,b}'");
    same(
        s,
        Sample::DATA.contains_json(json!({"t": "one"})),
        r#"data @> '{"t": "one"}'"#,
    );
    same(s, Sample::DATA.has_key("t"), "data ? 't'");
    same(s, Sample::EXTRA.has_key("k").nullable(), "extra ? 'k'");
    same(
        s,
        Sample::MEMO.json().get("words").at(0),
        "memo -> 'words' -> 0",
    );
    same(
        s,
        length(Sample::DATA.get_text("t").concat("!")),
        "length((data ->> 't') || '!')",
    );
}

/// A column that is no `jsonb` is refused before anything is sent.
#[test]
fn only_json_is_taken_as_json() {
    let db = samples();
    let mut s = db.session();
    let error = s
        .rows(select::<Sample>().columns(Sample::NAME.json()))
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Mapping { .. }),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains("name of Sample is text, not jsonb"),
        "{error}"
    );
    db.assert_statements(expect_test::expect![""]);
}

sql_function! {
    fn starts_with(text: String, prefix: String) -> bool;
    fn ascii(text: Option<String>) -> Option<i32> = "pg_catalog.ascii";
    fn pi() -> f64;
    aggregate fn every(condition: Option<bool>) -> Option<bool>;
    fn broken(text: String) -> String = "lower(now()); --";
}

#[test]
fn functions_of_the_database_are_one_typed_line() {
    let db = samples();
    let s = &mut db.session();
    same(s, starts_with(Sample::NAME, "a"), "starts_with(name, 'a')");
    same(
        s,
        (ascii(Sample::NICK), ascii("a")),
        "ascii(nick), ascii('a')",
    );
    same(s, pi(), "pi()");
    let all_good = select::<Sample>().columns(every(Sample::GOOD).filter_where(Sample::ID.eq(1)));
    assert_eq!(s.rows(all_good).unwrap(), [Some(true)]);
    let error = s
        .rows(select::<Sample>().columns(broken(Sample::NAME)))
        .unwrap_err();
    assert!(
        error.to_string().contains("is no name of a function"),
        "{error}"
    );
}

/// Names are data to the server, never text of the statement.
#[test]
fn keys_and_patterns_are_bound() {
    let db = samples();
    let mut s = db.session();
    let evil = "'; DROP TABLE sample; --";
    let all = select::<Sample>().columns((
        Sample::DATA.get_text(evil),
        Sample::NAME.matches(evil),
        split_part(Sample::NAME, evil, 1),
        Sample::DATA.path([evil]),
    ));
    assert_eq!(s.rows(all).unwrap().len(), 4);
    assert_eq!(db.rows("SELECT count(*) FROM sample"), "4\n");
}
