//! What a flush asks of an object before it is written.

use sessile::Model;
use sessile::model::Fk;

use super::{Account, Entry, Share, entry, set};

#[test]
fn changes_are_found_field_by_field() {
    let original = entry();
    let mut object = original.clone();
    assert!(object.changed(&original).is_empty());
    object.payer = Fk::to(2);
    object.memo.text.push('!');
    object.code = None;
    assert_eq!(object.changed(&original), set(&[1, 4, 7]));
}

#[test]
fn a_float_changes_when_its_bits_do() {
    let nan = Account {
        ratio: f64::NAN,
        ..Account::default()
    };
    assert!(nan.changed(&nan.clone()).is_empty());
    let negative = Account {
        ratio: -0.0,
        ..Account::default()
    };
    assert_eq!(negative.changed(&Account::default()), set(&[2]));
}

#[test]
fn defaults_are_found_among_the_fields_asked_for() {
    let all = Entry::table().all_fields();
    assert_eq!(Entry::default().defaulted(all), set(&[0, 6, 8]));
    assert_eq!(Entry::default().defaulted(set(&[0])), set(&[0]));
    assert_eq!(entry().defaulted(all), set(&[6]));
    let share = Share {
        entry: Fk::to(1),
        ..Share::default()
    };
    assert_eq!(share.defaulted(Share::table().key()), set(&[0]));
}

#[test]
fn a_reset_gives_fields_back_to_the_database() {
    let mut object = entry();
    object.reset(set(&[0]));
    assert_eq!(object, Entry { id: 0, ..entry() });
    let mut share = Share {
        account: Fk::to(1),
        entry: Fk::to(2),
        weight: 3,
    };
    share.reset(Share::table().key());
    assert!(share.account.is_unset() && share.entry.is_unset());
}

#[test]
fn values_are_cut_to_what_the_database_keeps() {
    let mut object = entry();
    object.at = "2024-05-06T07:08:09.123456789Z".parse().unwrap();
    object.normalize();
    assert_eq!(object.at.to_string(), "2024-05-06T07:08:09.123456Z");
}

#[test]
fn versions_count_from_one() {
    let mut account = Account::default();
    account.start_version();
    assert_eq!(account.version, 1);
    account.bump_version();
    assert_eq!(account.version, 2);
    assert_eq!(account.version_text().as_deref(), Some("2"));
    assert_eq!(entry().version_text(), None);
    let mut entry = entry();
    entry.bump_version();
    assert_eq!(entry, super::entry());
}
