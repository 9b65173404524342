//! `evict_clean`: what leaves, and what stays because a flush or a rollback needs it (IM-4).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};

fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version)
             VALUES ('ann', 100, 1), ('bob', 100, 1), ('cyd', 100, 1);
         INSERT INTO entry (payer_id, payee_id, amount) VALUES (1, 2, 5), (1, 3, 6)",
    )
}

fn three(s: &mut Session) -> [Handle<Account>; 3] {
    let all = s.all(select::<Account>().order_by(Account::ID)).unwrap();
    all.try_into().unwrap()
}

/// IM-4
#[test]
fn clean_objects_leave_and_their_rows_stay() {
    let db = bank();
    let mut s = db.session();
    let [ann, ..] = three(&mut s);
    assert_eq!(s.evict_clean(), 3);
    assert_eq!((s.state(ann), s.peek(ann)), (State::Gone, None));
    assert_eq!(s.local::<Account>(&1), None);
    let again = s.get::<Account>(1).unwrap().unwrap();
    assert_ne!(again, ann);
    assert_eq!(s[again].owner, "ann");
    assert_eq!(s.evict_clean(), 1);
    assert_eq!(s.evict_clean(), 0);
}

/// IM-4, CT-1
#[test]
fn what_waits_for_a_flush_stays() {
    let db = bank();
    let mut s = db.session();
    let [ann, bob, cyd] = three(&mut s);
    s[ann].balance = 1;
    s.delete(bob).unwrap();
    let dee = s.add(Account::of("dee", 4));
    assert_eq!(s.evict_clean(), 1);
    assert_eq!(s.state(cyd), State::Gone);
    s.execute("DELETE FROM entry", ()).unwrap();
    assert_eq!(s.key(dee).unwrap(), 4);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT owner, balance FROM account ORDER BY id"),
        "ann | 1\ncyd | 100\ndee | 4\n"
    );
}

/// IM-4, RL-4
#[test]
fn a_parent_that_a_new_child_names_by_handle_stays() {
    let db = bank();
    let mut s = db.session();
    let [ann, bob, _] = three(&mut s);
    s.add(Entry {
        payer: ann.into(),
        payee: bob.into(),
        amount: 7,
        ..Entry::default()
    });
    assert_eq!(s.evict_clean(), 1);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT payer_id, payee_id FROM entry WHERE amount = 7"),
        "1 | 2\n"
    );
}

/// ST-2
#[test]
fn what_the_transaction_wrote_stays_for_the_rollback() {
    let db = bank();
    let mut s = db.session();
    let [ann, bob, _] = three(&mut s);
    s[ann].balance = 1;
    let dee = s.insert(Account::of("dee", 4)).unwrap();
    assert_eq!(s.evict_clean(), 2);
    assert_eq!(s.state(bob), State::Gone);
    s.rollback().unwrap();
    assert_eq!((s[ann].balance, s.state(dee)), (100, State::Gone));
    // The transaction is over, and with it the reason to keep it.
    assert_eq!(s.evict_clean(), 1);
}

/// ST-5
#[test]
fn after_a_commit_everything_is_clean() {
    let db = bank();
    let mut s = db.session();
    let [ann, ..] = three(&mut s);
    s[ann].balance = 1;
    s.commit().unwrap();
    assert_eq!(s.evict_clean(), 3);
}

/// TX-2
#[test]
fn a_savepoint_is_taken_back_without_what_was_evicted_inside() {
    let db = bank();
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    let mut kept = None;
    let taken_back: Result<()> = s.savepoint(|s| {
        s[ann].balance = 1;
        s.flush()?;
        let [_, bob, cyd] = three(s);
        s[bob].balance = 2;
        s.flush()?;
        assert_eq!(s.evict_clean(), 1);
        assert_eq!(s.state(cyd), State::Gone);
        // Another object in the slot of the evicted one.
        kept = s.get::<Account>(3)?;
        Err(Error::other("no"))
    });
    assert!(taken_back.is_err());
    assert_eq!(s[ann].balance, 100);
    assert_eq!(s[kept.unwrap()].owner, "cyd");
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT sum(balance) FROM account"), "300\n");
}

/// IM-4, RL-1
#[test]
fn collections_that_had_an_evicted_object_are_not_loaded_any_more() {
    let db = bank();
    let mut s = db.session();
    let query = select::<Account>().order_by(Account::ID);
    let accounts = s.all(query.with(Account::OUTGOING)).unwrap();
    let [ann, bob, _] = accounts.try_into().unwrap();
    s[ann].balance = 1;
    s[bob].balance = 1;
    assert_eq!(s.evict_clean(), 3, "two entries and an account");
    let refused = s.loaded(ann, Account::OUTGOING).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::NotLoaded { .. }));
    // None of its children left, for it has none.
    assert_eq!(s.loaded(bob, Account::OUTGOING).unwrap(), []);
    assert_eq!(s.related(ann, Account::OUTGOING).unwrap().len(), 2);
}

/// LD-2
#[test]
fn siblings_that_are_left_still_load_together() {
    let db = bank();
    let mut s = db.session();
    let [ann, bob, cyd] = three(&mut s);
    s[bob].balance = 7;
    s[cyd].balance = 7;
    s.flush().unwrap();
    assert_eq!(s.evict_clean(), 1);
    assert_eq!(s.state(ann), State::Gone);
    db.forget();
    s.related(cyd, Account::OUTGOING).unwrap();
    s.related(bob, Account::OUTGOING).unwrap();
    db.assert_statements(expect![[r#"
        SELECT entry ×2 WHERE payer_id
    "#]]);
}

/// ST-2
#[test]
fn a_rolled_back_child_still_finds_its_parent() {
    let db = bank();
    let mut s = db.session();
    let ann = s.get::<Account>(1).unwrap().unwrap();
    let entry = s.add(Entry {
        payer: ann.into(),
        amount: 8,
        ..Entry::default()
    });
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(s.evict_clean(), 0);
    let value = s.detach(entry).unwrap();
    s.add(value);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT payer_id FROM entry WHERE amount = 8"),
        "1\n"
    );
}

#[test]
fn an_offline_session_evicts_as_well() {
    let mut s = Session::offline();
    let mut row = Account::of("ann", 1);
    row.id = 1;
    let ann = s.preload(row).unwrap();
    assert_eq!(s.evict_clean(), 1);
    assert_eq!(s.state(ann), State::Gone);
}
