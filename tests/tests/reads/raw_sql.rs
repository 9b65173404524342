//! Raw SQL with parameters by position and by name: what is bound, and what is refused.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::{params, raw};
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};

fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version) VALUES ('ann', 100, 1), ('bob', 0, 1)",
    )
}

#[test]
fn a_name_is_one_parameter_however_often_it_is_written() {
    let db = bank();
    let mut s = db.session();
    let found = s.rows(raw::<(String, i64)>(
        "SELECT owner, balance FROM account
         WHERE balance >= :min AND (owner = :owner OR :owner = 'all') AND ':min' <> owner",
        params! { min: 50_i32, owner: "ann" },
    ));
    assert_eq!(found.unwrap(), [("ann".to_owned(), 100)]);
    let sent = &db.recorded()[1];
    assert!(sent.sql.contains("(owner = $2 OR $2 = 'all')"), "{sent:?}");
    assert!(sent.label.contains("owner = :owner"), "{sent:?}");
}

#[test]
fn execute_takes_names_as_well() {
    let db = bank();
    let mut s = db.session();
    let changed = s.execute(
        "UPDATE account SET balance = balance + :more::bigint WHERE id = ANY(:ids)",
        params! { more: 5_i64, ids: vec![1_i64, 2] },
    );
    assert_eq!(changed.unwrap(), 2);
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT sum(balance) FROM account"), "110\n");
}

#[test]
fn what_is_bound_is_never_read_as_sql() {
    let db = bank();
    let mut s = db.session();
    for hostile in [
        "'; DROP TABLE account; --",
        "\\'; DROP TABLE account; --",
        ":owner $1 :: $$ /* -- \" '",
        "E'\\'' || pg_sleep(9)",
        "näh \u{202e}\u{1f980} \u{1}",
        "",
    ] {
        let text = "SELECT :text || '|' || :text, octet_length(:text)";
        let found = s.rows(raw::<(String, i32)>(text, params! { text: hostile }));
        let wanted = (format!("{hostile}|{hostile}"), hostile.len() as i32);
        assert_eq!(found.unwrap(), [wanted]);
        let found = s.rows(raw::<String>("SELECT $1", (hostile,)));
        assert_eq!(found.unwrap(), [hostile]);
    }
    let nul = s.rows(raw::<String>("SELECT :text", params! { text: "a\0b" }));
    assert!(nul.is_err(), "PostgreSQL keeps no NUL in text");
    s.rollback().unwrap();
    assert_eq!(s.count(select::<Account>()).unwrap(), 2);
}

#[test]
fn the_server_reads_the_text_as_it_was_cut() {
    let db = bank();
    let mut s = db.session();
    let found = s.rows(raw::<Vec<String>>(
        r"SELECT ARRAY[
            ':a''' || :a, E'\':a\\' || :a, $$:a$$ || :a, $x$:a $$ $x$ || :a, -- :a
            U&'\0041:a' || :a, /* :a /* :a */ */ (ARRAY['p', 'q'])[1:1]::text || :a,
            format('%s', $_$:a$_$) || :a::varchar, e'x'
            '\':a' || :a, (SELECT ':a' AS ':a' FROM (SELECT 1) t) || :a]"
            .replace("AS ':a'", "AS \":a\""),
        params! { a: "!" },
    ));
    let wanted = [
        ":a'!", "':a\\!", ":a!", ":a $$ !", "A:a!", "{p}!", ":a!", "x':a!", ":a!",
    ];
    assert_eq!(found.unwrap(), [wanted.map(str::to_owned).to_vec()]);
}

#[test]
fn names_that_do_not_fit_are_refused_before_anything_is_sent() {
    let db = bank();
    let mut s = db.session();
    s.add(Account::of("cyd", 1));
    let unknown = s.execute(
        "UPDATE account SET balance = 0 WHERE owner = :ownr",
        params! { owner: "ann" },
    );
    expect![
        "preparing UPDATE account SET balance = 0 WHERE owner = :ownr: a statement has :ownr, and the parameters are owner"
    ]
    .assert_eq(&unknown.unwrap_err().to_string());
    let unused = s.rows(raw::<i64>("SELECT 1::bigint", params! { owner: "ann" }));
    let unused = unused.unwrap_err();
    assert!(matches!(unused.kind(), ErrorKind::Mapping { .. }));
    assert!(unused.to_string().contains("no :owner"), "{unused}");
    let cursor = s.cursor(raw::<i64>("SELECT :n", params! {}), 1);
    assert!(cursor.unwrap_err().to_string().contains(":n"));
    assert_eq!(db.statements(), "");
    assert_eq!(s.count(select::<Account>()).unwrap(), 3);
}
