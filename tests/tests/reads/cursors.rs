//! Cursors: batches of objects or of plain values, what they cost, and how much they keep (IM-4).

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};

/// Five accounts with an entry each, to the next.
pub(super) fn five() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version)
             SELECT 'a' || n, n * 10, 1 FROM generate_series(1, 5) n;
         INSERT INTO entry (payer_id, payee_id, amount)
             SELECT n, n % 5 + 1, n FROM generate_series(1, 5) n",
    )
}

/// IM-4
#[test]
fn a_cursor_gives_objects_in_batches() {
    let db = five();
    let mut s = db.session();
    let mut cursor = s
        .cursor(select::<Account>().order_by(Account::ID), 2)
        .unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = cursor.next(&mut s).unwrap() {
        batches.push(batch.iter().map(|a| s[*a].id).collect::<Vec<_>>());
    }
    assert_eq!(batches, [vec![1, 2], vec![3, 4], vec![5]]);
    assert_eq!(cursor.next(&mut s).unwrap(), None);
    db.assert_statements(expect![[r#"
        BEGIN
        DECLARE c1 FOR SELECT account ORDER BY id
        FETCH 2 FROM c1
        FETCH 2 FROM c1
        FETCH 2 FROM c1
    "#]]);
}

/// IM-4
#[test]
fn a_projection_is_streamed_as_plain_values() {
    let db = five();
    let mut s = db.session();
    let query = select::<Account>()
        .filter(Account::BALANCE.gt(20))
        .order_by(Account::ID)
        .columns((Account::OWNER, Account::BALANCE));
    let mut cursor = s.cursor(query, 3).unwrap();
    let batch = cursor.next(&mut s).unwrap().unwrap();
    assert_eq!(batch[0], ("a3".to_owned(), 30));
    assert_eq!(batch.len(), 3);
    // A full batch may have been the last: only asking tells.
    assert_eq!(cursor.next(&mut s).unwrap(), None);
    assert!(format!("{s:?}").contains("objects: 0"));
}

#[test]
fn raw_sql_is_streamed_with_its_parameters() {
    let db = five();
    let mut s = db.session();
    let added = s.add(Account::of("six", 60));
    let query = raw::<(i64, String)>(
        "SELECT id, owner FROM account WHERE balance >= $1 ORDER BY id",
        (50_i32,),
    );
    let mut cursor = s.cursor(query, 10).unwrap();
    let rows = cursor.next(&mut s).unwrap().unwrap();
    assert_eq!(rows, [(5, "a5".to_owned()), (6, "six".to_owned())]);
    assert_eq!(s.key(added).unwrap(), 6);
}

#[test]
fn other_statements_run_while_a_cursor_is_open() {
    let db = five();
    let mut s = db.session();
    let mut accounts = s
        .cursor(select::<Account>().order_by(Account::ID), 2)
        .unwrap();
    let mut entries = s.cursor(select::<Entry>().order_by(Entry::ID), 4).unwrap();
    let first = accounts.next(&mut s).unwrap().unwrap();
    let four = entries.next(&mut s).unwrap().unwrap();
    assert_eq!(s.related(first[0], Account::OUTGOING).unwrap(), four[..1]);
    assert_eq!(s.count(select::<Entry>()).unwrap(), 5);
    let second = accounts.next(&mut s).unwrap().unwrap();
    assert_eq!(s[second[0]].id, 3);
    s.commit().unwrap();
}

/// IM-1
#[test]
fn a_row_that_the_session_has_is_the_same_object() {
    let db = five();
    let mut s = db.session();
    let third = s.get::<Account>(3).unwrap().unwrap();
    s[third].balance = 7;
    let mut cursor = s
        .cursor(select::<Account>().order_by(Account::ID), 5)
        .unwrap();
    let batch = cursor.next(&mut s).unwrap().unwrap();
    assert_eq!((batch[2], s[third].balance), (third, 7));
}

#[test]
fn relationships_are_loaded_for_each_batch() {
    let db = five();
    let mut s = db.session();
    let query = select::<Account>()
        .order_by(Account::ID)
        .with(Account::OUTGOING);
    let mut cursor = s.cursor(query, 3).unwrap();
    db.forget();
    while let Some(batch) = cursor.next(&mut s).unwrap() {
        for account in batch {
            assert_eq!(s.loaded(account, Account::OUTGOING).unwrap().len(), 1);
        }
    }
    db.assert_statements(expect![[r#"
        FETCH 3 FROM c1
        SELECT entry ×3 WHERE payer_id
        FETCH 3 FROM c1
        SELECT entry ×2 WHERE payer_id
    "#]]);
}

/// AF-1
#[test]
fn what_waits_is_flushed_before_a_cursor_is_opened() {
    let db = five();
    let mut s = db.session();
    s.add(Account::of("six", 60));
    let mut cursor = s.cursor(select::<Account>(), 100).unwrap();
    assert_eq!(cursor.next(&mut s).unwrap().unwrap().len(), 6);
}

/// ST-6
#[test]
fn what_the_session_wrote_meanwhile_is_not_overwritten_with_what_the_cursor_has() {
    let db = TestDb::with::<Entry2>("INSERT INTO entry2 (amount) VALUES (1), (2), (3)");
    let mut s = db.session();
    let mut cursor = s
        .cursor(select::<Entry2>().order_by(Entry2::ID), 1)
        .unwrap();
    let first = cursor.next(&mut s).unwrap().unwrap()[0];
    s[first].amount += 10;
    s.flush().unwrap();
    s.execute("UPDATE entry2 SET amount = 100 WHERE id = 2", ())
        .unwrap();
    // The cursor has the row of before; adding to it would undo the statement above.
    let second = cursor.next(&mut s).unwrap().unwrap()[0];
    assert_eq!(s[second].amount, 2);
    s[second].amount += 1;
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }), "{error}");
}

/// Without a version, so that only the guard of an expired object helps.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "entry2")]
struct Entry2 {
    #[model(key, generated)]
    id: i64,
    amount: i64,
}

/// ST-5
#[test]
fn an_object_that_a_cursor_brought_late_is_read_again_by_get() {
    let db = five();
    let mut s = db.session();
    let mut cursor = s
        .cursor(select::<Account>().order_by(Account::ID), 5)
        .unwrap();
    s.execute("UPDATE account SET balance = 1000", ()).unwrap();
    let batch = cursor.next(&mut s).unwrap().unwrap();
    assert_eq!(s[batch[0]].balance, 10);
    assert_eq!(s.get::<Account>(1).unwrap(), Some(batch[0]));
    assert_eq!(s[batch[0]].balance, 1000);
}

/// CT-1
#[test]
fn a_flush_of_each_batch_does_not_disturb_the_next() {
    let db = five();
    let mut s = db.session();
    let mut cursor = s
        .cursor(select::<Account>().order_by(Account::ID), 2)
        .unwrap();
    while let Some(batch) = cursor.next(&mut s).unwrap() {
        for account in batch {
            s[account].balance += 1;
        }
        s.flush().unwrap();
    }
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT sum(balance), min(version), max(version) FROM account"),
        "155 | 2 | 2\n"
    );
}

#[test]
fn batches_of_no_rows_and_locks_are_refused_before_anything_is_sent() {
    let db = five();
    let mut s = db.session();
    let empty = s.cursor(select::<Account>(), 0).unwrap_err();
    assert!(matches!(empty.kind(), ErrorKind::Config { .. }), "{empty}");
    let locking = s.cursor(select::<Account>().for_update(), 5).unwrap_err();
    assert!(matches!(locking.kind(), ErrorKind::Mapping { .. }));
    let columns = select::<Account>().for_share().columns(Account::ID);
    let locking = s.cursor(columns, 5).unwrap_err();
    assert!(matches!(locking.kind(), ErrorKind::Mapping { .. }));
    assert_eq!(db.statements(), "");
}

/// IM-4
#[test]
fn a_million_rows_never_are_more_objects_than_a_batch() {
    let db = TestDb::with::<Reading>(
        "DROP TABLE reading;
         CREATE VIEW reading AS SELECT n::bigint AS id, 2 * n::bigint AS value
             FROM generate_series(1, 1000000) n",
    );
    let mut s = db.session();
    let mut cursor = s.cursor(select::<Reading>(), 10_000).unwrap();
    let mut sum = 0;
    while let Some(batch) = cursor.next(&mut s).unwrap() {
        assert!(format!("{s:?}").contains("objects: 10000"), "{s:?}");
        sum += batch.iter().map(|row| s[*row].value).sum::<i64>();
        assert_eq!(s.evict_clean(), 10_000);
    }
    assert_eq!(sum, 1_000_000 * 1_000_001);
}

/// A row that a view makes as it is read.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "reading")]
struct Reading {
    #[model(key)]
    id: i64,
    value: i64,
}
