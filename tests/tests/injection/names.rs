//! What queries, aliases, columns and constraints are called.
//!
//! A name is quoted, or refused before anything is sent; one that chooses among columns is
//! compared with theirs.

use expect_test::expect;
use serde_json::Value;
use sessile::prelude::*;
use sessile::query::{SortKeys, upsert};
use sessile::sql::*;
use sessile_tests::TestDb;

use super::{Canary, NUL, Note, assert_alive, cage, hostile, refused};

/// Whether PostgreSQL can have it as a name.
fn is_name(text: &str) -> bool {
    (1..=63).contains(&text.len()) && !text.contains('\0')
}

#[track_caller]
fn assert_named<T: std::fmt::Debug + PartialEq>(
    s: &mut Session,
    name: &str,
    result: Result<T>,
    wanted: T,
) {
    match is_name(name) {
        true => assert_eq!(result.unwrap(), wanted, "{name}"),
        false => {
            let kind = refused(s, result);
            assert!(
                matches!(kind, ErrorKind::Mapping { .. }),
                "{name}: {kind:?}"
            );
        }
    }
}

fn names() -> Vec<String> {
    let mut names = hostile();
    names.push(NUL.to_owned());
    names.push("é".repeat(31));
    names.push("é".repeat(32));
    names
}

#[test]
fn aliases_are_quoted_or_refused() {
    let db = cage();
    let mut s = db.session();
    for name in names() {
        let other = alias::<Canary>(name.clone());
        let same = other.column(Canary::ID).eq(Canary::ID);
        let query = select::<Canary>()
            .join_on(&other, same)
            .filter(other.column(Canary::NAME).eq("a"))
            .columns((other.column(Canary::ID), other.column(Canary::NAME)));
        let result = s.rows(query);
        assert_named(&mut s, &name, result, vec![(1, "a".to_owned())]);
    }
    assert_alive(&db);
}

#[test]
fn queries_in_queries_are_quoted_or_refused() {
    let db = cage();
    let mut s = db.session();
    for name in names() {
        let ids = || {
            select::<Canary>()
                .filter(Canary::ID.gt(1))
                .columns(Canary::ID)
        };
        let two = vec![2_i64];
        for inner in [
            subquery(name.clone(), ids()),
            cte(name.clone(), ids()),
            cte(name.clone(), ids()).materialized(),
            values(name.clone(), [2_i64]),
            subquery("x", ids()).alias(name.clone()),
            cte("x", ids()).alias(name.clone()),
            cte(name.clone(), raw("SELECT 2::bigint -- x", ())),
            recursive(name.clone(), ids(), |found| {
                from(found)
                    .filter(found.at::<0>().lt(0))
                    .columns(found.at::<0>() + 1)
            }),
        ] {
            let query = from(&inner).order_by(inner.at::<0>().asc());
            let result = s.rows(query.columns(inner.at::<0>()));
            assert_named(&mut s, &name, result, two.clone());
            let joined = select::<Canary>().join_on(&inner, inner.at::<0>().eq(Canary::ID));
            let result = s.rows(joined.columns(Canary::ID));
            assert_named(&mut s, &name, result, two.clone());
            let lateral = select::<Canary>()
                .join_lateral(&inner)
                .columns(inner.at::<0>());
            let result = s.rows(lateral.limit(1));
            assert_named(&mut s, &name, result, two.clone());
        }
    }
    assert_alive(&db);
}

