//! Values instead of objects: columns, groups and aggregates.

use expect_test::expect;
use rust_decimal::Decimal;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::sql::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};

use super::models::{Tag, blog};

fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version) VALUES
             ('ann', 100, 1), ('bob', 100, 2), ('cid', 50, 2);
         INSERT INTO entry (payer_id, payee_id, amount) VALUES (1, 2, 5), (1, NULL, 7), (2, 1, 9)",
    )
}

#[test]
fn columns_are_read_without_objects() {
    let db = bank();
    let mut s = db.session();
    let owners = select::<Account>().order_by(Account::OWNER);
    let names: Vec<String> = s.rows(owners.clone().columns(Account::OWNER)).unwrap();
    assert_eq!(names, ["ann", "bob", "cid"]);
    let pairs = owners.columns((
        Account::OWNER,
        Account::BALANCE + 1,
        Account::BALANCE.lt(60),
    ));
    let pairs: Vec<(String, i64, bool)> = s.rows(pairs).unwrap();
    assert_eq!(pairs[2], ("cid".to_owned(), 51, true));
    assert!(s.local::<Account>(&1).is_none());
    db.assert_statements(expect![[r#"
        SELECT account (owner) ORDER BY owner
        BEGIN
        SELECT account (owner, balance + $1, balance < $2) ORDER BY owner
    "#]]);
}

#[test]
fn aggregates_have_the_types_of_the_database() {
    let db = bank();
    let mut s = db.session();
    let all = select::<Account>();
    type Row = (
        i64,
        Option<Decimal>,
        Option<i64>,
        Option<i64>,
        Option<i64>,
        Option<String>,
    );
    let totals = (
        count(),
        sum(Account::BALANCE),
        sum(Account::VERSION),
        min(Account::BALANCE),
        max(Account::BALANCE),
        max(Account::OWNER),
    );
    let rows: Vec<Row> = s.rows(all.columns(totals.clone())).unwrap();
    let cid = Some("cid".to_owned());
    assert_eq!(
        rows,
        [(3, Some(250.into()), Some(5), Some(50), Some(100), cid)]
    );
    let none = select::<Account>().filter(Account::BALANCE.gt(1_000));
    let rows: Vec<Row> = s.rows(none.columns(totals)).unwrap();
    assert_eq!(rows, [(0, None, None, None, None, None)]);
}

#[test]
fn groups_are_counted_filtered_and_ordered() {
    let db = bank();
    let mut s = db.session();
    let groups = select::<Account>()
        .filter(Account::OWNER.ne("zoe"))
        .group_by(Account::BALANCE)
        .having(count().ge(1))
        .order_by((count().desc(), Account::BALANCE.asc()))
        .columns((Account::BALANCE, count(), min(Account::OWNER)));
    let rows: Vec<(i64, i64, Option<String>)> = s.rows(groups).unwrap();
    assert_eq!(
        rows,
        [
            (100, 2, Some("ann".to_owned())),
            (50, 1, Some("cid".to_owned()))
        ]
    );
    let richer = Account::BALANCE + 7;
    let by_expression = select::<Account>()
        .group_by(richer.clone())
        .having(count().gt(1))
        .columns((richer, count()));
    assert_eq!(s.rows(by_expression).unwrap(), [(107, 2)]);
    db.assert_statements(expect![[r#"
        SELECT account (balance, count(*), min(owner)) WHERE owner <> $1 GROUP BY balance HAVING count(*) >= $2 ORDER BY count(*) DESC, balance
        BEGIN
        SELECT account (balance + $1, count(*)) GROUP BY balance + $1 HAVING count(*) > $2
    "#]]);
}

/// AF-1
#[test]
fn a_projection_sees_what_waited_for_a_flush() {
    let db = bank();
    let mut s = db.session();
    let cid = s.get::<Account>(3).unwrap().unwrap();
    s[cid].balance = 60;
    let balances = select::<Account>().order_by(Account::BALANCE).limit(1);
    assert_eq!(s.rows(balances.columns(Account::BALANCE)).unwrap(), [60]);
    let payments = select::<Entry>().filter(Entry::PAYER.is(cid));
    assert_eq!(s.rows(payments.columns(count())).unwrap(), [0]);
}

#[test]
fn a_value_of_the_query_is_a_column_too() {
    let db = bank();
    let mut s = db.session();
    let query = select::<Account>().limit(1).offset(1).order_by(Account::ID);
    let rows = s
        .rows(query.columns((value("x"), value(Some(5_i32)), Account::ID)))
        .unwrap();
    assert_eq!(rows, [("x".to_owned(), Some(5), 2)]);
}

#[test]
fn raw_sql_takes_parameters_in_every_form() {
    let db = blog();
    let mut s = db.session();
    let one = s.rows(raw::<i64>("SELECT count(*) FROM tag", ())).unwrap();
    assert_eq!(one, [2]);
    let (text, owned) = ("rust", "sql".to_owned());
    let rows = raw::<(String, i32)>("SELECT name, uses FROM tag WHERE name = $1", (text,));
    assert_eq!(s.rows(rows.clone()).unwrap(), [("rust".to_owned(), 2)]);
    assert_eq!(s.rows(rows).unwrap().len(), 1, "a query is a value");
    let either = "SELECT uses FROM tag WHERE name IN ($1, $2) ORDER BY uses";
    assert_eq!(s.rows(raw::<i32>(either, [text, "none"])).unwrap(), [2]);
    assert_eq!(
        s.rows(raw::<i32>(either, vec![text.to_owned(), owned]))
            .unwrap(),
        [1, 2]
    );
    let list = raw::<String>("SELECT name FROM tag WHERE uses = ANY($1)", (vec![1, 5],));
    assert_eq!(s.rows(list).unwrap(), ["sql"]);
    let mixed = "SELECT $1 + 1, $2, $3::text, $4 IS NULL, length($5)";
    let mixed = raw::<(i64, bool, Option<String>, bool, i32)>(
        mixed,
        (1_i64, true, None::<String>, None::<i32>, &b"abc"[..]),
    );
    assert_eq!(s.rows(mixed).unwrap(), [(2, true, None, true, 3)]);
    let owned = format!("SELECT {}", 7);
    assert_eq!(s.rows(raw::<i32>(owned, ())).unwrap(), [7]);
    let wider = "SELECT uses::bigint FROM tag WHERE uses::bigint = $1";
    assert_eq!(s.rows(raw::<i64>(wider, (2_i32,))).unwrap(), [2]);
    let twelve = "SELECT $1 + $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 + $10 + $11 + $12";
    let sum = raw::<i32>(twelve, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    assert_eq!(s.rows(sum).unwrap(), [78]);
}

#[test]
fn execute_runs_a_statement_and_counts_its_rows() {
    let db = blog();
    let mut s = db.session();
    let tag = s.add(Tag {
        name: "orm".to_owned(),
        uses: 0,
    });
    let count = s.execute("UPDATE tag SET uses = uses + $1", (10,)).unwrap();
    assert_eq!(count, 3, "the pending one was written before");
    assert_eq!(s[tag].uses, 0);
    s.refresh(tag).unwrap();
    assert_eq!(s[tag].uses, 10);
    assert_eq!(
        s.execute(
            "DELETE FROM tag WHERE name = ANY($1)",
            (vec!["rust".to_owned()],)
        )
        .unwrap(),
        1
    );
    assert_eq!(
        s.execute("DELETE FROM tag WHERE name IN ($1, $2)", ["x", "y"])
            .unwrap(),
        0
    );
    assert_eq!(s.execute("SELECT * FROM tag", ()).unwrap(), 2);
    assert_eq!(s.execute("CREATE TEMPORARY TABLE t ()", ()).unwrap(), 0);
    s.rollback().unwrap();
    assert_eq!(db.rows("SELECT count(*), sum(uses) FROM tag"), "2 | 3\n");
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tag (name, uses) ×1
        UPDATE tag SET uses = uses + $1
        SELECT tag ×1 WHERE name
        DELETE FROM tag WHERE name = ANY($1)
        DELETE FROM tag WHERE name IN ($1, $2)
        SELECT * FROM tag
        CREATE TEMPORARY TABLE t ()
        ROLLBACK
    "#]]);
}

#[test]
fn a_result_with_another_number_of_columns_is_refused() {
    let db = blog();
    let mut s = db.session();
    let errors = [
        s.rows(raw::<(i32, i32)>("SELECT 1", ())).unwrap_err(),
        s.rows(raw::<i32>("SELECT 1, 2", ())).unwrap_err(),
        s.rows(raw::<(i32,)>("SELECT FROM tag", ())).unwrap_err(),
    ];
    let mut messages = String::new();
    for error in errors {
        assert!(matches!(error.kind(), ErrorKind::Mapping { .. }), "{error}");
        messages += &format!("{error}\n");
    }
    expect![[r#"
        the result has 1 columns where 2 are expected
        the result has 2 columns where 1 are expected
        the result has 0 columns where 1 are expected
    "#]]
    .assert_eq(&messages);
    assert_eq!(s.count(select::<Tag>()).unwrap(), 2, "the session goes on");
}

#[test]
fn a_value_of_another_type_names_its_column() {
    let db = blog();
    let mut s = db.session();
    let errors = [
        s.rows(raw::<i64>("SELECT uses FROM tag", ())).unwrap_err(),
        s.rows(raw::<(String, i32)>(
            "SELECT name, NULL::int AS many FROM tag",
            (),
        ))
        .unwrap_err(),
    ];
    let mut messages = String::new();
    for error in errors {
        assert!(
            matches!(error.kind(), ErrorKind::Conversion { .. }),
            "{error}"
        );
        messages += &format!("{error}: {}\n", std::error::Error::source(&error).unwrap());
    }
    expect![[r#"
        result column 0 (uses) can't be converted: a column of type int4 does not fit i64
        result column 1 (many) can't be converted: the column is NULL and the field is not an Option
    "#]]
    .assert_eq(&messages);
}

#[test]
fn a_statement_that_the_server_refuses_poisons_the_transaction() {
    let db = blog();
    let mut s = db.session();
    s.execute("UPDATE tag SET uses = 0", ()).unwrap();
    let error = s
        .rows(raw::<i32>("SELECT nothing FROM tag", ()))
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Database { .. }),
        "{error}"
    );
    let error = s.execute("SELECT 1", ()).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::TransactionFailed),
        "{error}"
    );
    s.rollback().unwrap();
    assert_eq!(
        s.rows(raw::<i64>("SELECT sum(uses) FROM tag", ())).unwrap(),
        [3]
    );
}

#[test]
fn a_group_is_found_again_where_its_expression_is_written_again() {
    let db = bank();
    let mut s = db.session();
    let tens = || Account::BALANCE / 10 * 10;
    let groups = select::<Account>()
        .group_by(tens())
        .having(tens().ge(10))
        .order_by(tens().desc())
        .columns((tens(), tens() + 10, count()));
    assert_eq!(s.rows(groups).unwrap(), [(100, 110, 2), (50, 60, 1)]);

    let label = || case().when(Account::OWNER.eq("ann"), "ann").otherwise("-");
    let named = select::<Account>()
        .group_by(label())
        .order_by(label())
        .columns((label(), rank().over(window().order_by(label()))));
    let rows: Vec<(String, i64)> = s.rows(named).unwrap();
    assert_eq!(rows, [("-".to_owned(), 1), ("ann".to_owned(), 2)]);

    let odd = || Account::ID % 2;
    let first = select::<Account>()
        .distinct_on(odd())
        .order_by((odd().asc(), Account::ID.asc()))
        .columns((odd(), Account::ID));
    assert_eq!(s.rows(first).unwrap(), [(0, 2), (1, 1)]);
    let all = select::<Account>().distinct().order_by(odd().desc());
    assert_eq!(s.rows(all.columns(odd())).unwrap(), [1, 0]);
}
