//! Structs with `#[derive(FromRow)]`, from raw SQL by name and from queries by type.

use serde::{Deserialize, Serialize};
use sessile::prelude::*;
use sessile::sql::{count, params, raw, row, sum};
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};

fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version) VALUES ('ann', 100, 1), ('bob', 7, 1);
         INSERT INTO entry (payer_id, payee_id, amount) VALUES (1, 2, 5), (1, NULL, 6), (2, 1, 7)",
    )
}

#[derive(FromRow, Debug, PartialEq)]
struct Summary {
    owner: String,
    #[row(rename = "n")]
    entries: i64,
    #[row(skip)]
    note: Option<String>,
}

fn summary(owner: &str, entries: i64) -> Summary {
    Summary {
        owner: owner.to_owned(),
        entries,
        note: None,
    }
}

#[test]
fn raw_sql_fills_fields_by_the_names_of_its_columns() {
    let db = bank();
    let mut s = db.session();
    let found = s.rows(raw::<Summary>(
        "SELECT count(*) AS n, 'spare' AS spare, owner FROM account
         JOIN entry ON payer_id = account.id WHERE balance > :min GROUP BY owner ORDER BY owner",
        params! { min: 5_i64 },
    ));
    assert_eq!(found.unwrap(), [summary("ann", 2), summary("bob", 1)]);
}

#[test]
fn a_query_fills_fields_in_the_order_of_its_columns() {
    let db = bank();
    let mut s = db.session();
    let query = select::<Entry>()
        .join(Entry::PAYER)
        .group_by(Account::OWNER)
        .order_by(Account::OWNER)
        .columns((Account::OWNER, count()))
        .as_struct::<Summary>();
    assert_eq!(
        s.rows(query.clone()).unwrap(),
        [summary("ann", 2), summary("bob", 1)]
    );
    let mut cursor = s.cursor(query, 1).unwrap();
    assert_eq!(cursor.next(&mut s).unwrap(), Some(vec![summary("ann", 2)]));
}

#[derive(FromRow, Debug)]
struct Payments {
    payer: Handle<Account>,
    payee: Option<Handle<Account>>,
    amount: i64,
}

#[test]
fn a_field_may_be_an_object() {
    let db = bank();
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    let query = select::<Entry>()
        .join(Entry::PAYER)
        .filter(Entry::AMOUNT.eq(5))
        .columns((row::<Account>(), Entry::AMOUNT))
        .as_struct::<Payment>();
    let [payment] = s.rows(query).unwrap().try_into().unwrap();
    assert_eq!((payment.payer, payment.amount), (ann, 5));
    let refused = s
        .rows(raw::<Payments>("SELECT 1 AS payer", ()))
        .unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Mapping { .. }));
    assert!(refused.to_string().contains("Payments.payer"), "{refused}");
    let _ = |p: Payments| (p.payer, p.payee, p.amount);
}

#[derive(FromRow, Debug)]
struct Payment {
    payer: Handle<Account>,
    amount: i64,
}

#[derive(FromRow, Debug, PartialEq)]
struct Total {
    total: Option<rust_decimal::Decimal>,
}

#[test]
fn a_single_column_fills_a_struct_with_one_field() {
    let db = bank();
    let mut s = db.session();
    let query = select::<Entry>().columns(sum(Entry::AMOUNT));
    let total = s.rows(query.as_struct::<Total>()).unwrap();
    assert_eq!(
        total,
        [Total {
            total: Some(18.into())
        }]
    );
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Tags(Vec<String>);

#[derive(FromRow, Debug, PartialEq)]
struct Tagged {
    #[row(json)]
    tags: Tags,
    #[row(json)]
    more: Option<Tags>,
    r#type: String,
}

#[test]
fn a_json_field_is_any_type_that_serde_reads() {
    let db = bank();
    let mut s = db.session();
    let sql = r#"SELECT '["a"]'::jsonb AS tags, more::json, 'x' AS type
                 FROM (VALUES (NULL), ('null'), ('["b"]')) AS t (more)"#;
    let found = s.rows(raw::<Tagged>(sql, ())).unwrap();
    let more: Vec<Option<Tags>> = found.into_iter().map(|tagged| tagged.more).collect();
    assert_eq!(more, [None, None, Some(Tags(vec!["b".to_owned()]))]);
    let wrong = "SELECT '{}'::jsonb AS tags, NULL::jsonb AS more, 'x' AS type";
    let error = s.rows(raw::<Tagged>(wrong, ())).unwrap_err();
    assert!(error.to_string().contains("Tagged.tags"), "{error}");
}

#[test]
fn a_missing_column_is_named_with_its_field_and_with_those_that_are_there() {
    let db = bank();
    let mut s = db.session();
    let error = s.rows(raw::<Summary>("SELECT owner, id FROM account", ()));
    assert_eq!(
        error.unwrap_err().to_string(),
        "Summary.entries wants a column n and the result has (owner, id)"
    );
    let error = s.rows(raw::<Summary>("SELECT owner, 'many' AS n FROM account", ()));
    let error = error.unwrap_err();
    let ErrorKind::Conversion { place } = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(place, "Summary.entries");
}

#[test]
fn models_are_read_by_name_as_values_and_as_objects() {
    let db = bank();
    let mut s = db.session();
    let sql = "SELECT version, balance, id, owner FROM account ORDER BY id";
    let values = s.rows(raw::<Account>(sql, ())).unwrap();
    assert_eq!(
        values[1],
        Account {
            id: 2,
            version: 1,
            ..Account::of("bob", 7)
        }
    );
    assert!(format!("{s:?}").contains("objects: 0"));
    let objects = s.rows(raw::<Handle<Account>>(sql, ())).unwrap();
    assert_eq!(s.get::<Account>(1).unwrap(), Some(objects[0]));
    let pairs = s.rows(raw::<(Handle<Account>, Summary)>(
        "SELECT account.*, owner, 3::bigint AS n FROM account WHERE id = $1",
        (1_i64,),
    ));
    assert_eq!(pairs.unwrap(), [(objects[0], summary("ann", 3))]);
    let missing = s.rows(raw::<Account>("SELECT id, owner, balance FROM account", ()));
    assert!(missing.unwrap_err().to_string().contains("version"));
}