#[test]
fn a_query_does_not_take_the_place_of_a_table() {
    let db = cage();
    let mut s = db.session();
    let none = cte("canary", raw::<i64>("SELECT 1::bigint WHERE false", ()));
    let query = select::<Canary>().left_join_on(&none, none.at::<0>().eq(Canary::ID));
    let error = s.rows(query.columns(Canary::ID)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    expect!["a query is called canary, and the statement reads the table canary: it would find the query's rows there"]
        .assert_eq(&error.to_string());
    // In parentheses it has a name beside the table's, which is told from it.
    let inner = subquery("canary", select::<Canary>().columns(Canary::ID));
    let query = select::<Canary>().join_on(&inner, inner.at::<0>().eq(Canary::ID));
    assert_eq!(s.rows(query.columns(count())).unwrap(), [2]);
}

#[test]
fn keys_of_json_rows_are_data() {
    let db = cage();
    let mut s = db.session();
    for name in hostile() {
        let query = select::<Canary>()
            .filter(Canary::ID.eq(1))
            .json([named(name.clone(), Canary::NAME)]);
        let mut wanted = serde_json::Map::new();
        wanted.insert(name, Value::from("a"));
        assert_eq!(s.rows(query).unwrap(), [Value::Object(wanted)]);
    }
    let query = select::<Canary>().json([named(NUL, Canary::NAME)]);
    let result = s.rows(query);
    let kind = refused(&mut s, result);
    assert!(matches!(kind, ErrorKind::Database { .. }), "{kind:?}");
    assert_alive(&db);
}

#[test]
fn names_that_choose_are_among_those_that_may_be_chosen() {
    let keys = SortKeys::<Canary>::new().key("name", Canary::NAME);
    for name in names() {
        let column = column_named::<Canary>(&name).unwrap_err();
        assert!(matches!(column.kind(), ErrorKind::Input { .. }));
        let columns = columns_named::<Canary>(["id", &name]).unwrap_err();
        assert!(matches!(columns.kind(), ErrorKind::Input { .. }));
        if let Err(error) = keys.parse(&name) {
            assert!(matches!(error.kind(), ErrorKind::Input { .. }));
            assert_eq!(error.to_string(), "no such sort key: use one of name");
        } else {
            assert!(
                name.trim().is_empty(),
                "no order is asked for by nothing only: {name}"
            );
        }
    }
}

/// What is said of a name that was not found does not come back to who sent it.
#[test]
fn names_of_constraints_are_among_those_of_the_model() {
    let db = cage();
    let mut s = db.session();
    for name in names() {
        let row = upsert([Note::of("x")]).on_constraint(name.clone());
        let result = s.upsert(row);
        let kind = refused(&mut s, result);
        assert!(matches!(kind, ErrorKind::Mapping { .. }), "{kind:?}");
    }
    assert_eq!(s.count(select::<Note>()).unwrap(), 0);
    assert_alive(&db);
}

#[test]
fn names_of_functions_are_names() {
    let db = cage();
    let mut s = db.session();
    // A word of SQL may be a name, and then it is the server that knows better.
    let words = |name: &String| name.eq_ignore_ascii_case("null");
    for name in names().into_iter().filter(|name| !words(name)) {
        let name: &'static str = name.leak();
        let call = select::<Canary>().columns(function::<String, _>(name, (Canary::NAME,)));
        let result = s.rows(call);
        let kind = refused(&mut s, result);
        assert!(
            matches!(kind, ErrorKind::Mapping { .. }),
            "{name}: {kind:?}"
        );
        let call = select::<Canary>().columns(aggregate::<String, _>(name, (Canary::NAME,)));
        let result = s.rows(call);
        let kind = refused(&mut s, result);
        assert!(
            matches!(kind, ErrorKind::Mapping { .. }),
            "{name}: {kind:?}"
        );
    }
    assert_alive(&db);
}

/// A schema, a table and columns that would be SQL if they were not quoted.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(
    schema = "s\"; DROP TABLE canary; --",
    table = "t'\\ $1 {} :x /* \" */ 👩"
)]
#[model(has_many(parts = Odd::WHOLE))]
struct Odd {
    #[model(key, generated, rename = "k\"\"')) -- ?")]
    id: i64,
    #[model(unique, rename = "$1")]
    text: String,
    #[model(rename = "c,\"d\"; DELETE FROM canary", index)]
    number: i64,
    #[model(rename = "{0} %s \\' $$")]
    whole: Option<Fk<Odd>>,
    #[model(version, rename = "E'\\'")]
    version: i32,
}

#[test]
fn names_of_a_model_are_quoted_in_every_statement() {
    let db = TestDb::with::<(Canary, Odd)>("INSERT INTO canary VALUES (1, 'a'), (2, 'b')");
    let mut s = db.session();
    let odd = |text: &str, number| Odd {
        text: text.to_owned(),
        number,
        ..Odd::default()
    };
    let whole = s.add(odd("whole", 1));
    s.add(Odd {
        whole: whole.into(),
        ..odd("part", 2)
    });
    s.commit().unwrap();
    s[whole].number = 10;
    s.commit().unwrap();
    assert_eq!(s.related(whole, Odd::PARTS).unwrap().len(), 1);
    let key = s.key(whole).unwrap();
    s.get_for_update::<Odd>(key).unwrap();
    s.bulk_insert([odd("third", 3)]).unwrap();
    s.copy_in([odd("fourth", 4)]).unwrap();
    s.upsert(
        upsert([odd("third", 5)])
            .on(Odd::TEXT)
            .set(Odd::NUMBER, Odd::NUMBER + 1),
    )
    .unwrap();
    s.ensure(Odd::TEXT, [odd("third", 9), odd("fifth", 5)])
        .unwrap();
    let up = update::<Odd>()
        .set(Odd::NUMBER, Odd::NUMBER * 2)
        .filter(Odd::TEXT.eq("fourth"));
    assert_eq!(s.update_where(up).unwrap(), 1);
    let query = select::<Odd>()
        .filter(Odd::PARTS.count().eq(0).and(Odd::NUMBER.gt(1)))
        .order_by((Odd::NUMBER, Odd::TEXT));
    let by = query.clone().columns((Odd::TEXT, Odd::NUMBER));
    let wanted = [("part", 2), ("third", 4), ("fifth", 5), ("fourth", 8)];
    let wanted = wanted.map(|(text, number)| (text.to_owned(), number));
    assert_eq!(s.rows(by).unwrap(), wanted);
    let mut copied = 0;
    s.copy_out(query.clone(), |_| {
        copied += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(copied, 4);
    let page = s
        .page_after(select::<Odd>().order_by(Odd::ID), 2, None)
        .unwrap();
    s.page_after(select::<Odd>().order_by(Odd::ID), 9, page.next)
        .unwrap();
    let kept = cte("kept", query.columns((Odd::ID, Odd::TEXT)));
    let from_kept = from(&kept).columns(kept.at::<1>());
    assert_eq!(s.rows(from_kept).unwrap().len(), 4);
    let json = select::<Odd>()
        .limit(1)
        .json(columns_named::<Odd>(["$1"]).unwrap());
    s.rows(json).unwrap();
    let error = s.insert(odd("third", 0)).unwrap_err();
    assert!(error.violates(Odd::TEXT), "{error:?}");
    s.rollback().unwrap();
    s.delete_where(delete::<Odd>().filter(Odd::WHOLE.is(whole)))
        .unwrap();
    s.commit().unwrap();
    db.engine().drop_tables::<Odd>().unwrap();
    assert_alive(&db);
}
