//! Operands of expressions.
//!
//! Each operator and function that takes text.
//! A pattern or a regular expression may mean something in it; it means nothing outside it.

use jiff::Timestamp;
use sessile::prelude::*;
use sessile::query::{Expr, PageToken};
use sessile::sql::*;

use super::{Canary, NUL, Note, assert_alive, cage, hostile, memo, refused};

sql_function! {
    fn echo(text: String) -> String = "public.concat_one";
    aggregate fn joined(text: String, between: String) -> Option<String> = "string_agg";
}

/// A function of the user's own.
const ECHO: &str = "CREATE FUNCTION concat_one(text) RETURNS text LANGUAGE sql AS 'SELECT $1'";

#[test]
fn operands_of_functions_come_back_as_they_are() {
    let db = cage();
    db.look().run(ECHO);
    let mut s = db.session();
    let one = || select::<Canary>().filter(Canary::ID.eq(1));
    for text in hostile() {
        let t = || value(text.clone());
        let plain = one().columns((
            t(),
            t().concat(""),
            replace(value("x"), "x", t()),
            coalesce(value(None::<String>), t()),
            case().when(Canary::ID.eq(1), t()).otherwise("x"),
            echo(t()),
            function::<String, _>("concat", (text.clone(), "")),
            fragment::<String, _>("concat({}, '{{}}', {})", ("", text.as_str())),
        ));
        let row = s.rows(plain).unwrap().remove(0);
        let (a, b, c, d, e, f, g, h) = row;
        for found in [a, b, c, d, e, f, g] {
            assert_eq!(found, text);
        }
        assert_eq!(h, format!("{{}}{text}"));
        let (left, right) = (value("l").concat(t()).concat("r"), t());
        let split = one().columns((split_part(left, right, 1), nullif(t(), t())));
        let wanted = if text.is_empty() { "lr" } else { "l" };
        let found = s.rows(split).unwrap();
        // What is split at may be in what stands before it.
        assert!(wanted.starts_with(&found[0].0), "{text}");
        assert_eq!(found[0].1, None);
    }
    assert_alive(&db);
}

#[test]
fn operands_of_aggregates_and_windows_come_back_as_they_are() {
    let db = cage();
    let mut s = db.session();
    for text in hostile() {
        let names = string_agg(Canary::NAME, text.as_str()).order_by(Canary::ID);
        let same = joined(Canary::NAME, text.as_str()).order_by(Canary::ID);
        let some = count().filter_where(Canary::NAME.ne(&text));
        let all = select::<Canary>().columns((names, same, some, max(value(text.clone()))));
        let wanted = Some(format!("a{text}b"));
        let found = s.rows(all).unwrap();
        assert_eq!(found, [(wanted.clone(), wanted, 2, Some(text.clone()))]);
        let by = window()
            .partition_by(value(text.clone()))
            .order_by(Canary::ID);
        let first = first_value(value(text.clone())).over(by);
        let windows = select::<Canary>().columns(first);
        assert_eq!(
            s.rows(windows).unwrap(),
            [Some(text.clone()), Some(text.clone())]
        );
    }
    assert_alive(&db);
}

#[test]
fn text_is_found_as_it_is_and_nothing_else_is() {
    let db = cage();
    let texts = hostile();
    let mut s = db.session();
    s.bulk_insert(texts.iter().map(|text| Note::of(text)))
        .unwrap();
    s.commit().unwrap();
    for text in &texts {
        let mut found = |condition: Expr<bool, Note>| {
            let texts = select::<Note>().filter(condition).columns(Note::TEXT);
            s.rows(texts).unwrap()
        };
        let only = std::slice::from_ref(text);
        assert_eq!(found(Note::TEXT.eq(text)), only);
        assert_eq!(found(Note::TEXT.is_in([text])), only);
        assert_eq!(
            found(Note::TEXT.between(text.as_str(), text.as_str())),
            only
        );
        assert_eq!(found(Note::MAYBE.is_not_distinct_from(text.as_str())), only);
        let both = tuple((Note::TEXT, Note::MAYBE)).eq((text.as_str(), text.as_str()));
        assert_eq!(s.count(select::<Note>().filter(both)).unwrap(), 1);
        let mut found = |condition: Expr<bool, Note>| {
            let texts = select::<Note>().filter(condition).columns(Note::TEXT);
            s.rows(texts).unwrap()
        };
        assert_eq!(found(Note::MEMO.get_text(text).is_not_null()), only);
        assert_eq!(
            found(Note::MEMO.path_text([text.as_str()]).eq(text.as_str())),
            only
        );
        assert_eq!(found(Note::MEMO.has_key(text)), only);
        assert_eq!(
            found(
                Note::MEMO
                    .get(text)
                    .eq(serde_json::Value::from(text.as_str()))
            ),
            only
        );
        assert_eq!(found(Note::MEMO.contains_json(memo(text))), only);
        assert_eq!(found(Note::WORDS.has(text)), only);
        assert_eq!(found(Note::WORDS.has_all(vec![text.clone()])), only);
        assert_eq!(found(Note::WORDS.overlaps(vec![text.clone()])), only);
        let begins: Vec<String> = found(Note::TEXT.starts_with(text));
        let ends: Vec<String> = found(Note::TEXT.ends_with(text));
        let has: Vec<String> = found(Note::TEXT.contains(text));
        let count = |is: fn(&str, &str) -> bool| texts.iter().filter(|t| is(t, text)).count();
        assert_eq!(begins.len(), count(|t, text| t.starts_with(text)), "{text}");
        assert_eq!(ends.len(), count(|t, text| t.ends_with(text)), "{text}");
        assert_eq!(has.len(), count(|t, text| t.contains(text)), "{text}");
    }
    assert_alive(&db);
}

