//! `update_where`: many rows by one statement, their objects refreshed.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};
use sessile_tests::desk::{Note, notes, two_notes};

use super::models::{Look, Tag, Tagged};

fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version) VALUES ('ann', 100, 1), ('bob', 5, 1), \
         ('cyd', 200, 1);
         INSERT INTO entry (payer_id, payee_id, amount) VALUES (1, 2, 5), (1, 2, 6), (2, 1, 7)",
    )
}

fn accounts(db: &TestDb) -> String {
    db.rows("SELECT owner, balance, version FROM account ORDER BY id")
}

fn interest() -> sessile::query::Update<Account> {
    update::<Account>()
        .set(Account::BALANCE, Account::BALANCE + 1)
        .filter(Account::BALANCE.ge(100))
}

/// BK-1, VN-3
#[test]
fn a_session_without_the_rows_gets_their_number_only() {
    let db = bank();
    let mut s = db.session();
    assert_eq!(s.update_where(interest()).unwrap(), 2);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE account SET balance = balance + $1, version = version + 1 WHERE balance >= $2
        COMMIT
    "#]]);
    assert_eq!(accounts(&db), "ann | 101 | 2\nbob | 5 | 1\ncyd | 201 | 2\n");
}

/// BK-1
#[test]
fn objects_that_match_have_the_new_values_and_are_not_touched() {
    let db = bank();
    let mut s = db.session();
    let [ann, bob] = s.get_each::<Account>([1, 2]).unwrap()[..] else {
        panic!()
    };
    assert_eq!(s.update_where(interest()).unwrap(), 2);
    assert_eq!((s[ann].balance, s[ann].version), (101, 2));
    assert_eq!((s[bob].balance, s[bob].version), (5, 1));
    assert!(!s.has_changes());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT account ×2 WHERE id
        BEGIN
        UPDATE account SET balance = balance + $1, version = version + 1 WHERE balance >= $2 RETURNING account ×2
        COMMIT
    "#]]);
}

/// BK-1
#[test]
fn only_rows_that_the_session_has_come_back() {
    let db = bank();
    let mut s = db.session();
    s.get::<Account>(1).unwrap();
    assert_eq!(s.update_where(interest()).unwrap(), 2);
    let sent = db.recorded();
    let update = sent.last().unwrap();
    assert_eq!(update.rows, 1, "{}", update.sql);
}

/// BK-1, AF-1
#[test]
fn what_waits_is_written_first() {
    let db = bank();
    let mut s = db.session();
    let bob = s.get::<Account>(2).unwrap().unwrap();
    s[bob].balance = 150;
    let eve = s.add(Account::of("eve", 100));
    assert_eq!(s.update_where(interest()).unwrap(), 4);
    assert_eq!((s[bob].balance, s[bob].version), (151, 3));
    assert_eq!((s[eve].balance, s[eve].version), (101, 2));
}

/// BK-1
#[test]
fn while_autoflush_is_suspended_changed_objects_stand_in_the_way() {
    let db = bank();
    let mut s = db.session();
    let bob = s.get::<Account>(2).unwrap().unwrap();
    s[bob].balance = 150;
    let refused = s.no_autoflush().update_where(interest()).unwrap_err();
    assert!(
        matches!(refused.kind(), ErrorKind::Config { .. }),
        "{refused}"
    );
    assert_eq!(s[bob].balance, 150);
    assert_eq!(s.update_where(interest()).unwrap(), 3);
}

/// BK-1, ST-2
#[test]
fn a_rollback_gives_the_objects_their_values_back() {
    let db = bank();
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    s.update_where(interest()).unwrap();
    s.update_where(interest()).unwrap();
    assert_eq!((s[ann].balance, s[ann].version), (102, 3));
    s.rollback().unwrap();
    assert_eq!((s[ann].balance, s[ann].version), (100, 1));
    s[ann].balance += 1;
    s.commit().unwrap();
    assert_eq!(accounts(&db), "ann | 101 | 2\nbob | 5 | 1\ncyd | 200 | 1\n");
}

/// BK-1, TX-2
#[test]
fn a_savepoint_gives_back_the_values_that_it_found() {
    let db = bank();
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    s.update_where(interest()).unwrap();
    let undone: Result<()> = s.savepoint(|s| {
        s.update_where(
            interest()
                .set(Account::OWNER, "x")
                .filter(Account::ID.eq(1)),
        )?;
        assert_eq!((s[ann].balance, s[ann].owner.as_str()), (102, "x"));
        Err(Error::other("no"))
    });
    undone.unwrap_err();
    assert_eq!((s[ann].balance, s[ann].owner.as_str()), (101, "ann"));
    s.commit().unwrap();
    assert_eq!(accounts(&db), "ann | 101 | 2\nbob | 5 | 1\ncyd | 201 | 2\n");
}

