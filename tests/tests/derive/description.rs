//! The description of a table, and the constants on the struct.

use sessile::__private::{Generated, OnDelete};
use sessile::Model;
use sessile::model::{FieldGroup, Table};

use super::{Account, Entry, Share, ShareNote, set};

fn columns<M: Model>() -> Vec<&'static str> {
    let columns = M::table().columns().iter();
    columns.map(|column| column.name.as_str()).collect()
}

fn key_columns<M: Model>() -> Vec<String> {
    let columns = M::key_columns().into_iter();
    columns.map(|column| column.name).collect()
}

#[test]
fn a_table_is_named_after_its_struct_or_by_attribute() {
    assert_eq!(Account::table().name(), "account");
    assert_eq!(Account::table().schema(), None);
    assert_eq!(ShareNote::table().name(), "share_note");
    assert_eq!(Entry::table().name(), "ledger");
    assert_eq!(Entry::table().schema(), Some("bank"));
    assert_eq!(<Entry as Model>::NAME, "Entry");
}

#[test]
fn columns_are_named_after_fields_and_what_they_refer_to() {
    assert_eq!(
        columns::<Entry>(),
        [
            "id", "payer_id", "receiver", "cents", "memo", "remark", "at", "code", "doubled"
        ]
    );
    assert_eq!(columns::<Share>(), ["account_id", "entry_id", "weight"]);
    let key = ["page", "share_account_id", "share_entry_id", "lang"];
    assert_eq!(columns::<ShareNote>(), key);
    assert_eq!(key_columns::<ShareNote>(), key);
    assert_eq!(ShareNote::KEY_COLUMNS, 4);
    assert_eq!(Account::KEY_COLUMNS, 1);
}

#[test]
fn columns_have_types_and_may_be_null_as_their_fields_say() {
    let described: Vec<_> = Entry::table()
        .columns()
        .iter()
        .map(|c| (c.ty.name, c.nullable))
        .collect();
    assert_eq!(
        described,
        [
            ("bigint", false),
            ("bigint", false),
            ("bigint", true),
            ("bigint", false),
            ("jsonb", false),
            ("jsonb", true),
            ("timestamptz", false),
            ("varchar(9)", true),
            ("bigint", false),
        ]
    );
}

#[test]
fn roles_of_fields_are_described() {
    let table = Entry::table();
    assert_eq!(table.key(), set(&[0]));
    assert_eq!(table.generated(), set(&[0, 6]));
    assert_eq!(table.generated_always(), set(&[8]));
    assert_eq!(table.version(), None);
    assert_eq!(table.fields()[6].default, Some("now()"));
    assert_eq!(table.fields()[6].generated, Generated::ByDefault);
    assert_eq!(Account::table().version(), Some(3));
    assert_eq!(ShareNote::table().key(), set(&[0, 1, 2]));
}

#[test]
fn constraints_are_described() {
    let names = |groups: &[FieldGroup]| -> Vec<String> {
        groups.iter().map(|group| group.name.clone()).collect()
    };
    let table = Entry::table();
    assert_eq!(names(table.uniques()), ["ledger_payer_id_at_key"]);
    assert_eq!(table.uniques()[0].fields, [1, 6]);
    assert_eq!(names(table.indexes()), ["ledger_receiver_idx", "by_amount"]);
    let checks = table.checks().iter();
    let checks: Vec<_> = checks.map(|c| (c.name.as_str(), c.sql, c.field)).collect();
    assert_eq!(
        checks,
        [
            ("ledger_cents_check", "amount <> 7", Some(3)),
            ("ledger_check", "amount > 0", None),
            ("small", "amount < 100", None),
        ]
    );
    assert_eq!(names(Account::table().uniques()), ["account_owner_key"]);
}

#[test]
fn foreign_keys_say_what_deleting_the_parent_does() {
    let actions = |table: &'static Table| -> Vec<_> {
        let keys = table.foreign_keys().iter();
        keys.map(|fk| (fk.field, fk.on_delete, fk.client, fk.target().name()))
            .collect()
    };
    assert_eq!(
        actions(Entry::table()),
        [
            (1, OnDelete::Restrict, false, "account"),
            (2, OnDelete::SetNull, false, "account"),
        ]
    );
    assert_eq!(
        actions(Share::table())[1],
        (1, OnDelete::Cascade, false, "ledger")
    );
    assert_eq!(
        actions(ShareNote::table()),
        [(1, OnDelete::Cascade, true, "share")]
    );
}

#[test]
fn constants_know_their_fields() {
    assert_eq!(format!("{:?}", Entry::AMOUNT), "Entry.amount");
    assert_eq!(format!("{:?}", Entry::PAYEE), "Entry.payee");
    assert_eq!(format!("{:?}", Account::ENTRIES), "Account.entries");
    assert_eq!(Entry::DOUBLED.field(), 8);
    assert_eq!(ShareNote::LANGUAGE.field(), 2);
}
