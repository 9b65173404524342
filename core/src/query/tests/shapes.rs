//! Queries of queries: set operations, the WITH clause, rows of values, lateral subqueries.
//!
//! Tests only.
//! They must not need a server.

use expect_test::expect;

use super::sql;
use crate::query::{
    count, cte, delete, from, insert, raw, recursive, recursive_all, row, select, subquery, tuple,
    update, value, values,
};
use crate::statement::bank::{Account, Entry};

#[test]
fn parts_of_a_set_operation_keep_their_order_and_limit() {
    let ids = || select::<Account>().columns(Account::ID);
    let cut = || {
        select::<Account>()
            .order_by(Account::ID)
            .limit(2)
            .columns(Account::ID)
    };
    expect![[
        r#"SELECT "account"."id" FROM "account" UNION (SELECT "account"."id" FROM "account")"#
    ]]
    .assert_eq(&sql(&ids().union(ids())));
    expect![[r#"SELECT "part"."c1" FROM (SELECT "account"."id" AS "c1" FROM "account" ORDER BY "account"."id" ASC LIMIT $1) AS "part" UNION ALL (SELECT "account"."id" FROM "account" ORDER BY "account"."id" ASC LIMIT $2)"#]].assert_eq(&sql(&cut().union_all(cut())));
    expect![[r#"SELECT "account"."id" FROM "account" UNION (SELECT "account"."id" FROM "account") ORDER BY 1 DESC LIMIT $1 OFFSET $2"#]].assert_eq(&sql(&ids()
        .union(ids())
        .order_by_at_desc::<0>()
        .limit(3)
        .offset(4)));
}

#[test]
fn intersect_binds_tighter_so_that_a_union_before_it_is_put_apart() {
    let ids = || select::<Account>().columns(Account::ID);
    expect![[r#"SELECT "part"."c1" FROM (SELECT "account"."id" AS "c1" FROM "account" UNION (SELECT "account"."id" FROM "account")) AS "part" INTERSECT (SELECT "account"."id" FROM "account")"#]].assert_eq(&sql(&ids().union(ids()).intersect(ids())));
    expect![[r#"SELECT "account"."id" FROM "account" INTERSECT (SELECT "account"."id" FROM "account") EXCEPT (SELECT "account"."id" FROM "account")"#]].assert_eq(&sql(&ids().intersect(ids()).except(ids())));
    expect![[r#"SELECT "part"."c1" FROM (SELECT "account"."id" AS "c1" FROM "account") AS "part" WHERE TRUE EXCEPT ALL (SELECT "account"."id" FROM "account")"#]].assert_eq(&sql(&ids().except_all(ids())));
    expect![[r#"SELECT "account"."id" FROM "account" UNION (SELECT "account"."id" FROM "account" UNION (SELECT "account"."id" FROM "account"))"#]].assert_eq(&sql(&ids().union(ids().union(ids()))));
}

#[test]
fn a_set_operation_is_read_like_a_table() {
    let both = select::<Account>()
        .columns((Account::ID, Account::OWNER))
        .union(select::<Account>().columns((Account::BALANCE, Account::OWNER)));
    let both = subquery("both", both);
    let query = from(&both)
        .filter(both.at::<0>().gt(1))
        .columns(both.at::<1>());
    expect![[r#"SELECT "both"."owner" FROM (SELECT "account"."id" AS "id", "account"."owner" AS "owner" FROM "account" UNION (SELECT "account"."balance", "account"."owner" FROM "account")) AS "both" WHERE "both"."id" > $1"#]].assert_eq(&sql(&query));
}

#[test]
fn recursive_queries_come_in_the_with_clause() {
    let chain = || {
        select::<Entry>()
            .filter(Entry::ID.eq(1))
            .columns((Entry::ID, Entry::AMOUNT))
    };
    let once = recursive("chain", chain(), |chain| {
        select::<Entry>()
            .join_on(chain, Entry::PAYER.key().eq(chain.at::<0>()))
            .columns((Entry::ID, chain.at::<1>() + Entry::AMOUNT))
    });
    expect![[r#"WITH RECURSIVE "chain" ("id", "amount") AS (SELECT "entry"."id" AS "id", "entry"."amount" AS "amount" FROM "entry" WHERE "entry"."id" = $1 UNION (SELECT "entry"."id", "chain"."amount" + "entry"."amount" FROM "entry" INNER JOIN "chain" ON "entry"."payer_id" = "chain"."id")) SELECT "chain"."amount" FROM "chain""#]].assert_eq(&sql(&from(&once).columns(once.at::<1>())));
    let all = recursive_all("all", select::<Account>().columns(Account::ID), |all| {
        from(all)
            .filter(all.at::<0>().lt(9))
            .columns(all.at::<0>() + 1)
    });
    expect![[r#"WITH RECURSIVE "all" ("id") AS MATERIALIZED (SELECT "account"."id" AS "id" FROM "account" UNION ALL (SELECT "all"."id" + $1 FROM "all" WHERE "all"."id" < $2)) SELECT count(*) FROM "all""#]].assert_eq(&sql(&from(&all.materialized()).columns(count())));
}

#[test]
fn queries_of_the_with_clause_come_before_what_reads_them() {
    let rich = cte("rich", select::<Account>().filter(Account::BALANCE.gt(9))).materialized();
    let few = cte(
        "few",
        from(&rich)
            .limit(3)
            .columns((rich.row(), rich.column(Account::ID))),
    );
    let few = few.not_materialized();
    let other = few.alias("other");
    let query = from(&few)
        .join_on(&other, other.at::<1>().eq(few.at::<1>()))
        .columns((few.at::<1>(), other.at::<1>()));
    expect![[r#"WITH "rich" ("id", "owner", "balance", "nickname", "active", "rate", "version") AS MATERIALIZED (SELECT "account"."id" AS "id", "account"."owner" AS "owner", "account"."balance" AS "balance", "account"."nickname" AS "nickname", "account"."active" AS "active", "account"."rate" AS "rate", "account"."version" AS "version" FROM "account" WHERE "account"."balance" > $1), "few" ("id", "owner", "balance", "nickname", "active", "rate", "version", "id_2") AS NOT MATERIALIZED (SELECT "rich"."id" AS "id", "rich"."owner" AS "owner", "rich"."balance" AS "balance", "rich"."nickname" AS "nickname", "rich"."active" AS "active", "rich"."rate" AS "rate", "rich"."version" AS "version", "rich"."id" AS "id_2" FROM "rich" LIMIT $2) SELECT "few"."id_2", "other"."id_2" FROM "few" INNER JOIN "few" AS "other" ON "other"."id_2" = "few"."id_2""#]].assert_eq(&sql(&query));
}

#[test]
fn statements_that_write_are_numbered_with_the_rest() {
    let up = update::<Account>()
        .set(Account::BALANCE, Account::BALANCE + 1)
        .filter(Account::OWNER.eq("ann"))
        .returning_columns((Account::ID, Account::BALANCE));
    let up = cte("up", up);
    let query = from(&up)
        .filter(value(7_i64).lt(up.at::<1>()))
        .columns(up.at::<0>());
    expect![[r#"WITH "up" ("column_1", "column_2") AS (UPDATE "account" SET "balance" = "account"."balance" +  $1 , "version" = "account"."version" + 1 WHERE "account"."owner" =  $2  RETURNING "account"."id", "account"."balance") SELECT "up"."column_1" FROM "up" WHERE $3 < "up"."column_2""#]].assert_eq(&sql(&query));
    let gone = delete::<Entry>()
        .filter(Entry::AMOUNT.eq(0))
        .returning_columns(Entry::ID);
    let gone = cte("gone", gone);
    expect![[r#"WITH "gone" ("column_1") AS (DELETE FROM "entry" WHERE "entry"."amount" =  $1  RETURNING "entry"."id") SELECT count(*) FROM "gone""#]].assert_eq(&sql(&from(&gone).columns(count())));
    let words = cte(
        "words",
        raw::<i64>("SELECT $2 + $1 + $2 -- sum", (1_i64, 2_i64)),
    );
    let query = from(&words)
        .filter(words.at::<0>().ne(3))
        .columns(words.at::<0>());
    expect![[r#"
        WITH "words" ("column_1") AS (SELECT  $1  +  $2  +  $1  -- sum
        ) SELECT "words"."column_1" FROM "words" WHERE "words"."column_1" <> $3"#]]
    .assert_eq(&sql(&query));
}

#[test]
fn an_insert_in_the_with_clause_takes_the_rows_of_a_query() {
    let rows = values("rows", [("ann", 1_i64), ("bob", 2)]);
    let rows = from(&rows)
        .filter(rows.at::<1>().gt(0))
        .columns((rows.at::<0>(), rows.at::<1>()));
    let new = insert::<Account>()
        .columns((Account::OWNER, Account::BALANCE))
        .from_select(rows)
        .ignoring(Account::ID)
        .returning_columns((Account::ID, Account::OWNER));
    let new = cte("new", new);
    let query = from(&new)
        .filter(new.at::<1>().ne("cid"))
        .columns(new.at::<0>());
    expect![[r#"WITH "new" ("column_1", "column_2") AS (INSERT INTO "account" ("owner", "balance", "version") SELECT n0, n1, 1 FROM (SELECT "rows"."column_1", "rows"."column_2" FROM (SELECT unnest( $1 ::text[]) AS "column_1", unnest( $2 ::bigint[]) AS "column_2") AS "rows" WHERE "rows"."column_2" >  $3 ) AS _q(n0, n1) ON CONFLICT ("id") DO NOTHING RETURNING "account"."id", "account"."owner") SELECT "new"."column_1" FROM "new" WHERE "new"."column_2" <> $4"#]].assert_eq(&sql(&query));
    let not_unique = insert::<Account>()
        .columns(Account::OWNER)
        .from_select(select::<Account>().columns(Account::OWNER))
        .ignoring(Account::BALANCE)
        .returning_columns(Account::ID);
    let not_unique = cte("new", not_unique);
    let refused = from(&not_unique).columns(count()).render(&super::NoObjects);
    expect!["an insert of Account ignores conflicts of fields that are not unique together"]
        .assert_eq(&refused.unwrap_err().to_string());
    let of_rows = cte("new", insert::<Account>().returning_columns(Account::ID));
    let refused = from(&of_rows)
        .columns(of_rows.at::<0>())
        .render(&super::NoObjects);
    expect![
        "an insert in another statement takes the rows of a query: of `values`, if they are at hand"
    ]
    .assert_eq(&refused.unwrap_err().to_string());
}

#[test]
fn rows_of_values_are_an_array_for_each_column() {
    let wanted = values("wanted", [(1_i64, Some("a")), (2, None)]);
    let query = select::<Account>()
        .left_join_on(&wanted, wanted.at::<0>().eq(Account::ID))
        .columns((Account::OWNER, wanted.at::<1>().nullable()));
    expect![[r#"SELECT "account"."owner", "wanted"."column_2" FROM "account" LEFT JOIN (SELECT unnest($1::bigint[]) AS "column_1", unnest($2::text[]) AS "column_2") AS "wanted" ON "wanted"."column_1" = "account"."id""#]].assert_eq(&sql(&query));
}

#[test]
fn a_lateral_subquery_sees_what_stands_before_it() {
    let last = select::<Entry>()
        .correlated()
        .filter(Entry::PAYER.key().eq(Account::ID))
        .order_by(Entry::ID.desc())
        .limit(1)
        .columns((Entry::ID, Entry::AMOUNT));
    let last = subquery("last", last);
    let query = select::<Account>()
        .left_join_lateral(&last)
        .columns((row::<Account>(), last.at::<1>().nullable()));
    expect![[r#"SELECT "account"."id", "account"."owner", "account"."balance", "account"."nickname", "account"."active", "account"."rate", "account"."version", "last"."amount" FROM "account" LEFT JOIN LATERAL (SELECT "entry"."id" AS "id", "entry"."amount" AS "amount" FROM "entry" WHERE "entry"."payer_id" = "account"."id" ORDER BY "entry"."id" DESC LIMIT $1) AS "last" ON TRUE"#]].assert_eq(&sql(&query));
}

#[test]
fn row_values_are_compared_as_one() {
    let after = tuple((Account::BALANCE, Account::ID)).gt((5, 7));
    expect![[r#"SELECT "account"."id" FROM "account" WHERE (ROW( "account"."balance" ,  "account"."id" )) > (ROW( $1 ,  $2 ))"#]].assert_eq(&sql(&select::<Account>()
        .filter(after)
        .columns(Account::ID)));
    let among = tuple((Account::BALANCE, Account::ID)).is_in([(5, 7), (6, 8)]);
    expect![[r#"SELECT "account"."id" FROM "account" WHERE ("account"."balance", "account"."id") IN (SELECT * FROM unnest($1, $2) AS "wanted")"#]].assert_eq(&sql(&select::<Account>()
        .filter(among)
        .columns(Account::ID)));
    let pairs = select::<Entry>().columns((Entry::AMOUNT, Entry::ID));
    let within = tuple((Account::BALANCE, Account::ID)).in_query(pairs);
    expect![[r#"SELECT "account"."id" FROM "account" WHERE ("account"."balance", "account"."id") IN (SELECT "entry"."amount", "entry"."id" FROM "entry")"#]].assert_eq(&sql(&select::<Account>()
        .filter(within)
        .columns(Account::ID)));
}