/// A pattern finds what it says, and one that makes no sense is the server's error.
#[test]
fn patterns_and_regular_expressions_stay_within_themselves() {
    let db = cage();
    let mut s = db.session();
    for text in hostile() {
        let t = text.as_str();
        for condition in [
            Canary::NAME.like(t),
            Canary::NAME.not_like(t),
            Canary::NAME.ilike(t),
            Canary::NAME.not_ilike(t),
            Canary::NAME.matches(t),
            Canary::NAME.not_matches(t),
            Canary::NAME.matches_insensitive(t),
            Canary::NAME.not_matches_insensitive(t),
        ] {
            match s.count(select::<Canary>().filter(condition)) {
                Ok(count) => assert!(count <= 2),
                result => {
                    let kind = refused(&mut s, result);
                    assert!(matches!(kind, ErrorKind::Database { .. }), "{kind:?}");
                }
            }
        }
    }
    assert_alive(&db);
}

#[test]
fn a_zone_is_a_zone_or_refused() {
    let db = cage();
    let mut s = db.session();
    let at = value(Timestamp::UNIX_EPOCH);
    for text in hostile() {
        let day = date_trunc_in(TimeUnit::Day, at.clone(), text.as_str());
        let query = select::<Canary>().columns(day);
        // To PostgreSQL, some of these are zones, as `<+00>-0` would be.
        if let result @ Err(_) = s.rows(query) {
            let kind = refused(&mut s, result);
            assert!(matches!(kind, ErrorKind::Database { .. }), "{kind:?}");
        }
    }
    assert_alive(&db);
}

#[test]
fn values_with_a_nul_are_refused_in_queries() {
    let db = cage();
    let mut s = db.session();
    for condition in [
        Canary::NAME.eq(NUL),
        Canary::NAME.is_in([NUL.to_owned()]),
        Canary::NAME.contains(NUL),
        Canary::NAME.matches(NUL),
        fragment("{} <> {}", (Canary::NAME, NUL)),
    ] {
        let result = s.all(select::<Canary>().filter(condition));
        let kind = refused(&mut s, result);
        assert!(matches!(kind, ErrorKind::Database { .. }), "{kind:?}");
    }
    assert_alive(&db);
}

#[test]
fn a_token_of_a_page_is_one_or_refused() {
    let db = cage();
    let mut s = db.session();
    for text in hostile().iter().map(String::as_str).chain([NUL]) {
        let refused = text.parse::<PageToken>().unwrap_err();
        assert!(matches!(refused.kind(), ErrorKind::Input { .. }), "{text}");
        // And one whose last value is the text.
        s.insert(Canary {
            id: 0,
            name: text.replace('\0', ""),
        })
        .unwrap();
        let query = select::<Canary>().order_by((Canary::NAME, Canary::ID));
        let mut after = None;
        let mut count = 0;
        loop {
            let page = s.page_after(query.clone(), 1, after).unwrap();
            count += page.items.len();
            match page.next {
                Some(next) => after = Some(next.to_string().parse().unwrap()),
                None => break,
            }
        }
        assert_eq!(count, 3);
        s.rollback().unwrap();
    }
    assert_alive(&db);
}