/// BK-1, ST-5
#[test]
fn an_expired_object_is_current_afterwards() {
    let db = bank();
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    s.commit().unwrap();
    db.look()
        .run("UPDATE account SET owner = 'anna' WHERE id = 1");
    s.update_where(interest()).unwrap();
    assert_eq!(s[ann].owner, "anna");
    db.forget();
    s.get::<Account>(1).unwrap();
    db.assert_statements(expect![""]);
}

/// VN-3
#[test]
fn a_version_can_be_left_alone_or_set() {
    let db = bank();
    let mut s = db.session();
    s.update_where(interest().without_version_bump()).unwrap();
    s.update_where(interest().set(Account::VERSION, 9)).unwrap();
    s.commit().unwrap();
    assert_eq!(accounts(&db), "ann | 102 | 9\nbob | 5 | 1\ncyd | 202 | 9\n");
}

/// VN-3
#[test]
fn a_stale_object_of_another_session_is_noticed() {
    let db = bank();
    let (mut s, mut other) = (db.session(), db.session());
    let ann = other.get::<Account>(1).unwrap().unwrap();
    s.update_where(interest()).unwrap();
    s.commit().unwrap();
    other[ann].balance = 0;
    let stale = other.commit().unwrap_err();
    assert!(matches!(stale.kind(), ErrorKind::Stale { .. }), "{stale}");
}

/// BK-1
#[test]
fn returning_gives_all_rows_as_objects() {
    let db = bank();
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    let rich = s.update_where(interest().returning()).unwrap();
    assert_eq!(rich.len(), 2);
    assert!(rich.contains(&ann));
    let mut owners: Vec<_> = rich
        .iter()
        .map(|h| (s[*h].owner.clone(), s[*h].balance))
        .collect();
    owners.sort();
    assert_eq!(owners, [("ann".to_owned(), 101), ("cyd".to_owned(), 201)]);
    db.forget();
    assert!(s.get::<Account>(3).unwrap().is_some());
    db.assert_statements(expect![""]);
}

/// BK-1
#[test]
fn returning_columns_gives_values_and_refreshes_all_the_same() {
    let db = bank();
    let mut s = db.session();
    let columns = (Account::OWNER, Account::BALANCE * 2);
    let mut twice: Vec<(String, i64)> = s
        .update_where(interest().returning_columns(columns))
        .unwrap();
    twice.sort();
    assert_eq!(twice, [("ann".to_owned(), 202), ("cyd".to_owned(), 402)]);
    let ann = s.get::<Account>(1).unwrap().unwrap();
    let owners: Vec<String> = s
        .update_where(interest().returning_columns(Account::OWNER))
        .unwrap();
    assert_eq!(owners.len(), 2);
    assert_eq!(s[ann].balance, 102);
}

/// RL-1
#[test]
fn children_that_move_change_their_collections() {
    let db = bank();
    let mut s = db.session();
    let loaded = select::<Account>()
        .order_by(Account::ID)
        .with(Account::OUTGOING);
    let [ann, bob, cyd] = s.all(loaded).unwrap()[..] else {
        panic!()
    };
    let moved = update::<Entry>()
        .set(Entry::PAYER, bob)
        .filter(Entry::AMOUNT.le(5));
    assert_eq!(s.update_where(moved).unwrap(), 1);
    assert_eq!(s.loaded(ann, Account::OUTGOING).unwrap().len(), 1);
    assert_eq!(s.loaded(bob, Account::OUTGOING).unwrap().len(), 2);
    s.update_where(update::<Entry>().set(Entry::PAYER, 3))
        .unwrap();
    assert_eq!(s.loaded(cyd, Account::OUTGOING).unwrap().len(), 3);
}

/// RL-1
#[test]
fn a_collection_that_got_rows_the_session_has_not_is_forgotten() {
    let db = bank();
    let mut s = db.session();
    let only_bob = select::<Account>()
        .filter(Account::ID.eq(2))
        .with(Account::OUTGOING);
    let bob = s.one(only_bob).unwrap();
    assert_eq!(s.loaded(bob, Account::OUTGOING).unwrap().len(), 1);
    s.update_where(update::<Entry>().set(Entry::PAYER, bob))
        .unwrap();
    let unknown = s.loaded(bob, Account::OUTGOING).unwrap_err();
    assert!(matches!(unknown.kind(), ErrorKind::NotLoaded { .. }));
    assert_eq!(s.related(bob, Account::OUTGOING).unwrap().len(), 3);
}

#[test]
fn a_reference_takes_handles_keys_and_nothing() {
    let db = bank();
    let mut s = db.session();
    let eve = s.add(Account::of("eve", 0));
    let by = |amount| update::<Entry>().filter(Entry::AMOUNT.eq(amount));
    s.update_where(by(5).set(Entry::PAYEE, eve)).unwrap();
    s.update_where(by(6).set(Entry::PAYEE, Fk::to(3))).unwrap();
    s.update_where(by(7).set(Entry::PAYEE, None::<Fk<Account>>))
        .unwrap();
    s.commit().unwrap();
    let rows = "SELECT amount, payee_id FROM entry ORDER BY id";
    assert_eq!(db.rows(rows), "5 | 4\n6 | 3\n7 | -\n");
    s.update_where(by(5).set_null(Entry::PAYEE)).unwrap();
    s.update_where(by(7).set(Entry::PAYEE, Some(eve))).unwrap();
    s.commit().unwrap();
    assert_eq!(db.rows(rows), "5 | -\n6 | 3\n7 | 4\n");
}

