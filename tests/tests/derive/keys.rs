//! Keys: single, of several fields, and with the keys of parents inside.

use sessile::__private::{Type, handle, row};
use sessile::Model;
use sessile::model::Fk;

use super::{Account, FakeRow, Share, ShareNote, bytes, entry};

#[test]
fn a_key_is_the_field_or_a_tuple_and_holds_the_keys_of_parents() {
    assert_eq!(Model::key(&entry()), Some(5));
    // A generated key at its default is a key all the same: the unit of work asks `defaulted`.
    assert_eq!(Model::key(&Account::default()), Some(0));

    let note = ShareNote {
        page: 3,
        share: Fk::to((1, 5)),
        language: "en".to_owned(),
    };
    assert_eq!(Model::key(&note), Some((3, (1, 5), "en".to_owned())));
    assert_eq!(Model::key(&ShareNote::default()), None);
    let mut share = Share::default();
    share.set_reference_handle(0, handle(1));
    assert_eq!(Model::key(&share), None);
}

#[test]
fn keys_are_sent_column_by_column() {
    let key = (3, (1, 5), "en".to_owned());
    let part = |part, ty: &Type| bytes(|out| ShareNote::encode_key(&key, part, ty, out));
    assert_eq!(part(0, &Type::INT4), Ok(Some(vec![0, 0, 0, 3])));
    assert_eq!(part(1, &Type::INT8), Ok(Some(1_i64.to_be_bytes().to_vec())));
    assert_eq!(part(2, &Type::INT8), Ok(Some(5_i64.to_be_bytes().to_vec())));
    assert_eq!(part(3, &Type::TEXT), Ok(Some(b"en".to_vec())));
    assert_eq!(
        part(4, &Type::TEXT),
        Err("ShareNote has no such column".to_owned())
    );
    assert_eq!(
        part(0, &Type::TEXT),
        Err("i32 does not fit a parameter of type text".to_owned())
    );
}

#[test]
fn keys_are_read_unless_a_column_is_null() {
    let note = ShareNote {
        page: 3,
        share: Fk::to((1, 5)),
        language: "en".to_owned(),
    };
    let mut fake = FakeRow::whole(&note);
    let key = ShareNote::decode_key(&row(&fake.columns, &fake), 0).unwrap();
    assert_eq!(key, Some((3, (1, 5), "en".to_owned())));

    fake.fields[2] = None;
    let key = ShareNote::decode_key(&row(&fake.columns, &fake), 0).unwrap();
    assert_eq!(key, None);
}
