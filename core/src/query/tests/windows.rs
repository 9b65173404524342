//! Clauses of aggregates, windows, groups, DISTINCT ON and locks.
//!
//! Tests only.
//! They must not need a server.

use expect_test::expect;

use super::{clauses, sql};
use crate::query::{
    alias, count, current_row, following, grouping, lag_by, preceding, rank, row_number, select,
    string_agg, sum, window,
};
use crate::statement::bank::{Account, Entry};

#[test]
fn aggregates_have_their_clauses_in_order() {
    let names = string_agg(Account::OWNER, ", ")
        .distinct()
        .order_by(Account::OWNER.desc())
        .filter_where(Account::BALANCE.gt(3));
    expect![[r#"SELECT string_agg ( DISTINCT   "account"."owner" ,  $1  ORDER BY  "account"."owner"  DESC )  FILTER (WHERE  "account"."balance" > $2 ) FROM "account""#]].assert_eq(&sql(&select::<Account>().columns(names)));
    let some = count().filter_where(Account::ACTIVE);
    expect![[r#"SELECT count (   * )  FILTER (WHERE  "account"."active" ), sum("account"."version") FROM "account""#]].assert_eq(&sql(
        &select::<Account>().columns((some, sum(Account::VERSION)))
    ));
}

#[test]
fn windows_have_partitions_orders_and_frames() {
    let by = || {
        window()
            .partition_by(Account::OWNER)
            .order_by(Account::ID.desc().nulls_last())
    };
    let moving = sum(Account::VERSION).over(by().rows(preceding(2)..=current_row()));
    expect![[r#"SELECT sum("account"."version")  OVER ( PARTITION BY  "account"."owner"  ORDER BY  "account"."id"  DESC  NULLS LAST  ROWS BETWEEN  $1  PRECEDING  AND  CURRENT ROW ) FROM "account""#]].assert_eq(&sql(&select::<Account>().columns(moving)));
    let around = count().filter_where(Account::ACTIVE).over(
        window()
            .order_by(Account::ID)
            .groups(..=following(1))
            .exclude_ties(),
    );
    expect![[r#"SELECT count (   * )  FILTER (WHERE  "account"."active" )  OVER ( ORDER BY  "account"."id"  GROUPS BETWEEN  UNBOUNDED PRECEDING  AND  $1  FOLLOWING  EXCLUDE TIES ) FROM "account""#]].assert_eq(&sql(&select::<Account>().columns(around)));
    let places = (
        row_number().over(by()),
        rank().over(window()),
        lag_by(Account::ID, 2, 0).over(by()),
    );
    expect![[r#"SELECT row_number()  OVER ( PARTITION BY  "account"."owner"  ORDER BY  "account"."id"  DESC  NULLS LAST ), rank()  OVER ( ), lag("account"."id", $1, $2)  OVER ( PARTITION BY  "account"."owner"  ORDER BY  "account"."id"  DESC  NULLS LAST ) FROM "account""#]].assert_eq(&sql(&select::<Account>().columns(places)));
}

#[test]
fn groups_roll_up() {
    let by = (Account::OWNER, Account::ACTIVE);
    let rolled = select::<Account>().group_by_rollup(by);
    let columns = (
        Account::OWNER.nullable(),
        grouping((Account::OWNER, Account::ACTIVE)),
        count(),
    );
    expect![[r#"SELECT "account"."owner", GROUPING( "account"."owner" ,  "account"."active" ), count(*) FROM "account" GROUP BY ROLLUP ( "account"."owner" ,  "account"."active" )"#]].assert_eq(&sql(&rolled.columns(columns)));
    expect![[r#"SELECT count(*) FROM "account" GROUP BY CUBE ( "account"."owner" ,  "account"."active" )"#]].assert_eq(&sql(&select::<Account>()
        .group_by_cube(by)
        .columns(count())));
    expect![[r#"SELECT count(*) FROM "account" GROUP BY GROUPING SETS ( "account"."owner" ,  "account"."active" )"#]].assert_eq(&sql(&select::<Account>()
        .group_by_each(by)
        .columns(count())));
}

#[test]
fn the_first_row_of_each_is_kept() {
    // One expression, so that its value is one parameter: PostgreSQL compares the texts.
    let more = Account::BALANCE + 1;
    let query = select::<Account>()
        .distinct_on((Account::OWNER, more.clone()))
        .order_by((Account::OWNER, more.asc(), Account::ID.desc()));
    expect![[r#"SELECT DISTINCT ON ("account"."owner", "account"."balance" + $1) "account"."id", "account"."owner" FROM "account" ORDER BY "account"."owner" ASC, "account"."balance" + $1 ASC, "account"."id" DESC"#]].assert_eq(&sql(&query.columns((Account::ID, Account::OWNER))));
}

#[test]
fn locks_are_of_the_tables_that_are_named() {
    let query = || select::<Entry>().join(Entry::PAYER);
    let text = |query| sql(&query);
    expect![[r#"SELECT "entry"."id" FROM "entry" INNER JOIN "account" ON "account"."id" = "entry"."payer_id" FOR SHARE OF "entry""#]].assert_eq(&text(query().for_share().columns(Entry::ID)));
    expect![[r#"SELECT "entry"."id" FROM "entry" INNER JOIN "account" ON "account"."id" = "entry"."payer_id" FOR KEY SHARE OF "account" NOWAIT"#]].assert_eq(&text(
        query()
            .for_key_share()
            .of::<Account>()
            .nowait()
            .columns(Entry::ID),
    ));
    let other = alias::<Account>("other");
    let two = query()
        .join_on(&other, other.column(Account::ID).eq(Account::BALANCE))
        .of::<Entry>()
        .of_alias(&other)
        .skip_locked();
    expect![[r#"SELECT "entry"."id" FROM "entry" INNER JOIN "account" ON "account"."id" = "entry"."payer_id" INNER JOIN "account" AS "other" ON "other"."id" = "account"."balance" FOR UPDATE OF "entry", "other" SKIP LOCKED"#]].assert_eq(&text(two.columns(Entry::ID)));
    expect![[r#""account" FOR NO KEY UPDATE SKIP LOCKED"#]].assert_eq(&clauses(
        &select::<Account>().for_no_key_update().skip_locked(),
    ));
}
