//! What a transaction may be asked to be.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::desk::{Note, notes, two_notes};

fn isolation(s: &mut Session) -> Result<String> {
    Ok(s.rows(raw::<String>("SHOW transaction_isolation", ()))?
        .remove(0))
}

#[test]
fn the_server_is_told_the_isolation_level() {
    let db = two_notes();
    for (options, level) in [
        (TransactionOptions::default(), "read committed"),
        (TransactionOptions::read_committed(), "read committed"),
        (TransactionOptions::repeatable_read(), "repeatable read"),
        (TransactionOptions::serializable(), "serializable"),
    ] {
        let shown = db.engine().transaction_with(options, isolation).unwrap();
        assert_eq!(shown, level);
    }
    assert_eq!(
        db.engine().transaction(isolation).unwrap(),
        "read committed"
    );
}

#[test]
fn options_of_a_session_hold_for_each_of_its_transactions() {
    let db = two_notes();
    let mut s = db.engine().session_with(TransactionOptions::serializable());
    for _ in 0..2 {
        assert_eq!(isolation(&mut s).unwrap(), "serializable");
        s.commit().unwrap();
    }
}

#[test]
fn a_snapshot_begins_with_the_first_read() {
    let db = two_notes();
    let options = TransactionOptions::repeatable_read();
    db.engine()
        .transaction_with(options, |s| {
            assert_eq!(s.count(select::<Note>())?, 2);
            db.look().run("DELETE FROM note WHERE id = 1");
            assert_eq!(s.count(select::<Note>())?, 2);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_write_in_a_read_only_transaction_is_read_only() {
    let db = two_notes();
    let error = db
        .engine()
        .transaction_with(TransactionOptions::default().read_only(), |s| {
            let milk = s.get::<Note>(1)?.expect("it is there");
            s[milk].stars = 5;
            Ok(())
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::ReadOnly);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

#[test]
fn a_deferrable_report_reads() {
    let db = two_notes();
    let options = TransactionOptions::serializable().read_only().deferrable();
    let count = db
        .engine()
        .transaction_with(options, |s| s.count(select::<Note>()))
        .unwrap();
    assert_eq!(count, 2);
    db.assert_statements(expect![[r#"
        BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE
        COUNT note
        COMMIT
    "#]]);
}

#[test]
fn options_that_make_no_sense_are_refused_without_io() {
    let db = two_notes();
    let options = TransactionOptions::serializable().deferrable();
    let error = db
        .engine()
        .transaction_with(options, |_| Ok(()))
        .unwrap_err();
    expect!["deferrable has no effect unless the transaction is serializable and read only"]
        .assert_eq(&error.to_string());
    let mut s = db.engine().session_with(options);
    let error = s.get::<Note>(1).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Config { .. }),
        "{error:?}"
    );
    let options = TransactionOptions::default().attempts(0);
    let error = db.engine().retrying(options, |_| Ok(())).unwrap_err();
    expect!["attempts must be at least 1"].assert_eq(&error.to_string());
    db.assert_statements(expect![""]);
}
