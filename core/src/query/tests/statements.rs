//! Whole statements: clauses, projections, what is known of a query before it runs.
//!
//! Tests only.
//! They must not need a server.

use std::any::TypeId;

use super::{clauses, label, sql};
use crate::query::{Raw, Rows, Select, count, max, min, raw, select, sum};
use crate::statement::Projection;
use crate::statement::bank::{Account, Entry, NoObjects, Ticket};

fn render(query: &Select<Account>, what: &Projection) -> (String, String) {
    let rendered = query.render(&NoObjects, what).unwrap();
    (rendered.sql.to_string(), rendered.label.to_string())
}

#[test]
fn whole_rows_name_every_column_in_table_order() {
    let (sql, label) = render(&select(), &Projection::Whole);
    assert_eq!(
        sql,
        "SELECT \"account\".\"id\", \"account\".\"owner\", \"account\".\"balance\", \
         \"account\".\"nickname\", \"account\".\"active\", \"account\".\"rate\", \
         \"account\".\"version\" FROM \"account\""
    );
    assert_eq!(label, "SELECT account");
}

#[test]
fn clauses_come_in_sql_order_whatever_order_they_were_given_in() {
    let query = select::<Account>()
        .nowait()
        .limit(20)
        .offset(40)
        .order_by((Account::OWNER, Account::BALANCE.desc().nulls_last()))
        .order_by(Some(Account::ID.asc().nulls_first()))
        .filter(Account::BALANCE.ge(1_000))
        .for_no_key_update();
    assert_eq!(
        clauses(&query),
        "\"account\" WHERE \"account\".\"balance\" >= $1 \
         ORDER BY \"account\".\"owner\" ASC, \"account\".\"balance\" DESC NULLS LAST, \
         \"account\".\"id\" ASC NULLS FIRST LIMIT $2 OFFSET $3 FOR NO KEY UPDATE NOWAIT"
    );
    assert_eq!(
        label(&query),
        "SELECT account WHERE balance >= $1 ORDER BY owner, balance DESC NULLS LAST, \
         id NULLS FIRST LIMIT $2 OFFSET $3 FOR NO KEY UPDATE NOWAIT"
    );
    let rendered = query.render(&NoObjects, &Projection::Whole).unwrap();
    let values: Vec<String> = rendered
        .params
        .iter()
        .map(|p| format!("{:?}", p.value()))
        .collect();
    assert_eq!(values, ["1000", "20", "40"]);
}

#[test]
fn locks_have_a_strength_and_a_way_to_wait() {
    assert_eq!(
        label(&select::<Account>().for_update()),
        "SELECT account FOR UPDATE"
    );
    assert_eq!(
        label(&select::<Account>().for_share()),
        "SELECT account FOR SHARE"
    );
    assert_eq!(
        label(&select::<Account>().for_share().skip_locked()),
        "SELECT account FOR SHARE SKIP LOCKED"
    );
    assert_eq!(
        label(&select::<Account>().nowait()),
        "SELECT account FOR UPDATE NOWAIT"
    );
}

#[test]
fn a_count_needs_no_order_and_counts_no_more_than_the_limit() {
    let query = select::<Account>()
        .filter(Account::ACTIVE)
        .order_by(Account::ID);
    assert_eq!(
        render(&query, &Projection::Count).0,
        "SELECT count(*) FROM \"account\" WHERE \"account\".\"active\""
    );
    let (sql, label) = render(&query.clone().limit(3), &Projection::Count);
    assert_eq!(
        sql,
        "SELECT count(*) FROM (SELECT 1 FROM \"account\" WHERE \"account\".\"active\" \
         ORDER BY \"account\".\"id\" ASC LIMIT $1) AS \"counted\""
    );
    assert_eq!(label, "COUNT account WHERE active ORDER BY id LIMIT $1");
    assert_eq!(
        render(&query.for_update(), &Projection::Count).0,
        "SELECT count(*) FROM (SELECT 1 FROM \"account\" WHERE \"account\".\"active\" \
         FOR UPDATE) AS \"counted\""
    );
}

#[test]
fn exists_asks_for_one_row_in_any_order() {
    let query = select::<Account>()
        .filter(Account::ACTIVE)
        .order_by(Account::ID);
    let (sql, label) = render(&query, &Projection::Exists);
    assert_eq!(
        sql,
        "SELECT EXISTS(SELECT 1 FROM \"account\" WHERE \"account\".\"active\")"
    );
    assert_eq!(label, "EXISTS account WHERE active");
}

#[test]
fn a_table_in_a_schema_is_named_with_it() {
    assert_eq!(
        clauses(&select::<Ticket>().filter(Ticket::ID.eq(1))),
        "\"hall\".\"ticket\" WHERE \"ticket\".\"id\" = $1"
    );
}

