//! Objects to rows and back.

use sessile::__private::{Type, row};
use sessile::Model;
use sessile::model::Fk;

use super::{Entry, FakeRow, Memo, ShareNote, entry, set};

#[test]
fn an_object_comes_back_from_the_row_it_was_sent_as() {
    let sent = Entry {
        payee: Some(Fk::to(2)),
        remark: Some(Memo::default()),
        ..entry()
    };
    assert_eq!(FakeRow::whole(&sent).read::<Entry>().unwrap(), sent);
    assert_eq!(FakeRow::whole(&entry()).read::<Entry>().unwrap(), entry());

    let note = ShareNote {
        page: 3,
        share: Fk::to((1, 5)),
        language: "en".to_owned(),
    };
    assert_eq!(FakeRow::whole(&note).read::<ShareNote>().unwrap(), note);
}

#[test]
fn skipped_fields_are_neither_sent_nor_read() {
    let sent = Entry {
        cache: vec![1],
        ..entry()
    };
    let read: Entry = FakeRow::whole(&sent).read().unwrap();
    assert!(read.cache.is_empty());
    assert!(sent.changed(&read).is_empty());
}

#[test]
fn a_null_where_the_field_is_no_option_names_the_field() {
    // amount, memo and payer: a value, json and a reference.
    for (column, place) in [(3, "Entry.amount"), (4, "Entry.memo"), (1, "Entry.payer")] {
        let mut fake = FakeRow::whole(&entry());
        fake.fields[column] = None;
        let error = fake.read::<Entry>().unwrap_err();
        assert_eq!(error.to_string(), format!("{place} can't be converted"));
        assert_eq!(
            std::error::Error::source(&error).unwrap().to_string(),
            "the column is NULL and the field is not an Option"
        );
    }
}

#[test]
fn a_foreign_key_of_the_wrong_type_names_both_fields() {
    let mut fake = FakeRow::whole(&entry());
    fake.columns[1].ty = Type::TEXT;
    let error = fake.read::<Entry>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "reading Entry.payer: Account.id can't be converted"
    );
}

#[test]
fn fields_that_are_read_again_have_columns_that_follow_one_another() {
    let fresh = Entry {
        id: 9,
        payee: Some(Fk::to(3)),
        doubled: 48,
        ..entry()
    };
    let fields = set(&[0, 2, 8]);
    let fake = FakeRow::of(&fresh, fields);
    let mut object = entry();
    object
        .read_fields(fields, &row(&fake.columns, &fake), 0)
        .unwrap();
    assert_eq!(object, fresh);
}

#[test]
fn only_the_fields_asked_for_are_adopted() {
    let mut object = entry();
    let fresh = Entry {
        amount: 1,
        doubled: 2,
        ..entry()
    };
    object.adopt(fresh, set(&[8]));
    assert_eq!((object.amount, object.doubled), (12, 2));
}