#[test]
fn json_named_types_and_defaults_can_be_set() {
    let db = TestDb::new::<(Tag, Tagged)>();
    let mut s = db.session();
    let red = s.add(Tag {
        rank: 1,
        ..Tag::named("red", 1)
    });
    s.flush().unwrap();
    let look = Look {
        colour: "'; DROP TABLE tag; --".into(),
        size: 3,
    };
    let change = update::<Tag>()
        .set_value(Tag::LOOK, look.clone())
        .set_value(Tag::CODE, "\"x\"".to_owned())
        .set_default(Tag::RANK)
        .set(Tag::NAME, "r'ed\\")
        .filter(Tag::NAME.eq("red"));
    assert_eq!(s.update_where(change).unwrap(), 1);
    assert_eq!(s[red].look, look);
    assert_eq!((s[red].code.as_str(), s[red].rank), ("\"x\"", 7));
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT name, look->>'colour', code, rank FROM tag"),
        "r'ed\\ | '; DROP TABLE tag; -- | \"x\" | 7\n"
    );
}

#[test]
fn an_update_that_makes_no_sense_sends_nothing() {
    let db = TestDb::new::<(Tag, Tagged)>();
    let mut s = db.session();
    let mut refused = |update| s.update_where::<Tag, _>(update).unwrap_err().to_string();
    assert_eq!(refused(update()), "an update of Tag that sets nothing");
    let twice = update().set(Tag::USES, 1).set(Tag::USES, 2);
    assert_eq!(
        refused(twice),
        "an update of Tag sets the column uses twice"
    );
    assert_eq!(
        refused(update().set(Tag::ID, 1)),
        "an update of Tag sets the key column id: keys change by their objects and a flush, or \
         by raw SQL"
    );
    db.assert_statements(expect![""]);
    s.commit().unwrap();
}

/// FL-11
#[test]
fn a_refused_update_names_the_constraint_and_loses_the_transaction() {
    let db = bank();
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    let broke = update::<Account>().set(Account::BALANCE, Account::BALANCE - 150);
    let refused = s.update_where(broke).unwrap_err();
    assert!(refused.violates(Account::BALANCE), "{refused:?}");
    let failed = s.get::<Account>(2).unwrap_err();
    assert_eq!(*failed.kind(), ErrorKind::TransactionFailed);
    s.rollback().unwrap();
    assert_eq!(s[ann].balance, 100);
}

/// FL-7
#[test]
fn rows_can_be_locked_in_key_order_first() {
    let db = bank();
    let mut s = db.session();
    assert_eq!(s.update_where(interest().in_key_order()).unwrap(), 2);
    let ann = s.get::<Account>(1).unwrap().unwrap();
    let renamed = interest()
        .set(Account::OWNER, "x")
        .filter(Account::ID.eq(1))
        .in_key_order();
    assert_eq!(s.update_where(renamed).unwrap(), 1);
    assert_eq!((s[ann].balance, s[ann].owner.as_str()), (102, "x"));
    let sent = db.recorded();
    assert!(sent[1].sql.contains("FOR NO KEY UPDATE"), "{}", sent[1].sql);
    assert!(sent[3].sql.contains("FOR UPDATE"), "{}", sent[3].sql);
    assert_eq!(
        sent[1].label,
        "LOCK account WHERE balance >= $1, UPDATE account SET balance = balance + $2, \
         version = version + 1"
    );
    s.commit().unwrap();
    assert_eq!(accounts(&db), "x | 102 | 3\nbob | 5 | 1\ncyd | 201 | 2\n");
}

#[test]
fn keys_of_several_columns_find_their_objects() {
    let db = TestDb::new::<(Tag, Tagged)>();
    let mut s = db.session();
    let tag = s.add(Tag::named("red", 1));
    let here = s.add(Tagged::at("here", tag, 1));
    s.add(Tagged::at("it's \"there\"", tag, 1));
    let heavier = update::<Tagged>()
        .set(Tagged::WEIGHT, Tagged::WEIGHT + 1)
        .filter(Tagged::TAG.is(tag));
    assert_eq!(s.update_where(heavier).unwrap(), 2);
    assert_eq!(s[here].weight, 2);
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT sum(weight) FROM tagged"), "4\n");
}

/// BK-1
#[test]
fn objects_without_a_version_are_refreshed_too() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let all = update::<Note>().set(Note::STARS, Note::STARS + 3);
    assert_eq!(s.update_where(all).unwrap(), 2);
    s[milk].stars += 1;
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 4\n2 | rent | pay | 3\n");
}