#[test]
fn columns_give_scalars_and_tuples() {
    let owners: Rows<String> = select::<Account>()
        .order_by(Account::ID)
        .columns(Account::OWNER);
    assert_eq!(
        sql(&owners),
        "SELECT \"account\".\"owner\" FROM \"account\" ORDER BY \"account\".\"id\" ASC"
    );
    let pairs: Rows<(i64, Option<String>)> = select::<Account>()
        .filter(Account::ID.lt(9))
        .columns((Account::BALANCE + 1, Account::NICKNAME));
    assert_eq!(
        sql(&pairs),
        "SELECT \"account\".\"balance\" + $1, \"account\".\"nickname\" FROM \"account\" \
         WHERE \"account\".\"id\" < $2"
    );
    assert_eq!(
        format!("{pairs:?}"),
        "Rows(SELECT account (balance + $1, nickname) WHERE id < $2)"
    );
}

#[test]
fn aggregates_may_be_null_and_counts_are_not() {
    type Totals = (
        i64,
        Option<f64>,
        Option<i64>,
        Option<String>,
        Option<String>,
    );
    let totals: Rows<Totals> = select::<Account>().columns((
        count(),
        sum(Account::RATE),
        sum(Account::VERSION),
        min(Account::OWNER),
        max(Account::NICKNAME),
    ));
    assert_eq!(
        sql(&totals),
        "SELECT count(*), sum(\"account\".\"rate\"), sum(\"account\".\"version\"), \
         min(\"account\".\"owner\"), max(\"account\".\"nickname\") FROM \"account\""
    );
}

#[cfg(feature = "decimal")]
#[test]
fn the_sum_of_a_bigint_is_numeric() {
    let total: Rows<Option<rust_decimal::Decimal>> =
        select::<Account>().columns(sum(Account::BALANCE));
    assert_eq!(
        sql(&total),
        "SELECT sum(\"account\".\"balance\") FROM \"account\""
    );
}

#[test]
fn groups_have_conditions_and_an_order_of_their_own() {
    let busy: Rows<(bool, i64)> = select::<Account>()
        .filter(Account::BALANCE.gt(0))
        .group_by(Account::ACTIVE)
        .having(count().gt(5))
        .order_by(count().desc())
        .columns((Account::ACTIVE, count()));
    assert_eq!(
        sql(&busy),
        "SELECT \"account\".\"active\", count(*) FROM \"account\" \
         WHERE \"account\".\"balance\" > $1 GROUP BY \"account\".\"active\" \
         HAVING count(*) > $2 ORDER BY count(*) DESC"
    );
    assert_eq!(
        format!("{busy:?}"),
        "Rows(SELECT account (active, count(*)) WHERE balance > $1 GROUP BY active \
         HAVING count(*) > $2 ORDER BY count(*) DESC)"
    );
}

#[test]
fn clones_of_an_expression_share_their_values() {
    let hundreds = Account::BALANCE / 100;
    let spread: Rows<(i64, i64)> = select::<Account>()
        .filter(Account::BALANCE.gt(7))
        .group_by(hundreds.clone())
        .order_by(hundreds.clone().asc())
        .columns((hundreds, count()));
    assert_eq!(
        sql(&spread),
        "SELECT \"account\".\"balance\" / $1, count(*) FROM \"account\" \
         WHERE \"account\".\"balance\" > $2 GROUP BY \"account\".\"balance\" / $1 \
         ORDER BY \"account\".\"balance\" / $1 ASC"
    );
    assert_eq!(spread.render(&NoObjects).unwrap().params.len(), 2);
    assert_eq!(
        format!("{spread:?}"),
        "Rows(SELECT account (balance / $1, count(*)) WHERE balance > $2 \
         GROUP BY balance / $1 ORDER BY balance / $1)"
    );
}

#[test]
fn raw_sql_is_sent_as_it_is() {
    let query: Raw<(String, i64)> = raw("SELECT $1, $2", ("ann", 5_i64));
    let rows: Rows<(String, i64)> = query.into();
    let rendered = rows.render(&NoObjects).unwrap();
    assert_eq!(&*rendered.sql, "SELECT $1, $2");
    let types: Vec<&str> = rendered.params.iter().map(|p| p.ty().name()).collect();
    assert_eq!(types, ["text", "int8"]);
    assert_eq!(rows.models(), None);
    assert!(!rows.is_plain_read());
    let lists: Rows<i64> = raw::<i64>(String::from("SELECT 1"), (vec![1_i64, 2],)).into();
    assert_eq!(lists.render(&NoObjects).unwrap().params.len(), 1);
    let spread: Rows<i64> = raw::<i64>("SELECT $1 + $2", [1_i64, 2]).into();
    assert_eq!(spread.render(&NoObjects).unwrap().params.len(), 2);
}

#[test]
fn a_query_says_what_it_reads_and_whether_it_locks() {
    let query = select::<Entry>().filter(Entry::AMOUNT.gt(1));
    assert_eq!(query.models(), [TypeId::of::<Entry>()]);
    assert!(query.is_plain_read());
    assert!(!query.clone().for_share().is_plain_read());
    assert!(query.for_share().is_locking());
}

#[test]
fn queries_can_be_sent_and_shared() {
    fn is_value<T: Clone + Send + Sync + 'static>(_: &T) {}
    is_value(&select::<Entry>().filter(Entry::PAYER.is(1)));
    is_value(&select::<Entry>().columns(Entry::ID));
    is_value(&raw::<i64>("SELECT 1", ()));
    is_value(&Entry::ID.eq(1));
    is_value(&Entry::ID.asc());
}
