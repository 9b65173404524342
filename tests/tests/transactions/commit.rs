//! COMMIT itself may fail (TX-3).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::desk::{Folder, Note, Page};

use super::open_transactions;

fn deferred() -> TestDb {
    TestDb::with::<(Folder, Note, Page)>(
        "ALTER TABLE page ALTER CONSTRAINT page_note_id_fkey DEFERRABLE INITIALLY DEFERRED",
    )
}

/// TX-3
#[test]
fn a_deferred_constraint_fails_in_commit_with_model_and_field() {
    let db = deferred();
    let mut s = db.session();
    s.insert(Page::of(Fk::to(99), "lost")).unwrap();
    db.forget();
    let error = s.commit().unwrap_err();
    assert_eq!(
        error.to_string(),
        "COMMIT: foreign key page_note_id_fkey (Page.note) violated"
    );
    assert!(error.violates(Page::NOTE));
    db.assert_statements(expect![[r#"
        COMMIT
        ROLLBACK
    "#]]);
    assert_eq!(open_transactions(&db), "0\n");
}

/// TX-3, FL-11
#[test]
fn after_a_failed_commit_memory_waits_for_the_rollback() {
    let db = deferred();
    let mut s = db.session();
    let page = s.insert(Page::of(Fk::to(99), "lost")).unwrap();
    s.commit().unwrap_err();
    assert_eq!(s.state(page), State::Persistent);
    let error = s.get::<Note>(1).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    assert!(error.cause().unwrap().violates(Page::NOTE));
    s.rollback().unwrap();
    assert_eq!(s.state(page), State::Gone);
    assert_eq!(s.detach(page).unwrap().id, 0);
    assert_eq!(s.get::<Note>(1).unwrap(), None);
}

/// TX-3
#[test]
fn a_closure_whose_commit_fails_gets_the_error_of_the_commit() {
    let db = deferred();
    let error = db
        .engine()
        .transaction(|s| {
            s.add(Page::of(Fk::to(99), "lost"));
            Ok(())
        })
        .unwrap_err();
    assert!(error.violates(Page::NOTE));
    assert_eq!(db.rows("SELECT * FROM page"), "");
}
