//! How cursors end: read to the last row, dropped, or with what they were opened in.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::bank::Account;

use super::cursors::five;

fn is_closed(result: Result<Option<Vec<Handle<Account>>>>) -> bool {
    matches!(result.unwrap_err().kind(), ErrorKind::CursorClosed)
}

fn accounts() -> sessile::query::Select<Account> {
    select::<Account>().order_by(Account::ID)
}

/// TX-1
#[test]
fn commit_and_rollback_end_a_cursor() {
    let db = five();
    let mut s = db.session();
    let mut cursor = s.cursor(accounts(), 2).unwrap();
    cursor.next(&mut s).unwrap();
    s.commit().unwrap();
    db.forget();
    assert!(is_closed(cursor.next(&mut s)));
    assert_eq!(db.statements(), "", "a closed cursor borrows no connection");

    // Another transaction's cursor has the same name on the server, and is another.
    let mut other = s.cursor(accounts(), 2).unwrap();
    assert!(is_closed(cursor.next(&mut s)));
    s.rollback().unwrap();
    assert!(is_closed(other.next(&mut s)));
    assert_eq!(s.count(accounts()).unwrap(), 5);
}

#[test]
fn a_cursor_of_another_session_is_refused() {
    let db = five();
    let (mut s, mut other) = (db.session(), db.session());
    let mut cursor = s.cursor(accounts(), 2).unwrap();
    let mut theirs = other.cursor(accounts(), 2).unwrap();
    assert!(is_closed(cursor.next(&mut other)));
    assert!(theirs.next(&mut other).unwrap().is_some());
    assert!(cursor.next(&mut s).unwrap().is_some());
}

/// TX-2
#[test]
fn a_savepoint_that_is_taken_back_ends_the_cursors_opened_inside() {
    let db = five();
    let mut s = db.session();
    let mut around = s.cursor(accounts(), 2).unwrap();
    let mut inside = None;
    let taken_back: Result<()> = s.savepoint(|s| {
        let mut cursor = s.cursor(accounts(), 2)?;
        cursor.next(s)?;
        around.next(s)?;
        inside = Some(cursor);
        Err(Error::other("no"))
    });
    assert!(taken_back.is_err());
    assert!(is_closed(inside.unwrap().next(&mut s)));
    // What was fetched inside stays fetched.
    let batch = around.next(&mut s).unwrap().unwrap();
    assert_eq!(s[batch[0]].id, 3);
}

/// TX-2
#[test]
fn a_cursor_outlives_the_savepoint_that_is_kept() {
    let db = five();
    let mut s = db.session();
    let mut outer = s.begin_nested().unwrap();
    let mut cursor = outer
        .savepoint(|s| s.cursor(accounts(), 2))
        .expect("nothing fails");
    assert!(cursor.next(&mut outer).unwrap().is_some());
    drop(outer);
    assert!(is_closed(cursor.next(&mut s)));
    assert_eq!(s.count(accounts()).unwrap(), 5);
}

#[test]
fn a_cursor_that_is_dropped_is_closed_with_the_next_statement() {
    let db = five();
    let mut s = db.session();
    let mut dropped = s.cursor(accounts(), 2).unwrap();
    dropped.next(&mut s).unwrap();
    drop(dropped);
    let mut read = s.cursor(accounts(), 10).unwrap();
    read.next(&mut s).unwrap();
    assert_eq!(
        s.rows(sessile::sql::raw::<i64>(
            "SELECT count(*) FROM pg_cursors WHERE name LIKE 'c%'",
            ()
        ))
        .unwrap(),
        [0]
    );
    // Before COMMIT there is nothing to close.
    drop(s.cursor(accounts(), 2).unwrap());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DECLARE c1 FOR SELECT account ORDER BY id
        FETCH 2 FROM c1
        CLOSE c1
        DECLARE c2 FOR SELECT account ORDER BY id
        FETCH 10 FROM c2
        CLOSE c2
        SELECT count(*) FROM pg_cursors WHERE name LIKE 'c%'
        DECLARE c3 FOR SELECT account ORDER BY id
        COMMIT
    "#]]);
}

#[test]
fn a_dropped_cursor_of_a_lost_savepoint_is_not_closed_twice() {
    let db = five();
    let mut s = db.session();
    s.execute("SELECT 1", ()).unwrap();
    let taken_back: Result<()> = s.savepoint(|s| {
        drop(s.cursor(accounts(), 2)?);
        Err(Error::other("no"))
    });
    assert!(taken_back.is_err());
    assert_eq!(s.count(accounts()).unwrap(), 5);
    s.commit().unwrap();
}

/// FL-11
#[test]
fn a_failed_transaction_says_so_before_it_says_that_its_cursors_are_closed() {
    let db = five();
    let mut s = db.session();
    let mut cursor = s.cursor(accounts(), 2).unwrap();
    s.execute("SELECT 1 / 0", ()).unwrap_err();
    let error = cursor.next(&mut s).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    s.rollback().unwrap();
    assert!(is_closed(cursor.next(&mut s)));
}

#[test]
fn an_error_of_the_query_comes_with_the_batch_that_meets_it() {
    let db = five();
    let mut s = db.session();
    let query = sessile::sql::raw::<i32>("SELECT 6 / (3 - n) FROM generate_series(1, 5) n", ());
    let mut cursor = s.cursor(query, 2).unwrap();
    assert_eq!(cursor.next(&mut s).unwrap(), Some(vec![3, 6]));
    let error = cursor.next(&mut s).unwrap_err();
    assert_eq!(error.code(), Some("22012"));
    let insert = sessile::sql::raw::<i64>("INSERT INTO account DEFAULT VALUES RETURNING id", ());
    s.rollback().unwrap();
    assert_eq!(s.cursor(insert, 2).unwrap_err().code(), Some("42601"));
}
