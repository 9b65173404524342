//! SQL in the caller's own words: the text is the program's, values are bound.

use expect_test::expect;
use sessile::prelude::*;
use sessile::query::NamedParams;
use sessile::sql::*;

use super::{Canary, NUL, assert_alive, cage, hostile, refused};

#[test]
fn parameters_by_number_and_name_come_back_as_they_are() {
    let db = cage();
    let mut s = db.session();
    for text in hostile() {
        let t = text.as_str();
        let numbered = raw::<(String, String)>("SELECT $2, $1 || '$2' /* $3 */", (t, t));
        let wanted = (text.clone(), format!("{text}$2"));
        assert_eq!(s.rows(numbered).unwrap(), std::slice::from_ref(&wanted));
        let sql = "SELECT :b::text, :a || '$2' -- :c";
        let by_name = raw::<(String, String)>(sql, params! { a: t, b: t });
        assert_eq!(
            s.rows(by_name.clone()).unwrap(),
            std::slice::from_ref(&wanted)
        );
        // In another statement, behind a value of its own.
        let inner = cte("inner", by_name);
        let outer = from(&inner)
            .filter(value(t).eq(inner.at::<0>()))
            .columns((inner.at::<0>(), inner.at::<1>()));
        assert_eq!(s.rows(outer).unwrap(), [wanted]);
        let sql = "UPDATE canary SET name = name WHERE name = $1 OR name = $2";
        assert_eq!(s.execute(sql, (t, "a")).unwrap(), 1);
        let sql = "UPDATE canary SET name = name WHERE name IN (:t, :a)";
        assert_eq!(s.execute(sql, params! { t: t, a: "a" }).unwrap(), 1);
        let list = raw::<Vec<String>>("SELECT $1", (vec![text.clone()],));
        assert_eq!(s.rows(list).unwrap(), [vec![text]]);
    }
    s.commit().unwrap();
    assert_alive(&db);
}

/// One statement is one statement: what stands behind a semicolon is refused by the protocol.
#[test]
fn raw_sql_is_one_statement() {
    let db = cage();
    let mut s = db.session();
    let result = s.execute("SELECT 1; DELETE FROM canary", ());
    let kind = refused(&mut s, result);
    assert!(matches!(kind, ErrorKind::Database { .. }), "{kind:?}");
    let result = s.rows(raw::<i32>("SELECT 1; DELETE FROM canary", ()));
    let kind = refused(&mut s, result);
    assert!(matches!(kind, ErrorKind::Database { .. }), "{kind:?}");
    for sql in ["SELECT 'a\0b'", "\0"] {
        let result = s.execute(sql, ());
        refused(&mut s, result);
    }
    // The connection is as good as before.
    assert_eq!(s.rows(raw::<i32>("SELECT 1", ())).unwrap(), [1]);
    assert_alive(&db);
}

#[test]
fn names_of_parameters_are_compared_and_not_written() {
    let db = cage();
    let mut s = db.session();
    for name in hostile().into_iter().chain([NUL.to_owned()]) {
        let params = NamedParams::new().with(name.leak(), 1_i64);
        let result = s.execute("DELETE FROM canary WHERE id = 9", params);
        let kind = refused(&mut s, result);
        assert!(matches!(kind, ErrorKind::Mapping { .. }), "{kind:?}");
    }
    assert_alive(&db);
}

#[test]
fn parameters_that_are_not_passed_are_refused() {
    let db = cage();
    let mut s = db.session();
    for sql in [
        "SELECT $2::bigint",
        "SELECT $0::bigint",
        "SELECT $99999999999999999999::bigint",
    ] {
        let inner = cte("x", raw::<i64>(sql, (1_i64,)));
        let result = s.rows(from(&inner).columns(inner.at::<0>()));
        let kind = refused(&mut s, result);
        assert!(matches!(kind, ErrorKind::Mapping { .. }), "{kind:?}");
    }
    assert_alive(&db);
}

/// Whoever writes `$1` into a fragment would name a value of the statement around it.
#[test]
fn a_fragment_names_only_its_own_operands() {
    let db = cage();
    let mut s = db.session();
    let secret = Canary::NAME.ne("secret");
    let query = select::<Canary>()
        .filter(secret)
        .columns(fragment::<String, _>("$1 || {}", (Canary::NAME,)));
    let error = s.rows(query).unwrap_err();
    expect![[
        r#"the fragment "$1 || {}" has the placeholder $1: write `{}`, and the value as an operand"#
    ]]
    .assert_eq(&error.to_string());
    let hidden = "concat({}, '$1', $$$2$$, \"name\") -- {{ $1";
    let query = select::<Canary>()
        .order_by(Canary::ID)
        .columns((fragment::<String, _>(hidden, ("x",)), Canary::ID));
    assert_eq!(s.rows(query).unwrap()[0], ("x$1$2a".to_owned(), 1));
    assert_alive(&db);
}

#[test]
fn a_comment_in_a_fragment_ends_with_it() {
    let db = cage();
    let mut s = db.session();
    let query = select::<Canary>()
        .filter(fragment::<bool, _>("{} = 1 -- one", (Canary::ID,)))
        .filter(Canary::NAME.eq("b"));
    assert_eq!(s.count(query.clone()).unwrap(), 0);
    let count = s.copy_out(query, |_| Ok(())).unwrap();
    assert_eq!(count, 0);
}
