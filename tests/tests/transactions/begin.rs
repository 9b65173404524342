//! A transaction begins when it must (TX-1).

use expect_test::expect;
use sessile::sql::raw;
use sessile_tests::desk::{Note, notes, two_notes};

use super::open_transactions;

/// TX-1
#[test]
fn a_session_that_does_nothing_sends_nothing() {
    let db = two_notes();
    let mut s = db.session();
    s.flush().unwrap();
    s.commit().unwrap();
    s.rollback().unwrap();
    s.close().unwrap();
    db.assert_statements(expect![""]);
}

/// TX-1
#[test]
fn a_first_plain_read_goes_without_begin_and_the_second_statement_brings_it() {
    let db = two_notes();
    let mut s = db.session();
    s.get::<Note>(1).unwrap();
    assert_eq!(open_transactions(&db), "0\n");
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
    "#]]);
    s.get::<Note>(2).unwrap();
    assert_eq!(open_transactions(&db), "1\n");
    s.commit().unwrap();
    assert_eq!(open_transactions(&db), "0\n");
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT note ×1 WHERE id
        COMMIT
    "#]]);
}

/// TX-1
#[test]
fn what_may_lock_or_write_brings_begin_at_once() {
    let db = two_notes();
    let mut s = db.session();
    s.rows(raw::<i64>("SELECT 1::bigint", ())).unwrap();
    s.rollback().unwrap();
    s.get_for_update::<Note>(1).unwrap();
    s.rollback().unwrap();
    s.insert(Note::of("tax", "")).unwrap();
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT 1::bigint
        ROLLBACK
        BEGIN
        SELECT note ×1 WHERE id FOR UPDATE
        ROLLBACK
        BEGIN
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        ROLLBACK
    "#]]);
}

/// TX-1
#[test]
fn a_session_goes_on_after_commit_and_rollback() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    s.commit().unwrap();
    s[milk].stars = 2;
    s.rollback().unwrap();
    s[milk].body = "sell".to_owned();
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | sell | 1\n2 | rent | pay | 0\n");
    assert_eq!(db.engine().metrics().commits, 3, "and that of the setup");
}
